import type { ReactElement } from 'react';

/** One of a few, all of them to be seen. */
export function Segments<Id extends string>({
  label,
  names,
  options,
  value,
  onChange,
}: {
  label: string;
  names: Readonly<Record<Id, string>>;
  options: readonly Id[];
  /** undefined: none of them is so. */
  value: Id | undefined;
  onChange: (value: Id) => void;
}): ReactElement {
  return (
    <fieldset className="segments" aria-label={label}>
      {options.map((option) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onChange(option)}>
          {names[option]}
        </button>
      ))}
    </fieldset>
  );
}

import { type ComponentProps, type ReactElement, useId } from 'react';

interface TextProps extends Omit<ComponentProps<'input'>, 'className' | 'value' | 'onChange'> {
  label: string;
  value: string;
  onChange: (value: string) => void;
  mono?: boolean;
  /** Of the label. */
  className?: string;
  /** What stands behind the value. */
  unit?: string;
  /** What a person may want to know of it. */
  note?: string | undefined;
}

/** One line under its name; numbers and passwords by `type`. */
export function TextField({
  label,
  onChange,
  mono = false,
  className = '',
  unit,
  note,
  ...input
}: TextProps): ReactElement {
  const noteId = useId();
  const line = (
    <input
      className={mono ? 'mono' : undefined}
      autoComplete="off"
      spellCheck={false}
      aria-describedby={note === undefined ? undefined : noteId}
      {...input}
      onChange={(event) => onChange(event.target.value)}
    />
  );
  const field = (
    <label className={`field ${className}`.trim()}>
      <span>{label}</span>
      {unit === undefined ? (
        line
      ) : (
        <span className="with-unit">
          {line}
          {unit}
        </span>
      )}
    </label>
  );
  if (note === undefined) return field;
  return (
    <div className="field-and-note">
      {field}
      <p className="dim" id={noteId}>
        {note}
      </p>
    </div>
  );
}

interface CheckProps extends Omit<ComponentProps<'input'>, 'type' | 'className' | 'onChange'> {
  label: string;
  onChange: (checked: boolean) => void;
}

export function Check({ label, onChange, ...input }: CheckProps): ReactElement {
  return (
    <label className="check">
      <input type="checkbox" {...input} onChange={(event) => onChange(event.target.checked)} />
      <span>{label}</span>
    </label>
  );
}

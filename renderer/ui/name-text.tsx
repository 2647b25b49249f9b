import type { ReactElement } from 'react';

/** Letters at the end that always have room: names of a row of machines often differ there. */
const END = 8;

/** The name of a machine on one line: its middle gives way when there is no room. */
export function NameText({ name }: { name: string }): ReactElement {
  const letters = Array.from(name);
  if (letters.length <= 2 * END) return <span className="name">{name}</span>;
  return (
    <span className="name" title={name}>
      <span className="name-start">{letters.slice(0, -END).join('')}</span>
      <span>{letters.slice(-END).join('')}</span>
    </span>
  );
}

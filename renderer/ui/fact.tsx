import type { ReactElement, ReactNode } from 'react';

/** One line of a `dl.facts-list`: what it is, and what is so. */
export function Fact({ name, children }: { name: string; children: ReactNode }): ReactElement {
  return (
    <div className="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

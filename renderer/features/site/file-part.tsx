import type { ReactElement, ReactNode } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { useNow } from '../../ui/use-now.ts';
import { Moment } from '../../ui/time.tsx';

/** A part of what is told of a file, under its title. */
export function Part({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <section className="file-part" aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

export function Clock({ at }: { at: number }): ReactElement {
  const { format } = useText();
  const now = useNow(60_000);
  return (
    <Moment at={at} className="dim number">
      {format.clock(at, now)}
    </Moment>
  );
}

import type { ReactElement, ReactNode } from 'react';
import { useText } from '../../i18n/use-text.ts';
import { useNow } from '../../ui/use-now.ts';

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
    <time className="dim number" dateTime={new Date(at).toISOString()} title={format.exact(at)}>
      {format.clock(at, now)}
    </time>
  );
}

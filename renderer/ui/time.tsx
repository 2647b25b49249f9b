import type { ReactElement, ReactNode } from 'react';
import { useText } from '../i18n/use-text.ts';
import { useNow } from './use-now.ts';

interface Props {
  at: number;
  className?: string;
  children: ReactNode;
}

/** A moment, in the words that are given; the exact time is below the pointer. */
export function Moment({ at, className, children }: Props): ReactElement {
  const { format } = useText();
  return (
    <time className={className} dateTime={new Date(at).toISOString()} title={format.exact(at)}>
      {children}
    </time>
  );
}

/** How long ago. */
export function Ago({ at }: { at: number }): ReactElement {
  const { format } = useText();
  const now = useNow();
  return <Moment at={at}>{format.ago(at, now)}</Moment>;
}

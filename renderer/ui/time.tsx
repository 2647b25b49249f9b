import type { ReactElement } from 'react';
import { useText } from '../i18n/use-text.ts';
import { useNow } from './use-now.ts';

/** How long ago; the exact time is below the pointer. */
export function Ago({ at }: { at: number }): ReactElement {
  const { format } = useText();
  const now = useNow();
  return (
    <time dateTime={new Date(at).toISOString()} title={format.exact(at)}>
      {format.ago(at, now)}
    </time>
  );
}

import type { ReactElement, ReactNode } from 'react';
import { useText } from '../i18n/use-text.ts';
import { ErrorText } from './error-text.tsx';
import type { Answer } from './use-call.ts';

/**
 * What was asked of the engine: says so while there is no answer yet, says why there is none, and shows an earlier answer below
 * the reason where there is one.
 */
export function Asked<T>({ answer, children }: { answer: Answer<T>; children: (value: T) => ReactNode }): ReactElement {
  const { t } = useText();
  return (
    <>
      {answer.is === 'asking' && <output className="dim empty asked">{t.asking}</output>}
      {answer.is === 'failed' && (
        <p className="empty asked" role="alert">
          <ErrorText error={answer.error} />
        </p>
      )}
      {answer.value !== undefined && children(answer.value)}
    </>
  );
}

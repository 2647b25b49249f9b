import type { ReactElement } from 'react';
import type { ErrorJson } from '../../shared/errors/app-error.ts';
import { useText } from '../i18n/use-text.ts';

/** What happened and what to do, with the code small beside it, to be copied. */
export function ErrorText({ error }: { error: ErrorJson }): ReactElement {
  const { t, sentence } = useText();
  return (
    <span className="error-text">
      {sentence(error)} <code title={t.code}>{error.code}</code>
    </span>
  );
}

import type { ReactElement } from 'react';
import type { ErrorJson } from '../../shared/errors/app-error.ts';
import { sentence } from '../../shared/errors/sentences.en.ts';
import { useText } from '../i18n/use-text.ts';

/** What happened and what to do, with the code small beside it, to be copied. */
export function ErrorText({ error }: { error: ErrorJson }): ReactElement {
  const { t } = useText();
  return (
    <span className="error-text">
      <span lang="en">{sentence(error)}</span> <code title={t.code}>{error.code}</code>
    </span>
  );
}

import type { ReactElement } from 'react';
import type { ErrorJson } from '../../shared/errors/app-error.ts';
import { useText } from '../i18n/use-text.ts';
import { ErrorText } from '../ui/error-text.tsx';
import { useNow } from '../ui/use-now.ts';

/** The engine is gone: what is shown is old, and says so. */
export function LostBanner({ since, retryAt }: { since: number; retryAt: number | undefined }): ReactElement {
  const { t, format } = useText();
  const now = useNow();
  const left = retryAt === undefined ? 0 : retryAt - now;
  const next = left >= 1000 ? t.engine.retryIn(format.duration(Math.round(left / 1000) * 1000)) : t.engine.retrying;
  return (
    <output className="banner">
      {t.engine.lost(format.clock(since, now))} {next}
    </output>
  );
}

/** The engine is reached and says nothing: what is shown may be old. */
export function SilentBanner({ since }: { since: number }): ReactElement {
  const { t, format } = useText();
  const now = useNow();
  return <output className="banner">{t.engine.silent(format.ago(since, now))}</output>;
}

/** Somebody has set what cannot hold, in `config.json` or in a file that it names. */
export function FaultBanner({ what, error }: { what: string; error: ErrorJson }): ReactElement {
  return (
    <output className="banner">
      {what} <ErrorText error={error} />
    </output>
  );
}

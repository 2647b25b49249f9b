import type { ReactElement, ReactNode } from 'react';
import type { PublishJob } from '../../../shared/contract/publishing.ts';
import { useText } from '../../i18n/use-text.ts';
import type { Brought } from './bring.ts';
import { shareOf } from './job-state.ts';

export function JobBar({ job }: { job: PublishJob }): ReactElement {
  const { t, format } = useText();
  const texts = t.publish.job;
  const { state } = job;
  return (
    <ProgressBar brought={job} share={shareOf(job)} look={state.is}>
      {state.is === 'sending' && state.bytesPerSecond > 0 && (
        <span>{texts.rate(format.bytes(state.bytesPerSecond))}</span>
      )}
      {state.is === 'sending' && state.remainingMillis !== undefined && (
        <span>{texts.remaining(format.duration(coarse(state.remainingMillis)))}</span>
      )}
    </ProgressBar>
  );
}

/** How much of it is there: a bar, and the same in numbers. `share` undefined: it is not known yet. */
export function ProgressBar({
  brought: { files, bytes },
  share,
  look,
  children,
}: {
  brought: Brought;
  share: number | undefined;
  look: string;
  children?: ReactNode;
}): ReactElement {
  const { t, format } = useText();
  const texts = t.publish.job;
  return (
    <div className="job-progress">
      <div
        className="job-track"
        role="progressbar"
        aria-label={texts.progress}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(share !== undefined && { 'aria-valuenow': Math.floor(share * 100) })}
      >
        <span className={`job-fill job-${look}`} style={{ width: `${(share ?? 0) * 100}%` }} />
      </div>
      <p className="job-facts number">
        {files.total > 0 && (
          <span>{texts.files(format.number(files.done), format.number(files.total), files.total)}</span>
        )}
        {bytes.total > 0 && <span>{texts.bytes(format.bytes(bytes.done), format.bytes(bytes.total))}</span>}
        {children}
      </p>
    </div>
  );
}

/** An estimate to the tenth of a second would claim more than is known. */
function coarse(millis: number): number {
  return Math.max(1000, Math.round(millis / 1000) * 1000);
}

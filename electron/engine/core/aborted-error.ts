import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { BreakReason } from '../../../shared/errors/problems.ts';

const UNCLOSED: BreakReason = 'no-close-notify';

/** What is said of an upload that broke off, for the reason that the history keeps. */
export function abortedError(path: SitePath, reason: string): AppError {
  return reason === UNCLOSED
    ? new AppError('upload.unclosed', { path })
    : new AppError('upload.aborted', { path, reason });
}

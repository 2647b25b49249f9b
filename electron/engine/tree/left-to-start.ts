import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../shared/errors/app-error.ts';

/** How often it is tried to undo what failed. */
export const UNDO_MILLIS = 1000;

/**
 * What was to appear at once has failed, and the site was closed before it could be undone, or the database does not let it be taken back:
 * where the process ends now the next start does it, with what is staged for it.
 */
export class LeftToStart extends AppError {
  constructor({ code, params, cause }: AppError) {
    super(code, params, cause);
  }
}

/** Resolves when it may be tried again to undo what `error` keeps from that. Rejects `LeftToStart` where the site is left before. */
export async function untilUndoneAgain(error: AppError, leaving: AbortSignal): Promise<void> {
  try {
    await sleep(UNDO_MILLIS, undefined, { signal: leaving });
  } catch {
    throw new LeftToStart(error);
  }
}

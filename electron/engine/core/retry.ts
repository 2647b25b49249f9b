import type { Millis } from '../../../shared/domain/change.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/codes.ts';
import { type BackOff, backOff } from './back-off.ts';

const schedules = {
  now: { first: 200, longest: 60_000 },
  later: { first: 2_000, longest: 300_000 },
  /** What a person has to mend in the tree, who need not come back here to say that it is done. */
  mended: { first: 15_000, longest: 300_000 },
} as const satisfies Record<string, BackOff>;

/** Nobody waits longer for the next attempt. */
export const RETRY_MILLIS_MAX = Math.max(...Object.values(schedules).map(({ longest }) => longest));

/**
 * When to try again after the `attempts`th failure; null: a person must act first.
 */
export function nextAttempt(error: AppError, attempts: number, now: Millis, random: number): Millis | null {
  if (IN_TREE.has(error.code)) return now + backOff(schedules.mended, attempts, random);
  if (error.retry === 'never') return null;
  return now + backOff(schedules[error.retry], attempts, random);
}

/** Rights, names and what else stands in the way in the folder of a mirror. */
const IN_TREE: ReadonlySet<ErrorCode> = new Set([
  'file.denied',
  'file.read-only',
  'file.other-disk',
  'file.not-found',
  'file.exists',
  'file.is-directory',
  'file.not-directory',
  'file.directory-not-empty',
  'path.link',
  'path.case-clash',
  'path.too-long',
  'path.unsupported-name',
]);

import type { Millis } from '../../../shared/domain/change.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { type BackOff, backOff } from './back-off.ts';

const schedules = {
  now: { first: 200, longest: 60_000 },
  later: { first: 2_000, longest: 300_000 },
} as const satisfies Record<string, BackOff>;

/** Nobody waits longer for the next attempt. */
export const RETRY_MILLIS_MAX = Math.max(...Object.values(schedules).map(({ longest }) => longest));

/**
 * When to try again after the `attempts`th failure; null: a person must act first.
 */
export function nextAttempt(error: AppError, attempts: number, now: Millis, random: number): Millis | null {
  if (error.retry === 'never') return null;
  return now + backOff(schedules[error.retry], attempts, random);
}

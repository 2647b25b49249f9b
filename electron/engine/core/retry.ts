import type { Millis } from '../../../shared/domain/change.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';

/** First delay and longest, in milliseconds, by the error's class. */
const schedules = {
  now: { first: 200, longest: 60_000 },
  later: { first: 2_000, longest: 300_000 },
} as const;

/**
 * When to try again after the `attempts`th failure; null: a person must act first. Delays double and are spread over
 * 50-100 % by `random` (0..1), so that many files that failed together do not come back together.
 */
export function nextAttempt(error: AppError, attempts: number, now: Millis, random: number): Millis | null {
  if (error.retry === 'never') return null;
  const { first, longest } = schedules[error.retry];
  const delay = Math.min(longest, first * 2 ** Math.min(attempts - 1, 20));
  return Math.round(now + delay * (0.5 + random / 2));
}

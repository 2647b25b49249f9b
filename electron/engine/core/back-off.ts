export interface BackOff {
  /** First delay and longest, in milliseconds. */
  readonly first: number;
  readonly longest: number;
}

/**
 * The delay before the `attempt`th retry (from 1): doubled each time up to the longest, and spread over 50-100 % by
 * `random` (0..1), so that what failed together does not come back together.
 */
export function backOff({ first, longest }: BackOff, attempt: number, random: number): number {
  const delay = Math.min(longest, first * 2 ** Math.min(Math.max(attempt, 1) - 1, 30));
  return Math.round(delay * (0.5 + random / 2));
}

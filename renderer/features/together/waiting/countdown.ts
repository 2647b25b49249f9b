const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * What is left until `at`, in milliseconds, in steps that a person can follow: seconds in the last two minutes, then minutes,
 * then hours. It never says less than is left.
 */
export function countdown(at: number, now: number): number {
  const left = Math.max(0, at - now);
  const step = left <= 2 * MINUTE ? SECOND : left <= 2 * HOUR ? MINUTE : HOUR;
  return Math.ceil(left / step) * step;
}

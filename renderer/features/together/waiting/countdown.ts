const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * What is left until `at`, in milliseconds, in steps that a person can follow: seconds in the last minute, then minutes, then
 * tenths of hours and of days. It never says less than is left.
 */
export function countdown(at: number, now: number): number {
  const left = Math.max(0, at - now);
  const step = left <= MINUTE ? SECOND : left <= HOUR ? MINUTE : (left <= DAY ? HOUR : DAY) / 10;
  return Math.ceil(left / step) * step;
}

/** Some file systems keep times to a second, FAT to two. */
const COARSE_MILLIS = 2000;

/** True where a file that was given the time `wanted` may show `found` (both in milliseconds, of any sign). */
export function isSameTime(found: number, wanted: number): boolean {
  const rounded = Math.round(found);
  return rounded === wanted || (rounded % 1000 === 0 && Math.abs(rounded - wanted) < COARSE_MILLIS);
}

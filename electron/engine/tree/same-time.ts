import type { Stats } from 'node:fs';

/** Some file systems keep times to a second, FAT to two. */
const COARSE_MILLIS = 2000;

/** By what a look tells: the file that is there is the one that was put there with this size and time. */
export function isUntouched(info: Stats, { size, mtime }: { readonly size: number; readonly mtime: number }): boolean {
  return info.isFile() && info.size === size && isSameTime(info.mtimeMs, mtime);
}

/** True where a file that was given the time `wanted` may show `found` (both in milliseconds, of any sign). */
export function isSameTime(found: number, wanted: number): boolean {
  const rounded = Math.round(found);
  return rounded === wanted || (rounded % 1000 === 0 && Math.abs(rounded - wanted) < COARSE_MILLIS);
}

import type { Stats } from 'node:fs';

/** Some file systems keep times to a second, FAT to two. */
const COARSE_MILLIS = 2000;
/** FAT begins with the year 1980 of its time zone; many a file system counts seconds in 31 bits. */
const HELD_FROM = Date.UTC(1980, 0, 2);
const HELD_BEFORE = 2 ** 31 * 1000;

/** By what a look tells: the file that is there is the one that was put there with this size and time. */
export function isUntouched(info: Stats, { size, mtime }: { readonly size: number; readonly mtime: number }): boolean {
  return info.isFile() && info.size === size && isSameTime(info.mtimeMs, mtime);
}

/** True where a file that was given the time `wanted` may show `found` (both in milliseconds, of any sign). */
export function isSameTime(found: number, wanted: number): boolean {
  const rounded = Math.round(found);
  if (rounded === wanted) return true;
  return rounded % 1000 === 0 && (Math.abs(rounded - wanted) < COARSE_MILLIS || isNearest(rounded, wanted));
}

/** Every disk holds it. */
export function isHeldAnywhere(mtime: number): boolean {
  return mtime >= HELD_FROM && mtime < HELD_BEFORE;
}

/** For a time that it cannot hold a disk takes the nearest that it can: where its times begin or end. */
function isNearest(found: number, wanted: number): boolean {
  if (isHeldAnywhere(wanted)) return false;
  return wanted < HELD_FROM ? found > wanted && found <= HELD_FROM : found < wanted && found >= HELD_BEFORE - 1000;
}

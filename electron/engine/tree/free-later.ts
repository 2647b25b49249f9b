import { close, constants, openSync, type Stats, unlinkSync } from 'node:fs';
import { findStats } from './find-stats.ts';

/** Removes a name of a file, as `freeingLater`. Throws what the file system says. */
export function unlinkFreeing(absolute: string): void {
  freeingLater(absolute, findStats(absolute), () => unlinkSync(absolute));
}

/**
 * `takeName` takes the name `absolute` from the file `old`. Where it is the last one, the space on the disk is given back by another
 * thread after this has returned, as an open file keeps it: that takes long for large files, and on ext4 waits for flushes of others.
 */
export function freeingLater(absolute: string, old: Stats | undefined, takeName: () => void): void {
  const held = old?.isFile() && old.nlink === 1 ? hold(absolute) : undefined;
  try {
    takeName();
  } finally {
    if (held !== undefined) close(held, ignore);
  }
}

/** Undefined where it cannot be read; on Windows the name of an open file cannot be taken. Waits for no pipe that stands there by now. */
function hold(absolute: string): number | undefined {
  if (process.platform === 'win32') return undefined;
  try {
    return openSync(absolute, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

function ignore(): void {}

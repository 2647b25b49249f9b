import { type BigIntStats, lstatSync, type Stats } from 'node:fs';
import { systemCode } from './file-error.ts';

/** What stands at an absolute path, a link as itself; undefined where it is gone or cannot be looked at. */
export function findStats(absolute: string): Stats | undefined {
  return unlessRefused(() => lstatSync(absolute, { throwIfNoEntry: false }));
}

/** The same in numbers that are exact, as those of an inode have to be. */
export function findExactStats(absolute: string): BigIntStats | undefined {
  return unlessRefused(() => lstatSync(absolute, { bigint: true, throwIfNoEntry: false }));
}

function unlessRefused<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

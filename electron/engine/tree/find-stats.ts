import { lstatSync, type Stats } from 'node:fs';
import { systemCode } from './file-error.ts';

/** What stands at an absolute path, a link as itself; undefined where it is gone or cannot be looked at. */
export function findStats(absolute: string): Stats | undefined {
  try {
    return lstatSync(absolute, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

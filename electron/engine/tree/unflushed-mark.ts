import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import { isNowhere, systemCode } from './file-error.ts';
import { readSmall } from './read-small.ts';

const FILE = 'unflushed';
const BYTES_MAX = 64;

/**
 * In which run of the machine a flush of the site below `folder` has failed: see `thisBoot`. The database knows it as well, but may be
 * replaced by an older copy, which would take what stands in the folder for what the disk has.
 */
export function readUnflushed(folder: string): string | undefined {
  try {
    return readSmall(join(folder, RESERVED_FOLDER, FILE), BYTES_MAX, 'refused')
      ?.toString('latin1')
      .trim();
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

/** Never flushed: after the next start of the machine it says nothing more. Throws what the system says. */
export function writeUnflushed(folder: string, boot: string): void {
  removeUnflushed(folder);
  // What was put there meanwhile is not written through.
  writeFileSync(join(folder, RESERVED_FOLDER, FILE), `${boot}\n`, { flag: 'wx', mode: 0o600 });
}

/** Throws what the system says. */
export function removeUnflushed(folder: string): void {
  try {
    rmSync(join(folder, RESERVED_FOLDER, FILE), { force: true });
  } catch (error) {
    if (!isNowhere(error)) throw error;
  }
}

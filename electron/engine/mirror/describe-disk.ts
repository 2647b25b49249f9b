import { lstatSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { MirrorDisk } from '../../../shared/contract/link.ts';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import { systemCode } from '../tree/file-error.ts';

/** What the disk that a followed site is on can hold, so that the master can say before a drop what would not fit. */
export function describeDisk(root: string): MirrorDisk | undefined {
  try {
    const { bavail, bsize } = statfsSync(root);
    const otherCase = join(root, RESERVED_FOLDER.toUpperCase());
    return {
      windowsNames: process.platform === 'win32',
      // Our own folder answers to another spelling of its name.
      caseSensitive: lstatSync(otherCase, { throwIfNoEntry: false }) === undefined,
      free: Math.min(Number.MAX_SAFE_INTEGER, bavail * bsize),
    };
  } catch (error) {
    // It is not mounted now, or tells nothing: then nothing is known.
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

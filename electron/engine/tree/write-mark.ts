import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import { fileError } from './file-error.ts';
import { MARK_FILE } from './read-mark.ts';
import { syncFolder } from './sync-file.ts';
import { writeFlushed } from './write-flushed.ts';

/** What `readMark` reads from now on: it is on the disk, or not there. Rejects `file.*`. */
export async function writeMark(folder: string, mark: string): Promise<void> {
  const file = join(folder, RESERVED_FOLDER, MARK_FILE);
  const part = `${file}.part`;
  try {
    // What was left, or put there: nothing is written through it.
    await rm(part, { force: true });
    await writeFlushed(part, `${mark}\n`);
    await rename(part, file);
    // The database counts on it from here on.
    await syncFolder(join(folder, RESERVED_FOLDER));
  } catch (error) {
    // A later one would be taken for flushed, as it is there.
    await rm(file, { force: true });
    throw fileError(error, RESERVED_FOLDER);
  }
}

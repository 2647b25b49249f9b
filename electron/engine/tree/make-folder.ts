import { chmod, mkdir, readdir, rmdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from './file-error.ts';
import { isFailedFlush, syncFolder } from './sync-file.ts';

/**
 * Makes a folder, and those above it where they are missing. One that is there already is left as it is. Node's own
 * `recursive` never returns where the system says ENOENT of a folder that cannot be made (`/proc/x`).
 */
export async function makeFolder(folder: string, mode = 0o777): Promise<void> {
  try {
    await mkdir(folder, { mode });
    await flushName(folder);
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && (await isFolder(folder))) return;
    const above = dirname(folder);
    if (systemCode(error) !== 'ENOENT' || above === folder || (await isFolder(above))) throw error;
    await makeFolder(above, mode);
    await mkdir(folder, { mode }).catch(async (again: unknown) => {
      if (systemCode(again) !== 'EEXIST' || !(await isFolder(folder))) throw again;
    });
    await flushName(folder);
  }
}

/** Makes one that is for its owner's eyes. One that holds something keeps its mode: it may be more than ours. */
export async function makePrivateFolder(folder: string): Promise<void> {
  await makeFolder(folder, 0o700);
  if ((await readdir(folder)).length === 0) await chmod(folder, 0o700);
}

/** What is kept in it is worth as much as its own name. Where the folder above may not be read there is no way to do it. */
async function flushName(folder: string): Promise<void> {
  await syncFolder(dirname(folder)).catch(async (error: unknown) => {
    if (!isFailedFlush(error)) return;
    // It is made anew the next time: another flush would say nothing of this one.
    await rmdir(folder);
    throw error;
  });
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

import { existsSync } from 'node:fs';
import { open, readFile, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isFailedFlush, syncFolder, unflushed } from './sync-file.ts';

/**
 * Replaces `path` by a file with this text (mode 0600), durably: after a crash the old text is there, or the new one. Rejects
 * `disk.unflushed` where nobody knows which: then what was there is put back.
 */
export async function writeAtomically(path: string, text: string): Promise<void> {
  const before = existsSync(path) ? await readFile(path) : undefined;
  await replaceFile(path, text);
  try {
    await syncFolder(dirname(path));
  } catch (error) {
    // Where the folder may not be opened there is no way to do it.
    if (!isFailedFlush(error)) return;
    await (before === undefined ? unlink(path) : replaceFile(path, before));
    throw unflushed(path, error);
  }
}

/** The same without the promise: for what is of no use after a crash. */
export async function replaceFile(path: string, text: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await handle.close();
  await rename(temporary, path);
}

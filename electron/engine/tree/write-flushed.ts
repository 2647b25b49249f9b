import { open } from 'node:fs/promises';

/** Writes a file that must not be there yet, mode 0600. Resolves when its content is on disk; its name is once its folder is flushed. */
export async function writeFlushed(file: string, content: string | Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

import { type FSWatcher, watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** When the file was first seen with this content, whole, in milliseconds of `performance.now()`. */
export function seenAt(file: string, content: Buffer): Promise<number> {
  return new Promise((resolve) => {
    let watcher: FSWatcher | undefined;
    const look = async (): Promise<void> => {
      const looked = performance.now();
      const found = await stat(file).catch(() => undefined);
      if (found?.size !== content.length || !content.equals(await readFile(file))) return;
      watcher?.close();
      clearInterval(timer);
      resolve(looked);
    };
    // The folder may not be there yet: then the timer finds the file.
    try {
      watcher = watch(dirname(file), () => void look());
    } catch {
      watcher = undefined;
    }
    const timer = setInterval(() => void look(), 2);
    void look();
  });
}

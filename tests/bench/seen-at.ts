import { type FSWatcher, watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * When the file was first seen with this content, whole, in milliseconds of `performance.now()`. It is looked for when its folder
 * changes and every 2 ms; with `lookMillis` only this often.
 */
export function seenAt(file: string, content: Buffer, lookMillis?: number): Promise<number> {
  return new Promise((resolve) => {
    let watcher: FSWatcher | undefined;
    const look = async (): Promise<void> => {
      const looked = performance.now();
      const found = await stat(file).catch(() => undefined);
      if (found?.size !== content.length) return;
      // Some tools take it away once more.
      const there = await readFile(file).catch(() => undefined);
      if (!there || !content.equals(there)) return;
      watcher?.close();
      clearInterval(timer);
      resolve(looked);
    };
    // The folder may not be there yet: then the timer finds the file.
    try {
      if (lookMillis === undefined) watcher = watch(dirname(file), () => void look());
    } catch {
      watcher = undefined;
    }
    const timer = setInterval(() => void look(), lookMillis ?? 2);
    void look();
  });
}

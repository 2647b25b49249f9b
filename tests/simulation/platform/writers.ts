import type { Stats } from 'node:fs';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { writerOf } from '../disk/current.ts';

/** In the place of what `/proc` says of the programs of a machine: who has a file of a simulated disk open for writing. */
export async function findWriters(
  files: ReadonlyMap<SitePath, Pick<Stats, 'dev' | 'ino'>>,
): Promise<Map<SitePath, string>> {
  const found = new Map<SitePath, string>();
  for (const [path, file] of files) {
    const writer = writerOf(file);
    if (writer !== undefined) found.set(path, String(writer));
  }
  return found;
}

export function isWriting(at: string, file: Pick<Stats, 'dev' | 'ino'>): boolean {
  return String(writerOf(file)) === at;
}

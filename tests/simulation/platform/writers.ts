import type { Stats } from 'node:fs';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { simulation } from '../current.ts';
import { writerOf } from '../disk/current.ts';

/** How long it takes to look at the descriptors of all programs, in milliseconds. */
const LOOK_MILLIS = [0, 40] as const;

/** In the place of what `/proc` says of the programs of a machine: who has a file of a simulated disk open for writing. */
export async function findWriters(
  files: ReadonlyMap<SitePath, Pick<Stats, 'dev' | 'ino'>>,
): Promise<Map<SitePath, string>> {
  const found = new Map<SitePath, string>();
  if (files.size === 0) return found;
  const { scheduler } = simulation();
  await new Promise<void>((resolve) => {
    scheduler.after(scheduler.random.between(...LOOK_MILLIS), 'descriptors', resolve);
  });
  for (const [path, file] of files) {
    const writer = writerOf(file);
    if (writer !== undefined) found.set(path, String(writer));
  }
  return found;
}

export function isWriting(at: string, file: Pick<Stats, 'dev' | 'ino'>): boolean {
  return String(writerOf(file)) === at;
}

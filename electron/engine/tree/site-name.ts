import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { findExactStats } from './find-stats.ts';

/**
 * A name in the folder at an absolute path as a site has it: composed (NFC), where the disk takes both forms for one, as those of
 * desktops do, and has kept the other one; else as the disk tells it. Of what is gone nobody can tell: then it is the composed one.
 */
export function siteName(folder: string, name: string): string {
  const composed = name.normalize('NFC');
  if (composed === name) return name;
  const [own, other] = [name, composed].map((each) => findExactStats(join(folder, each)));
  return own?.ino === other?.ino && own?.dev === other?.dev ? composed : name;
}

/** What is in a folder, by the names that a site has for it. Rejects what the file system says. */
export async function readSiteFolder(folder: string): Promise<Dirent[]> {
  const items = await readdir(folder, { withFileTypes: true });
  for (const item of items) item.name = siteName(folder, item.name);
  return items;
}

/** Both lead to the same place, but for the form in which a disk has kept their names. */
export function isSameWay(one: string, other: string): boolean {
  return one === other || one.normalize('NFC') === other.normalize('NFC');
}

import { type Dirent, lstatSync } from 'node:fs';
import { join } from 'node:path';

/** Throws the system's error (EACCES) where the names in a folder can be read, and nothing that has them can be looked at. */
export function requireEntry(folder: string, [first]: readonly Dirent[]): void {
  if (first) lstatSync(join(folder, first.name), { throwIfNoEntry: false });
}

import { lstatSync } from 'node:fs';

/**
 * Throws the system's error (EACCES) where the names in a folder can be read, and nothing that has them can be looked at. It is asked of
 * the folder's own entry in it: another one may be a disk that fails, which says nothing of the rest.
 */
export function requireEntry(folder: string): void {
  lstatSync(`${folder}/.`, { throwIfNoEntry: false });
}

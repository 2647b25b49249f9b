import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface FileBelow {
  readonly path: string;
  readonly size: number;
}

/** All files below a folder, by their absolute names, in order. */
export function filesBelow(folder: string): FileBelow[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({ path, size: statSync(path).size }));
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

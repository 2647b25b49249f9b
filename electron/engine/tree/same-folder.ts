import { statSync } from 'node:fs';

/** One folder by two names: also by a link, or mounted at two places. False where one of them cannot be looked at. */
export function isSameFolder(one: string, other: string): boolean {
  try {
    const [a, b] = [one, other].map((folder) => statSync(folder, { bigint: true, throwIfNoEntry: false }));
    return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev;
  } catch {
    return false;
  }
}

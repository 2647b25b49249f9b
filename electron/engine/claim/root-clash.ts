import { realpathSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { AppError } from '../../../shared/errors/app-error.ts';

/** No site within another, and none that holds the data folder (or the other way round): keys would be published. `folder`: without links. */
export function refuseClash(folder: string, others: readonly string[]): void {
  const within = (a: string, b: string): boolean => a === b || a.startsWith(b.endsWith(sep) ? b : b + sep);
  for (const other of others) {
    const real = withoutLinks(other);
    if (!within(folder, real) && !within(real, folder)) continue;
    throw new AppError('site.root-clash', { root: folder, ...(real !== folder && { other }) });
  }
}

function withoutLinks(folder: string): string {
  try {
    return realpathSync.native(folder);
  } catch {
    // One that is not there now is nobody's link.
    return resolve(folder);
  }
}

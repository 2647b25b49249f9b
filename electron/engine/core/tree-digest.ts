import { createHash } from 'node:crypto';
import type { Present } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';

/**
 * What two ends compare instead of a page of their indexes: equal trees cost a line for thousands of files. Folders count where
 * nothing is in them: others come into being by themselves, and a mirror may hold some that it was never told of.
 */
export function digestOf(entries: Iterable<Present>, hasBelow: (folder: SitePath) => boolean): string {
  const hash = createHash('sha256');
  for (const entry of entries) {
    if (entry.kind === 'file') hash.update(`f ${entry.path}\0${entry.size} ${entry.mtime} ${entry.sha256}\n`);
    else if (!hasBelow(entry.path)) hash.update(`d ${entry.path}\n`);
  }
  return hash.digest('hex');
}

/** Name, kind and content are the same, whatever change made them so. */
export function isSameEntry(a: Present | undefined, b: Present | undefined): boolean {
  if (!a || !b) return a === b;
  if (a.kind === 'dir' || b.kind === 'dir') return a.kind === b.kind;
  return a.size === b.size && a.mtime === b.mtime && a.sha256 === b.sha256;
}

import type { SitePath } from '../../../shared/domain/site-path.ts';

/**
 * A path and all below it, as a condition that reads a range of an index and not all of a site: '0' is the character after '/'.
 * What lies between and only begins alike ('a-b' is none of 'a') is left out by the rest. Takes `withinValues`.
 */
export function within(column = 'path'): string {
  return `${column} >= ? AND ${column} < ? || '0' AND (${column} = ? OR ${column} >= ? || '/')`;
}

export function withinValues(path: SitePath): [SitePath, SitePath, SitePath, SitePath] {
  return [path, path, path, path];
}

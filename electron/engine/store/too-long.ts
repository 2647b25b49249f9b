import { PATH_BYTES_MAX, PATH_DEPTH_MAX, segmentsOf, type SitePath } from '../../../shared/domain/site-path.ts';
import type { Store } from './open.ts';
import { path as pathOf } from './rows.ts';
import { within, withinValues } from './within.ts';

/** What is in a folder, by a table of paths, and would have one that no site can hold once the folder is renamed: one of them. */
export function findTooLong(
  store: Store,
  table: 'entry' | 'want',
  site: number,
  from: SitePath,
  to: SitePath,
): SitePath | undefined {
  const bytes = PATH_BYTES_MAX - Buffer.byteLength(to) + Buffer.byteLength(from);
  const depth = PATH_DEPTH_MAX - segmentsOf(to).length + segmentsOf(from).length;
  if (bytes >= PATH_BYTES_MAX && depth >= PATH_DEPTH_MAX) return undefined;
  const sql = `SELECT path FROM ${table} WHERE site = ? AND ${within()} AND kind <> 'gone'
    AND (length(CAST(path AS BLOB)) > ? OR length(path) - length(replace(path, '/', '')) >= ?) LIMIT 1`;
  const row = store.get(sql, site, ...withinValues(from), bytes, depth);
  return row && pathOf(row['path']);
}

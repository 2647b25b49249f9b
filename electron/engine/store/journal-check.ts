import { isWithin, type SitePath } from '../../../shared/domain/site-path.ts';
import type { Row, Store } from './open.ts';
import { int, path as pathOf, text } from './rows.ts';

/**
 * A page of a master's index, compared with its journal: the last path that was looked at, and those whose row does not follow
 * from the change that it names. Changes up to the journal's floor have been dropped, and say nothing.
 */
export function compareWithJournal(
  store: Store,
  site: number,
  after: string,
  limit: number,
): { last: string | undefined; wrong: SitePath[] } {
  const own = store.get('SELECT floor, seq FROM site WHERE id = ?', site);
  const bounds = { floor: int(own?.['floor']), head: int(own?.['seq']) };
  const rows = store.all(
    `SELECT e.path, e.kind, e.sha256, e.seq, j.op, j.path AS named, j.origin, j.sha256 AS hash
     FROM entry e LEFT JOIN journal j ON j.site = e.site AND j.seq = e.seq
     WHERE e.site = ? AND e.path > ? ORDER BY e.path LIMIT ?`,
    site,
    after,
    limit,
  );
  const wrong = rows.filter((row) => !follows(row, bounds)).map((row) => pathOf(row['path']));
  const last = rows.at(-1);
  return { last: last && text(last['path']), wrong };
}

function follows(row: Row, { floor, head }: { floor: number; head: number }): boolean {
  const [path, kind, seq] = [pathOf(row['path']), text(row['kind']), int(row['seq'])];
  if (seq > head) return false;
  if (row['op'] === null) return seq <= floor;
  const named = pathOf(row['named']);
  switch (row['op']) {
    case 'put':
      return path === named && kind === 'file' && row['sha256'] === row['hash'];
    case 'mkdir':
      return path === named && kind === 'dir';
    case 'delete':
    case 'rmdir':
      return path === named && kind === 'gone';
    case 'rename':
      if (kind === 'gone') return isWithin(path, pathOf(row['origin']));
      return isWithin(path, named) && (path !== named || row['hash'] === null || row['hash'] === row['sha256']);
    default:
      return false;
  }
}

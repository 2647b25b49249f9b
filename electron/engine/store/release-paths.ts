import { isWithin, rebase, type SitePath } from '../../../shared/domain/site-path.ts';
import type { Store } from './open.ts';
import { path as pathOf } from './rows.ts';

/** Names of one release, and renames that are followed. More are not told one by one. */
const NAMES_MAX = 2000;
/** Characters of all names. */
const TEXT_MAX = 128 * 1024;

/**
 * The names of all that each of these releases of a site has changed, with those that renames have given it since. The newest first, as many
 * as one message tells; a release that is left out is too large, or has renamed a folder.
 */
export function releasePaths(store: Store, site: number, releases: readonly number[]): ReadonlyMap<number, SitePath[]> {
  const found = new Map<number, SitePath[]>();
  const renames = renamesAfter(store, site, Math.min(...releases));
  if (!renames) return found;
  let [names, text] = [0, 0];
  for (const release of releases.toSorted((a, b) => b - a)) {
    const paths = namesOf(store, site, release);
    if (!paths) continue;
    for (const { seq, from, to } of renames)
      if (seq > release)
        for (const path of [...paths].filter((each) => isWithin(each, from))) paths.add(rebase(path, from, to));
    names += paths.size;
    for (const path of paths) text += path.length;
    if (names > NAMES_MAX || text > TEXT_MAX) break;
    found.set(release, [...paths]);
  }
  return found;
}

function namesOf(store: Store, site: number, release: number): Set<SitePath> | undefined {
  const sql = `SELECT j.path, j.origin, j.kind FROM release r JOIN journal j ON j.site = r.site AND j.seq BETWEEN r.first AND r.id
    WHERE r.site = ? AND r.id = ? LIMIT ?`;
  const rows = store.all(sql, site, release, NAMES_MAX + 1);
  if (rows.length > NAMES_MAX || rows.some(({ kind }) => kind === 'dir')) return undefined;
  return new Set(rows.flatMap(({ path, origin }) => (origin === null ? [] : [pathOf(origin)]).concat(pathOf(path))));
}

function renamesAfter(store: Store, site: number, seq: number) {
  const sql = `SELECT seq, origin, path FROM journal INDEXED BY journal_renames
    WHERE site = ? AND op = 'rename' AND seq > ? ORDER BY seq LIMIT ?`;
  const rows = store.all(sql, site, seq, NAMES_MAX + 1);
  if (rows.length > NAMES_MAX) return undefined;
  return rows.map((row) => ({ seq: Number(row['seq']), from: pathOf(row['origin']), to: pathOf(row['path']) }));
}

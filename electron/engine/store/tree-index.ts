import type { SitePath } from '../../../shared/domain/site-path.ts';
import { childOf, ROOT } from '../../../shared/domain/site-path.ts';
import { createPace } from '../core/pace.ts';
import type { Row, Store } from './open.ts';
import { int, optionalInt, path as toPath, text } from './rows.ts';

/** What the index says of one path. */
export interface IndexedFile {
  readonly kind: 'file';
  readonly path: SitePath;
  readonly size: number;
  readonly mtime: number;
  readonly seq: number;
}
export type Indexed = IndexedFile | { readonly kind: 'dir'; readonly path: SitePath };

export interface IndexPage {
  readonly rows: Indexed[];
  /** Where the next page begins; undefined: this is the end. */
  readonly next: string | undefined;
}

/** Rows that are looked at for one page, and in one go. */
const LOOKED_AT_MAX = 20_000;
const SCAN = 2000;
/** Of files read in one go the first time after a folder has been passed over; doubled while there are files only. */
const FEW = 2;
/** Sorts after every path, and after all below a folder where it follows its `/`. */
const LAST = '\u{10ffff}';

/**
 * One level of a site's index at a time. Only a prefix of the primary key is read, and what lies below a folder is passed over
 * by one search: the cost of a page does not grow with the tree. A folder that has no row of its own (a route may leave it
 * out) is known by what is in it.
 */
export class TreeIndex {
  readonly #store: Store;
  readonly #site: number;
  readonly #range: string;
  readonly #isFolder: string;

  /** At a mirror what is wanted and not there yet counts too. */
  constructor(store: Store, site: number, role: 'master' | 'mirror') {
    this.#store = store;
    this.#site = site;
    const { range, isFolder } = treeSql(role);
    this.#range = range;
    this.#isFolder = isFolder;
  }

  /** The page after `place` ('' is the first), `limit` rows at most: folders in the order of their names, then files. */
  async page(folder: SitePath, place: string, limit: number): Promise<IndexPage> {
    const prefix = folder === ROOT ? '' : `${folder}/`;
    const level: Level = { prefix, end: `${prefix}${LAST}`, limit, rows: [], looked: 0, pace: createPace() };
    const inFiles = place.startsWith('f');
    const folders = inFiles ? undefined : await this.#folders(level, startOf(place, prefix));
    if (folders !== undefined) return { rows: level.rows, next: `d/${folders}` };
    const files = await this.#files(level, inFiles ? startOf(place, prefix) : prefix);
    return { rows: level.rows, next: files === undefined ? undefined : `f/${files}` };
  }

  /** Files and folders below `folder` whose path fits, in the order of their paths. */
  async find(folder: SitePath, fits: (path: SitePath) => boolean, place: string, limit: number): Promise<IndexPage> {
    const prefix = folder === ROOT ? '' : `${folder}/`;
    const pace = createPace();
    const rows: Indexed[] = [];
    let after: string = startOf(place, prefix);
    for (let looked = 0; looked < LOOKED_AT_MAX; ) {
      const chunk = this.#store.all(`${this.#range} LIMIT ?4`, this.#site, after, `${prefix}${LAST}`, SCAN);
      for (const row of chunk) {
        looked += 1;
        after = text(row['path']);
        const indexed = toIndexed(row);
        if (!indexed || !fits(indexed.path)) continue;
        rows.push(indexed);
        if (rows.length === limit) return { rows, next: `f/${after}` };
      }
      if (chunk.length < SCAN) return { rows, next: undefined };
      await pace();
    }
    return { rows, next: `f/${after}` };
  }

  /** Adds the level's folders; where to go on, undefined: there are no more. */
  async #folders(level: Level, start: string): Promise<string | undefined> {
    const { prefix, end, rows, limit, pace } = level;
    // SQLite counts characters, not UTF-16.
    const skip = Array.from(prefix).length + 1;
    const sql = `SELECT path FROM (${this.#range} LIMIT ?4)
      WHERE kind <> 'gone' AND (kind = 'dir' OR instr(substr(path, ?5), '/') > 0) LIMIT 1`;
    let after = start;
    while (rows.length < limit && level.looked < LOOKED_AT_MAX) {
      await pace();
      const hit = this.#store.get(sql, this.#site, after, end, SCAN, skip)?.['path'];
      if (typeof hit !== 'string') {
        const last = this.#store.get(`${this.#range} LIMIT 1 OFFSET ?4`, this.#site, after, end, SCAN - 1);
        if (!last) return undefined;
        after = text(last['path']);
        level.looked += SCAN;
        continue;
      }
      level.looked += 1;
      const child = childIn(prefix, hit);
      const isOwn = hit === child;
      if (isOwn || this.#store.get(this.#isFolder, this.#site, child) === undefined)
        rows.push({ kind: 'dir', path: child });
      after = isOwn ? hit : `${child}/${LAST}`;
    }
    return after;
  }

  async #files(level: Level, start: string): Promise<string | undefined> {
    const { prefix, end, rows, limit, pace } = level;
    const sql = `${this.#range} LIMIT ?4`;
    let after = start;
    let size = FEW;
    while (rows.length < limit && level.looked < LOOKED_AT_MAX) {
      await pace();
      const chunk = this.#store.all(sql, this.#site, after, end, size);
      let passed = false;
      for (const row of chunk) {
        level.looked += 1;
        const path = text(row['path']);
        const child = childIn(prefix, path);
        passed = path !== child;
        after = passed ? `${child}/${LAST}` : path;
        if (passed) break;
        const indexed = toIndexed(row);
        if (indexed?.kind === 'file') rows.push(indexed);
        if (rows.length === limit) return after;
      }
      if (!passed && chunk.length < size) return undefined;
      size = passed ? FEW : Math.min(SCAN, size * 2);
    }
    return after;
  }
}

interface Level {
  readonly prefix: string;
  readonly end: string;
  readonly limit: number;
  readonly rows: Indexed[];
  looked: number;
  readonly pace: ReturnType<typeof createPace>;
}

/** `range`: rows of site ?1 after ?2 and before ?3, by path. `isFolder`: a row where site ?1 has the folder ?2. */
export function treeSql(role: 'master' | 'mirror'): { range: string; isFolder: string } {
  const columns = 'path, kind, size, mtime, seq';
  const within = 'site = ?1 AND path > ?2 AND path < ?3';
  const isFolder = (table: string): string => `SELECT 1 FROM ${table} WHERE site = ?1 AND path = ?2 AND kind = 'dir'`;
  const index = `SELECT ${columns} FROM entry WHERE ${within}`;
  if (role === 'master') return { range: `${index} ORDER BY path`, isFolder: isFolder('entry') };
  return {
    range: `${index} UNION ALL SELECT ${columns} FROM want w WHERE ${within} AND kind <> 'gone'
      AND NOT EXISTS (SELECT 1 FROM entry e WHERE e.site = w.site AND e.path = w.path) ORDER BY path`,
    isFolder: `${isFolder('entry')} UNION ALL ${isFolder('want')}`,
  };
}

/** A place is never before the folder, whoever made it up. */
function startOf(place: string, prefix: string): string {
  const after = place.slice(2);
  return after.startsWith(prefix) ? after : prefix;
}

/** What `path`, which begins with `prefix`, is or lies in on that level. */
function childIn(prefix: string, path: string): SitePath {
  const [name = ''] = path.slice(prefix.length).split('/', 1);
  return childOf(prefix.slice(0, -1) as SitePath, name);
}

function toIndexed(row: Row): Indexed | undefined {
  const path = toPath(row['path']);
  switch (row['kind']) {
    case 'dir':
      return { kind: 'dir', path };
    case 'file':
      return {
        kind: 'file',
        path,
        size: int(row['size']),
        mtime: optionalInt(row['mtime']) ?? 0,
        seq: int(row['seq']),
      };
    default:
      return undefined;
  }
}

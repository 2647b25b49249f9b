import { referencesTo, type Reference } from '../../../shared/domain/reference.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Row, Store } from './open.ts';
import { path as toPath, text } from './rows.ts';
import { within, withinValues } from './within.ts';

/** Where the documents of one site's index link to. Callers group writes with those of the index. */
export class Links {
  readonly #store: Store;
  readonly #site: number;

  constructor(store: Store, site: number) {
    this.#store = store;
    this.#site = site;
  }

  /** In the order of the document. */
  of(page: SitePath): Reference[] {
    const sql = 'SELECT target FROM link WHERE site = ? AND page = ? ORDER BY at';
    return this.#store.all(sql, this.#site, page).map((row) => text(row['target']) as Reference);
  }

  /** Most pages that are changed still link to what they linked to. */
  set(page: SitePath, refs: readonly Reference[] = []): void {
    const before = this.of(page);
    if (before.length === refs.length && before.every((target, at) => target === refs[at])) return;
    if (before.length > 0) this.#store.run('DELETE FROM link WHERE site = ? AND page = ?', this.#site, page);
    const sql = `INSERT OR IGNORE INTO link (site, page, target, at) SELECT ?, ?, value, key FROM json_each(?)`;
    if (refs.length > 0) this.#store.run(sql, this.#site, page, JSON.stringify(refs));
  }

  /** Pages that link to `path`, by its name or as the index of its folder; about `limit` of them at most. */
  linkersOf(path: SitePath, indexNames: readonly string[], limit = Number.MAX_SAFE_INTEGER): SitePath[] {
    const found = referencesTo(path, indexNames).flatMap((target) =>
      this.#store.all('SELECT page FROM link WHERE site = ? AND target = ? LIMIT ?', this.#site, target, limit),
    );
    return [...new Set(found.map((row) => toPath(row['page'])))];
  }

  isLinked(path: SitePath, indexNames: readonly string[]): boolean {
    const sql = 'SELECT 1 FROM link WHERE site = ? AND target = ? LIMIT 1';
    return referencesTo(path, indexNames).some((target) => this.#store.get(sql, this.#site, target) !== undefined);
  }

  /** True when a page that is not below the folder links to something in it. */
  isLinkedFromOutside(folder: SitePath): boolean {
    const sql = `SELECT 1 FROM link WHERE site = ? AND ${within('target')} AND NOT (${within('page')}) LIMIT 1`;
    const values = withinValues(folder);
    return this.#store.get(sql, this.#site, ...values, ...values) !== undefined;
  }

  /** A folder (or file) has another name: links between what is below it move along, those that lead out stay as they are. */
  move(from: SitePath, to: SitePath): void {
    this.#store.run(
      `UPDATE OR REPLACE link SET
         target = CASE WHEN (target = ? OR (target > ? || '/' AND target < ? || '0'))
           THEN ? || substr(target, length(?) + 1) ELSE target END,
         page = ? || substr(page, length(?) + 1)
       WHERE site = ? AND ${within('page')}`,
      from,
      from,
      from,
      to,
      from,
      to,
      from,
      this.#site,
      ...withinValues(from),
    );
  }

  /** Rows of a page and of all below a folder of that name, as `restore` takes them. */
  rowsWithin(name: SitePath): Row[] {
    const sql = `SELECT * FROM link WHERE site = ? AND ${within('page')}`;
    return this.#store.all(sql, this.#site, ...withinValues(name));
  }

  removeWithin(name: SitePath): void {
    const sql = `DELETE FROM link WHERE site = ? AND ${within('page')}`;
    this.#store.run(sql, this.#site, ...withinValues(name));
  }

  restore(rows: readonly Row[]): void {
    for (const { site, page, target, at } of rows) {
      const sql = 'INSERT OR REPLACE INTO link (site, page, target, at) VALUES (?, ?, ?, ?)';
      this.#store.run(sql, site ?? null, page ?? null, target ?? null, at ?? null);
    }
  }
}

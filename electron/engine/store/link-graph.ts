import { parseReference, type Reference } from '../../../shared/domain/reference.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Row, Store } from './open.ts';
import { path as toPath, text } from './rows.ts';

export interface LinkRow {
  readonly page: SitePath;
  readonly target: Reference;
  /** Nothing in the index satisfies it. */
  readonly missing: boolean;
}

/** Rows read in one go. */
const PAGE = 1000;

/** The links that were found in the documents of a site, against its index. Lazy: a reader may stop at any row. */
export class LinkGraph {
  readonly #store: Store;
  readonly #site: number;
  readonly #indexNames: readonly string[];
  /** True for a row `l` of `link` whose target nothing satisfies. One search of the index for each candidate. */
  readonly #isMissing: string;

  /** `indexNames`: of the site's rules. A site that the database does not know has no links. */
  constructor(store: Store, siteName: string, indexNames: readonly string[]) {
    this.#store = store;
    const id = store.get('SELECT id FROM site WHERE name = ?', siteName)?.['id'];
    this.#site = typeof id === 'number' ? id : -1;
    this.#indexNames = indexNames;
    const candidates = candidatesSql(indexNames.map((_, at) => `?${at + 2}`));
    this.#isMissing = `NOT EXISTS (SELECT 1 FROM entry e WHERE e.site = ?1 AND e.kind = 'file' AND e.path IN (${candidates}))`;
  }

  /** By page, then target. */
  *found(): Generator<LinkRow> {
    const [page, target] = this.#after(2);
    const sql = `SELECT l.page, l.target, ${this.#isMissing} AS missing FROM link l
      WHERE l.site = ?1 AND (l.page, l.target) > (${page}, ${target}) ORDER BY l.page, l.target LIMIT ${PAGE}`;
    for (const row of this.#pages(sql, ['', ''], (last) => [text(last['page']), text(last['target'])]))
      yield { page: toPath(row['page']), target: toReference(row), missing: row['missing'] === 1 };
  }

  /** Those that lead nowhere, by target, then page. Each target is looked for once, however many pages link to it. */
  *missing(): Generator<LinkRow> {
    const [after] = this.#after(1);
    const sql = `SELECT l.target FROM
      (SELECT DISTINCT target FROM link WHERE site = ?1 AND target > ${after} ORDER BY target) l
      WHERE ${this.#isMissing} LIMIT ${PAGE}`;
    const pages = 'SELECT page FROM link WHERE site = ? AND target = ? ORDER BY page';
    for (const row of this.#pages(sql, [''], (last) => [text(last['target'])])) {
      const target = toReference(row);
      for (const linker of this.#store.all(pages, this.#site, target))
        yield { page: toPath(linker['page']), target, missing: true };
    }
  }

  /** True where the index holds a file of that name. */
  has(path: SitePath): boolean {
    const sql = "SELECT 1 FROM entry WHERE site = ? AND path = ? AND kind = 'file'";
    return this.#store.get(sql, this.#site, path) !== undefined;
  }

  /** Names of the parameters that follow the site and the index names. */
  #after(count: number): string[] {
    return Array.from({ length: count }, (_, at) => `?${this.#indexNames.length + 2 + at}`);
  }

  *#pages(sql: string, start: readonly string[], next: (last: Row) => string[]): Generator<Row> {
    for (let after = start; ; ) {
      const rows = this.#store.all(sql, this.#site, ...this.#indexNames, ...after);
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      after = next(last);
    }
  }
}

/** As `candidatesOf` of domain/reference.ts: of a folder its index files, of another name itself and those below it. */
function candidatesSql(indexNames: readonly string[]): string {
  const folder = "CASE WHEN l.target = '/' THEN '' WHEN l.target LIKE '%/' THEN l.target ELSE l.target || '/' END";
  const own = "CASE WHEN l.target LIKE '%/' THEN NULL ELSE l.target END";
  return [own, ...indexNames.map((name) => `${folder} || ${name}`)].join(', ');
}

function toReference(row: Row): Reference {
  const reference = parseReference(text(row['target']));
  if (reference === undefined) throw new TypeError('a link that is none');
  return reference;
}

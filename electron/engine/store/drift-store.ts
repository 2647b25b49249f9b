import type { Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Row, Store } from './open.ts';
import { int, optionalInt, path as toPath, text, textOrNull } from './rows.ts';

/** What stands at a path instead of what was published; null: nothing. */
export interface Standing {
  readonly size: number;
  readonly mtime: Millis;
}

export interface DriftRow {
  readonly path: SitePath;
  readonly state: 'found' | 'kept' | 'replaced';
  readonly standing: Standing | null;
  /** Of what was replaced, where it is kept. */
  readonly sha256: string | null;
  readonly at: Millis;
}

/** What a mirror knows of files that somebody else has changed. Almost always empty: then it costs nothing. */
export class DriftStore {
  readonly #store: Store;
  readonly #site: number;
  /** Rows that are not `replaced`. */
  #open: number;

  constructor(store: Store, site: number) {
    this.#store = store;
    this.#site = site;
    this.#open = this.#count();
  }

  note(path: SitePath, state: 'found' | 'kept', standing: Standing | null, at: Millis): void {
    this.#set(path, state, standing, null, at);
    this.#store.run(
      "DELETE FROM drift WHERE site = ? AND path = ? AND state <> ? AND state <> 'replaced'",
      this.#site,
      path,
      state,
    );
    this.#recount();
  }

  noteReplaced(path: SitePath, standing: Standing, sha256: string | null, at: Millis): void {
    this.#set(path, 'replaced', standing, sha256, at);
  }

  /** It was not replaced after all. */
  forgetReplaced(path: SitePath): void {
    this.#store.run("DELETE FROM drift WHERE site = ? AND path = ? AND state = 'replaced'", this.#site, path);
  }

  /** What was found, or is kept, at a path. */
  open(path: SitePath): DriftRow | undefined {
    if (this.#open === 0) return undefined;
    const sql = "SELECT * FROM drift WHERE site = ? AND path = ? AND state <> 'replaced'";
    const row = this.#store.get(sql, this.#site, path);
    return row && toDrift(row);
  }

  in(state: DriftRow['state'], limit: number): DriftRow[] {
    if (state !== 'replaced' && this.#open === 0) return [];
    const sql = 'SELECT * FROM drift WHERE site = ? AND state = ? ORDER BY path LIMIT ?';
    return this.#store.all(sql, this.#site, state, limit).map(toDrift);
  }

  countFound(): number {
    if (this.#open === 0) return 0;
    const sql = "SELECT count(*) AS n FROM drift WHERE site = ? AND state = 'found'";
    return int(this.#store.get(sql, this.#site)?.['n']);
  }

  /** What stands there is what was published, or is about to be: within the transaction that decides it. */
  settle(path: SitePath): void {
    if (this.#open === 0) return;
    this.#store.run("DELETE FROM drift WHERE site = ? AND path = ? AND state <> 'replaced'", this.#site, path);
    this.#recount();
  }

  trim(before: Millis): void {
    this.#store.run("DELETE FROM drift WHERE site = ? AND state = 'replaced' AND at < ?", this.#site, before);
  }

  #set(path: SitePath, state: DriftRow['state'], standing: Standing | null, sha256: string | null, at: Millis): void {
    this.#store.run(
      'INSERT OR REPLACE INTO drift (site, path, state, size, mtime, sha256, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      this.#site,
      path,
      state,
      standing?.size ?? null,
      standing?.mtime ?? null,
      sha256,
      at,
    );
  }

  #recount(): void {
    this.#store.committed(() => {
      this.#open = this.#count();
    });
  }

  #count(): number {
    const sql = "SELECT count(*) AS n FROM drift WHERE site = ? AND state <> 'replaced'";
    return int(this.#store.get(sql, this.#site)?.['n']);
  }
}

function toDrift(row: Row): DriftRow {
  const size = optionalInt(row['size']);
  const state = text(row['state']);
  return {
    path: toPath(row['path']),
    state: state === 'kept' || state === 'replaced' ? state : 'found',
    standing: size === undefined ? null : { size, mtime: int(row['mtime']) },
    sha256: textOrNull(row['sha256'] ?? null),
    at: int(row['at']),
  };
}

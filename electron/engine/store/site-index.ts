import type { Change, Content, Entry, Present, Sha256 } from '../../../shared/domain/change.ts';
import { rebaseWithin, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { Links } from './links.ts';
import type { Row, Store } from './open.ts';
import { int, path as pathOf, text, toEntry } from './rows.ts';
import { findTooLong } from './too-long.ts';
import { within, withinValues } from './within.ts';

/** Entries that are read in one go. */
const PAGE = 1000;

/** What the index was before changes that are not confirmed. */
export interface Before {
  readonly entries: Row[];
  readonly links: Row[];
  /** Names whose links, and those of all below, are replaced. */
  readonly names: Set<SitePath>;
}

export function nothingBefore(): Before {
  return { entries: [], links: [], names: new Set() };
}

/** A copy that says nothing of one path. */
export function without({ entries, links, names }: Before, path: SitePath): Before {
  return {
    entries: entries.filter((row) => text(row['path']) !== path),
    links: links.filter((row) => text(row['page']) !== path),
    names: new Set([...names].filter((name) => name !== path)),
  };
}

/** What a published site has: its files and folders, with tombstones of what is gone, and where its pages link to. */
export class SiteIndex {
  /** Where its files link to. */
  readonly links: Links;
  readonly #store: Store;
  readonly #site: number;

  constructor(store: Store, site: number) {
    this.#store = store;
    this.#site = site;
    this.links = new Links(store, site);
  }

  /** Without its links. Undefined: nothing is there. */
  entry(path: SitePath): Present | undefined {
    const row = this.#store.get("SELECT * FROM entry WHERE site = ? AND path = ? AND kind <> 'gone'", this.#site, path);
    if (!row) return undefined;
    const entry = toEntry(row);
    return entry.kind === 'gone' ? undefined : entry;
  }

  /** A page of the index: what is there after `path`, in the order of the paths' UTF-8 bytes. */
  page(path: string, limit: number): Present[] {
    const sql = "SELECT * FROM entry WHERE site = ? AND path > ? AND kind <> 'gone' ORDER BY path LIMIT ?";
    return this.#store.all(sql, this.#site, path, limit).flatMap((row) => {
      const entry = toEntry(row);
      if (entry.kind === 'gone') return [];
      return [entry.kind === 'file' ? this.withRefs(entry.path, entry) : entry];
    });
  }

  /** The same without links, up to and including `through` (null: the end). */
  bareBetween(after: string, through: string | null, limit: number): Present[] {
    const sql = `SELECT * FROM entry WHERE site = ?1 AND path > ?2 AND (?3 IS NULL OR path <= ?3) AND kind <> 'gone'
      ORDER BY path LIMIT ?4`;
    return this.#store.all(sql, this.#site, after, through, limit).flatMap((row) => {
      const entry = toEntry(row);
      return entry.kind === 'gone' ? [] : [entry];
    });
  }

  hasBelow(folder: SitePath): boolean {
    const sql = "SELECT 1 FROM entry WHERE site = ? AND path > ? || '/' AND path < ? || '0' AND kind <> 'gone' LIMIT 1";
    return this.#store.get(sql, this.#site, folder, folder) !== undefined;
  }

  /** What is there below `folder`, itself not included, in the order of the paths' UTF-8 bytes. */
  below(folder: SitePath): Present[] {
    const range = folder === ROOT ? '' : "AND path > ? || '/' AND path < ? || '0'";
    const sql = `SELECT * FROM entry WHERE site = ? ${range} AND kind <> 'gone' ORDER BY path`;
    return this.#store.all(sql, this.#site, ...(folder === ROOT ? [] : [folder, folder])).flatMap((row) => {
      const entry = toEntry(row);
      return entry.kind === 'gone' ? [] : [entry];
    });
  }

  /** The same a page at a time, for whoever lets others have their turn: what they change meanwhile is told or not. Not of the root. */
  *eachBelow(folder: SitePath): Generator<Present> {
    const sql = `SELECT * FROM entry WHERE site = ? AND path > ? AND path < ? || '0' AND kind <> 'gone'
      ORDER BY path LIMIT ${PAGE}`;
    for (let after = `${folder}/`; ; ) {
      const rows = this.#store.all(sql, this.#site, after, folder);
      for (const row of rows) {
        const entry = toEntry(row);
        if (entry.kind !== 'gone') yield entry;
        after = entry.path;
      }
      if (rows.length < PAGE) return;
    }
  }

  /** Throws `path.too-long` where a rename of a folder would give what is below it a path that no site can hold. */
  requireShort(from: SitePath, to: SitePath): void {
    const found = findTooLong(this.#store, 'entry', this.#site, from, to);
    if (found !== undefined) rebaseWithin(found, from, to);
  }

  /** Files with this content. */
  withContent(sha256: Sha256): SitePath[] {
    const sql = "SELECT path FROM entry INDEXED BY entry_by_hash WHERE site = ? AND sha256 = ? AND kind = 'file'";
    return this.#store.all(sql, this.#site, sha256).map((row) => pathOf(row['path']));
  }

  /** Paths of files after a path, in the order of their bytes. */
  filePaths(after: string, limit: number): SitePath[] {
    const sql = "SELECT path FROM entry WHERE site = ? AND path > ? AND kind = 'file' ORDER BY path LIMIT ?";
    return this.#store.all(sql, this.#site, after, limit).map((row) => pathOf(row['path']));
  }

  files(): number {
    return int(this.#store.get("SELECT count(*) AS n FROM entry WHERE site = ? AND kind = 'file'", this.#site)?.['n']);
  }

  /** With where it leads, where that is anywhere. */
  withRefs<T extends Content>(path: SitePath, file: T): T {
    const refs = this.links.of(path);
    return refs.length === 0 ? file : { ...file, refs };
  }

  /** Drops tombstones of changes up to `seq`. */
  trim(seq: number): void {
    this.#store.run("DELETE FROM entry WHERE site = ? AND kind = 'gone' AND seq <= ?", this.#site, seq);
  }

  /** Within the transaction that journals it: what the change makes of the index. */
  apply(change: Change): void {
    const { path, seq } = change;
    switch (change.op) {
      case 'put':
        this.links.set(path, change.refs);
        return this.#set({ ...change, kind: 'file' });
      case 'mkdir':
        return this.#set({ kind: 'dir', path, seq });
      case 'delete':
        this.links.set(path, undefined);
        return this.#set({ kind: 'gone', path, seq });
      case 'rmdir':
        return this.#set({ kind: 'gone', path, seq });
      case 'rename':
        this.links.removeWithin(path);
        this.links.move(change.from, path);
        if (change.content) this.links.set(path, change.content.refs);
        return this.#move(change.from, path, seq);
    }
  }

  /** Adds to `before` the rows that a change replaces, as they were up to `head`. */
  note(change: Change, head: number, { entries, links, names }: Before): void {
    const sql = 'SELECT * FROM entry WHERE site = ? AND seq <= ?';
    for (const name of change.op === 'rename' ? [change.from, change.path] : [change.path]) {
      const rows =
        change.op === 'rename'
          ? this.#store.all(`${sql} AND ${within()}`, this.#site, head, ...withinValues(name))
          : this.#store.all(`${sql} AND path = ?`, this.#site, head, name);
      // A folder may hold more than a call takes arguments.
      for (const row of rows) entries.push(row);
      // A second change of the same path finds what the first has written.
      if (!names.has(name)) for (const row of this.links.rowsWithin(name)) links.push(row);
      names.add(name);
    }
  }

  /** What was noted is there again, and what was written beyond `head` is not. */
  restore({ entries, links, names }: Before, head: number): void {
    this.#store.run('DELETE FROM entry WHERE site = ? AND seq > ?', this.#site, head);
    for (const row of entries) this.#set(toEntry(row));
    for (const name of names) this.links.removeWithin(name);
    this.links.restore(links);
  }

  #set(entry: Entry): void {
    const content = entry.kind === 'file' ? entry : undefined;
    this.#store.run(
      'INSERT OR REPLACE INTO entry (site, path, kind, size, mtime, sha256, seq) VALUES (?, ?, ?, ?, ?, ?, ?)',
      this.#site,
      entry.path,
      entry.kind,
      content?.size ?? null,
      content?.mtime ?? null,
      content?.sha256 ?? null,
      entry.seq,
    );
  }

  #move(from: SitePath, to: SitePath, seq: number): void {
    const moved = `site = ? AND ${within()} AND kind <> 'gone'`;
    this.#store.run(
      `INSERT OR REPLACE INTO entry (site, path, kind, size, mtime, sha256, seq)
       SELECT site, ? || substr(path, length(?) + 1), kind, size, mtime, sha256, ? FROM entry WHERE ${moved}`,
      to,
      from,
      seq,
      this.#site,
      ...withinValues(from),
    );
    this.#store.run(
      `UPDATE entry SET kind = 'gone', size = NULL, mtime = NULL, sha256 = NULL, seq = ? WHERE ${moved}`,
      seq,
      this.#site,
      ...withinValues(from),
    );
  }
}

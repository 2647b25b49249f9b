import type { Change, Content, Millis, Present, Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Target } from '../core/want.ts';
import { Belonging } from './belonging.ts';
import { type Compared, saveCompared, type Told, toCompared } from './compared.ts';
import { Links } from './links.ts';
import type { Row, Store } from './open.ts';
import { int, optionalInt, textOrNull, toEntry } from './rows.ts';
import { Transfers } from './transfers.ts';
import { newWant } from './want-rows.ts';
import { Wants } from './wants.ts';
import { within, withinValues } from './within.ts';

/** The seq of an entry of what somebody else has made of a file: it stands there, and the master's is wanted again. */
export const FOREIGN_SEQ = -1;
/** The seq of an entry of a version that stays, as a newer one was given up: the master may not have it any more. */
export const GIVEN_UP_SEQ = -2;

/** What the entry tells of can be had from the master. */
export function isMasters({ seq }: Present): boolean {
  return seq !== FOREIGN_SEQ && seq !== GIVEN_UP_SEQ;
}

/** Everything a mirror knows of one site that it follows. Synchronous; callers group writes in `store.transaction`. */
export class MirrorState {
  readonly site: number;
  readonly store: Store;
  readonly transfers: Transfers;
  /** Where the published files link to. */
  readonly links: Links;
  readonly belonging: Belonging;
  /** What is under way. */
  readonly wants: Wants;
  /** Publications that are decided and not visible yet: seqs by plan. */
  readonly inFlight = new Map<number, number>();
  #journal: string | null;
  #cursor: number;
  #term: string | null;
  #compared: Compared | undefined;
  #era = 0;

  constructor(store: Store, name: string) {
    this.store = store;
    store.run('INSERT INTO site (name) VALUES (?) ON CONFLICT DO NOTHING', name);
    const row = store.get('SELECT * FROM site WHERE name = ?', name);
    this.site = int(row?.['id']);
    this.#journal = textOrNull(row?.['journal']);
    this.#cursor = int(row?.['seq']);
    this.#term = textOrNull(row?.['term']);
    this.#compared = toCompared(row);
    this.transfers = new Transfers(store, this.site);
    this.links = new Links(store, this.site);
    this.belonging = new Belonging(store, this.site);
    this.wants = new Wants(store, this.site);
  }

  get journal(): string | null {
    return this.#journal;
  }

  /** The last seq durably received. */
  get cursor(): number {
    return this.#cursor;
  }

  /** The master's term in which it was told; null: not known. */
  get term(): string | null {
    return this.#term;
  }

  moveCursor(journal: string, seq: number, term: string | null): void {
    const sql = 'UPDATE site SET journal = ?, seq = ?, term = ? WHERE id = ?';
    this.store.run(sql, journal, seq, term, this.site);
    this.#journal = journal;
    this.#cursor = seq;
    this.#term = term;
  }

  /**
   * The last that was told of a journal, where that is more than a cursor in `journal` (null: none) tells: also of an index that was not
   * compared to the end, or of what was missed and not told to the end. A master that has never got as far was put back. Undefined: no
   * more, or nobody knows.
   */
  toldBeyond(cursorOf: string | null): Told | undefined {
    if (cursorOf !== null && !this.#compared) return undefined;
    const { journal, seq, term } = this.#compared ?? { journal: this.#journal, seq: this.#cursor, term: this.#term };
    return journal === null || term === null ? undefined : { journal, seq, term };
  }

  /**
   * The index of this journal is being compared, or has told of changes up to there that were made meanwhile, or what was missed up to
   * there, or more of one change, is being told; undefined: what is known is all that there is up to the cursor.
   */
  get compared(): Compared | undefined {
    return this.#compared;
  }

  noteCompared(compared: Compared | undefined): void {
    saveCompared(this.store, this.site, compared);
    this.#compared = compared;
  }

  /** All that there was up to here is known; of what came after it a part may be, in whatever order. */
  get knownTo(): number {
    return this.#compared?.since ?? this.#cursor;
  }

  /** True where all changes of a release have been heard: then it is never shown in part. */
  hasHeardOf(release: number): boolean {
    return this.#cursor >= release && this.#compared === undefined;
  }

  /** After a transaction that failed: what the database says. */
  reload(): void {
    const row = this.store.get('SELECT * FROM site WHERE id = ?', this.site);
    this.#journal = textOrNull(row?.['journal']);
    this.#cursor = int(row?.['seq']);
    this.#term = textOrNull(row?.['term']);
    this.#compared = toCompared(row);
    this.belonging.reload();
  }

  /** Everything up to here is visible. */
  publishedSeq(): number {
    const first = this.wants.firstSeq();
    const open = [...this.inFlight.values(), ...(first === undefined ? [] : [first])];
    return Math.min(this.#cursor, ...open.map((seq) => Math.max(0, seq - 1)));
  }

  /** Another one from `forgetSeqs` on. */
  get era(): number {
    return this.#era;
  }

  files(): number {
    return int(this.store.get("SELECT count(*) AS n FROM entry WHERE site = ? AND kind = 'file'", this.site)?.['n']);
  }

  counts(): { waiting: number; failing: number; held: number } {
    const wanted = this.wants.count();
    const waiting = wanted + this.inFlight.size;
    if (wanted === 0) return { waiting, failing: 0, held: 0 };
    return { waiting, failing: this.wants.countFailing(), held: this.wants.countInState('held') };
  }

  entry(path: SitePath): Present | undefined {
    const row = this.store.get('SELECT * FROM entry WHERE site = ? AND path = ?', this.site, path);
    return row && this.#withRefs(toPresent(row));
  }

  /** What is published at a path; undefined: nothing. */
  kindAt(path: SitePath): Present['kind'] | undefined {
    const row = this.store.get('SELECT kind FROM entry WHERE site = ? AND path = ?', this.site, path);
    return row && (row['kind'] === 'file' ? 'file' : 'dir');
  }

  /** The content of the file that is published at a path. */
  hashAt(path: SitePath): Sha256 | undefined {
    const sql = "SELECT sha256 FROM entry WHERE site = ? AND path = ? AND kind = 'file'";
    return textOrNull(this.store.get(sql, this.site, path)?.['sha256'] ?? null) ?? undefined;
  }

  /** The change that the file that is published at a path is of. */
  seqAt(path: SitePath): number | undefined {
    const sql = "SELECT seq FROM entry WHERE site = ? AND path = ? AND kind = 'file'";
    return optionalInt(this.store.get(sql, this.site, path)?.['seq']);
  }

  setEntry(path: SitePath, target: Exclude<Target, { kind: 'gone' }>, seq: number): void {
    const content = target.kind === 'file' ? target : undefined;
    this.store.run(
      'INSERT OR REPLACE INTO entry (site, path, kind, size, mtime, sha256, seq) VALUES (?, ?, ?, ?, ?, ?, ?)',
      this.site,
      path,
      target.kind,
      content?.size ?? null,
      content?.mtime ?? null,
      content?.sha256 ?? null,
      seq,
    );
    if (!content) return;
    this.links.set(path, content.refs);
    this.belonging.keepMissing(path, content.refs ?? []);
  }

  dropEntry(path: SitePath): void {
    this.links.set(path, undefined);
    this.belonging.keepMissing(path, []);
    this.store.run('DELETE FROM entry WHERE site = ? AND path = ?', this.site, path);
  }

  /** Moves an entry and all below it to another name. What is not the master's does not become so by that. */
  moveEntries(from: SitePath, to: SitePath, seq: number): void {
    this.links.removeWithin(to);
    this.links.move(from, to);
    this.belonging.movePages(from, to);
    this.store.run(
      `UPDATE OR REPLACE entry SET path = ? || substr(path, length(?) + 1), seq = CASE WHEN seq < 0 THEN seq ELSE ? END
       WHERE site = ? AND ${within()}`,
      to,
      from,
      seq,
      this.site,
      ...withinValues(from),
    );
  }

  /** A page of the index, in the order of the paths' UTF-8 bytes. */
  entriesAfter(after: string, limit: number): Present[] {
    const sql = 'SELECT * FROM entry WHERE site = ? AND path > ? ORDER BY path LIMIT ?';
    return this.store.all(sql, this.site, after, limit).map(toPresent);
  }

  /** What the index has below a folder, so many at most. */
  entriesBelow(folder: SitePath, limit: number): Present[] {
    const sql = "SELECT * FROM entry WHERE site = ? AND path > ? || '/' AND path < ? || '0' LIMIT ?";
    return this.store.all(sql, this.site, folder, folder, limit).map(toPresent);
  }

  /** What is published at a path and below it. */
  entriesWithin(folder: SitePath): Present[] {
    const sql = `SELECT * FROM entry WHERE site = ? AND ${within()} ORDER BY path`;
    const rows = this.store.all(sql, this.site, ...withinValues(folder));
    return rows.map((row) => this.#withRefs(toPresent(row)));
  }

  hasBelow(folder: SitePath): boolean {
    const sql = "SELECT 1 FROM entry WHERE site = ? AND path > ? || '/' AND path < ? || '0' LIMIT 1";
    return this.store.get(sql, this.site, folder, folder) !== undefined;
  }

  /** A published file with this content, under whatever name. */
  withHash(sha256: string): Extract<Present, { kind: 'file' }> | undefined {
    // Left to itself SQLite looks through all of the site by the primary key.
    const row = this.store.get(
      "SELECT * FROM entry INDEXED BY entry_by_hash WHERE site = ? AND sha256 = ? AND kind = 'file' LIMIT 1",
      this.site,
      sha256,
    );
    const entry = row && toPresent(row);
    return entry?.kind === 'file' ? entry : undefined;
  }

  /** What all paths after `after` up to `through` (null: the end) will hold, in the order of their UTF-8 bytes. */
  desiredBetween(after: string, through: string | null): Present[] {
    const range = through === null ? 'path > ?' : 'path > ? AND path <= ?';
    return this.#desired(range, through === null ? [after] : [after, through]);
  }

  /** What `folder` and all below it will hold. */
  desiredWithin(folder: SitePath): Present[] {
    return this.#desired(within(), withinValues(folder)).map((entry) => {
      const target = this.wants.of(entry.path)?.target;
      return target?.kind === 'file' ? { ...entry, ...target } : this.#withRefs(entry);
    });
  }

  /** Another journal is begun: seqs of the one before say nothing any more, nor do its releases. */
  forgetSeqs(): void {
    this.store.committed(() => {
      this.#era += 1;
    });
    this.store.run('UPDATE entry SET seq = 0 WHERE site = ? AND seq > 0', this.site);
    this.wants.forgetSeqs();
    this.transfers.forgetSeqs();
  }

  /** The mirror's own filter as of the last comparison with the master's whole index; null: in the middle of one, or before the first. */
  get filter(): string | null {
    return textOrNull(this.store.get('SELECT filter FROM site WHERE id = ?', this.site)?.['filter']);
  }

  saveFilter(filter: string | null): void {
    this.store.run('UPDATE site SET filter = ? WHERE id = ?', filter, this.site);
  }

  /**
   * What is published at a path is not there: it is wanted once more, and waits for nothing. Resolves the transfer. `standing`:
   * what is there instead of a file; it goes, too, where the master deletes the file before its own has come back.
   */
  wantAgain(entry: Present, at: Millis, standing?: Content): number {
    const { path, seq } = entry;
    this.dropEntry(path);
    if (standing && entry.kind === 'file') this.setEntry(path, { kind: 'file', ...standing }, FOREIGN_SEQ);
    const change: Change = entry.kind === 'file' ? { op: 'put', ...entry, at } : { op: 'mkdir', path, seq, at };
    const transfer = this.transfers.add(change, entry.kind === 'file' ? 'fetch' : 'mkdir', 'queued', at);
    this.wants.set({ ...newWant(at), path, target: entry, seq, transfer, forced: true });
    return transfer;
  }

  /** The clock was set by so much: what waits has begun, and is tried again, as much later. */
  clockSet(by: Millis): void {
    this.store.transaction(() => {
      this.wants.clockSet(by);
      this.transfers.clockSet(by);
      this.belonging.clockSet(by);
    });
  }

  /** At start the clock is all there is: nothing has begun later than now, and what failed is not left for longer than it may be. */
  notLaterThan(now: Millis): void {
    this.store.transaction(() => {
      this.wants.notLaterThan(now);
      this.belonging.notLaterThan(now);
    });
  }

  #withRefs(entry: Present): Present {
    if (entry.kind !== 'file') return entry;
    const refs = this.links.of(entry.path);
    return refs.length === 0 ? entry : { ...entry, refs };
  }

  #desired(range: string, values: string[]): Present[] {
    return this.store
      .all(
        `SELECT path, kind, size, mtime, sha256, seq FROM want WHERE site = ? AND ${range} AND kind <> 'gone'
         UNION ALL
         SELECT e.path, e.kind, e.size, e.mtime, e.sha256, e.seq FROM entry e WHERE e.site = ? AND ${range.replaceAll('path', 'e.path')}
           AND NOT EXISTS (SELECT 1 FROM want w WHERE w.site = e.site AND w.path = e.path)
         ORDER BY path`,
        this.site,
        ...values,
        this.site,
        ...values,
      )
      .map(toPresent);
  }
}

function toPresent(row: Row): Present {
  const entry = toEntry(row);
  if (entry.kind === 'gone') throw new TypeError('a mirror keeps no tombstones');
  return entry;
}

import type { Change, Content, Millis, Present, Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { RETRY_MILLIS_MAX } from '../core/retry.ts';
import type { Target, Want, WantState } from '../core/want.ts';
import { Belonging } from './belonging.ts';
import { type Compared, saveCompared, type Told, toCompared } from './compared.ts';
import { Links } from './links.ts';
import type { Row, Store } from './open.ts';
import { int, optionalInt, path as toPath, text, textOrNull, toEntry } from './rows.ts';
import { Transfers } from './transfers.ts';
import { newWant, toWant } from './want-rows.ts';
import { within, withinValues } from './within.ts';

/** What is known of a file that can be fetched, without all of its want. */
export interface QueuedFile {
  readonly path: SitePath;
  readonly sha256: Sha256;
}

/** Wants that are in memory at once where all of them are looked at. */
const WANTS_READ = 500;

/** Larger files take a lane of their own. The indexes `want_small` and `want_large` hold the same number. */
export const LARGE_BYTES = 1_048_576;

/** The seq of an entry of what somebody else has made of a file: it stands there, and the master's is wanted again. */
export const FOREIGN_SEQ = -1;

/** As the index has it. */
const RETRIED = "site = ? AND state = 'queued' AND error IS NOT NULL";

/** Everything a mirror knows of one site that it follows. Synchronous; callers group writes in `store.transaction`. */
export class MirrorState {
  readonly site: number;
  readonly store: Store;
  readonly transfers: Transfers;
  /** Where the published files link to. */
  readonly links: Links;
  readonly belonging: Belonging;
  #journal: string | null;
  #cursor: number;
  #term: string | null;
  #compared: Compared | undefined;

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
   * The last that was told of a journal, also where that was its index, and not to the end: a master that has never got as far was put
   * back. Undefined: nothing, or nobody knows.
   */
  get told(): Told | undefined {
    const { journal, seq, term } = this.#compared ?? { journal: this.#journal, seq: this.#cursor, term: this.#term };
    return journal === null || term === null ? undefined : { journal, seq, term };
  }

  /**
   * The index of this journal is being compared, or has told of changes up to there that were made meanwhile; undefined: what is known
   * is all that there is up to the cursor.
   */
  get compared(): Compared | undefined {
    return this.#compared;
  }

  noteCompared(compared: Compared | undefined): void {
    saveCompared(this.store, this.site, compared);
    this.#compared = compared;
  }

  /** All of a release is known here: nobody is shown a part of it. */
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

  /** Publications that are decided and not visible yet: seqs by plan. */
  readonly inFlight = new Map<number, number>();

  /** Everything up to here is visible. */
  publishedSeq(): number {
    const first = this.store.get('SELECT min(seq) AS seq FROM want WHERE site = ?', this.site)?.['seq'];
    const open = [...this.inFlight.values(), ...(typeof first === 'number' ? [first] : [])];
    return Math.min(this.#cursor, ...open.map((seq) => Math.max(0, seq - 1)));
  }

  /** When the oldest change was made that is not published here. */
  oldestWanted(): Millis | undefined {
    const row = this.store.get('SELECT changed_at AS at FROM want WHERE site = ? ORDER BY seq LIMIT 1', this.site);
    return row === undefined ? undefined : int(row['at']);
  }

  files(): number {
    return int(this.store.get("SELECT count(*) AS n FROM entry WHERE site = ? AND kind = 'file'", this.site)?.['n']);
  }

  counts(): { waiting: number; failing: number; held: number } {
    const row = this.store.get('SELECT count(*) AS waiting FROM want WHERE site = ?', this.site);
    return {
      waiting: int(row?.['waiting']) + this.inFlight.size,
      failing: this.countInState('failed') + this.#countRetried(),
      held: this.countInState('held'),
    };
  }

  // ---- the index of what is published -----------------------------------------------------------------------

  entry(path: SitePath): Present | undefined {
    const row = this.store.get('SELECT * FROM entry WHERE site = ? AND path = ?', this.site, path);
    return row && this.#withRefs(toPresent(row));
  }

  /** The content of the file that is published at a path. */
  hashAt(path: SitePath): Sha256 | undefined {
    const sql = "SELECT sha256 FROM entry WHERE site = ? AND path = ? AND kind = 'file'";
    return textOrNull(this.store.get(sql, this.site, path)?.['sha256'] ?? null) ?? undefined;
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

  /** Moves an entry and all below it to another name. */
  moveEntries(from: SitePath, to: SitePath, seq: number): void {
    this.links.removeWithin(to);
    this.links.move(from, to);
    this.belonging.movePages(from, to);
    this.store.run(
      `UPDATE OR REPLACE entry SET path = ? || substr(path, length(?) + 1), seq = ? WHERE site = ? AND ${within()}`,
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

  // ---- wants --------------------------------------------------------------------------------------------------

  want(path: SitePath): Want | undefined {
    const row = this.store.get('SELECT * FROM want WHERE site = ? AND path = ?', this.site, path);
    return row && toWant(row);
  }

  /** What all paths after `after` up to `through` (null: the end) will hold, in the order of their UTF-8 bytes. */
  desiredBetween(after: string, through: string | null): Present[] {
    const range = through === null ? 'path > ?' : 'path > ? AND path <= ?';
    return this.#desired(range, through === null ? [after] : [after, through]);
  }

  /** What `folder` and all below it will hold. */
  desiredWithin(folder: SitePath): Present[] {
    return this.#desired(within(), withinValues(folder)).map((entry) => {
      const target = this.want(entry.path)?.target;
      return target?.kind === 'file' ? { ...entry, ...target } : this.#withRefs(entry);
    });
  }

  /** True when work is under way at `path` or below it. */
  hasWantWithin(path: SitePath): boolean {
    const sql = `SELECT 1 FROM want WHERE site = ? AND ${within()} LIMIT 1`;
    return this.store.get(sql, this.site, ...withinValues(path)) !== undefined;
  }

  /** True when work is under way below the folder. */
  hasWantBelow(folder: SitePath): boolean {
    const sql = "SELECT 1 FROM want WHERE site = ? AND path > ? || '/' AND path < ? || '0' LIMIT 1";
    return this.store.get(sql, this.site, folder, folder) !== undefined;
  }

  /** True when what was fetched of this content is of use, now or at the next attempt. */
  isNeeded(sha256: string): boolean {
    const sql = `SELECT 1 FROM want INDEXED BY want_by_hash
      WHERE site = ? AND sha256 = ? AND kind = 'file' AND state <> 'ready' LIMIT 1`;
    return this.store.get(sql, this.site, sha256) !== undefined;
  }

  /** Name in the staging folder of a file with this content that waits for what belongs to it. */
  stagedWithHash(sha256: string): string | undefined {
    const sql = `SELECT staged FROM want INDEXED BY want_by_hash
      WHERE site = ? AND sha256 = ? AND kind = 'file' AND state = 'ready' AND staged IS NOT NULL LIMIT 1`;
    const row = this.store.get(sql, this.site, sha256);
    return row && text(row['staged']);
  }

  /** Files of this content that are wanted, so many at most. */
  wantedWithHash(sha256: string, limit: number): Want[] {
    const sql = "SELECT * FROM want INDEXED BY want_by_hash WHERE site = ? AND sha256 = ? AND kind = 'file' LIMIT ?";
    return this.store.all(sql, this.site, sha256, limit).map(toWant);
  }

  /** The name in the staging folder belongs to a file that is ready. */
  isStaged(name: string): boolean {
    return this.store.get('SELECT 1 FROM want WHERE site = ? AND staged = ? LIMIT 1', this.site, name) !== undefined;
  }

  /** A page of all wants, in the order of their paths. */
  wantsAfter(after: string, limit: number): Want[] {
    const sql = 'SELECT * FROM want WHERE site = ? AND path > ? ORDER BY path LIMIT ?';
    return this.store.all(sql, this.site, after, limit).map(toWant);
  }

  /** All wants, in the order of their paths: a page of them at a time, however many there are. */
  *wants(): Generator<Want> {
    for (let after = ''; ; ) {
      const page = this.wantsAfter(after, WANTS_READ);
      yield* page;
      const last = page.at(-1);
      if (!last || page.length < WANTS_READ) return;
      after = last.path;
    }
  }

  hasWantOf(release: number): boolean {
    return (
      this.store.get('SELECT 1 FROM want WHERE site = ? AND release = ? LIMIT 1', this.site, release) !== undefined
    );
  }

  /** Another journal is begun: seqs of the one before say nothing any more. */
  forgetSeqs(): void {
    this.store.run('UPDATE entry SET seq = 0 WHERE site = ? AND seq > 0', this.site);
    this.store.run('UPDATE want SET seq = 0 WHERE site = ?', this.site);
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
    this.setWant({ ...newWant(at), path, target: entry, seq, transfer, forced: true });
    return transfer;
  }

  setWant(want: Want): void {
    const content = want.target.kind === 'file' ? want.target : undefined;
    this.store.run(
      `INSERT OR REPLACE INTO want (site, path, kind, size, mtime, sha256, seq, transfer, part, state, attempts, next_at, error,
         since, changed_at, refs, release, forced, staged)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      this.site,
      want.path,
      want.target.kind,
      content?.size ?? null,
      content?.mtime ?? null,
      content?.sha256 ?? null,
      want.seq,
      want.transfer,
      want.part ? 1 : 0,
      want.state,
      want.attempts,
      want.nextAt,
      want.error && JSON.stringify(want.error),
      want.since,
      want.changedAt,
      content?.refs ? JSON.stringify(content.refs) : null,
      want.release,
      want.forced ? 1 : 0,
      want.staged,
    );
  }

  dropWant(path: SitePath): void {
    this.store.run('DELETE FROM want WHERE site = ? AND path = ?', this.site, path);
  }

  /** Files that can be fetched, in the order of the journal; `large`: above 1 MiB. */
  queuedFiles(lane: 'small' | 'large', limit: number): QueuedFile[] {
    const size = lane === 'large' ? `size > ${LARGE_BYTES}` : `size <= ${LARGE_BYTES}`;
    return this.store
      .all(
        `SELECT path, sha256 FROM want INDEXED BY want_${lane} WHERE site = ? AND kind = 'file' AND state = 'queued' AND ${size}
         ORDER BY seq, path LIMIT ?`,
        this.site,
        limit,
      )
      .map((row) => ({ path: toPath(row['path']), sha256: text(row['sha256']) }));
  }

  queuedDirs(limit: number): Want[] {
    const sql = `SELECT * FROM want INDEXED BY want_dir WHERE site = ? AND kind = 'dir' AND state = 'queued' ORDER BY path LIMIT ?`;
    return this.store.all(sql, this.site, limit).map(toWant);
  }

  /** Deletes, the deepest first; those whose content is still wanted elsewhere are left out. */
  queuedDeletes(limit: number): Want[] {
    return this.store
      .all(
        `SELECT w.* FROM want w INDEXED BY want_gone LEFT JOIN entry e ON e.site = w.site AND e.path = w.path
         WHERE w.site = ? AND w.kind = 'gone' AND w.state = 'queued'
           AND (e.kind = 'dir' OR NOT EXISTS (SELECT 1 FROM want c INDEXED BY want_by_hash
             WHERE c.site = w.site AND c.sha256 = e.sha256 AND c.kind = 'file' AND c.state = 'queued'))
         ORDER BY w.path DESC LIMIT ?`,
        this.site,
        limit,
      )
      .map(toWant);
  }

  hasQueuedDelete(): boolean {
    const sql = "SELECT 1 FROM want INDEXED BY want_gone WHERE site = ? AND kind = 'gone' AND state = 'queued' LIMIT 1";
    return this.store.get(sql, this.site) !== undefined;
  }

  inState(state: Exclude<WantState, 'queued'>, limit: number): Want[] {
    // Left to itself SQLite looks through all that is queued, in the order that is asked for.
    const sql = `SELECT * FROM want INDEXED BY want_by_state WHERE ${isInState(state)} ORDER BY seq, path LIMIT ?`;
    return this.store.all(sql, this.site, limit).map(toWant);
  }

  countInState(state: Exclude<WantState, 'queued'>): number {
    const sql = `SELECT count(*) AS n FROM want WHERE ${isInState(state)}`;
    return int(this.store.get(sql, this.site)?.['n']);
  }

  /** What has failed, also what is tried again at this moment: it has not come yet. */
  failing(limit: number): Want[] {
    const failed = this.inState('failed', limit);
    const sql = `SELECT * FROM want INDEXED BY want_retried WHERE ${RETRIED} ORDER BY seq, path LIMIT ?`;
    return [...this.store.all(sql, this.site, limit - failed.length).map(toWant), ...failed];
  }

  #countRetried(): number {
    const sql = `SELECT count(*) AS n FROM want INDEXED BY want_retried WHERE ${RETRIED}`;
    return int(this.store.get(sql, this.site)?.['n']);
  }

  /** Of such as would remove something: files only, without folders. */
  countFilesInState(state: 'guarded' | 'held'): number {
    const sql = `SELECT count(*) AS n FROM want w JOIN entry e ON e.site = w.site AND e.path = w.path
      WHERE w.site = ? AND w.state = '${state}' AND e.kind = 'file'`;
    return int(this.store.get(sql, this.site)?.['n']);
  }

  /** Wants whose name clashed with another are queued again: that one may be gone. */
  requeueClashes(): void {
    const sql = `UPDATE want SET state = 'queued' WHERE site = ? AND state = 'failed' AND error LIKE '{"code":"path.case-clash"%'`;
    this.store.run(sql, this.site);
  }

  /** Failed wants whose time has come are queued again; the time of the next one. */
  requeueDue(now: Millis): { requeued: number; next: Millis | undefined } {
    const failed = isInState('failed');
    const sql = `UPDATE want INDEXED BY want_by_state SET state = 'queued' WHERE ${failed} AND next_at <= ?`;
    const requeued = this.store.run(sql, this.site, now);
    const next = `SELECT min(next_at) AS at FROM want INDEXED BY want_by_state WHERE ${failed}`;
    const row = this.store.get(next, this.site);
    return { requeued, next: optionalInt(row?.['at']) };
  }

  /** The clock was set by so much: what waits has begun, and is tried again, as much later. */
  clockSet(by: Millis): void {
    const sql = `UPDATE want SET since = max(0, since + ?1), changed_at = max(0, changed_at + ?1), next_at = max(0, next_at + ?1)
      WHERE site = ?2`;
    this.store.transaction(() => {
      this.store.run(sql, by, this.site);
      this.transfers.clockSet(by);
      this.belonging.clockSet(by);
    });
  }

  /** At start the clock is all there is: nothing has begun later than now, and what failed is not left for longer than it may be. */
  notLaterThan(now: Millis): void {
    this.store.transaction(() => {
      this.store.run('UPDATE want SET since = ?1 WHERE site = ?2 AND since > ?1', now, this.site);
      const latest = now + RETRY_MILLIS_MAX;
      this.store.run('UPDATE want SET next_at = ?1 WHERE site = ?2 AND next_at > ?1', latest, this.site);
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

/**
 * As the partial index wants it. The state stands in the text: with a parameter SQLite prepares the statement anew at each run, to see
 * which index of a state it may use.
 */
function isInState(state: Exclude<WantState, 'queued'>): string {
  return `site = ? AND state = '${state}' AND state <> 'queued'`;
}

function toPresent(row: Row): Present {
  const entry = toEntry(row);
  if (entry.kind === 'gone') throw new TypeError('a mirror keeps no tombstones');
  return entry;
}

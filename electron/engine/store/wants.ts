import type { Millis, Sha256 } from '../../../shared/domain/change.ts';
import { nameOf, parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { RETRY_MILLIS_MAX } from '../core/retry.ts';
import type { Want, WantState } from '../core/want.ts';
import type { Store } from './open.ts';
import { int, optionalInt, path as toPath, text } from './rows.ts';
import { toWant } from './want-rows.ts';
import { within, withinValues } from './within.ts';

/** What is known of a file that can be fetched, without all of its want. */
export interface QueuedFile {
  readonly seq: number;
  readonly path: SitePath;
  readonly sha256: Sha256;
}

/** Wants that are in memory at once where all of them are looked at. */
const WANTS_READ = 500;

/** Of the wants of one content, how many are looked at. */
const TWINS_READ = 1_000;

/** Larger files take a lane of their own. The indexes `want_small` and `want_large` hold the same number. */
export const LARGE_BYTES = 1_048_576;

/** The name clashed with another on a disk that folds case. */
const CLASHED = `error LIKE '{"code":"path.case-clash"%'`;

/** As the index has it. */
const RETRIED = "site = ? AND state = 'queued' AND error IS NOT NULL";

/** What is under way at a mirror's site: for each path at most one target that is not published yet, and how it fares. */
export class Wants {
  readonly #store: Store;
  readonly #site: number;

  constructor(store: Store, site: number) {
    this.#store = store;
    this.#site = site;
  }

  /** The seq of the oldest change; undefined: nothing is under way. */
  firstSeq(): number | undefined {
    return optionalInt(this.#store.get('SELECT min(seq) AS seq FROM want WHERE site = ?', this.#site)?.['seq']);
  }

  count(): number {
    return int(this.#store.get('SELECT count(*) AS waiting FROM want WHERE site = ?', this.#site)?.['waiting']);
  }

  /** What has failed, also what is tried again at this moment. */
  countFailing(): number {
    return this.countInState('failed') + this.#countRetried();
  }

  of(path: SitePath): Want | undefined {
    const row = this.#store.get('SELECT * FROM want WHERE site = ? AND path = ?', this.#site, path);
    return row && toWant(row);
  }

  /** When the oldest change was made that is not published here. */
  oldestChange(): Millis | undefined {
    const row = this.#store.get('SELECT changed_at AS at FROM want WHERE site = ? ORDER BY seq LIMIT 1', this.#site);
    return row === undefined ? undefined : int(row['at']);
  }

  /** A page of all wants, in the order of their paths. */
  after(after: string, limit: number): Want[] {
    const sql = 'SELECT * FROM want WHERE site = ? AND path > ? ORDER BY path LIMIT ?';
    return this.#store.all(sql, this.#site, after, limit).map(toWant);
  }

  /** All wants, in the order of their paths: a page of them at a time, however many there are. */
  *all(): Generator<Want> {
    for (let after = ''; ; ) {
      const page = this.after(after, WANTS_READ);
      yield* page;
      const last = page.at(-1);
      if (!last || page.length < WANTS_READ) return;
      after = last.path;
    }
  }

  /** True when work is under way at `path` or below it. */
  hasWithin(path: SitePath): boolean {
    const sql = `SELECT 1 FROM want WHERE site = ? AND ${within()} LIMIT 1`;
    return this.#store.get(sql, this.#site, ...withinValues(path)) !== undefined;
  }

  /** True when work is under way below the folder. */
  hasBelow(folder: SitePath): boolean {
    const sql = "SELECT 1 FROM want WHERE site = ? AND path > ? || '/' AND path < ? || '0' LIMIT 1";
    return this.#store.get(sql, this.#site, folder, folder) !== undefined;
  }

  /** Where work is under way below the folder. */
  pathsBelow(folder: SitePath): SitePath[] {
    const sql = "SELECT path FROM want WHERE site = ? AND path > ? || '/' AND path < ? || '0'";
    return this.#store.all(sql, this.#site, folder, folder).map((row) => toPath(row['path']));
  }

  /** True when a file is wanted where a folder above the path is. */
  isFileAbove(path: SitePath): boolean {
    const sql = "SELECT 1 FROM want WHERE site = ? AND path = ? AND kind = 'file'";
    for (let folder = parentOf(path); folder !== ROOT; folder = parentOf(folder))
      if (this.#store.get(sql, this.#site, folder)) return true;
    return false;
  }

  hasOfRelease(release: number): boolean {
    return (
      this.#store.get('SELECT 1 FROM want WHERE site = ? AND release = ? LIMIT 1', this.#site, release) !== undefined
    );
  }

  /** True when what was fetched of this content is of use, now or at the next attempt. */
  isNeeded(sha256: string): boolean {
    const sql = `SELECT 1 FROM want INDEXED BY want_by_hash
      WHERE site = ? AND sha256 = ? AND kind = 'file' AND state <> 'ready' LIMIT 1`;
    return this.#store.get(sql, this.#site, sha256) !== undefined;
  }

  /** The name in the staging folder belongs to a file that is ready. */
  isStaged(name: string): boolean {
    return this.#store.get('SELECT 1 FROM want WHERE site = ? AND staged = ? LIMIT 1', this.#site, name) !== undefined;
  }

  /** Name in the staging folder of a file with this content that waits for what belongs to it. */
  stagedWithHash(sha256: string): string | undefined {
    const sql = `SELECT staged FROM want INDEXED BY want_by_hash
      WHERE site = ? AND sha256 = ? AND kind = 'file' AND state = 'ready' AND staged IS NOT NULL LIMIT 1`;
    const row = this.#store.get(sql, this.#site, sha256);
    return row && text(row['staged']);
  }

  /** Files of this content that are wanted, so many at most. */
  withHash(sha256: string, limit: number): Want[] {
    const sql = "SELECT * FROM want INDEXED BY want_by_hash WHERE site = ? AND sha256 = ? AND kind = 'file' LIMIT ?";
    return this.#store.all(sql, this.#site, sha256, limit).map(toWant);
  }

  /**
   * The release that a file of this content, told of before `seq`, waits with; where there are several, one that differs in the folder
   * only. Of so many with one content no more than some are looked at.
   */
  releaseOfTwin(path: SitePath, sha256: Sha256, seq: number): number | undefined {
    const sql = `SELECT path, release FROM want INDEXED BY want_by_hash
      WHERE site = ? AND sha256 = ? AND kind = 'file' AND release IS NOT NULL AND seq < ? LIMIT ${TWINS_READ}`;
    const twins = this.#store.all(sql, this.#site, sha256, seq);
    const found = twins.find((twin) => nameOf(toPath(twin['path'])) === nameOf(path)) ?? twins[0];
    return optionalInt(found?.['release']);
  }

  set(want: Want): void {
    const content = want.target.kind === 'file' ? want.target : undefined;
    this.#store.run(
      `INSERT OR REPLACE INTO want (site, path, kind, size, mtime, sha256, seq, transfer, part, state, attempts, next_at, error,
         since, changed_at, refs, release, forced, staged)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      this.#site,
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

  drop(path: SitePath): void {
    this.#store.run('DELETE FROM want WHERE site = ? AND path = ?', this.#site, path);
  }

  /** Files that can be fetched, in the order of the journal, those behind `after`; `large`: above 1 MiB. */
  queuedFiles(lane: 'small' | 'large', limit: number, after?: Pick<QueuedFile, 'seq' | 'path'>): QueuedFile[] {
    const size = lane === 'large' ? `size > ${LARGE_BYTES}` : `size <= ${LARGE_BYTES}`;
    return this.#store
      .all(
        `SELECT seq, path, sha256 FROM want INDEXED BY want_${lane} WHERE site = ? AND kind = 'file' AND state = 'queued' AND ${size}
         ${after ? 'AND (seq, path) > (?, ?)' : ''} ORDER BY seq, path LIMIT ?`,
        this.#site,
        ...(after ? [after.seq, after.path] : []),
        limit,
      )
      .map((row) => ({ seq: int(row['seq']), path: toPath(row['path']), sha256: text(row['sha256']) }));
  }

  queuedDirs(limit: number): Want[] {
    const sql = `SELECT * FROM want INDEXED BY want_dir WHERE site = ? AND kind = 'dir' AND state = 'queued' ORDER BY path LIMIT ?`;
    return this.#store.all(sql, this.#site, limit).map(toWant);
  }

  /** Deletes, the deepest first; those whose content is still wanted elsewhere are left out. */
  queuedDeletes(limit: number): Want[] {
    return this.#store
      .all(
        `SELECT w.* FROM want w INDEXED BY want_gone LEFT JOIN entry e ON e.site = w.site AND e.path = w.path
         WHERE w.site = ? AND w.kind = 'gone' AND w.state = 'queued'
           AND (e.kind = 'dir' OR NOT EXISTS (SELECT 1 FROM want c INDEXED BY want_by_hash
             WHERE c.site = w.site AND c.sha256 = e.sha256 AND c.kind = 'file' AND c.state = 'queued'))
         ORDER BY w.path DESC LIMIT ?`,
        this.#site,
        limit,
      )
      .map(toWant);
  }

  hasQueuedDelete(): boolean {
    const sql = "SELECT 1 FROM want INDEXED BY want_gone WHERE site = ? AND kind = 'gone' AND state = 'queued' LIMIT 1";
    return this.#store.get(sql, this.#site) !== undefined;
  }

  inState(state: Exclude<WantState, 'queued'>, limit: number): Want[] {
    // Left to itself SQLite looks through all that is queued, in the order that is asked for.
    const sql = `SELECT * FROM want INDEXED BY want_by_state WHERE ${isInState(state)} ORDER BY seq, path LIMIT ?`;
    return this.#store.all(sql, this.#site, limit).map(toWant);
  }

  countInState(state: Exclude<WantState, 'queued'>): number {
    const sql = `SELECT count(*) AS n FROM want WHERE ${isInState(state)}`;
    return int(this.#store.get(sql, this.#site)?.['n']);
  }

  /** What has failed, also what is tried again at this moment: it has not come yet. */
  failing(limit: number): Want[] {
    const failed = this.inState('failed', limit);
    const sql = `SELECT * FROM want INDEXED BY want_retried WHERE ${RETRIED} ORDER BY seq, path LIMIT ?`;
    return [...this.#store.all(sql, this.#site, limit - failed.length).map(toWant), ...failed];
  }

  /** Of such as would remove something: files only, without folders. */
  countFilesInState(state: 'guarded' | 'held'): number {
    const sql = `SELECT count(*) AS n FROM want w JOIN entry e ON e.site = w.site AND e.path = w.path
      WHERE w.site = ? AND w.state = '${state}' AND e.kind = 'file'`;
    return int(this.#store.get(sql, this.#site)?.['n']);
  }

  /** How many files a catch-up would remove whose content is neither here under another name, nor wanted under one. */
  countLost(): number {
    const sql = `WITH going AS (SELECT e.sha256, count(*) AS n FROM want w JOIN entry e ON e.site = w.site AND e.path = w.path
        WHERE w.site = ?1 AND w.state = 'guarded' AND e.kind = 'file' GROUP BY e.sha256)
      SELECT sum(max(0, n
        - (SELECT count(*) FROM entry s INDEXED BY entry_by_hash WHERE s.site = ?1 AND s.sha256 = going.sha256
           AND s.kind = 'file' AND NOT EXISTS (SELECT 1 FROM want w WHERE w.site = s.site AND w.path = s.path))
        - (SELECT count(*) FROM want w INDEXED BY want_by_hash WHERE w.site = ?1 AND w.sha256 = going.sha256
           AND w.kind = 'file'))) AS n FROM going`;
    return int(this.#store.get(sql, this.#site)?.['n'] ?? 0);
  }

  /** Wants whose name clashed with another are queued again: that one may be gone. */
  requeueClashes(): void {
    const sql = `UPDATE want INDEXED BY want_by_state SET state = 'queued' WHERE ${isInState('failed')} AND ${CLASHED}`;
    this.#store.run(sql, this.#site);
  }

  /** True when a name that is wanted with this release clashed with another. */
  hasClashes(release: number): boolean {
    const sql = `SELECT 1 FROM want INDEXED BY want_by_release WHERE site = ? AND release = ? AND ${CLASHED} LIMIT 1`;
    return this.#store.get(sql, this.#site, release) !== undefined;
  }

  /** Failed wants whose time has come are queued again; the time of the next one. */
  requeueDue(now: Millis): { requeued: number; next: Millis | undefined } {
    const failed = isInState('failed');
    const sql = `UPDATE want INDEXED BY want_by_state SET state = 'queued' WHERE ${failed} AND next_at <= ?`;
    const requeued = this.#store.run(sql, this.#site, now);
    const next = `SELECT min(next_at) AS at FROM want INDEXED BY want_by_state WHERE ${failed}`;
    const row = this.#store.get(next, this.#site);
    return { requeued, next: optionalInt(row?.['at']) };
  }

  /** Another journal is begun: seqs of the one before say nothing any more. */
  forgetSeqs(): void {
    this.#store.run('UPDATE want SET seq = 0 WHERE site = ?', this.#site);
  }

  /** Within a transaction; see `MirrorState.clockSet`. */
  clockSet(by: Millis): void {
    const sql = `UPDATE want SET since = max(0, since + ?1), changed_at = max(0, changed_at + ?1), next_at = max(0, next_at + ?1)
      WHERE site = ?2`;
    this.#store.run(sql, by, this.#site);
  }

  /** Within a transaction; see `MirrorState.notLaterThan`. */
  notLaterThan(now: Millis): void {
    this.#store.run('UPDATE want SET since = ?1 WHERE site = ?2 AND since > ?1', now, this.#site);
    const latest = now + RETRY_MILLIS_MAX;
    this.#store.run('UPDATE want SET next_at = ?1 WHERE site = ?2 AND next_at > ?1', latest, this.#site);
  }

  #countRetried(): number {
    const sql = `SELECT count(*) AS n FROM want INDEXED BY want_retried WHERE ${RETRIED}`;
    return int(this.#store.get(sql, this.#site)?.['n']);
  }
}

/**
 * As the partial index `want_by_state` wants it. The state stands in the text: with a parameter SQLite prepares the statement anew at each
 * run, to see which index of a state it may use.
 */
function isInState(state: Exclude<WantState, 'queued'>): string {
  return `site = ? AND state = '${state}' AND state <> 'queued'`;
}

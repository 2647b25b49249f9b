import type { Change, ChangeOp, Millis, Present } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { TransferState, Verdict } from '../../../shared/domain/verdict.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import type { Target, Want, WantState } from '../core/want.ts';
import type { Row, Store } from './open.ts';
import { int, optionalInt, path as toPath, text, textOrNull, toEntry } from './rows.ts';

export interface TransferNews {
  readonly state: TransferState;
  readonly verdict?: Verdict;
  readonly fetchedAt?: Millis;
  readonly publishedAt?: Millis;
  readonly nextAttemptAt?: Millis | null;
  readonly bytes?: number;
  readonly attempts?: number;
  readonly error?: ErrorJson | null;
}

/** Larger files take a lane of their own. The indexes `want_small` and `want_large` hold the same number. */
export const LARGE_BYTES = 1_048_576;

/** Everything a mirror knows of one site that it follows. Synchronous; callers group writes in `store.transaction`. */
export class MirrorState {
  readonly site: number;
  readonly store: Store;
  #journal: string | null;
  #cursor: number;

  constructor(store: Store, name: string) {
    this.store = store;
    store.run('INSERT INTO site (name) VALUES (?) ON CONFLICT DO NOTHING', name);
    const row = store.get('SELECT id, journal, seq FROM site WHERE name = ?', name);
    this.site = int(row?.['id']);
    this.#journal = textOrNull(row?.['journal']);
    this.#cursor = int(row?.['seq']);
  }

  get journal(): string | null {
    return this.#journal;
  }

  /** The last seq durably received. */
  get cursor(): number {
    return this.#cursor;
  }

  moveCursor(journal: string, seq: number): void {
    this.store.run('UPDATE site SET journal = ?, seq = ? WHERE id = ?', journal, seq, this.site);
    this.#journal = journal;
    this.#cursor = seq;
  }

  /** After a transaction that failed: what the database says. */
  reload(): void {
    const row = this.store.get('SELECT journal, seq FROM site WHERE id = ?', this.site);
    this.#journal = textOrNull(row?.['journal']);
    this.#cursor = int(row?.['seq']);
  }

  /** Publications that are decided and not visible yet: seqs by plan. */
  readonly inFlight = new Map<number, number>();

  /** Everything up to here is visible. */
  publishedSeq(): number {
    const first = this.store.get('SELECT min(seq) AS seq FROM want WHERE site = ?', this.site)?.['seq'];
    const open = [...this.inFlight.values(), ...(typeof first === 'number' ? [first] : [])];
    return Math.min(this.#cursor, ...open.map((seq) => Math.max(0, seq - 1)));
  }

  files(): number {
    return int(this.store.get("SELECT count(*) AS n FROM entry WHERE site = ? AND kind = 'file'", this.site)?.['n']);
  }

  counts(): { waiting: number; failing: number; held: number } {
    const row = this.store.get('SELECT count(*) AS waiting FROM want WHERE site = ?', this.site);
    return {
      waiting: int(row?.['waiting']) + this.inFlight.size,
      failing: this.countInState('failed'),
      held: this.countInState('held'),
    };
  }

  // ---- the index of what is published -----------------------------------------------------------------------

  entry(path: SitePath): Present | undefined {
    const row = this.store.get('SELECT * FROM entry WHERE site = ? AND path = ?', this.site, path);
    return row && toPresent(row);
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
  }

  dropEntry(path: SitePath): void {
    this.store.run('DELETE FROM entry WHERE site = ? AND path = ?', this.site, path);
  }

  /** Moves an entry and all below it to another name. */
  moveEntries(from: SitePath, to: SitePath, seq: number): void {
    this.store.run(
      `UPDATE OR REPLACE entry SET path = ? || substr(path, length(?) + 1), seq = ? WHERE site = ? AND ${WITHIN}`,
      to,
      from,
      seq,
      this.site,
      from,
      from,
      from,
    );
  }

  /** A page of the index, in the order of the paths' UTF-8 bytes. */
  entriesAfter(after: string, limit: number): Present[] {
    const sql = 'SELECT * FROM entry WHERE site = ? AND path > ? ORDER BY path LIMIT ?';
    return this.store.all(sql, this.site, after, limit).map(toPresent);
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

  /** What `path` will hold when all work is done; undefined: nothing. */
  desired(path: SitePath): Present | undefined {
    const want = this.want(path);
    if (!want) return this.entry(path);
    return want.target.kind === 'gone' ? undefined : { ...want.target, path, seq: want.seq };
  }

  /** What all paths after `after` up to `through` (null: the end) will hold, in the order of their UTF-8 bytes. */
  desiredBetween(after: string, through: string | null): Present[] {
    const range = through === null ? 'path > ?' : 'path > ? AND path <= ?';
    return this.#desired(range, through === null ? [after] : [after, through]);
  }

  /** What `folder` and all below it will hold. */
  desiredWithin(folder: SitePath): Present[] {
    return this.#desired(WITHIN, [folder, folder, folder]);
  }

  /** True when work is under way at `path` or below it. */
  hasWantWithin(path: SitePath): boolean {
    return (
      this.store.get(`SELECT 1 FROM want WHERE site = ? AND ${WITHIN} LIMIT 1`, this.site, path, path, path) !==
      undefined
    );
  }

  /** True when work is under way below the folder. */
  hasWantBelow(folder: SitePath): boolean {
    const sql = "SELECT 1 FROM want WHERE site = ? AND path > ? || '/' AND path < ? || '0' LIMIT 1";
    return this.store.get(sql, this.site, folder, folder) !== undefined;
  }

  /** True when what was fetched of this content is of use, now or at the next attempt. */
  isNeeded(sha256: string): boolean {
    const sql = "SELECT 1 FROM want WHERE site = ? AND sha256 = ? AND kind = 'file' LIMIT 1";
    return this.store.get(sql, this.site, sha256) !== undefined;
  }

  /** Another journal is begun: seqs of the one before say nothing any more. */
  forgetSeqs(): void {
    this.store.run('UPDATE entry SET seq = 0 WHERE site = ?', this.site);
    this.store.run('UPDATE want SET seq = 0 WHERE site = ?', this.site);
  }

  /** The mirror's own filter as of the last comparison with the master's whole index. */
  get filter(): string | null {
    return textOrNull(this.store.get('SELECT filter FROM site WHERE id = ?', this.site)?.['filter']);
  }

  saveFilter(filter: string): void {
    this.store.run('UPDATE site SET filter = ? WHERE id = ?', filter, this.site);
  }

  /** What is published at a path is not there: it is wanted once more. Resolves the transfer. */
  wantAgain(entry: Present, at: Millis): number {
    const { path, seq } = entry;
    this.dropEntry(path);
    const change: Change = entry.kind === 'file' ? { op: 'put', ...entry, at } : { op: 'mkdir', path, seq, at };
    const transfer = this.addTransfer(change, entry.kind === 'file' ? 'fetch' : 'mkdir', 'queued', at);
    const rest = { part: false, state: 'queued', attempts: 0, nextAt: null, error: null, since: at } as const;
    this.setWant({ path, target: entry, seq, transfer, ...rest });
    return transfer;
  }

  setWant(want: Want): void {
    const content = want.target.kind === 'file' ? want.target : undefined;
    this.store.run(
      `INSERT OR REPLACE INTO want (site, path, kind, size, mtime, sha256, seq, transfer, part, state, attempts, next_at, error, since)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    );
  }

  dropWant(path: SitePath): void {
    this.store.run('DELETE FROM want WHERE site = ? AND path = ?', this.site, path);
  }

  /** Files that can be fetched, in the order of the journal; `large`: above 1 MiB. */
  queuedFiles(lane: 'small' | 'large', limit: number): Want[] {
    const size = lane === 'large' ? `size > ${LARGE_BYTES}` : `size <= ${LARGE_BYTES}`;
    return this.store
      .all(
        `SELECT * FROM want INDEXED BY want_${lane} WHERE site = ? AND kind = 'file' AND state = 'queued' AND ${size}
         ORDER BY seq, path LIMIT ?`,
        this.site,
        limit,
      )
      .map(toWant);
  }

  queuedDirs(limit: number): Want[] {
    const sql = `SELECT * FROM want INDEXED BY want_dir WHERE site = ? AND kind = 'dir' AND state = 'queued' ORDER BY path LIMIT ?`;
    return this.store.all(sql, this.site, limit).map(toWant);
  }

  /** Deletes, the deepest first; those whose content is still wanted elsewhere are left out. */
  queuedDeletes(limit: number): Want[] {
    return this.store
      .all(
        `SELECT w.* FROM want w INDEXED BY want_gone JOIN entry e ON e.site = w.site AND e.path = w.path
         WHERE w.site = ? AND w.kind = 'gone' AND w.state = 'queued'
           AND (e.kind = 'dir' OR NOT EXISTS (SELECT 1 FROM want c WHERE c.site = w.site AND c.sha256 = e.sha256 AND c.kind = 'file' AND c.state = 'queued'))
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
    const sql = "SELECT * FROM want WHERE site = ? AND state = ? AND state <> 'queued' ORDER BY seq, path LIMIT ?";
    return this.store.all(sql, this.site, state, limit).map(toWant);
  }

  countInState(state: Exclude<WantState, 'queued'>): number {
    const sql = "SELECT count(*) AS n FROM want WHERE site = ? AND state = ? AND state <> 'queued'";
    return int(this.store.get(sql, this.site, state)?.['n']);
  }

  /** Failed wants whose time has come are queued again; the time of the next one. */
  requeueDue(now: Millis): { requeued: number; next: Millis | undefined } {
    const sql = "UPDATE want SET state = 'queued' WHERE site = ? AND state = 'failed' AND next_at <= ?";
    const requeued = this.store.run(sql, this.site, now);
    const row = this.store.get("SELECT min(next_at) AS at FROM want WHERE site = ? AND state = 'failed'", this.site);
    return { requeued, next: optionalInt(row?.['at']) };
  }

  // ---- history ------------------------------------------------------------------------------------------------

  addTransfer(change: Change, verdict: Verdict, state: TransferState, receivedAt: Millis): number {
    return this.store.insert(
      `INSERT INTO transfer (site, seq, op, path, origin, size, verdict, state, notified_at, received_at, published_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      this.site,
      change.seq,
      change.op,
      change.path,
      change.op === 'rename' ? change.from : null,
      change.op === 'put' ? change.size : null,
      verdict,
      state,
      change.at,
      receivedAt,
      state === 'published' ? receivedAt : null,
    );
  }

  updateTransfer(id: number, news: TransferNews): void {
    const error = news.error === undefined ? undefined : news.error && JSON.stringify(news.error);
    const columns: Array<[string, string | number | null | undefined]> = [
      ['state', news.state],
      ['verdict', news.verdict],
      ['fetched_at', news.fetchedAt],
      ['published_at', news.publishedAt],
      ['next_attempt_at', news.nextAttemptAt],
      ['bytes', news.bytes],
      ['attempts', news.attempts],
      ['error', error],
    ];
    const given = columns.flatMap(([column, value]) => (value === undefined ? [] : [{ column, value }]));
    const sets = given.map(({ column }) => `${column} = ?`).join(', ');
    this.store.run(`UPDATE transfer SET ${sets} WHERE id = ?`, ...given.map(({ value }) => value), id);
  }

  /** True when no want is left of a transfer that has several. */
  isTransferDone(id: number): boolean {
    return this.store.get('SELECT 1 FROM want WHERE transfer = ? AND part = 1 LIMIT 1', id) === undefined;
  }

  transfers(ids: readonly number[]): TransferRow[] {
    return ids.flatMap((id) => {
      const row = this.store.get('SELECT * FROM transfer WHERE id = ?', id);
      return row ? [toTransfer(row)] : [];
    });
  }

  latestTransfers(limit: number): TransferRow[] {
    const sql = 'SELECT * FROM transfer WHERE site = ? ORDER BY id DESC LIMIT ?';
    return this.store.all(sql, this.site, limit).map(toTransfer).reverse();
  }

  trim(before: Millis): void {
    const sql =
      'DELETE FROM transfer WHERE site = ? AND received_at < ? AND NOT EXISTS (SELECT 1 FROM want w WHERE w.transfer = transfer.id)';
    this.store.run(sql, this.site, before);
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

export interface TransferRow {
  readonly id: number;
  readonly seq: number;
  readonly op: ChangeOp;
  readonly path: SitePath;
  readonly from: SitePath | undefined;
  readonly size: number | undefined;
  readonly verdict: Verdict;
  readonly state: TransferState;
  readonly notifiedAt: Millis;
  readonly receivedAt: Millis;
  readonly fetchedAt: Millis | undefined;
  readonly publishedAt: Millis | undefined;
  readonly nextAttemptAt: Millis | undefined;
  readonly bytes: number | undefined;
  readonly attempts: number;
  readonly error: ErrorJson | undefined;
}

/** The folder itself and all below it: '0' is the character after '/'. Takes the folder three times. */
const WITHIN = "(path = ? OR (path > ? || '/' AND path < ? || '0'))";

function toPresent(row: Row): Present {
  const entry = toEntry(row);
  if (entry.kind === 'gone') throw new TypeError('a mirror keeps no tombstones');
  return entry;
}

function toWant(row: Row): Want {
  const kind = text(row['kind']);
  const error = textOrNull(row['error']);
  return {
    path: toPath(row['path']),
    target:
      kind === 'file'
        ? { kind, size: int(row['size']), mtime: int(row['mtime']), sha256: text(row['sha256']) }
        : { kind: kind === 'dir' ? 'dir' : 'gone' },
    seq: int(row['seq']),
    transfer: int(row['transfer']),
    part: row['part'] === 1,
    state: text(row['state']) as WantState,
    attempts: int(row['attempts']),
    nextAt: optionalInt(row['next_at']) ?? null,
    error: error === null ? null : (JSON.parse(error) as ErrorJson),
    since: int(row['since']),
  };
}

export function toTransfer(row: Row): TransferRow {
  const error = textOrNull(row['error']);
  const origin = textOrNull(row['origin']);
  return {
    id: int(row['id']),
    seq: int(row['seq']),
    op: text(row['op']) as ChangeOp,
    path: toPath(row['path']),
    from: origin === null ? undefined : (origin as SitePath),
    size: optionalInt(row['size']),
    verdict: text(row['verdict']) as Verdict,
    state: text(row['state']) as TransferState,
    notifiedAt: int(row['notified_at']),
    receivedAt: int(row['received_at']),
    fetchedAt: optionalInt(row['fetched_at']),
    publishedAt: optionalInt(row['published_at']),
    nextAttemptAt: optionalInt(row['next_attempt_at']),
    bytes: optionalInt(row['bytes']),
    attempts: int(row['attempts']),
    error: error === null ? undefined : (JSON.parse(error) as ErrorJson),
  };
}

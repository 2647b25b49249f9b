import type { Change, ChangeOp, Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { TransferState, Verdict } from '../../../shared/domain/verdict.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import type { Row, Store } from './open.ts';
import { int, optionalInt, path as toPath, text, textOrNull } from './rows.ts';

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

export interface TransferRow {
  readonly id: number;
  /** 0: it was of a journal that is not followed any more. */
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

/** Where a hook wants to hear of it: see `HookEvents`. */
const UNTOLD = `INSERT OR IGNORE INTO untold_transfer
  SELECT id FROM transfer WHERE id = ? AND EXISTS (SELECT 1 FROM hook_heard WHERE kind = 'published')`;

/** By an index of the site SQLite would read, and sort, all of it. */
const LATEST = 'FROM (SELECT * FROM transfer NOT INDEXED WHERE site = ?1 ORDER BY id DESC LIMIT 500)';

/** A mirror's history of one site: what it was told, and what became of it. */
export class Transfers {
  readonly #store: Store;
  readonly #site: number;

  constructor(store: Store, site: number) {
    this.#store = store;
    this.#site = site;
  }

  add(change: Change, verdict: Verdict, state: TransferState, receivedAt: Millis): number {
    return this.#store.insert(
      `INSERT INTO transfer (site, seq, op, path, origin, size, verdict, state, notified_at, received_at, published_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      this.#site,
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

  update(id: number, news: TransferNews): void {
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
    this.#store.run(`UPDATE transfer SET ${sets} WHERE id = ?`, ...given.map(({ value }) => value), id);
    if (news.state === 'published') this.#store.run(UNTOLD, id);
  }

  /** A part of it is visible: hooks are told of it when it is over, also where the rest is overtaken. */
  partPublished(id: number): void {
    this.#store.run(UNTOLD, id);
  }

  /** What has become visible, and hooks were not told of. */
  untold(): number[] {
    const sql = `SELECT u.transfer FROM untold_transfer u CROSS JOIN transfer t ON t.id = u.transfer
      WHERE t.site = ? AND t.state IN ('published', 'superseded', 'skipped') ORDER BY u.transfer`;
    return this.#store.all(sql, this.#site).map(({ transfer }) => int(transfer));
  }

  /** True when no want is left of a transfer that has several. */
  isDone(id: number): boolean {
    return this.#store.get('SELECT 1 FROM want WHERE transfer = ? AND part = 1 LIMIT 1', id) === undefined;
  }

  of(ids: readonly number[]): TransferRow[] {
    return ids.flatMap((id) => {
      const row = this.#store.get('SELECT * FROM transfer WHERE id = ?', id);
      return row ? [toTransfer(row)] : [];
    });
  }

  /** What is told again when a link opens: the master may have missed it. */
  latest(): TransferRow[] {
    return this.#store.all(`SELECT * ${LATEST} ORDER BY id`, this.#site).map(toTransfer);
  }

  /** See `MirrorState.forgetSeqs`. Transfers that may be told again lose their seqs, which are of the former journal; older ones keep theirs, for the history. */
  forgetSeqs(): void {
    const open = 'SELECT transfer FROM want WHERE site = ?1';
    this.#store.run(`UPDATE transfer SET seq = 0 WHERE id IN (SELECT id ${LATEST}) OR id IN (${open})`, this.#site);
  }

  /** See `MirrorState.clockSet`. */
  clockSet(by: Millis): void {
    const sql = `UPDATE transfer SET next_attempt_at = max(0, next_attempt_at + ?1)
      WHERE next_attempt_at IS NOT NULL AND id IN (SELECT transfer FROM want WHERE site = ?2)`;
    this.#store.run(sql, by, this.#site);
  }

  trim(before: Millis): void {
    const sql =
      'DELETE FROM transfer WHERE site = ?1 AND received_at < ?2 AND id NOT IN (SELECT transfer FROM want WHERE site = ?1)';
    this.#store.run(sql, this.#site, before);
  }
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

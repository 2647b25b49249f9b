import type { z } from 'zod';
import type { LinkMessageOf } from '../../../shared/contract/link.ts';
import type { errorJson } from '../../../shared/contract/primitives.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Store } from './open.ts';
import { int, optionalInt, path as toPath, text, textOrNull } from './rows.ts';

/** What a mirror reports of one change. */
export type DeliveryState = LinkMessageOf<'states'>['items'][number];

export interface Subscription {
  readonly peer: string;
  journal: string | null;
  receivedSeq: number;
  publishedSeq: number;
  waiting: number;
  failing: number;
  held: number;
  seenAt: Millis | undefined;
  /** Hash of the routes by which the mirror was told everything that it holds; null: it was told nothing yet, or is in the middle of a snapshot. */
  routes: string | null;
  /** The name that the mirror gave the pairing; null: an older version has paired it. */
  readonly pairing: string | null;
  /** When it was paired: earlier changes do not count as its delay; undefined: an older version has paired it. */
  readonly since: Millis | undefined;
}

/**
 * How long what mirrors report is gathered before it is written: it is a copy to show, the mirror holds the original. As long as the plans of a
 * tree wait for their flush: of a lone change both come due in the same moment, and the process wakes up once.
 */
const FLUSH_MILLIS = 500;
/** When it is tried again after the disk has refused it. */
const RETRY_MILLIS = 5000;
/** Changes of which reports are kept until then: the latest. */
export const REPORTS_KEPT_MAX = 10_000;

/** What is to be written, of so many changes. */
interface Pending {
  readonly changes: number;
  readonly write: () => void;
}

/** The master's record of its mirrors: cursors, and what became of each change. */
export class Deliveries {
  readonly #store: Store;
  readonly #site: number;
  readonly #subscriptions = new Map<string, Subscription>();
  #pending: Pending[] = [];
  /** Of all that is pending. */
  #changes = 0;
  /** The disk has refused them. */
  #isRefused = false;
  /** Those whose rows are to be written. */
  readonly #moved = new Set<Subscription>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(store: Store, site: number) {
    this.#store = store;
    this.#site = site;
    for (const row of store.all('SELECT * FROM subscription WHERE site = ?', site)) {
      const peer = text(row['peer']);
      this.#subscriptions.set(peer, {
        peer,
        journal: textOrNull(row['journal']),
        receivedSeq: int(row['received_seq']),
        publishedSeq: int(row['published_seq']),
        waiting: int(row['waiting']),
        failing: int(row['failing']),
        held: int(row['held']),
        seenAt: optionalInt(row['seen_at']),
        routes: textOrNull(row['routes']),
        pairing: textOrNull(row['pairing']),
        since: optionalInt(row['since']),
      });
    }
    // The run before may have ended without a word.
    for (const peer of this.#subscriptions.keys()) this.away(peer);
  }

  /** Mirrors of this site, as far as known. */
  subscriptions(): Subscription[] {
    return [...this.#subscriptions.values()];
  }

  subscription(peer: string): Subscription | undefined {
    return this.#subscriptions.get(peer);
  }

  /** From pairing: the peer follows this site from now on, and begins anew. What it has said by an earlier pairing is void. */
  subscribe(peer: string, pairing: string | null = null, since?: Millis): void {
    const sql = 'INSERT OR REPLACE INTO subscription (site, peer, pairing, since) VALUES (?, ?, ?, ?)';
    this.#store.run(sql, this.#site, peer, pairing, since ?? null);
    const none = { journal: null, receivedSeq: 0, publishedSeq: 0, waiting: 0, failing: 0, held: 0 };
    const begun = { peer, ...none, seenAt: undefined, routes: null, pairing, since };
    this.#store.committed(() => {
      if (this.#subscriptions.has(peer)) this.#ended(peer);
      this.#subscriptions.set(peer, begun);
    });
  }

  unsubscribe(peer: string): void {
    this.#store.run('DELETE FROM subscription WHERE site = ? AND peer = ?', this.#site, peer);
    this.#store.committed(() => {
      this.#subscriptions.delete(peer);
      this.#ended(peer);
    });
  }

  /** Nothing is on its way to the peer any more, once what it has said last is written. This reads through all rows, but is rare. */
  #ended(peer: string): void {
    const open = "('queued', 'fetching', 'fetched', 'failed', 'held')";
    this.#later(1, () => {
      this.#store.run(`DELETE FROM delivery WHERE site = ? AND peer = ? AND state IN ${open}`, this.#site, peer);
    });
  }

  /** Durable when it returns. */
  toldBy(peer: string, routes: string | null): void {
    const subscription = this.#subscriptions.get(peer);
    if (!subscription || subscription.routes === routes) return;
    this.#store.run('UPDATE subscription SET routes = ? WHERE site = ? AND peer = ?', routes, this.#site, peer);
    subscription.routes = routes;
  }

  progress(peer: string, news: Partial<Omit<Subscription, 'peer' | 'routes' | 'pairing' | 'since'>>): void {
    const subscription = this.#subscriptions.get(peer);
    if (!subscription) return;
    Object.assign(subscription, news);
    if (this.#closed) return;
    this.#moved.add(subscription);
    this.#flushLater();
  }

  #save(subscription: Subscription): void {
    const { peer, journal, receivedSeq, publishedSeq, waiting, failing, held, seenAt } = subscription;
    // It may have been paired anew since.
    if (this.#subscriptions.get(peer) !== subscription) return;
    const sql = `UPDATE subscription SET journal = ?, received_seq = ?, published_seq = ?, waiting = ?, failing = ?, held = ?, seen_at = ?
      WHERE site = ? AND peer = ?`;
    const values = [journal, receivedSeq, publishedSeq, waiting, failing, held, seenAt ?? null];
    this.#store.run(sql, ...values, this.#site, peer);
  }

  notified(peer: string, changes: ReadonlyArray<{ seq: number; path: string }>, at: Millis): void {
    this.#later(changes.length, () => {
      for (const { seq, path } of changes) {
        this.#store.run(
          `INSERT INTO delivery (site, seq, path, peer, state, notified_at) VALUES (?, ?, ?, ?, 'queued', ?)
           ON CONFLICT DO UPDATE SET notified_at = min(coalesce(notified_at, excluded.notified_at), excluded.notified_at)`,
          this.#site,
          seq,
          path,
          peer,
          at,
        );
      }
    });
  }

  /**
   * What a mirror says of a change that the journal does not hold, or of a path that was not in it, is passed over; what is in a
   * folder that was renamed was. Where it has shown it once the delay that it had then stays: a rescan may fetch it again much later.
   */
  reported(peer: string, states: readonly DeliveryState[]): void {
    if (states.length === 0) return;
    this.#later(states.length, () => {
      for (const state of states) {
        this.#store.run(
          `INSERT INTO delivery (site, seq, path, peer, state, verdict, received_at, fetched_at, published_at, next_attempt_at, bytes, error)
           SELECT j.site, j.seq, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 FROM journal j WHERE j.site = ?1 AND j.seq = ?2 AND
             (j.path = ?3 OR j.op = 'rename' AND EXISTS (SELECT 1 FROM entry e WHERE e.site = ?1 AND e.path = ?3)
               AND (?3 = j.origin OR ?3 > j.path || '/' AND ?3 < j.path || '0' OR ?3 > j.origin || '/' AND ?3 < j.origin || '0'))
           ON CONFLICT DO UPDATE SET state = excluded.state, verdict = excluded.verdict,
             received_at = iif(published_at IS NULL, excluded.received_at, received_at),
             fetched_at = iif(published_at IS NULL, excluded.fetched_at, fetched_at),
             published_at = coalesce(published_at, excluded.published_at), next_attempt_at = excluded.next_attempt_at,
             bytes = iif(published_at IS NULL, excluded.bytes, bytes), error = excluded.error`,
          this.#site,
          state.seq,
          state.path,
          peer,
          state.state,
          state.verdict ?? null,
          state.receivedAt ?? null,
          state.fetchedAt ?? null,
          state.publishedAt ?? null,
          state.nextAttemptAt ?? null,
          state.bytes ?? null,
          state.error ? JSON.stringify(state.error satisfies z.output<typeof errorJson>) : null,
        );
      }
    });
  }

  /** The mirror is out of reach: what it was fetching counts as queued again, and `told` is called with that. */
  away(
    peer: string,
    told: (was: readonly { readonly seq: number; readonly path: SitePath }[]) => void = nothing,
  ): void {
    const publishedSeq = this.#subscriptions.get(peer)?.publishedSeq;
    if (publishedSeq === undefined) return;
    // After what it has said before, and together with it: many links may end at once.
    this.#later(1, () => {
      const fetching = "site = ? AND seq > ? AND peer = ? AND state = 'fetching'";
      const rows = this.#store.all(`SELECT seq, path FROM delivery WHERE ${fetching}`, this.#site, publishedSeq, peer);
      if (rows.length === 0) return;
      this.#store.run(`UPDATE delivery SET state = 'queued' WHERE ${fetching}`, this.#site, publishedSeq, peer);
      told(rows.map((row) => ({ seq: int(row['seq']), path: toPath(row['path']) })));
    });
  }

  /** Writes what is gathered, if it can, and takes no more. Idempotent. */
  close(): void {
    this.flush();
    clearTimeout(this.#timer);
    this.#closed = true;
  }

  /** Writes what is gathered. Where the disk refuses it, it is kept and tried again. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const pending = this.#pending;
    if (pending.length + this.#moved.size === 0) return;
    try {
      this.#store.soon(() => {
        pending.forEach(({ write }) => write());
        this.#moved.forEach((subscription) => this.#save(subscription));
      });
      this.#pending = [];
      this.#changes = 0;
      this.#isRefused = false;
      this.#moved.clear();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#isRefused = true;
      this.#keepLatest();
      this.#timer = setTimeout(() => this.flush(), RETRY_MILLIS);
    }
  }

  #later(changes: number, write: () => void): void {
    if (this.#closed) return;
    this.#pending.push({ changes, write });
    this.#changes += changes;
    if (this.#isRefused && this.#changes > 2 * REPORTS_KEPT_MAX) this.#keepLatest();
    this.#flushLater();
  }

  #keepLatest(): void {
    let kept = 0;
    const oldest = this.#pending.findLastIndex(({ changes }) => (kept += changes) > REPORTS_KEPT_MAX);
    const given = this.#pending.splice(0, oldest + 1);
    for (const { changes } of given) this.#changes -= changes;
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => this.flush(), FLUSH_MILLIS);
  }
}

function nothing(): void {}

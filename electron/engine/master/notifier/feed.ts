import { createHash } from 'node:crypto';
import { LINK_ITEMS_MAX, type LinkMessageOf } from '../../../../shared/contract/link.ts';
import type { Change } from '../../../../shared/domain/change.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import type { Route, Router } from '../../core/routes.ts';
import type { LinkSession } from '../../link/link-session.ts';
import type { Clock } from '../../ports.ts';
import type { Deliveries } from '../../store/deliveries.ts';
import type { Journal } from '../../store/journal.ts';

/** No more is sent while the link has this much to do: a slow mirror costs the master no memory. */
const BACKLOG_BYTES = 1024 * 1024;
/** A live feed that falls this far behind goes on with the compacted journal. */
const LIVE_LAG_MAX = 4 * LINK_ITEMS_MAX;

export interface FeedOptions {
  readonly site: string;
  readonly journal: Journal;
  readonly deliveries: Deliveries;
  readonly session: LinkSession;
  readonly clock: Clock;
  readonly routes: readonly Route[];
  /** Of `routes`. Absent: the site has none. */
  readonly router: Router | undefined;
  /** The mirror leaves paths out by itself. */
  readonly filtered: boolean;
}

type State =
  /** The mirror has not said where it stands: nothing is sent. */
  | { readonly kind: 'silent' }
  /** The mirror compares its index with the one here as of `seq` or later. */
  | {
      readonly kind: 'snapshot';
      readonly seq: number;
      /** Where the next page begins; undefined: the last one has been sent. */
      readonly next: SitePath | '' | undefined;
      /** The mirror has asked for it. */
      readonly wanted: boolean;
    }
  /** What was missed is sent, the latest change per path: all up to (`seq`, `path`) has been. */
  | { readonly kind: 'catch-up'; readonly seq: number; readonly path: string }
  /** Every change up to `seq` has been sent. */
  | { readonly kind: 'live'; readonly seq: number };

/**
 * What one mirror is told of one site, over one link (SPEC §4). It holds no promise: the mirror's own cursor, told in
 * `hello` and `received`, is where the next link goes on.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #routes: string;
  #state: State = { kind: 'silent' };
  #draining = false;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#routes = hashRoutes(options.routes, options.session.peer.name);
  }

  /** The mirror's cursor, from its `hello`. It is of use where it counts in this journal, by the routes of today. */
  begin(cursor: string | null, seq: number): void {
    const { journal, deliveries, session } = this.#options;
    const sameRoutes = deliveries.subscription(session.peer.id)?.routes === this.#routes;
    if (cursor !== journal.id || seq > journal.head || seq < journal.floor || !sameRoutes) return this.snapshot();
    this.#state = { kind: 'catch-up', seq, path: MAX_PATH };
    this.wake();
  }

  /** Makes the mirror compare its whole index (foreign or cut journal, other routes). */
  snapshot(): void {
    const { site, journal, session, deliveries } = this.#options;
    // From the first page on the mirror holds a mixture, until it has all.
    deliveries.toldBy(session.peer.id, null);
    this.#state = { kind: 'snapshot', seq: journal.head, next: '', wanted: false };
    session.send({ type: 'snapshotNeeded', site, journal: journal.id, seq: journal.head });
  }

  /** The mirror asks for a page. Each is sent once, after the one before it: what else is asked for was asked in vain. */
  page(message: LinkMessageOf<'snapshotWanted'>): void {
    const state = this.#state;
    if (state.kind !== 'snapshot' || message.journal !== this.#options.journal.id || message.after !== state.next)
      return;
    this.#state = { ...state, wanted: true };
    this.wake();
  }

  /** Durable at the mirror. After a snapshot this is what starts the feed. */
  received(message: LinkMessageOf<'received'>): void {
    const { journal, deliveries, session } = this.#options;
    const state = this.#state;
    if (state.kind !== 'snapshot' || message.journal !== journal.id) return;
    if (state.next !== undefined || message.seq < state.seq) return;
    deliveries.toldBy(session.peer.id, this.#routes);
    this.begin(message.journal, message.seq);
  }

  /** There may be something to send. */
  wake(): void {
    const { journal, session } = this.#options;
    // A change that is not in the tree yet may be taken back: this is called again when that is decided.
    while (!this.#draining && !session.closed && journal.settled) {
      if (session.backlog > BACKLOG_BYTES) return this.#wakeWhenDrained();
      if (!this.#sendNext()) return;
    }
  }

  #wakeWhenDrained(): void {
    this.#draining = true;
    void this.#options.session.drained().then(() => {
      this.#draining = false;
      this.wake();
    });
  }

  /** Sends one message; false when there is none to send. */
  #sendNext(): boolean {
    const state = this.#state;
    switch (state.kind) {
      case 'silent':
        return false;
      case 'snapshot':
        return this.#sendPage(state);
      case 'catch-up':
        this.#sendMissed(state);
        return true;
      case 'live':
        return this.#sendNews(state);
    }
  }

  #sendPage(state: Extract<State, { kind: 'snapshot' }>): boolean {
    const { site, journal, session, router } = this.#options;
    const { next: after, wanted } = state;
    if (!wanted || after === undefined) return false;
    const rows = journal.page(after, LINK_ITEMS_MAX);
    const entries = router ? rows.filter((row) => router(row.path, session.peer.name)) : rows;
    const last = rows.length < LINK_ITEMS_MAX;
    const through = rows.at(-1)?.path ?? after;
    session.send({ type: 'snapshotPage', site, journal: journal.id, after, through, entries, last });
    this.#state = { ...state, next: last ? undefined : through, wanted: false };
    return false;
  }

  #sendMissed({ seq, path }: Extract<State, { kind: 'catch-up' }>): void {
    const { journal } = this.#options;
    const changes = journal.latestAfter(seq, path, LINK_ITEMS_MAX);
    const last = changes.at(-1);
    if (!last || changes.length < LINK_ITEMS_MAX) {
      this.#send('catch-up', this.#routed(changes), journal.head);
      this.#state = { kind: 'live', seq: journal.head };
    } else {
      this.#send('catch-up', this.#routed(changes), last.seq - 1);
      this.#state = { kind: 'catch-up', seq: last.seq, path: last.path };
    }
  }

  #sendNews({ seq }: Extract<State, { kind: 'live' }>): boolean {
    const { journal } = this.#options;
    if (seq >= journal.head) return false;
    if (journal.head - seq > LIVE_LAG_MAX) {
      this.#state = { kind: 'catch-up', seq, path: MAX_PATH };
      return true;
    }
    const changes = journal.changesAfter(seq, LINK_ITEMS_MAX);
    const through = changes.at(-1)?.seq ?? journal.head;
    this.#send('live', this.#routed(changes), through);
    this.#state = { kind: 'live', seq: through };
    return true;
  }

  #send(mode: 'live' | 'catch-up', items: Change[], through: number): void {
    const { site, journal, session, deliveries, clock } = this.#options;
    // An expanded rename can hold more than one message may.
    for (let start = 0; start < Math.max(1, items.length); start += LINK_ITEMS_MAX) {
      const part = items.slice(start, start + LINK_ITEMS_MAX);
      const complete = start + LINK_ITEMS_MAX >= items.length;
      const reached = complete ? through : Math.max(0, (part[0]?.seq ?? 1) - 1);
      session.send({
        type: 'notify',
        site,
        journal: journal.id,
        mode,
        items: part,
        through: reached,
        headSeq: journal.head,
      });
    }
    if (items.length > 0) deliveries.notified(session.peer.id, items, clock.now());
  }

  /** Where the mirror may hold one of a rename's names only, it is told entry by entry. */
  #routed(changes: Change[]): Change[] {
    const { router, filtered, session, journal } = this.#options;
    if (!router && !filtered) return changes;
    const told = changes.flatMap((change) => (change.op === 'rename' ? journal.latestOf(change.seq) : [change]));
    return router ? told.filter((change) => router(change.path, session.peer.name)) : told;
  }
}

/** Sorts after every path: `(seq, MAX_PATH)` means that all of `seq` has been sent. */
const MAX_PATH = '\u{10ffff}';

/** The same for all routes that give the mirror of this name the same paths for the same reason. */
function hashRoutes(routes: readonly Route[], mirror: string): string {
  const told = routes.length === 0 ? [] : [mirror, routes];
  return createHash('sha256').update(JSON.stringify(told)).digest('hex');
}

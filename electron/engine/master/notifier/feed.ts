import { LINK_ITEMS_MAX, type LinkMessageOf } from '../../../../shared/contract/link.ts';
import type { Change } from '../../../../shared/domain/change.ts';
import type { Router } from '../../core/routes.ts';
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
  /** Absent: the site has no routes. */
  readonly router: Router | undefined;
}

type State =
  /** The mirror has not said where it stands, or pulls a snapshot: nothing is sent. */
  | { readonly kind: 'silent' }
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
  #state: State = { kind: 'silent' };
  #pumping = false;

  constructor(options: FeedOptions) {
    this.#options = options;
  }

  /** The mirror's cursor, from its `hello`. */
  begin(journal: string | null, seq: number): void {
    const { journal: ours } = this.#options;
    if (journal !== ours.id || seq > ours.head || seq < ours.floor) return this.snapshot();
    this.#state = { kind: 'catch-up', seq, path: MAX_PATH };
    this.wake();
  }

  /** Makes the mirror compare its whole index (foreign or cut journal, other routes). */
  snapshot(): void {
    const { site, journal, session } = this.#options;
    this.#state = { kind: 'silent' };
    session.send({ type: 'snapshotNeeded', site, journal: journal.id, seq: journal.head });
  }

  page(message: LinkMessageOf<'snapshotWanted'>): void {
    const { site, journal, session, router } = this.#options;
    if (message.journal !== journal.id) return this.snapshot();
    const rows = journal.page(message.after, LINK_ITEMS_MAX);
    const entries = router ? rows.filter((row) => router(row.path, session.peer.name)) : rows;
    const last = rows.length < LINK_ITEMS_MAX;
    const through = rows.at(-1)?.path ?? message.after;
    session.send({ type: 'snapshotPage', site, journal: journal.id, after: message.after, through, entries, last });
  }

  /** Durable at the mirror. After a snapshot this is what starts the feed. */
  received(message: LinkMessageOf<'received'>): void {
    if (message.journal !== this.#options.journal.id) return;
    if (this.#state.kind === 'silent') this.begin(message.journal, message.seq);
  }

  /** There may be something to send. */
  wake(): void {
    if (this.#pumping) return;
    while (this.#state.kind !== 'silent' && !this.#options.session.closed) {
      if (this.#options.session.backlog > BACKLOG_BYTES) return this.#wakeWhenDrained();
      if (!this.#sendNext()) return;
    }
  }

  #wakeWhenDrained(): void {
    this.#pumping = true;
    void this.#options.session.drained().then(() => {
      this.#pumping = false;
      this.wake();
    });
  }

  /** Sends one message; false when the mirror has been told all. */
  #sendNext(): boolean {
    const { journal } = this.#options;
    const state = this.#state;
    if (state.kind === 'silent') return false;
    if (state.kind === 'live') {
      if (state.seq >= journal.head) return false;
      if (journal.head - state.seq > LIVE_LAG_MAX) {
        this.#state = { kind: 'catch-up', seq: state.seq, path: MAX_PATH };
        return true;
      }
      const changes = journal.changesAfter(state.seq, LINK_ITEMS_MAX);
      const through = changes.at(-1)?.seq ?? journal.head;
      this.#send('live', this.#routed(changes), through);
      this.#state = { kind: 'live', seq: through };
      return true;
    }
    const changes = journal.latestAfter(state.seq, state.path, LINK_ITEMS_MAX);
    const last = changes.at(-1);
    if (!last || changes.length < LINK_ITEMS_MAX) {
      this.#send('catch-up', this.#routed(changes), journal.head);
      this.#state = { kind: 'live', seq: journal.head };
    } else {
      this.#send('catch-up', this.#routed(changes), last.seq - 1);
      this.#state = { kind: 'catch-up', seq: last.seq, path: last.path };
    }
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

  /** With routes a rename is told entry by entry, since the mirror may be told of one of its names only. */
  #routed(changes: Change[]): Change[] {
    const { router, session, journal } = this.#options;
    if (!router) return changes;
    return changes
      .flatMap((change) => (change.op === 'rename' ? journal.latestOf(change.seq) : [change]))
      .filter((change) => router(change.path, session.peer.name));
  }
}

/** Sorts after every path: `(seq, MAX_PATH)` means that all of `seq` has been sent. */
const MAX_PATH = '\u{10ffff}';

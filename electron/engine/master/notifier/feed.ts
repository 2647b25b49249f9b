import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  LINK_ITEMS_MAX,
  LINK_TEXT_MAX,
  type LinkMessage,
  type LinkMessageOf,
} from '../../../../shared/contract/link.ts';
import type { SiteRules } from '../../../../shared/contract/rules.ts';
import type { Change, Content } from '../../../../shared/domain/change.ts';
import { candidatesOf } from '../../../../shared/domain/reference.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import type { Announcer } from './announcer.ts';
import { type Joined, joinedOf, mergeReleases, type Missed, type Overlaps } from './missed-releases.ts';
import { isGlob, type Route, type Router } from '../../core/routes.ts';
import type { LinkSession } from '../../link/link-session.ts';
import type { Clock } from '../../ports.ts';
import type { Deliveries } from '../../store/deliveries.ts';
import type { Journal, Tagged } from '../../store/journal.ts';

/** Nothing more is sent while the link still has this much to send: a slow mirror must not cost the master memory. */
const BACKLOG_BYTES = 1024 * 1024;
/** How long messages are put together before others have their turn. */
const SLICE_MILLIS = 20;
/** A live feed that falls this many messages behind goes on as a catch-up, with the latest change of each path only. */
const LIVE_LAG_MESSAGES = 4;

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
  /** Announces the same changes by multicast; undefined: nobody does. */
  readonly announcer: () => Announcer | undefined;
}

/** A mirror that hears announcements has this long to say that it has them, before it is told over the link. */
const HEARD_MILLIS = 1_000;
/** After this many such times in a row it is told over the link at once, until it says again that it hears announcements. */
const DEAF_TIMES = 3;

type State =
  /** The mirror has not said where it stands: nothing is sent. */
  | { readonly kind: 'silent' }
  /** The mirror is paused: it is told nothing from now on, and is to listen for no announcements. Another feed goes on later. */
  | { readonly kind: 'paused' }
  /** The mirror compares its index with the one here as of `seq` or later. */
  | {
      readonly kind: 'snapshot';
      readonly seq: number;
      /** Where the next page begins; undefined: the last one has been sent. */
      readonly next: SitePath | '' | undefined;
      /** The mirror has asked for it. */
      readonly wanted: boolean;
      /** See `Overlaps`: the same for all pages. */
      readonly overlaps: Overlaps;
    }
  /** What was missed is being sent, the latest change of each path: all up to (`seq`, `path`) has been. */
  | { readonly kind: 'catch-up'; readonly missed: Missed; readonly seq: number; readonly path: string }
  | Live;

/**
 * Every change up to `seq` has been told. A mirror that hears announcements is told the next ones by these, but those up to `unheard` over
 * the link.
 */
interface Live {
  readonly kind: 'live';
  readonly seq: number;
  readonly unheard: number;
}

/**
 * What one mirror is told of one site, over one link (SPEC §4). It holds no promise: the mirror's own cursor, told in
 * `hello` and `received`, is where the next link goes on.
 */
export class Feed {
  readonly #options: FeedOptions;
  readonly #routes: string;
  #state: State = { kind: 'silent' };
  #isResting = false;
  /** Messages that are made and not sent yet: more was read in one go than the link takes at once. */
  #unsent: LinkMessage[] = [];
  /** Set while the mirror hears announcements. `deafTimes`: how often in a row it had to be told over the link all the same. */
  #listening: { deafTimes: number } | undefined;
  #offered = false;
  #heardTimer: NodeJS.Timeout | undefined;
  /** The seq at which the last catch-up ended. */
  #caughtUpTo = 0;
  #overlaps: { since: number; head: number; found: Overlaps } | undefined;
  #toldJoined: Overlaps | undefined;

  constructor(options: FeedOptions) {
    this.#options = options;
    this.#routes = hashRoutes(options.routes, options.session.peer.name);
  }

  /**
   * Starts from the mirror's cursor, as its `hello` tells it, where that is of this journal, and the routes are still the same; else with a
   * snapshot. `knownTo`: up to there the mirror knows everything; between there and its cursor only a part. `heardSince`: of releases after
   * that a part may wait at the mirror.
   */
  begin(cursor: string | null, seq: number, knownTo = seq, heardSince = knownTo): void {
    const { journal, deliveries, session } = this.#options;
    this.#unsent = [];
    this.#sendRules(journal.rules.seq, journal.rules.rules);
    this.offer();
    const sameRoutes = deliveries.subscription(session.peer.id)?.routes === this.#routes;
    if (cursor !== journal.id || seq > journal.head || seq < journal.floor || !sameRoutes) return this.snapshot();
    this.#state = { kind: 'catch-up', missed: { since: Math.min(seq, knownTo), heardSince }, seq, path: MAX_PATH };
    this.wake();
  }

  /** Makes the mirror compare its whole index: it has followed another journal, what it missed is forgotten, or the routes have changed. */
  snapshot(): void {
    const { site, journal, session, deliveries } = this.#options;
    this.#unsent = [];
    // From the first page on the mirror holds a mixture, until it has all.
    deliveries.toldBy(session.peer.id, null);
    const overlaps = journal.overlapsAfter(journal.floor);
    this.#state = { kind: 'snapshot', seq: journal.head, next: '', wanted: false, overlaps };
    session.send({ type: 'snapshotNeeded', site, journal: journal.id, seq: journal.head, term: journal.term });
  }

  /** Tells the mirror how changes are announced by multicast, or that they are not any more. */
  offer(): void {
    const { site, journal, session, routes } = this.#options;
    if (this.isPaused) return;
    const announcer = this.#options.announcer();
    this.#listening = undefined;
    if (!announcer && !this.#offered) return;
    this.#offered = announcer !== undefined;
    const { name } = session.peer;
    const wanted = ({ glob, mirrors }: Route) => ({ glob, wanted: mirrors === 'all' || mirrors.includes(name) });
    const offer = announcer && {
      group: announcer.config.group,
      port: announcer.config.port,
      secret: announcer.secret.toString('base64'),
      ...(routes.length > 0 && { routes: routes.map(wanted) }),
    };
    session.send({ type: 'multicast', site, journal: journal.id, offer: offer ?? null });
  }

  /** The mirror says that it hears announcements: from now on it is told by these. */
  listening(): void {
    if (this.#options.announcer()) this.#listening = { deafTimes: 0 };
  }

  /** The mirror says that it has missed announcements after `seq`. */
  behind(seq: number): void {
    const state = this.#state;
    if (state.kind !== 'live' || seq > this.#options.journal.head) return;
    this.#tellFrom(seq);
  }

  /** Sends nothing any more, also nothing that waits for the link. Idempotent. */
  stop(): void {
    clearTimeout(this.#heardTimer);
    this.#unsent = [];
    this.#state = { kind: 'silent' };
  }

  /** Idempotent. */
  pause(): void {
    const { site, journal, session } = this.#options;
    if (this.#offered) session.send({ type: 'multicast', site, journal: journal.id, offer: null });
    this.#offered = false;
    this.stop();
    this.#state = { kind: 'paused' };
  }

  get isPaused(): boolean {
    return this.#state.kind === 'paused';
  }

  /** The mirror asks for a page. Each page is sent once, in order; a request for any other is passed over. */
  page(message: LinkMessageOf<'snapshotWanted'>): void {
    const state = this.#state;
    if (state.kind !== 'snapshot' || message.journal !== this.#options.journal.id || message.after !== state.next)
      return;
    this.#state = { ...state, wanted: true };
    this.wake();
  }

  /**
   * The mirror has what it was told, durably. After a snapshot this is what starts the feed. True: it knows everything up to `message.seq`,
   * and nothing after it.
   */
  received(message: Pick<LinkMessageOf<'received'>, 'journal' | 'seq'>): boolean {
    const { journal, deliveries, session } = this.#options;
    const state = this.#state;
    if (state.kind === 'live' && this.#listening && message.seq >= state.seq && message.seq <= journal.head) {
      this.#state = { ...state, seq: message.seq };
      this.#listening.deafTimes = 0;
    }
    if (state.kind !== 'snapshot' || message.journal !== journal.id)
      return state.kind === 'live' && message.seq >= this.#caughtUpTo;
    if (state.next !== undefined || message.seq < state.seq) return false;
    deliveries.toldBy(session.peer.id, this.#routes);
    this.begin(message.journal, message.seq, message.seq, journal.floor);
    return true;
  }

  /** Sends what there is to send, as far as the link takes it. */
  wake(): void {
    const { journal, session } = this.#options;
    // A change that is not in the tree yet may be taken back: this is called again when that is decided.
    const until = performance.now() + SLICE_MILLIS;
    while (!this.#isResting && !session.closed && journal.settled) {
      if (session.backlog > BACKLOG_BYTES) return this.#wakeAfter(session.drained());
      if (performance.now() > until) return this.#wakeAfter(nextTurn());
      const waiting = this.#unsent.shift();
      if (waiting) session.send(waiting);
      else if (!this.#sendNext()) return;
    }
  }

  /** Sends a message after those that wait already. Rules are small, and come first on a link: they do not wait for it. */
  #say(message: LinkMessage): void {
    const { session } = this.#options;
    const isMuch = message.type === 'notify' && session.backlog > BACKLOG_BYTES;
    if (isMuch || this.#unsent.length > 0) this.#unsent.push(message);
    else session.send(message);
  }

  #wakeAfter(moment: Promise<unknown>): void {
    this.#isResting = true;
    void moment.then(() => {
      this.#isResting = false;
      this.wake();
    });
  }

  /** Sends one message; false when there is none to send. */
  #sendNext(): boolean {
    const state = this.#state;
    switch (state.kind) {
      case 'silent':
      case 'paused':
        return false;
      case 'snapshot':
        return this.#sendPage(state);
      case 'catch-up':
        return this.#startsAnew(state) || this.#sendMissed(state);
      case 'live':
        if (this.#listening && state.seq >= state.unheard) return this.#waitUntilHeard(state);
        return this.#startsAnew(state) || this.#sendNews(state);
    }
  }

  /** The journal was trimmed meanwhile: what was deleted after `seq` is not known any more. */
  #startsAnew({ seq }: { readonly seq: number }): boolean {
    if (seq >= this.#options.journal.floor) return false;
    this.snapshot();
    return true;
  }

  /** The news was announced: the mirror says soon that it has it, or is told over the link. */
  #waitUntilHeard({ seq }: Live): boolean {
    if (seq < this.#options.journal.head)
      this.#heardTimer ??= setTimeout(() => {
        this.#heardTimer = undefined;
        const state = this.#state;
        if (!this.#listening || state.kind !== 'live') return;
        // What came in the meantime has its own time.
        if (state.seq > seq) return void this.#waitUntilHeard(state);
        this.#listening.deafTimes += 1;
        if (this.#listening.deafTimes >= DEAF_TIMES) this.#listening = undefined;
        this.#tellFrom(state.seq);
      }, HEARD_MILLIS);
    return false;
  }

  /** Tells over the link what was announced after `seq`. */
  #tellFrom(seq: number): void {
    this.#state = { kind: 'live', seq, unheard: this.#options.journal.head };
    this.wake();
  }

  #sendPage(state: Extract<State, { kind: 'snapshot' }>): boolean {
    const { site, journal, session, router } = this.#options;
    const { next: after, wanted } = state;
    if (!wanted || after === undefined) return false;
    const tagged = journal.taggedPage(after, LINK_ITEMS_MAX);
    const read = tagged.map((entry) => mergeReleases(entry, state.seq, state.overlaps));
    const rows = read.slice(0, fitting(read));
    const told = router ? rows.filter((row) => router(row.path, session.peer.name)) : rows;
    const entries = told.flatMap((row) =>
      row.kind === 'gone' ? [] : row.kind === 'file' ? this.#leadingHere(row) : row,
    );
    const gone = told.flatMap(({ kind, path, release }) => (kind === 'gone' && release ? [{ path, release }] : []));
    const last = read.length < LINK_ITEMS_MAX && rows.length === read.length;
    const through = rows.at(-1)?.path ?? after;
    const page = { site, journal: journal.id, after, through, entries, gone, last, headSeq: journal.head };
    session.send({ type: 'snapshotPage', ...page });
    this.#state = { ...state, next: last ? undefined : through, wanted: false };
    return false;
  }

  #sendMissed({ missed, seq, path }: Extract<State, { kind: 'catch-up' }>): boolean {
    const { journal } = this.#options;
    const read = journal.latestAfter(seq, path, LINK_ITEMS_MAX + 1, missed.since, this.#mayWait(missed.since));
    const changes = read.slice(0, LINK_ITEMS_MAX);
    const next = read[LINK_ITEMS_MAX];
    const overlaps = this.#overlapsAfter(missed.heardSince);
    const told = this.#routed(changes).map((change) => mergeReleases(change, journal.head, overlaps, missed));
    const last = changes.at(-1);
    // What is committed between two pages may overtake what the earlier one has told.
    const joined = overlaps === this.#toldJoined ? [] : this.#joined(overlaps);
    this.#toldJoined = overlaps;
    if (!last || !next) {
      this.#send('catch-up', told, journal.head, joined);
      this.#state = { kind: 'live', seq: journal.head, unheard: 0 };
      this.#caughtUpTo = journal.head;
      this.#overlaps = undefined;
      this.#toldJoined = undefined;
    } else {
      // The rest of a rename may come next.
      this.#send('catch-up', told, next.seq === last.seq ? last.seq - 1 : last.seq, joined);
      this.#state = { kind: 'catch-up', missed, seq: last.seq, path: last.path };
    }
    return true;
  }

  /** True while the mirror has not said that it shows everything up to `seq`: something of it may still wait there. */
  #mayWait(seq: number): boolean {
    const { deliveries, session } = this.#options;
    return (deliveries.subscription(session.peer.id)?.publishedSeq ?? 0) < seq;
  }

  /**
   * Releases that go on in another one. Where that one waits for the word they come with their paths: what else the mirror heard together
   * with them does not wait.
   */
  #joined(overlaps: Overlaps): Joined[] {
    const { journal, router, session } = this.#options;
    const joined = joinedOf(overlaps, journal.head);
    const found = journal.pathsOf(joined.flatMap(({ release, into }) => (into.together ? [release] : [])));
    return joined.map((each) => {
      const paths = found.get(each.release);
      return paths
        ? { ...each, paths: router ? paths.filter((path) => router(path, session.peer.name)) : paths }
        : each;
    });
  }

  /** Looked up once for all pages, as long as nothing new is committed. */
  #overlapsAfter(since: number): Overlaps {
    const { head } = this.#options.journal;
    if (this.#overlaps?.since !== since || this.#overlaps.head !== head)
      this.#overlaps = { since, head, found: this.#options.journal.overlapsAfter(since) };
    return this.#overlaps.found;
  }

  #sendNews(state: Live): boolean {
    const { seq } = state;
    const { journal } = this.#options;
    if (seq >= journal.head) return false;
    if (journal.head - seq > LIVE_LAG_MESSAGES * LINK_ITEMS_MAX) {
      this.#sendRules(journal.rules.seq, journal.rules.rules);
      this.#state = { kind: 'catch-up', missed: { since: seq, heardSince: seq }, seq, path: MAX_PATH };
      return true;
    }
    const rows = journal.changesAfter(seq, LINK_ITEMS_MAX);
    const through = rows.at(-1)?.seq ?? journal.head;
    let changes: Change[] = [];
    for (const row of rows) {
      if (row.op !== 'rules') {
        changes.push(row);
        continue;
      }
      if (changes.length > 0) this.#send('live', this.#routed(changes), row.seq - 1);
      changes = [];
      this.#sendRules(row.seq, row.rules);
    }
    this.#send('live', this.#routed(changes), through);
    this.#state = { ...state, seq: through };
    return true;
  }

  #send(mode: 'live' | 'catch-up', items: readonly Change[], through: number, joined: readonly Joined[] = []): void {
    const { site, journal, session, deliveries, clock } = this.#options;
    // An expanded rename can hold more than one message may, and so can the links of a few pages.
    let start = 0;
    do {
      const first = start === 0 && joined.length > 0 ? { joined: [...joined] } : {};
      const part = items.slice(start, start + fitting(items.slice(start, start + LINK_ITEMS_MAX)));
      start += part.length;
      const next = items[start];
      const reached = next ? Math.min(through, next.seq - 1) : through;
      this.#say({
        type: 'notify',
        site,
        journal: journal.id,
        mode,
        items: part,
        through: reached,
        headSeq: journal.head,
        term: journal.term,
        ...first,
      });
    } while (start < items.length);
    if (items.length > 0) deliveries.notified(session.peer.id, items, clock.now());
  }

  /** Tells what belongs together, without the members that this mirror is never told of: it must not wait for those. */
  #sendRules(seq: number, rules: SiteRules): void {
    const { site, journal, session, router } = this.#options;
    const told = router
      ? {
          ...rules,
          groups: rules.groups.flatMap((group) => {
            const members = group.members.filter(
              (member) => isGlob(member) || router(member as SitePath, session.peer.name),
            );
            return members.length === 0 ? [] : [{ ...group, members }];
          }),
        }
      : rules;
    this.#say({ type: 'rules', site, journal: journal.id, seq, rules: told });
  }

  /** The changes that the mirror is told. A rename of which it may hold only one of the two names is told entry by entry. */
  #routed(changes: Change[]): Change[] {
    const { router, filtered, session, journal } = this.#options;
    if (!router && !filtered) return changes;
    const told = changes.flatMap((change) =>
      change.op === 'rename' ? journal.latestOf(change.seq, this.#mayWait(change.seq - 1)) : [change],
    );
    if (!router) return told;
    return told.flatMap((change) => {
      if (!router(change.path, session.peer.name)) return [];
      return change.op === 'put' ? this.#leadingHere(change) : change;
    });
  }

  /** Without the links to files that this mirror is never told of. */
  #leadingHere<T extends Content>(file: T): T {
    const { router, session, journal } = this.#options;
    if (!router || !file.refs) return file;
    const { index } = journal.rules.rules.links;
    const refs = file.refs.filter((ref) => candidatesOf(ref, index).some((path) => router(path, session.peer.name)));
    return { ...file, refs };
  }
}

/** Sorts after every path: `(seq, MAX_PATH)` means that all of `seq` has been sent. */
const MAX_PATH = '\u{10ffff}';

/** How many of `items`, one at least, fit a message. */
function fitting(items: ReadonlyArray<Change | Tagged>): number {
  let length = 0;
  const first = items.findIndex((item, index) => {
    length += 2 * item.path.length + refsOf(item).reduce((sum, ref) => sum + ref.length + 4, 0);
    return index > 0 && length > LINK_TEXT_MAX;
  });
  return first < 0 ? items.length : first;
}

function refsOf(item: Change | Tagged): readonly string[] {
  const file = 'content' in item ? item.content : item;
  return (file && 'refs' in file && file.refs) || [];
}

/** What a mirror has been told by; see `Subscription.routes`. */
export function hashRoutes(routes: readonly Route[], mirror: string): string {
  const told = routes.length === 0 ? [] : [mirror, routes];
  return createHash('sha256').update(JSON.stringify(told)).digest('hex');
}

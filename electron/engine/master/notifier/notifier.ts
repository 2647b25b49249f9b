import type { LinkMessage, LinkMessageOf } from '../../../../shared/contract/link.ts';
import type { WaitingAtMirror } from '../../../../shared/contract/status.ts';
import type { LinkConditions } from '../../../../shared/contract/conditions.ts';
import type { Millis } from '../../../../shared/domain/change.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { LinkSession } from '../../link/link-session.ts';
import type { Live } from '../../live/live.ts';
import type { Clock } from '../../ports.ts';
import type { Announcer } from './announcer.ts';
import { Feed } from './feed.ts';
import { IndexAnswers } from './index-answers.ts';
import type { NotifiedSite } from './notified-site.ts';

/** What a mirror says of what waits there. */
export interface WaitingThere {
  readonly items: readonly WaitingAtMirror[];
  /** With those that are not listed. */
  readonly total: number;
}

/** A mirror over one link. */
interface Told {
  readonly feeds: Map<string, Feed>;
  /** Sites of which it leaves paths out by itself. */
  readonly filtered: Set<string>;
  /** Sites of whose journal it knows a future that was taken back: what it says of them counts again after `renew`. */
  readonly forked: Set<string>;
  /** It has said `hello`, which it does once. */
  greeted: boolean;
  /** Its clock less ours. */
  ahead: Millis;
  /** Sites that it is told of nothing of, as long as it is paused. */
  readonly silenced: Set<string>;
  /** What it was told last of the conditions that this master asks of it. */
  conditions: string;
  /** What it understands beyond the rest. */
  understands: ReadonlySet<string>;
  readonly answers: IndexAnswers;
}

/** Hears what mirrors say that is of no concern to what they are told. */
export interface MirrorTalk {
  /** How a check stands that the mirror was asked for. */
  checked(peer: string, message: LinkMessageOf<'checkState'>): void;
  /** The mirror's link is over. */
  lost(peer: string): void;
  /** It does not follow the site any more. */
  left(session: LinkSession, farewell: LinkMessageOf<'leave'>): void;
}

type HelloSite = Pick<LinkMessageOf<'hello'>['sites'][number], 'site' | 'journal' | 'seq' | 'term' | 'told'>;
const NO_CONDITIONS: LinkConditions = {};

/** Words that are told again when a link opens, the latest: the mirror may have missed them. */
const WORDS_RETOLD = 1000;

/** Tells the mirrors: one feed for each mirror and site that it follows. Mirrors do not delay each other. */
export class Notifier {
  readonly #clock: Clock;
  readonly #sites: () => Iterable<NotifiedSite>;
  readonly #told = new Map<LinkSession, Told>();
  /** By site and mirror, as it last said. */
  readonly #waiting = new Map<string, Map<string, WaitingThere>>();
  /** By site and mirror: what the mirror has set for itself, as it last said. */
  readonly #ownConditions = new Map<string, Map<string, LinkConditions>>();
  readonly #onChange: () => void;
  readonly #onForked: (site: string) => void;
  readonly #conditions: (peer: string) => LinkConditions;
  readonly #live: Pick<Live, 'reported'> | undefined;
  readonly #talk: MirrorTalk | undefined;

  constructor(
    sites: () => Iterable<NotifiedSite>,
    clock: Clock,
    onChange: () => void = () => undefined,
    /** A mirror was told what the site's journal does not hold: it was put back from a backup. It wants to be renewed. */
    onForked?: (site: string) => void,
    /** What this master asks of a mirror. */
    conditions: (peer: string) => LinkConditions = () => NO_CONDITIONS,
    live?: Pick<Live, 'reported'>,
    talk?: MirrorTalk,
  ) {
    this.#sites = sites;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#onForked = onForked ?? ((site) => this.renew(site));
    this.#conditions = conditions;
    this.#live = live;
    this.#talk = talk;
  }

  /** What a mirror has set for itself, as it last said. Times are by this machine's clock. */
  ownConditions(site: string, peer: string): LinkConditions {
    return this.#ownConditions.get(site)?.get(peer) ?? NO_CONDITIONS;
  }

  /** What this master asks of a mirror (all of them, without a name) is something else now. */
  conditionsChanged(peer?: string): void {
    for (const [session, told] of this.#told) {
      if (peer !== undefined && session.peer.id !== peer) continue;
      this.#orEnd(session, () => {
        this.#tellConditions(session, told);
        for (const name of [...told.feeds.keys()]) this.#silenceOrResume(name, session, told);
      });
    }
    for (const { word } of this.#sites()) word.look();
  }

  /** A mirror is told of nothing while one of the two has paused it: releases do not wait for it. */
  isPaused(site: string, peer: string): boolean {
    return this.#conditions(peer).pausedAt !== undefined || this.ownConditions(site, peer).pausedAt !== undefined;
  }

  /** What waits at the mirrors of a site, by the mirror's id. */
  waiting(site: string): ReadonlyMap<string, WaitingThere> {
    return this.#waiting.get(site) ?? new Map();
  }

  /** The word is given: a release may appear. */
  go(name: string, release: number): void {
    const site = this.#site(name);
    if (!site) return;
    for (const [session, { feeds }] of this.#told)
      if (feeds.has(name) && !this.isPaused(name, session.peer.id))
        session.send({ type: 'releaseGo', site: name, journal: site.journal.id, release });
  }

  /** A person at the master decides about something that waits at a mirror. False: the mirror is not linked. */
  resolve(site: string, peer: string, id: string, how: 'publish' | 'discard'): boolean {
    for (const [session, { feeds }] of this.#told) {
      if (session.peer.id !== peer || !feeds.has(site)) continue;
      session.send({ type: 'resolve', site, id, how });
      return true;
    }
    return false;
  }

  /** Asks a mirror to read all of its copy and compare it, or to stop that. `away`: there is no link; `old`: it cannot do it. */
  askCheck(name: string, peer: string, how: LinkMessageOf<'checkWanted'>['how']): 'asked' | 'away' | 'old' {
    const site = this.#site(name);
    for (const [session, { feeds, understands }] of this.#told) {
      if (!site || session.peer.id !== peer || !feeds.has(name)) continue;
      if (!understands.has('check')) return 'old';
      session.send({ type: 'checkWanted', site: name, journal: site.journal.id, how });
      return 'asked';
    }
    return 'away';
  }

  /** A mirror does not follow the site any more, or by another pairing: it is told nothing more of it, nor heard, on the links there are. */
  forget(name: string, peer: string): void {
    this.#waiting.get(name)?.delete(peer);
    this.#ownConditions.get(name)?.delete(peer);
    for (const [session, { feeds }] of this.#told) {
      if (session.peer.id !== peer) continue;
      feeds.get(name)?.stop();
      feeds.delete(name);
    }
  }

  /** A change of `site` has been committed. */
  wake(site: string): void {
    this.#site(site)?.announcer?.wake();
    for (const { feeds } of this.#told.values()) feeds.get(site)?.wake();
  }

  /** Changes of `site` are announced otherwise than before: its mirrors hear how. */
  offer(site: string): void {
    for (const { feeds, silenced } of this.#told.values()) if (!silenced.has(site)) feeds.get(site)?.offer();
  }

  /** `site` was opened while mirrors are connected, or its routes are others now: its mirrors compare. */
  restart(site: string): void {
    for (const [session, told] of this.#told) {
      this.#orEnd(session, () => {
        this.#begin(site, session, told);
        if (!this.#silenceOrResume(site, session, told)) told.feeds.get(site)?.snapshot();
      });
    }
  }

  /**
   * What cannot be noted of one mirror (the database's disk is full, say) ends its own link, and keeps nothing from the others: it goes
   * on when the link is back.
   */
  #orEnd(session: LinkSession, work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      session.close(error);
    }
  }

  /** The journal of `site` was put back from a backup: it is another one to its mirrors, which compare. */
  renew(site: string): void {
    this.#site(site)?.journal.renew();
    this.restart(site);
  }

  /** A mirror has connected. The handlers of its link. */
  open(session: LinkSession): { onMessage(message: LinkMessage): void; onClose(): void } {
    const conditions = JSON.stringify(this.#conditions(session.peer.id));
    const sets = { filtered: new Set<string>(), forked: new Set<string>(), silenced: new Set<string>() };
    const answers = new IndexAnswers(session, (name) => this.#site(name));
    const told: Told = {
      feeds: new Map(),
      ...sets,
      greeted: false,
      ahead: 0,
      conditions,
      understands: new Set(),
      answers,
    };
    this.#told.set(session, told);
    return {
      onMessage: (message) => this.#receive(session, told, message),
      onClose: () => {
        this.#told.delete(session);
        for (const feed of told.feeds.values()) feed.stop();
        told.answers.stop();
        this.#seen(session);
        this.#away(session, told);
        this.#talk?.lost(session.peer.id);
      },
    };
  }

  #receive(session: LinkSession, told: Told, message: LinkMessage): void {
    if ('site' in message && told.forked.has(message.site)) return;
    switch (message.type) {
      case 'hello':
        if (told.greeted) return session.close(new AppError('link.malformed', { reason: 'it has greeted already' }));
        told.greeted = true;
        told.ahead = message.now - this.#clock.now();
        told.understands = new Set(message.understands);
        for (const { site, journal, seq, term, told: last, publishedSeq, filtered, conditions } of firstOfEach(
          message.sites,
        )) {
          if (filtered) told.filtered.add(site);
          this.#noteOwnConditions(site, session, conditions ?? NO_CONDITIONS, told);
          const forked = this.#isForked(session, { site, journal, seq, term, told: last });
          if (forked && !this.#site(site)?.journal.renewed) {
            told.forked.add(site);
            this.#onForked(site);
            continue;
          }
          if (!this.#begin(site, session, told)) continue;
          const known = this.#site(site);
          if (known && journal === known.journal.id) {
            const cursor = { journal, receivedSeq: seq, publishedSeq: publishedSeq ?? 0, seenAt: this.#clock.now() };
            known.deliveries.progress(session.peer.id, cursor);
            this.#publishedUpTo(known, session, cursor.publishedSeq);
          } else known?.deliveries.progress(session.peer.id, { journal: null, receivedSeq: 0, publishedSeq: 0 });
          if (this.#silenceOrResume(site, session, told)) {
            // It goes on later from what it said now.
            if (forked) known?.deliveries.progress(session.peer.id, { journal: null, receivedSeq: 0 });
            continue;
          }
          // Before what was missed of them: a mirror knows then which of them wait for no word.
          if (known) this.#tellWords(session, known);
          told.feeds.get(site)?.begin(forked ? null : journal, seq);
        }
        return;
      case 'snapshotWanted':
        return told.feeds.get(message.site)?.page(message);
      case 'received': {
        const { journal, seq } = message;
        const site = this.#site(message.site);
        if (journal !== site?.journal.id || seq > site.journal.head || !told.feeds.has(message.site)) return;
        site.deliveries.progress(session.peer.id, { journal, receivedSeq: seq, seenAt: this.#clock.now() });
        return told.feeds.get(message.site)?.received(message);
      }
      case 'states': {
        const site = this.#site(message.site);
        if (message.journal !== site?.journal.id || !told.feeds.has(message.site)) return;
        const { publishedSeq, waiting, failing, held, items } = message;
        const { head } = site.journal;
        const known = items.filter(({ seq }) => seq <= head);
        site.deliveries.reported(session.peer.id, known);
        const since = site.deliveries.subscription(session.peer.id)?.since ?? 0;
        this.#live?.reported(site.name, session.peer.id, known, told.ahead, since);
        site.deliveries.progress(session.peer.id, {
          publishedSeq: Math.min(publishedSeq, head),
          waiting,
          failing,
          held,
          seenAt: this.#clock.now(),
        });
        this.#publishedUpTo(site, session, publishedSeq);
        return this.#onChange();
      }
      case 'releaseState': {
        const site = this.#site(message.site);
        if (message.journal !== site?.journal.id || !told.feeds.has(message.site)) return;
        const at = Math.min(this.#clock.now(), message.at - told.ahead);
        if (message.state === 'ready') site.releases.setReady(message.release, session.peer.id, at);
        else site.releases.setPublished(message.release, session.peer.id, at);
        site.word.look();
        return this.#onChange();
      }
      case 'waiting': {
        if (message.journal !== this.#site(message.site)?.journal.id || !told.feeds.has(message.site)) return;
        const { total } = message;
        const items = message.items.map((item) => byOurClock(item, told.ahead));
        const there = this.#waiting.get(message.site) ?? new Map<string, WaitingThere>();
        this.#waiting.set(message.site, there.set(session.peer.id, { items, total }));
        return this.#onChange();
      }
      case 'ownConditions': {
        if (!told.feeds.has(message.site)) return;
        this.#noteOwnConditions(message.site, session, message.conditions, told);
        this.#silenceOrResume(message.site, session, told);
        this.#site(message.site)?.word.look();
        return this.#onChange();
      }
      case 'listening':
      case 'behind': {
        if (message.journal !== this.#site(message.site)?.journal.id) return;
        const feed = told.feeds.get(message.site);
        return message.type === 'behind' ? feed?.behind(message.seq) : feed?.listening();
      }
      case 'digestWanted':
      case 'entriesWanted':
        return told.answers.ask(message);
      case 'checkState':
        if (message.journal !== this.#site(message.site)?.journal.id) return;
        return this.#talk?.checked(session.peer.id, message);
      case 'leave':
        return this.#talk?.left(session, message);
      case 'bye':
        // The session has ended already, with the peer's reason.
        return;
      case 'notify':
      case 'rules':
      case 'releaseGo':
      case 'resolve':
      case 'multicast':
      case 'conditions':
      case 'snapshotNeeded':
      case 'snapshotPage':
      case 'checkWanted':
      case 'digestPage':
      case 'entriesPage':
      case 'left':
        return session.close(new AppError('link.malformed', { reason: `a mirror does not send ${message.type}` }));
    }
  }

  /** What the mirror was told of the site's journal tells that it was put back from a backup. */
  #isForked({ peer }: LinkSession, { site: name, journal, seq, term, told }: HelloSite): boolean {
    const site = this.#site(name);
    if (!site?.deliveries.subscription(peer.id)) return false;
    if (journal === null) return told !== undefined && site.journal.isForked(told.journal, told.term, told.seq);
    return term !== undefined && site.journal.isForked(journal, term, seq);
  }

  #tellConditions(session: LinkSession, told: Told): void {
    const conditions = this.#conditions(session.peer.id);
    const text = JSON.stringify(conditions);
    if (text === told.conditions) return;
    told.conditions = text;
    session.send({ type: 'conditions', conditions });
  }

  #noteOwnConditions(site: string, { peer }: LinkSession, conditions: LinkConditions, { ahead }: Told): void {
    if (!this.#site(site)?.deliveries.subscription(peer.id)) return;
    const { pausedAt, opensAt } = conditions;
    const here = {
      ...conditions,
      ...(pausedAt !== undefined && { pausedAt: Math.min(this.#clock.now(), ourTime(pausedAt, ahead)) }),
      ...(opensAt !== undefined && { opensAt: ourTime(opensAt, ahead) }),
    };
    const known = this.#ownConditions.get(site) ?? new Map<string, LinkConditions>();
    this.#ownConditions.set(site, known.set(peer.id, here));
  }

  /** Stops telling a mirror that is paused now, and goes on where it stands when it no longer is. True: it is paused. */
  #silenceOrResume(name: string, session: LinkSession, told: Told): boolean {
    const { silenced, feeds } = told;
    const isPaused = this.isPaused(name, session.peer.id);
    if (isPaused) {
      if (!silenced.has(name)) feeds.get(name)?.pause();
      silenced.add(name);
      return true;
    }
    if (!silenced.delete(name)) return false;
    const site = this.#site(name);
    const subscription = site?.deliveries.subscription(session.peer.id);
    if (!site || !subscription) return false;
    // What it has said since it was paused counts: its cursor is where it goes on.
    this.#tellWords(session, site);
    this.#begin(name, session, told)?.begin(subscription.journal, subscription.receivedSeq);
    return false;
  }

  /** A new feed, where the peer follows the site: a name in `hello` alone gives nobody a site. */
  #begin(name: string, session: LinkSession, { feeds, filtered, forked }: Told): Feed | undefined {
    forked.delete(name);
    const site = this.#site(name);
    if (!site?.deliveries.subscription(session.peer.id)) return undefined;
    const { journal, deliveries, routes, router } = site;
    const own = { site: name, session, clock: this.#clock, filtered: filtered.has(name) };
    const announcer = (): Announcer | undefined => this.#site(name)?.announcer;
    const feed = new Feed({ ...own, journal, deliveries, routes, router, announcer });
    feeds.get(name)?.stop();
    feeds.set(name, feed);
    return feed;
  }

  /**
   * A release that a mirror was told of as a part of something larger (a catch-up, a snapshot) is none that it reports about:
   * it shows it once it shows all up to there.
   */
  #publishedUpTo({ journal, releases, word }: NotifiedSite, { peer }: LinkSession, seq: number): void {
    if (!releases.setPublishedUpTo(Math.min(seq, journal.head), peer.id, this.#clock.now())) return;
    word.look();
    this.#onChange();
  }

  /**
   * To every mirror: one that joined since was told of the release, and is not among those that it waited for. Also of what counts as
   * published there: a file of it that was changed again since is counted by its new change, and still waits for the word.
   */
  #tellWords(session: LinkSession, { name, journal, releases }: NotifiedSite): void {
    for (const release of releases.givenWords(WORDS_RETOLD))
      session.send({ type: 'releaseGo', site: name, journal: journal.id, release });
  }

  #site(name: string): NotifiedSite | undefined {
    for (const site of this.#sites()) if (site.name === name) return site;
    return undefined;
  }

  /** Unless another link of the same mirror has taken the place of this one. */
  #away({ peer }: LinkSession, { ahead }: Told): void {
    if ([...this.#told.keys()].some((other) => other.peer.id === peer.id)) return;
    for (const { name, deliveries } of this.#sites())
      deliveries.away(peer.id, (was) => {
        const items = was.map((each) => ({ ...each, state: 'queued' as const }));
        this.#live?.reported(name, peer.id, items, ahead);
      });
  }

  #seen(session: LinkSession): void {
    for (const site of this.#sites()) {
      if (site.deliveries.subscription(session.peer.id))
        site.deliveries.progress(session.peer.id, { seenAt: this.#clock.now() });
    }
  }
}

/** Whatever a mirror says twice of a site, it is one. */
function firstOfEach<T extends { readonly site: string }>(sites: readonly T[]): Iterable<T> {
  const first = new Map<string, T>();
  for (const each of sites) if (!first.has(each.site)) first.set(each.site, each);
  return first.values();
}

/** Times are told by the mirror's clock. */
function byOurClock(item: WaitingAtMirror, ahead: Millis): WaitingAtMirror {
  const { since, until, nextAttemptAt } = item;
  return {
    ...item,
    since: ourTime(since, ahead),
    ...(until !== undefined && { until: ourTime(until, ahead) }),
    ...(nextAttemptAt !== undefined && { nextAttemptAt: ourTime(nextAttemptAt, ahead) }),
  };
}

/** Whatever the mirror says of its clock, it stays a time. */
function ourTime(at: Millis, ahead: Millis): Millis {
  return Math.max(0, Math.min(TIME_MAX, at - ahead));
}

const TIME_MAX = 8.64e15;

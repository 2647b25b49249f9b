import type { LinkConditions } from '../../../../shared/contract/conditions.ts';
import type { LinkMessage, LinkMessageOf } from '../../../../shared/contract/link.ts';
import type { WaitingAtMirror } from '../../../../shared/contract/status.ts';
import type { Millis } from '../../../../shared/domain/change.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { LinkSession } from '../../link/link-session.ts';
import type { Live } from '../../live/live.ts';
import type { Clock } from '../../ports.ts';
import type { Announcer } from './announcer.ts';
import { Feed } from './feed.ts';
import { IndexAnswers } from './index-answers.ts';
import type { LastSaid } from './last-said.ts';
import type { NotifiedSite } from './notified-site.ts';

/** Hears what mirrors say apart from how they fare with what they are told. */
export interface MirrorTalk {
  /** How a check stands that the mirror was asked for. */
  checked(peer: string, message: LinkMessageOf<'checkState'>): void;
  /** The mirror's link is over. */
  lost(peer: string): void;
  /** It does not follow the site any more. */
  left(session: LinkSession, farewell: LinkMessageOf<'leave'>): void;
}

export interface MirrorLinkOptions {
  readonly session: LinkSession;
  readonly clock: Clock;
  readonly site: (name: string) => NotifiedSite | undefined;
  readonly said: LastSaid;
  /** What this master asks of the mirror now. */
  readonly conditions: () => LinkConditions;
  readonly isPaused: (site: string) => boolean;
  /** Something that `status` tells may have changed. */
  readonly onChange: () => void;
  /** The mirror was told what the site's journal does not hold. */
  readonly onForked: (site: string) => void;
  readonly live: Pick<Live, 'reported'> | undefined;
  readonly talk: MirrorTalk | undefined;
}

type HelloSite = LinkMessageOf<'hello'>['sites'][number];

/** How many of the latest words are told again when a link opens: the mirror may have missed them. */
const WORDS_RETOLD = 1000;

/** A mirror over one link: what it is told, a feed for each site that it follows, and what it says. */
export class MirrorLink {
  readonly #options: MirrorLinkOptions;
  readonly #session: LinkSession;
  readonly #feeds = new Map<string, Feed>();
  /** By site, the seq up to which the mirror knows everything: see `Feed.begin`. */
  readonly #knownTo = new Map<string, number>();
  /** Sites of which the mirror leaves paths out by its own settings. */
  readonly #filtered = new Set<string>();
  /** Sites whose journal it knows further than it goes here, as it was put back: what it says of them counts again after `restart`. */
  readonly #forked = new Set<string>();
  readonly #answers: IndexAnswers;
  /** It has said `hello`, which it does once. */
  #greeted = false;
  /** Its clock less ours. */
  #ahead: Millis = 0;
  /** The conditions that it was last told, as JSON. */
  #toldConditions: string;
  /** What it understands beyond what every version does. */
  #understands: ReadonlySet<string> = new Set();

  constructor(options: MirrorLinkOptions) {
    this.#options = options;
    this.#session = options.session;
    // They stand in the master's own `hello`.
    this.#toldConditions = JSON.stringify(options.conditions());
    this.#answers = new IndexAnswers(options.session, options.site);
  }

  get peer(): string {
    return this.#session.peer.id;
  }

  /** Its clock less ours. */
  get ahead(): Millis {
    return this.#ahead;
  }

  /** It is told of the site on this link. */
  isTold(site: string): boolean {
    return this.#feeds.has(site);
  }

  understands(what: string): boolean {
    return this.#understands.has(what);
  }

  send(message: LinkMessage): void {
    this.#session.send(message);
  }

  /** What this master asks of the mirror has changed. */
  conditionsChanged(): void {
    this.#orEnd(() => {
      this.#tellConditions();
      for (const name of [...this.#feeds.keys()]) this.#silenceOrResume(name);
    });
  }

  /** A change of the site has been committed. */
  wake(site: string): void {
    this.#feeds.get(site)?.wake();
  }

  /** How changes of the site are announced has changed: the mirror is told. */
  offer(site: string): void {
    this.#feeds.get(site)?.offer();
  }

  /** The site was opened, or its routes have changed: the mirror compares. */
  restart(site: string): void {
    this.#orEnd(() => {
      this.#begin(site);
      if (!this.#silenceOrResume(site)) this.#feeds.get(site)?.snapshot();
    });
  }

  /** The mirror is not told of the site any more, nor heard about it. */
  forget(site: string): void {
    this.#feeds.get(site)?.stop();
    this.#feeds.delete(site);
  }

  /** The link is over. */
  stop(): void {
    for (const feed of this.#feeds.values()) feed.stop();
    this.#answers.stop();
  }

  receive(message: LinkMessage): void {
    if ('site' in message && this.#forked.has(message.site)) return;
    switch (message.type) {
      case 'hello':
        return this.#greet(message);
      case 'snapshotWanted':
        return this.#feeds.get(message.site)?.page(message);
      case 'received':
        return this.#received(message);
      case 'states':
        return this.#reported(message);
      case 'releaseState':
        return this.#releaseFared(message);
      case 'waiting':
        return this.#waits(message);
      case 'ownConditions':
        return this.#conditioned(message);
      case 'listening':
        return this.#current(message)?.feed.listening();
      case 'behind':
        return this.#current(message)?.feed.behind(message.seq);
      case 'digestWanted':
      case 'entriesWanted':
        return this.#answers.ask(message);
      case 'checkState':
        if (message.journal !== this.#site(message.site)?.journal.id) return;
        return this.#options.talk?.checked(this.peer, message);
      case 'leave':
        return this.#options.talk?.left(this.#session, message);
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
        return this.#malformed(`a mirror does not send ${message.type}`);
    }
  }

  #greet(message: LinkMessageOf<'hello'>): void {
    if (this.#greeted) return this.#malformed('it has greeted already');
    this.#greeted = true;
    this.#ahead = message.now - this.#options.clock.now();
    this.#understands = new Set(message.understands);
    for (const site of firstOfEach(message.sites)) this.#beginAt(site);
  }

  /** Goes on with a site where the mirror says that it stands. */
  #beginAt(hello: HelloSite): void {
    const { site: name, journal, seq, knownTo = seq, publishedSeq, filtered, conditions } = hello;
    this.#knownTo.set(name, knownTo);
    if (filtered) this.#filtered.add(name);
    this.#noteConditions(name, conditions ?? {});
    const forked = this.#isForked(hello);
    if (forked && !this.#site(name)?.journal.renewed) {
      this.#forked.add(name);
      this.#options.onForked(name);
      return;
    }
    if (!this.#begin(name)) return;
    const site = this.#site(name);
    if (site && journal === site.journal.id) {
      const cursor = { journal, receivedSeq: seq, publishedSeq: publishedSeq ?? 0, seenAt: this.#options.clock.now() };
      site.deliveries.progress(this.peer, cursor);
      this.#publishedUpTo(site, cursor.publishedSeq);
    } else site?.deliveries.progress(this.peer, { journal: null, receivedSeq: 0, publishedSeq: 0 });
    if (this.#silenceOrResume(name)) {
      // It goes on later from what it said now.
      if (forked) site?.deliveries.progress(this.peer, { journal: null, receivedSeq: 0 });
      return;
    }
    // Before what was missed of them: a mirror knows then which of them wait for no word.
    if (site) this.#tellWords(site);
    this.#feeds.get(name)?.begin(forked ? null : journal, seq, knownTo);
  }

  #received(message: Omit<LinkMessageOf<'received'>, 'type'>): void {
    const { journal, seq } = message;
    const told = this.#current(message);
    if (!told || seq > told.site.journal.head) return;
    told.site.deliveries.progress(this.peer, { journal, receivedSeq: seq, seenAt: this.#options.clock.now() });
    if (told.feed.received(message)) this.#knownTo.set(message.site, seq);
  }

  #reported(message: LinkMessageOf<'states'>): void {
    const site = this.#current(message)?.site;
    if (!site) return;
    const { journal, receivedSeq, publishedSeq, waiting, failing, held, items } = message;
    if (receivedSeq !== undefined) this.#received({ site: site.name, journal, seq: receivedSeq });
    const { head } = site.journal;
    const known = items.filter(({ seq }) => seq <= head);
    site.deliveries.reported(this.peer, known);
    const since = site.deliveries.subscription(this.peer)?.since ?? 0;
    this.#options.live?.reported(site.name, this.peer, known, this.#ahead, since);
    site.deliveries.progress(this.peer, {
      publishedSeq: Math.min(publishedSeq, head),
      waiting,
      failing,
      held,
      seenAt: this.#options.clock.now(),
    });
    this.#publishedUpTo(site, publishedSeq);
    this.#options.onChange();
  }

  #releaseFared(message: LinkMessageOf<'releaseState'>): void {
    const site = this.#current(message)?.site;
    if (!site) return;
    const at = Math.min(this.#options.clock.now(), ourTime(message.at, this.#ahead));
    if (message.state === 'ready') this.#ready(site, message.release, at);
    else site.releases.setPublished(message.release, this.peer, at);
    site.word.look();
    this.#options.onChange();
  }

  /** A mirror that was away for long may not have heard the word: only the latest are told again when a link opens. */
  #ready({ name, journal, releases }: NotifiedSite, release: number, at: Millis): void {
    releases.setReady(release, this.peer, at);
    if (!releases.waitsForWord(release)) this.send({ type: 'releaseGo', site: name, journal: journal.id, release });
  }

  #waits(message: LinkMessageOf<'waiting'>): void {
    if (!this.isTold(message.site)) return;
    const items = message.items.map((item) => byOurClock(item, this.#ahead));
    this.#options.said.noteWaiting(message.site, this.peer, { items, total: message.total });
    this.#options.onChange();
  }

  #conditioned({ site, conditions }: LinkMessageOf<'ownConditions'>): void {
    if (!this.isTold(site)) return;
    this.#noteConditions(site, conditions);
    this.#silenceOrResume(site);
    this.#site(site)?.word.look();
    this.#options.onChange();
  }

  /** The site that a message is about, where the mirror is told of it and names the journal that it has now. */
  #current({ site: name, journal }: { site: string; journal: string }): { site: NotifiedSite; feed: Feed } | undefined {
    const site = this.#site(name);
    const feed = this.#feeds.get(name);
    return site && feed && journal === site.journal.id ? { site, feed } : undefined;
  }

  /** What the mirror was told of the site's journal tells that it was put back from a backup. */
  #isForked({ site: name, journal, seq, term, told }: HelloSite): boolean {
    const site = this.#site(name);
    if (!site?.deliveries.subscription(this.peer)) return false;
    const wasTold = journal !== null && term !== undefined ? [{ journal, term, seq }, told] : [told];
    return wasTold.some((each) => each && site.journal.isForked(each.journal, each.term, each.seq));
  }

  #tellConditions(): void {
    const conditions = this.#options.conditions();
    const text = JSON.stringify(conditions);
    if (text === this.#toldConditions) return;
    this.#toldConditions = text;
    this.send({ type: 'conditions', conditions });
  }

  #noteConditions(site: string, conditions: LinkConditions): void {
    if (!this.#site(site)?.deliveries.subscription(this.peer)) return;
    const { pausedAt, opensAt } = conditions;
    const ahead = this.#ahead;
    this.#options.said.noteConditions(site, this.peer, {
      ...conditions,
      ...(pausedAt !== undefined && { pausedAt: Math.min(this.#options.clock.now(), ourTime(pausedAt, ahead)) }),
      ...(opensAt !== undefined && { opensAt: ourTime(opensAt, ahead) }),
    });
  }

  /** Stops telling a mirror that is paused now, and goes on where it stands when it no longer is. True: it is paused. */
  #silenceOrResume(name: string): boolean {
    const feed = this.#feeds.get(name);
    if (this.#options.isPaused(name)) {
      feed?.pause();
      return true;
    }
    const site = this.#site(name);
    const subscription = feed?.isPaused ? site?.deliveries.subscription(this.peer) : undefined;
    if (!site || !subscription) return false;
    // What it has said since it was paused counts: its cursor is where it goes on.
    this.#tellWords(site);
    const { journal, receivedSeq } = subscription;
    this.#begin(name)?.begin(journal, receivedSeq, this.#knownTo.get(name));
    return false;
  }

  /** Makes a new feed, where the peer follows the site: to name it in `hello` is not enough. */
  #begin(name: string): Feed | undefined {
    this.#forked.delete(name);
    const site = this.#site(name);
    if (!site?.deliveries.subscription(this.peer)) return undefined;
    const { journal, deliveries, routes, router } = site;
    const feed = new Feed({
      site: name,
      session: this.#session,
      clock: this.#options.clock,
      filtered: this.#filtered.has(name),
      journal,
      deliveries,
      routes,
      router,
      announcer: (): Announcer | undefined => this.#site(name)?.announcer,
    });
    this.#feeds.get(name)?.stop();
    this.#feeds.set(name, feed);
    return feed;
  }

  /**
   * A mirror that was told of a release as a part of something larger (a catch-up, a snapshot) does not report about it: it shows the
   * release once it shows everything up to there.
   */
  #publishedUpTo({ journal, releases, word }: NotifiedSite, seq: number): void {
    if (!releases.setPublishedUpTo(Math.min(seq, journal.head), this.peer, this.#options.clock.now())) return;
    word.look();
    this.#options.onChange();
  }

  /**
   * To every mirror: one that joined since was told of the release, and is not among those that it waited for. Also of what counts as
   * published there: a file of it that was changed again since is counted by its new change, and still waits for the word.
   */
  #tellWords({ name, journal, releases }: NotifiedSite): void {
    for (const release of releases.givenWords(WORDS_RETOLD))
      this.send({ type: 'releaseGo', site: name, journal: journal.id, release });
  }

  #site(name: string): NotifiedSite | undefined {
    return this.#options.site(name);
  }

  /**
   * What cannot be noted of one mirror (the database's disk is full, say) ends its own link, and keeps nothing from the others: it goes
   * on when the link is back.
   */
  #orEnd(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#session.close(error);
    }
  }

  #malformed(reason: string): void {
    this.#session.close(new AppError('link.malformed', { reason }));
  }
}

/** A site that a mirror names twice counts once. */
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

import type { LinkConditions } from '../../../shared/contract/conditions.ts';
import type { WaitingAtMirror } from '../../../shared/contract/status.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import type { LinkSession } from '../link/link-session.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { Reporter } from './reporter.ts';
import { fittingWaits } from './waiting.ts';

interface TellerOptions {
  readonly site: string;
  readonly state: MirrorState;
  readonly reporter: Reporter;
  /** What does not go on by itself; of failing files so many at most. */
  readonly standing: (failing: number) => WaitingAtMirror[];
  /** How much more waits than is told there. */
  readonly waitsBeyond: () => number;
  readonly conditions: () => LinkConditions;
  readonly onChange: () => void;
}

/** What a followed site tells its master while their link is open: what has come, what waits, its releases, its conditions. */
export class Teller {
  readonly #options: TellerOptions;
  #session: LinkSession | undefined;
  #waitsTimer: NodeJS.Timeout | undefined;
  #waitsTold = '';
  #conditionsTold = '';
  #receivedTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: TellerOptions) {
    this.#options = options;
  }

  get session(): LinkSession | undefined {
    return this.#session;
  }

  /** The master knows of something that waits here. */
  get toldOfWaits(): boolean {
    return this.#waitsTold.length > NOTHING_TOLD.length;
  }

  open(session: LinkSession): void {
    this.#session = session;
    // They were in the greeting; what has changed since is told.
    this.#conditionsTold = JSON.stringify(this.#options.conditions());
    this.#tellAll();
  }

  /** The master begins anew with the site: what was said while it did not have it (its disk was full, say) nobody has heard. */
  again(): void {
    if (!this.#session) return;
    this.#conditionsTold = '';
    this.conditions();
    this.#tellAll();
  }

  #tellAll(): void {
    const { state, reporter } = this.#options;
    if (this.#session) reporter.open(this.#session);
    this.#waitsTold = '';
    this.waits();
    for (const { id, readyAt, publishedAt } of state.belonging.latestReleases(RELEASES_RETOLD)) {
      if (readyAt !== undefined) this.release(id, 'ready', readyAt);
      if (publishedAt !== undefined) this.release(id, 'published', publishedAt);
    }
  }

  /** False: another link is open by now. */
  close(session: LinkSession): boolean {
    if (this.#session !== session) return false;
    this.#session = undefined;
    return true;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#waitsTimer);
    clearTimeout(this.#receivedTimer);
  }

  conditions(): void {
    const { site, conditions } = this.#options;
    const told = conditions();
    const text = JSON.stringify(told);
    if (!this.#session || text === this.#conditionsTold) return;
    this.#conditionsTold = text;
    this.#session.send({ type: 'ownConditions', site, conditions: told });
  }

  /** Of multicast: what comes is heard; or what came after `seq` was not. */
  heard(what: 'behind' | 'listening', seq = 0): void {
    const { site, state } = this.#options;
    if (state.journal === null) return;
    const head = { site, journal: state.journal };
    this.#session?.send(what === 'behind' ? { type: what, ...head, seq } : { type: what, ...head });
  }

  /** What waits has changed: it is gathered for a moment. */
  waits(): void {
    if (this.#stopped) return;
    this.#options.onChange();
    this.#waitsTimer ??= setTimeout(() => this.#tellWaits(), WAITS_MILLIS);
  }

  /** What has come in the end waits no more: the master does not hear that all is there while it still knows of that. */
  waitsAreOver(): void {
    if (this.toldOfWaits && !this.#stopped) this.#tellWaits();
  }

  #tellWaits(): void {
    clearTimeout(this.#waitsTimer);
    this.#waitsTimer = undefined;
    const { site, state, standing, waitsBeyond } = this.#options;
    if (!this.#session || state.journal === null) return;
    const all = standing(FAILING_TOLD);
    const items = fittingWaits(all);
    const told = JSON.stringify(items);
    if (told === this.#waitsTold) return;
    this.#waitsTold = told;
    this.#session.send({ type: 'waiting', site, journal: state.journal, items, total: all.length + waitsBeyond() });
  }

  release(release: number, as: 'ready' | 'published', at: Millis): void {
    const { site, state } = this.#options;
    const { journal } = state;
    if (journal !== null) this.#session?.send({ type: 'releaseState', site, journal, release, state: as, at });
  }

  /** What has come up to the cursor is durable here. */
  received(session: LinkSession): void {
    const { site, state, reporter, onChange } = this.#options;
    const { journal, cursor } = state;
    if (journal !== null) session.send({ type: 'received', site, journal, seq: cursor });
    reporter.touch();
    onChange();
  }

  /** The same of news: how it fares is told a moment later, and this with it. */
  receivedNews(): void {
    this.#options.reporter.received();
    this.#options.onChange();
  }

  /** The same of what was announced: many mirrors hear it, and they need not all answer each announcement at once. */
  receivedSoon(): void {
    this.#receivedTimer ??= setTimeout(() => {
      this.#receivedTimer = undefined;
      if (this.#session && !this.#stopped) this.received(this.#session);
    }, RECEIVED_MILLIS);
  }
}

/** How long what was heard by multicast is gathered before the master is told that it is here. */
const RECEIVED_MILLIS = 100;
/** How long what waits is gathered before the master is told. */
const WAITS_MILLIS = 100;
const NOTHING_TOLD = '[]';
/** Failing files that the master is told of one by one. */
const FAILING_TOLD = 20;
/** Releases whose state is told again when a link opens: the master may have missed it. */
const RELEASES_RETOLD = 50;

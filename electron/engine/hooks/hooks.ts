import { randomUUID } from 'node:crypto';
import type { Hook, HookStatus } from '../../../shared/contract/hooks.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { NewEvent, Subject } from '../store/hook-events.ts';
import type { Release } from '../store/releases.ts';
import type { TransferRow } from '../store/transfers.ts';
import type { HookEvent, PublishedChange } from '../../../shared/contract/hook-event.ts';
import { HookQueue, type HookQueueOptions, keyOf } from './hook-queue.ts';

export interface HooksOptions extends Omit<HookQueueOptions, 'hook' | 'isAway'> {
  readonly node: { readonly id: string; readonly name: string };
  /** The name of a mirror by its id. */
  readonly nameOf: (peer: string) => string;
  /** How long until the store is tried again that did not take something, in milliseconds. */
  readonly retryMillis?: number;
}

/** A master's site, as far as hooks look at it. */
export interface ReleasingSite {
  readonly name: string;
  readonly releases: { untold(limit: number): readonly Release[] };
}

/** What becomes visible is gathered this long into one event. */
const GATHER_MILLIS = 500;
const RETRY_MILLIS = 5_000;
const CHANGES_MAX = 500;
/** Of the changes that an event lists. */
export const HOOK_EVENT_BYTES_MAX = 250_000;
/** Releases that are told in one go. */
const RELEASES_MAX = 50;

/**
 * Tells programs and addresses what has happened, beside the way of a change and never in it. What is still to be told stands in
 * the store, since the transaction in which it became so: whatever ends this process, it is told once, by one id.
 */
export class Hooks {
  readonly #options: HooksOptions;
  #queues: HookQueue[] = [];
  /** Transfers that have become visible, by site, and that some of them may be told of. */
  readonly #visible = new Map<string, Set<number>>();
  /** Undefined: no site has been opened yet. */
  #away: ReadonlySet<string> | undefined;
  #adoptTimer: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  #releasesTimer: NodeJS.Timeout | undefined;

  constructor(options: HooksOptions) {
    this.#options = options;
  }

  get #retryMillis(): number {
    return this.#options.retryMillis ?? RETRY_MILLIS;
  }

  get status(): HookStatus[] {
    return this.#queues.map(({ status }) => status);
  }

  wants(kind: Hook['on']): boolean {
    return this.#queues.some(({ hook }) => hook.on === kind);
  }

  /** These hooks from now on. Those that stay keep what they have not told yet, also over a stop of Lockstep. */
  async apply(hooks: readonly Hook[]): Promise<void> {
    const before = this.#queues;
    // What has happened is told to those that were there.
    this.#tellPublished();
    // One that stands there twice is one.
    const distinct = new Map(hooks.map((hook) => [keyOf(hook), hook]));
    const isAway = (site: string): boolean => this.#away?.has(site) ?? true;
    this.#queues = [...distinct].map(
      ([key, hook]) => before.find((queue) => queue.key === key) ?? new HookQueue({ ...this.#options, hook, isAway }),
    );
    this.#adopt();
    await Promise.all(before.filter((queue) => !this.#queues.includes(queue)).map((queue) => queue.stop()));
  }

  /** The sites are open but for these, of which nothing is told until they are: after a crash their disk may still lack what it tells of. */
  sitesAway(sites: Iterable<string>): void {
    this.#away = new Set(sites);
    for (const queue of this.#queues) queue.wake();
  }

  /** Mirror: transfers have news. Those that became visible while a hook was set are told, each once, when they are over. */
  fared(site: string, rows: readonly TransferRow[]): void {
    if (!this.wants('published')) return;
    const visible = this.#visible.get(site) ?? new Set();
    for (const { state, id } of rows) if (isOver(state)) visible.add(id);
    if (visible.size === 0) return;
    this.#visible.set(site, visible);
    this.#timer ??= setTimeout(() => this.#tellPublished(), GATHER_MILLIS);
  }

  /** Master: something has changed, perhaps how far mirrors are. */
  lookAt(sites: () => Iterable<ReleasingSite>, soon = GATHER_MILLIS): void {
    if (!this.wants('release-everywhere')) return;
    this.#releasesTimer ??= setTimeout(() => {
      this.#releasesTimer = undefined;
      const isAll = this.#lookAtReleases(sites());
      if (!isAll) this.lookAt(sites, this.#retryMillis);
    }, soon);
  }

  /** Idempotent. What was not told is told after the next start. */
  async stop(): Promise<void> {
    this.#tellPublished();
    const queues = this.#queues;
    this.#queues = [];
    for (const timer of [this.#timer, this.#releasesTimer, this.#adoptTimer]) clearTimeout(timer);
    await Promise.all(queues.map((queue) => queue.stop()));
  }

  #adopt(): void {
    clearTimeout(this.#adoptTimer);
    const { events, clock, logger } = this.#options;
    const keys = this.#queues.map(({ key }) => key);
    try {
      events.adopt(keys, new Set(this.#queues.map(({ hook }) => hook.on)), clock.now());
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.warn({ error: error.toJSON() }, 'the hooks are not noted yet: a new one hears of nothing until they are');
      this.#adoptTimer = setTimeout(() => this.#adopt(), this.#retryMillis);
    }
  }

  /** False: there is more, or it is to be tried again. */
  #lookAtReleases(sites: Iterable<ReleasingSite>): boolean {
    const told: NewEvent[] = [];
    let isAll = true;
    for (const { name, releases } of sites) {
      const untold = releases.untold(RELEASES_MAX);
      if (untold.length === RELEASES_MAX) isAll = false;
      for (const { id, at, convergedAfter, peers, changes, name: title } of untold) {
        if (convergedAfter === undefined) continue;
        const mirrors = peers.map(({ peer }) => this.#options.nameOf(peer));
        const release = { id, name: title, committedAt: at, convergedAfter, changes, mirrors };
        const event: HookEvent = { ...this.#head(name), event: 'release-everywhere', release };
        told.push(this.#toHooks(event, { of: 'release', site: name, id }));
      }
    }
    return this.#tell(told) && isAll;
  }

  #tellPublished(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const told: NewEvent[] = [];
    for (const [site, visible] of this.#visible) {
      const ids = [...visible];
      const { total, first } = this.#options.events.untold(ids, CHANGES_MAX);
      if (total === 0) continue;
      const event: HookEvent = { ...this.#head(site), event: 'published', changes: fitting(first), total };
      told.push(this.#toHooks(event, { of: 'transfers', ids }));
    }
    if (this.#tell(told)) this.#visible.clear();
    else this.#timer = setTimeout(() => this.#tellPublished(), this.#retryMillis);
  }

  #toHooks(event: HookEvent, about: Subject): NewEvent {
    return { event, about, hooks: this.#queues.filter((queue) => queue.wants(event)).map(({ key }) => key) };
  }

  /** False: the store did not take them. */
  #tell(told: readonly NewEvent[]): boolean {
    if (told.length === 0) return true;
    const { events, logger } = this.#options;
    let bytes: readonly number[];
    try {
      bytes = events.add(told);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.warn({ error: error.toJSON() }, 'events of hooks cannot be noted yet');
      return false;
    }
    told.forEach(({ event: { id, site }, hooks }, index) => {
      for (const queue of this.#queues)
        if (hooks.includes(queue.key)) queue.add({ id, site, bytes: bytes[index] ?? 0 });
    });
    return true;
  }

  #head(site: string): Pick<HookEvent, 'id' | 'at' | 'node' | 'site'> {
    const { clock, node } = this.#options;
    return { id: randomUUID(), at: clock.now(), node, site };
  }
}

/** Of what was overtaken a part may be visible: the store knows. */
function isOver(state: TransferRow['state']): boolean {
  return state === 'published' || state === 'superseded' || state === 'skipped';
}

/** As many of them as an event lists. */
function fitting(rows: readonly TransferRow[]): PublishedChange[] {
  let bytes = 0;
  const changes = rows.map(toChange);
  const tooMuch = changes.findIndex(
    (change) => (bytes += Buffer.byteLength(JSON.stringify(change))) > HOOK_EVENT_BYTES_MAX,
  );
  return tooMuch < 0 ? changes : changes.slice(0, tooMuch);
}

function toChange({ op, path, from, seq }: TransferRow): PublishedChange {
  return { op, path, ...(from !== undefined && { from }), seq };
}

import { randomUUID } from 'node:crypto';
import { type Hook, hookEvents, type HookStatus } from '../../../shared/contract/hooks.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Release } from '../store/releases.ts';
import type { TransferRow } from '../store/transfers.ts';
import type { HookEvent, PublishedChange } from './hook-event.ts';
import { HookQueue, type HookQueueOptions, keyOf } from './hook-queue.ts';

export interface HooksOptions extends Omit<HookQueueOptions, 'hook'> {
  readonly node: { readonly id: string; readonly name: string };
  /** The name of a mirror by its id. */
  readonly nameOf: (peer: string) => string;
}

/** A master's site, as far as hooks look at it. */
export interface ReleasingSite {
  readonly name: string;
  readonly releases: { list(limit: number): readonly Release[] };
}

/** What was decided so long before it is told was under way. */
const UNDER_WAY_MILLIS = 60_000;
/** What becomes visible is gathered this long into one event. */
const GATHER_MILLIS = 500;
const CHANGES_MAX = 500;
/** Releases that are looked at: one that is older than so many others is not told of any more. */
const RELEASES_MAX = 50;
/** Reports are repeated when a link opens: so many of the last are known. */
const KNOWN_MAX = 10_000;

/** Tells programs and addresses what has happened, beside the way of a change and never in it. */
export class Hooks {
  readonly #options: HooksOptions;
  /** What has happened after that is told. Of each kind that a hook wants to hear of. */
  readonly #from = new Map<Hook['on'], Millis>();
  #queues: HookQueue[] = [];
  readonly #gathered = new Map<string, { changes: PublishedChange[]; total: number; until: Millis }>();
  #timer: NodeJS.Timeout | undefined;
  #releasesTimer: NodeJS.Timeout | undefined;
  readonly #known = new Set<string>();

  constructor(options: HooksOptions) {
    this.#options = options;
  }

  get status(): HookStatus[] {
    return this.#queues.map(({ status }) => status);
  }

  /** These hooks from now on. Those that stay keep what they have not told yet, also over a stop of Lockstep. */
  async apply(hooks: readonly Hook[]): Promise<void> {
    const before = this.#queues;
    this.#options.events.keepOnly(hooks.map(keyOf));
    this.#queues = hooks.map((hook) => {
      const same = before.find(({ key }) => key === keyOf(hook));
      return same ?? new HookQueue({ ...this.#options, hook });
    });
    for (const kind of hookEvents) this.#hearOf(kind);
    await Promise.all(before.filter((queue) => !this.#queues.includes(queue)).map((queue) => queue.stop()));
  }

  /** Mirror: transfers have news. Those that became visible while a hook was set are told, each once. */
  fared(site: string, rows: readonly TransferRow[]): void {
    const from = this.#since('published');
    if (from === undefined) return;
    for (const row of rows) {
      const { state, publishedAt, id } = row;
      if (state !== 'published' || publishedAt === undefined || publishedAt <= from) continue;
      if (this.#isKnown(`published ${site} ${id}`)) continue;
      const gathered = this.#gathered.get(site) ?? { changes: [], total: 0, until: 0 };
      this.#gathered.set(site, gathered);
      gathered.total += 1;
      gathered.until = Math.max(gathered.until, publishedAt);
      if (gathered.changes.length < CHANGES_MAX) gathered.changes.push(toChange(row));
    }
    if (this.#gathered.size > 0) this.#timer ??= setTimeout(() => this.#tellPublished(), GATHER_MILLIS);
  }

  /** Master: something has changed, perhaps how far mirrors are. */
  lookAt(sites: () => Iterable<ReleasingSite>): void {
    if (!this.#from.has('release-everywhere')) return;
    this.#releasesTimer ??= setTimeout(() => {
      this.#releasesTimer = undefined;
      this.#lookAtReleases(sites());
    }, GATHER_MILLIS);
  }

  /** Idempotent. What was not told is told after the next start. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#releasesTimer);
    this.#tellPublished();
    this.#from.clear();
    const queues = this.#queues;
    this.#queues = [];
    await Promise.all(queues.map((queue) => queue.stop()));
  }

  /** From where it went on before the last stop, or from now on where nobody wanted to hear of it until now. */
  #hearOf(kind: Hook['on']): void {
    const { events, clock } = this.#options;
    if (!this.#queues.some(({ hook }) => hook.on === kind)) {
      this.#from.delete(kind);
      events.forget(kind);
      return;
    }
    if (this.#from.has(kind)) return;
    const before = clock.now() - 1;
    const heard = events.heardUntil(kind);
    // A clock that was set back must not keep quiet what happens from now on.
    const from = Math.min(heard ?? before, before);
    this.#from.set(kind, from);
    if (heard === undefined) events.hear(kind, from);
    else if (kind === 'published') for (const { site, row } of events.publishedAfter(from)) this.fared(site, [row]);
  }

  /** A clock that is set back while Lockstep runs must not keep quiet either what happens from then on. */
  #since(kind: Hook['on']): Millis | undefined {
    const from = this.#from.get(kind);
    const now = this.#options.clock.now();
    if (from === undefined || from <= now) return from;
    const since = now - UNDER_WAY_MILLIS;
    this.#from.set(kind, since);
    return since;
  }

  #lookAtReleases(sites: Iterable<ReleasingSite>): void {
    const from = this.#since('release-everywhere') ?? Number.POSITIVE_INFINITY;
    const told: { event: HookEvent; until: Millis }[] = [];
    for (const { name, releases } of sites) {
      for (const { id, at, convergedAfter, peers, changes, name: title } of releases.list(RELEASES_MAX)) {
        if (convergedAfter === undefined || at + convergedAfter <= from) continue;
        if (this.#isKnown(`release ${name} ${id} ${at}`)) continue;
        const mirrors = peers.map(({ peer }) => this.#options.nameOf(peer));
        const release = { id, name: title, committedAt: at, convergedAfter, changes, mirrors };
        const event: HookEvent = { ...this.#head(name), event: 'release-everywhere', release };
        told.push({ event, until: at + convergedAfter });
      }
    }
    this.#tell('release-everywhere', told);
  }

  #tellPublished(): void {
    this.#timer = undefined;
    const gathered = [...this.#gathered];
    this.#gathered.clear();
    const told = gathered.map(([site, { changes, total, until }]) => {
      const event: HookEvent = { ...this.#head(site), event: 'published', changes, total };
      return { event, until };
    });
    this.#tell('published', told);
  }

  #tell(kind: Hook['on'], told: readonly { readonly event: HookEvent; readonly until: Millis }[]): void {
    if (told.length === 0) return;
    const { events, logger } = this.#options;
    const each = told.map(({ event }) => ({ event, queues: this.#queues.filter((queue) => queue.wants(event)) }));
    try {
      const kept = each.map(({ event, queues }) => ({ event, hooks: queues.map(({ key }) => key) }));
      events.add(kept, kind, Math.max(...told.map(({ until }) => until)));
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.warn({ error: error.toJSON() }, 'events of hooks are in memory only');
    }
    for (const { event, queues } of each) for (const queue of queues) queue.add(event);
  }

  #head(site: string): Pick<HookEvent, 'id' | 'at' | 'node' | 'site'> {
    const { clock, node } = this.#options;
    return { id: randomUUID(), at: clock.now(), node, site };
  }

  /** True from the second time on. */
  #isKnown(key: string): boolean {
    if (this.#known.has(key)) return true;
    this.#known.add(key);
    // Sets keep the order in which things were added.
    for (const oldest of this.#known) {
      if (this.#known.size <= KNOWN_MAX) break;
      this.#known.delete(oldest);
    }
    return false;
  }
}

function toChange({ op, path, from, seq }: TransferRow): PublishedChange {
  return { op, path, ...(from !== undefined && { from }), seq };
}

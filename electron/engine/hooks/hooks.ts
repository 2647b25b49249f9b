import { randomUUID } from 'node:crypto';
import type { Hook, HookStatus } from '../../../shared/contract/hooks.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import type { Release } from '../store/releases.ts';
import type { TransferRow } from '../store/transfers.ts';
import type { HookEvent, PublishedChange } from './hook-event.ts';
import { HookQueue, type HookQueueOptions } from './hook-queue.ts';

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
  readonly #startedAt: Millis;
  #queues: HookQueue[] = [];
  #gathered = new Map<string, { changes: PublishedChange[]; total: number }>();
  #timer: NodeJS.Timeout | undefined;
  #releasesTimer: NodeJS.Timeout | undefined;
  readonly #known = new Set<string>();

  constructor(options: HooksOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  get status(): HookStatus[] {
    return this.#queues.map(({ status }) => status);
  }

  /** These hooks from now on. Those that stay keep what they have not told yet. */
  async apply(hooks: readonly Hook[]): Promise<void> {
    const before = this.#queues;
    this.#queues = hooks.map((hook) => {
      const same = before.find((queue) => JSON.stringify(queue.hook) === JSON.stringify(hook));
      return same ?? new HookQueue({ ...this.#options, hook });
    });
    await Promise.all(before.filter((queue) => !this.#queues.includes(queue)).map((queue) => queue.stop()));
  }

  /** Mirror: transfers have news. Those that became visible since the start are told, each once. */
  fared(site: string, rows: readonly TransferRow[]): void {
    if (!this.#wants('published')) return;
    for (const row of rows) {
      const { state, publishedAt, id } = row;
      if (state !== 'published' || publishedAt === undefined || publishedAt < this.#startedAt) continue;
      if (this.#isKnown(`published ${site} ${id}`)) continue;
      const gathered = this.#gathered.get(site) ?? { changes: [], total: 0 };
      this.#gathered.set(site, gathered);
      gathered.total += 1;
      if (gathered.changes.length < CHANGES_MAX) gathered.changes.push(toChange(row));
    }
    if (this.#gathered.size > 0) this.#timer ??= setTimeout(() => this.#tellPublished(), GATHER_MILLIS);
  }

  /** Master: something has changed, perhaps how far mirrors are. Releases that were everywhere at the start are not told. */
  lookAt(sites: () => Iterable<ReleasingSite>): void {
    if (!this.#wants('release-everywhere')) return;
    this.#releasesTimer ??= setTimeout(() => {
      this.#releasesTimer = undefined;
      for (const site of sites()) this.#lookAtReleases(site);
    }, GATHER_MILLIS);
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#releasesTimer);
    await this.apply([]);
  }

  #wants(event: Hook['on']): boolean {
    return this.#queues.some(({ hook }) => hook.on === event);
  }

  #lookAtReleases({ name, releases }: ReleasingSite): void {
    for (const { id, at, convergedAfter, peers, changes, name: title } of releases.list(RELEASES_MAX)) {
      if (convergedAfter === undefined || at + convergedAfter < this.#startedAt) continue;
      if (this.#isKnown(`release ${name} ${id} ${at}`)) continue;
      const mirrors = peers.map(({ peer }) => this.#options.nameOf(peer));
      const release = { id, name: title, committedAt: at, convergedAfter, changes, mirrors };
      this.#tell({ ...this.#head(name), event: 'release-everywhere', release });
    }
  }

  #tellPublished(): void {
    this.#timer = undefined;
    const gathered = this.#gathered;
    this.#gathered = new Map();
    for (const [site, { changes, total }] of gathered)
      this.#tell({ ...this.#head(site), event: 'published', changes, total });
  }

  #tell(event: HookEvent): void {
    for (const queue of this.#queues) queue.add(event);
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

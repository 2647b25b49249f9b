import { setImmediate as nextTurn } from 'node:timers/promises';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Want } from '../core/want.ts';
import type { Bindings } from './bindings.ts';
import { Keeper, type KeeperOptions } from './keeper.ts';
import type { Ready } from './ready.ts';

export interface BoundWantsOptions extends KeeperOptions {
  readonly bindings: Bindings;
  readonly excludes: (path: SitePath) => boolean;
  /** All wants were read. */
  readonly onRead: () => void;
}

/** Wants that are looked at in one turn of the event loop where all of them are. */
const WANTS_READ = 500;
/** After the database's disk did not take something. */
const RETRY_MILLIS = 5_000;
/** What is ready is gathered this long before it is noted that it waits: most of it is published sooner. */
const KEEP_MILLIS = 20;
/** So many of them are noted in one turn of the event loop. */
const KEPT_AT_ONCE = 200;
/** After they could not be noted. */
const KEEP_RETRY_MILLIS = 60_000;

/** The wants that may have to wait, which of them are ready, and what the publisher has: in memory, as the database has it. */
export class BoundWants {
  readonly #options: BoundWantsOptions;
  readonly #keeper: Keeper;
  readonly #bound = new Map<SitePath, Want>();
  readonly #ready = new Map<SitePath, Ready>();
  /** What the publisher has and is not done with, by the transfer of its want: whatever is looked at anew, it is not handed over twice. */
  readonly #handed = new Map<SitePath, number>();
  /** Ready, and not noted as such in the database. */
  readonly #fresh = new Set<SitePath>();
  /** Their wants may be others now. */
  readonly #dirty = new Set<SitePath>();
  /** All wants are being read: what is known of them is a part. */
  #reading: object | undefined;
  #readTimer: NodeJS.Timeout | undefined;
  #keepTimer: NodeJS.Timeout | undefined;
  #stopped = true;

  constructor(options: BoundWantsOptions) {
    this.#options = options;
    this.#keeper = new Keeper(options);
  }

  start(): Promise<void> {
    this.#stopped = false;
    return this.readAll();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#readTimer);
    clearTimeout(this.#keepTimer);
  }

  get size(): number {
    return this.#bound.size;
  }

  get isReading(): boolean {
    return this.#reading !== undefined;
  }

  /** Page by page: there may be as many as a site has files. What changes meanwhile is dirty, and looked at once more in the end. */
  async readAll(): Promise<void> {
    const { state, logger, onRead } = this.#options;
    const reading = {};
    this.#reading = reading;
    clearTimeout(this.#readTimer);
    this.#bound.clear();
    try {
      for (let after = ''; ; ) {
        const page = state.wants.after(after, WANTS_READ);
        state.store.reading(() => page.forEach((want) => this.#take(want)));
        const last = page.at(-1);
        if (!last || page.length < WANTS_READ) break;
        after = last.path;
        await nextTurn();
        // There are other rules by now, or nobody wants to know any more.
        if (this.#reading !== reading || this.#stopped) return;
      }
      this.#reading = undefined;
      onRead();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.error({ code: error.code, params: error.params }, 'what waits cannot be read');
      if (!this.#stopped) this.#readTimer = setTimeout(() => void this.readAll(), RETRY_MILLIS);
    }
  }

  #take(want: Want): void {
    const { state, staging, excludes, bindings } = this.#options;
    if (this.#handed.get(want.path) === want.transfer) return;
    if (want.state === 'ready' && !this.#ready.has(want.path)) {
      const [transfer] = state.transfers.of([want.transfer]);
      if (transfer && (want.staged === null || staging.has(want.staged)))
        this.#ready.set(want.path, { want, verdict: transfer.verdict, staged: want.staged });
      else state.wants.set({ ...want, state: 'queued', staged: null });
    }
    if (!excludes(want.path) && bindings.isBound(want)) this.#bound.set(want.path, want);
  }

  at(path: SitePath): Want | undefined {
    return this.#bound.get(path);
  }

  all(): Want[] {
    return [...this.#bound.values()];
  }

  isReady(path: SitePath): boolean {
    return this.#ready.has(path);
  }

  /** Its want as it is by now: it may go on in another release since its content came. */
  readyAt(path: SitePath): Ready | undefined {
    const ready = this.#ready.get(path);
    return ready && { ...ready, want: this.#bound.get(path) ?? ready.want };
  }

  /** What is ready, and bound to nothing any more: it waits no more. */
  takeUnbound(): Ready[] {
    const unbound = [...this.#ready.values()].filter(({ want }) => !this.#bound.has(want.path));
    for (const { want } of unbound) this.#dropReady(want.path);
    return unbound;
  }

  /** Nothing is known of this path that would have to be looked at before it is published. */
  isUnknown(path: SitePath): boolean {
    return !this.#dirty.has(path) && !this.isKnown(path);
  }

  isKnown(path: SitePath): boolean {
    return this.#bound.has(path) || this.#ready.has(path);
  }

  /** The want at a path was set, replaced or dropped. */
  changed(path: SitePath): void {
    this.#dirty.add(path);
  }

  refreshChanged(): void {
    if (this.#dirty.size === 0) return;
    this.#options.state.store.reading(() => {
      for (const path of [...this.#dirty]) this.refresh(path);
    });
  }

  /** As the database has it by now, where that has changed. */
  current(path: SitePath): Want | undefined {
    if (this.#dirty.has(path)) this.refresh(path);
    return this.#bound.get(path);
  }

  refresh(path: SitePath): void {
    const { state, bindings, onUnused } = this.#options;
    this.#dirty.delete(path);
    const want = state.wants.of(path);
    const ready = this.#ready.get(path);
    if (want && bindings.isBound(want)) this.#bound.set(path, want);
    else this.#bound.delete(path);
    if (!ready || ready.want.transfer === want?.transfer) return;
    this.#dropReady(path);
    // Others become ready by it, and what is ready is looked at at once: by then this one must be what it is now.
    onUnused(ready);
  }

  /** It waits from now on, and is kept after a moment. */
  becameReady(ready: Ready): void {
    this.#ready.set(ready.want.path, ready);
    this.#fresh.add(ready.want.path);
  }

  /** It goes to the publisher, or is with it under another name. */
  handOver({ want: { path, transfer } }: Ready): void {
    this.#handed.set(path, transfer);
  }

  /** The publisher is done with it. */
  takeBack({ want: { path, transfer } }: Ready): void {
    if (this.#handed.get(path) === transfer) this.#handed.delete(path);
  }

  /** It waits no more. */
  letGo(path: SitePath): void {
    this.#dropReady(path);
    this.#bound.delete(path);
  }

  #dropReady(path: SitePath): void {
    this.#ready.delete(path);
    this.#fresh.delete(path);
  }

  leftOf(release: number): { waiting: number; ready: number } {
    let [waiting, ready] = [0, 0];
    for (const want of this.#bound.values()) {
      if (want.release !== release) continue;
      waiting += 1;
      if (this.#ready.has(want.path)) ready += 1;
    }
    return { waiting, ready };
  }

  /** See `Keeper.keep`. */
  keep(readies: readonly Ready[]): ReturnType<Keeper['keep']> {
    return this.#keeper.keep(readies);
  }

  /** What is ready, and waits. */
  keepSoon(): void {
    if (this.#fresh.size > 0) this.#keepTimer ??= setTimeout(() => this.#keepFresh(), KEEP_MILLIS);
  }

  #keepFresh(): void {
    this.#keepTimer = undefined;
    const fresh = [...this.#fresh].slice(0, KEPT_AT_ONCE);
    const named = this.#keeper.keep(
      fresh.flatMap((path) => this.#ready.get(path) ?? []),
      ({ kept, lost }) => {
        for (const path of fresh) this.#fresh.delete(path);
        for (const { want } of lost) this.#ready.delete(want.path);
        for (const ready of kept) this.#ready.set(ready.want.path, ready);
      },
    );
    if (!named) this.#keepTimer = setTimeout(() => this.#keepFresh(), KEEP_RETRY_MILLIS);
    else if (this.#fresh.size > 0) this.#keepTimer ??= setTimeout(() => this.#keepFresh(), 0);
  }
}

import type { LiveBatch } from '../../shared/contract/live.ts';
import type { Bridge } from '../bridge/bridge.ts';
import { SiteReplica } from './site-replica.ts';

/** Batches that wait for a snapshot; beyond it the snapshot is asked for anew. */
const WAITING_MAX = 200;
/** How soon after one snapshot the next is asked for. */
const PAUSE_MILLIS = 1000;
/** In a window that is not shown there are no frames. */
const UNSEEN_MILLIS = 500;

type State =
  | {
      readonly is: 'asking';
      readonly at: number;
      readonly waiting: LiveBatch[];
      readonly replica: SiteReplica | undefined;
    }
  /** It could not be told. */
  | { readonly is: 'failed'; readonly askedAt: number; readonly replica: SiteReplica | undefined }
  | { readonly is: 'live'; readonly askedAt: number; revision: number; readonly replica: SiteReplica };

/**
 * The sites that are looked at, in step with the engine: a snapshot, then batches by revision; a gap asks anew. What comes is
 * applied once a frame.
 */
export class Replicas {
  readonly #sites = new Map<string, State>();
  readonly #listeners = new Set<() => void>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #queue: LiveBatch[] = [];
  #bridge: Pick<Bridge, 'call'> | undefined;
  #scheduled = false;
  /** The engine's clock less ours, as far as is known. */
  #ahead: number | undefined;

  /** The engine is there (again): all is asked for anew. */
  open(bridge: Pick<Bridge, 'call'>): void {
    this.#bridge = bridge;
    this.#queue = [];
    this.#ahead = undefined;
    for (const site of this.#sites.keys()) this.#ask(site);
  }

  /** What is known stays, as what was known last. */
  close(): void {
    this.#bridge = undefined;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** Undefined while nothing is known of the site yet. */
  get(site: string): SiteReplica | undefined {
    return this.#sites.get(site)?.replica;
  }

  /** From now on the site is kept in step. */
  watch(site: string): void {
    const state = this.#sites.get(site);
    if (!state || (state.is === 'failed' && pauseAfter(state.askedAt) === 0)) this.#ask(site);
  }

  /** Hears of changes, once a frame at most. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The time by the engine's clock. */
  now(): number {
    return Date.now() + (this.#ahead ?? 0);
  }

  take(batch: LiveBatch): void {
    this.#setClock(batch.at);
    this.#queue.push(batch);
    if (this.#scheduled) return;
    this.#scheduled = true;
    onNextFrame(() => this.#apply());
  }

  #apply(): void {
    this.#scheduled = false;
    const queue = this.#queue;
    this.#queue = [];
    for (const batch of queue) for (const [site, state] of this.#sites) this.#applyTo(site, state, batch);
    this.#tell();
  }

  #applyTo(site: string, state: State, batch: LiveBatch): void {
    if (state.is === 'asking') {
      if (state.waiting.length < WAITING_MAX) state.waiting.push(batch);
      return;
    }
    // Something happens there: it can be told again.
    if (state.is === 'failed') {
      if (batch.sites.some((each) => each.site === site)) this.#ask(site, pauseAfter(state.askedAt));
      return;
    }
    if (batch.revision <= state.revision) return;
    if (batch.revision !== state.revision + 1) return this.#ask(site, pauseAfter(state.askedAt));
    state.revision = batch.revision;
    const part = batch.sites.find((each) => each.site === site);
    if (part) state.replica.apply(part);
  }

  #ask(site: string, pause = 0): void {
    const state: State = { is: 'asking', at: performance.now() + pause, waiting: [], replica: this.get(site) };
    this.#sites.set(site, state);
    if (pause === 0) return void this.#load(site, state);
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      void this.#load(site, state);
    }, pause);
    this.#timers.add(timer);
  }

  async #load(site: string, state: State & { is: 'asking' }): Promise<void> {
    const bridge = this.#bridge;
    if (!bridge || this.#sites.get(site) !== state) return;
    try {
      const snapshot = await bridge.call('live.snapshot', { site });
      if (this.#sites.get(site) !== state || this.#bridge !== bridge) return;
      this.#setClock(snapshot.at);
      const replica = new SiteReplica(site, snapshot);
      this.#sites.set(site, { is: 'live', askedAt: state.at, revision: snapshot.revision, replica });
      for (const batch of state.waiting) {
        const current = this.#sites.get(site);
        if (current) this.#applyTo(site, current, batch);
      }
      this.#tell();
      const oldest = snapshot.rows.findLast(({ seq }) => seq !== undefined)?.seq;
      if (oldest === undefined) return;
      const past = await bridge.call('live.past', { site, before: oldest });
      replica.addPast(past);
      this.#tell();
    } catch {
      // The engine went away meanwhile, or does not have the site (any more): when it is there again, it is asked again.
      if (this.#sites.get(site) === state && this.#bridge === bridge)
        this.#sites.set(site, { is: 'failed', askedAt: state.at, replica: state.replica });
    }
  }

  /** The least delay tells most of the other clock. */
  #setClock(at: number): void {
    this.#ahead = Math.max(this.#ahead ?? Number.NEGATIVE_INFINITY, at - Date.now());
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** The one that the interface looks at. */
export const replicas = new Replicas();

function pauseAfter(askedAt: number): number {
  return Math.max(0, askedAt + PAUSE_MILLIS - performance.now());
}

function onNextFrame(work: () => void): void {
  if (typeof requestAnimationFrame === 'undefined' || document.hidden) setTimeout(work, UNSEEN_MILLIS);
  else requestAnimationFrame(() => work());
}

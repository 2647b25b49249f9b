import type { Change, Millis, Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Throttle } from '../core/throttle.ts';
import type { Want } from '../core/want.ts';
import type { Logger } from '../ports.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import { LARGE_BYTES } from '../store/wants.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import type { Versions } from '../tree/versions.ts';
import { FetchAhead } from './fetch-ahead.ts';
import { FileQueue, type FileWant, type Lane } from './file-queue.ts';
import { InHand } from './in-hand.ts';
import { LocalContent } from './local-content.ts';
import { LocalQueue } from './local-queue.ts';
import type { Publisher } from './publisher.ts';
import type { Ready } from './ready.ts';
import type { Reporter } from './reporter.ts';
import { Retrieval } from './retrieval.ts';
import { Retries } from './retries.ts';
import type { FtpPool } from './retriever/ftp-pool.ts';
import { isSourceTrouble, type SourceTrouble, Troubles } from './source-trouble.ts';
import type { Staging } from './staging.ts';

const RETRY_MILLIS = 5_000;
/** Small files that are asked for at once, for each connection: on a long way they come one behind the other without a gap. */
const AHEAD = 16;
/** Files that are on their way, or here and not published yet: no more are begun meanwhile. */
const IN_HAND_MAX = 1_000;
/** Of a backlog more is asked for when this share of it is left: many at once cost less than one by one. */
const REFILL = 0.5;
/** However far away the next moment is at which there is something to do: the clock may be set. */
const LOOK_MILLIS_MAX = 60_000;

export interface WorkerOptions {
  readonly state: MirrorState;
  readonly root: SiteRoot;
  readonly staging: Staging;
  readonly versions: Versions;
  readonly publisher: Publisher;
  /** The content is here, or nothing has to be fetched: `done` or `kept` says what became of it. */
  readonly deliver: (readies: readonly Ready[]) => void;
  readonly reporter: Reporter;
  /** How many files may be fetched at once. */
  readonly connections: () => number;
  readonly throttle: Throttle;
  /** Bytes of files have come. */
  readonly onBytes: (bytes: number) => void;
  /** The way to the master's files is out of order, or in order again. */
  readonly onTrouble: () => void;
  /** Noted as failed, within a transaction. */
  readonly onFailed: (path: SitePath) => void;
  readonly excludes: (path: SitePath) => boolean;
  /** `paused`: nothing is done. `closed`: nothing is fetched at this hour. */
  readonly mode: () => 'open' | 'closed' | 'paused';
  readonly now: () => Millis;
  readonly random: () => number;
  readonly logger: Logger;
  readonly onBug: (error: unknown) => void;
}

/**
 * Works off the wants of one site: picks what can be done, has the content brought into staging, and hands it to the publisher. All
 * state is in the database; what is in memory is only what is in hand at this moment.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #inHand: InHand;
  readonly #folders: LocalQueue;
  readonly #files: Readonly<Record<Lane, FileQueue>>;
  readonly #local: LocalContent;
  readonly #ahead: FetchAhead;
  readonly #retrieval: Retrieval;
  readonly #troubles: Troubles;
  readonly #retries: Retries;
  /** Files that are brought here: they can be broken off, and go on later where they stopped. */
  readonly #coming: Readonly<Record<Lane, Set<AbortController>>> = { small: new Set(), large: new Set() };
  /** Whatever has to end before this has stopped. */
  readonly #running = new Set<Promise<void>>();
  #pool: FtpPool | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = true;

  constructor(options: WorkerOptions) {
    const { state, root, staging, versions, publisher, logger } = options;
    this.#options = options;
    this.#inHand = new InHand(state, staging);
    this.#folders = new LocalQueue(state, this.#inHand);
    this.#files = {
      small: new FileQueue('small', state, this.#inHand),
      large: new FileQueue('large', state, this.#inHand),
    };
    const isPending = (path: SitePath): boolean => publisher.isPending(path);
    this.#local = new LocalContent({ state, root, staging, versions, isPending, logger });
    this.#ahead = new FetchAhead({ ...options, inHand: this.#inHand });
    this.#retrieval = new Retrieval({ ...options, local: this.#local, ahead: this.#ahead, pool: () => this.#pool });
    this.#troubles = new Troubles({ ...options, onChange: options.onTrouble });
    this.#retries = new Retries(options);
  }

  /** `left`: contents in staging that the run before has left there, for wants that may be overtaken before they are picked. */
  start(left: readonly Sha256[]): void {
    this.#inHand.leave(left);
    this.#stopped = false;
    this.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.endBegun();
    this.#inHand.abortAll();
    await Promise.all(this.#running);
  }

  /** The way to the master's files is known (again): what waited for it goes on at once. */
  use(pool: FtpPool): void {
    this.#pool = pool;
    this.#troubles.clear();
    this.wake();
  }

  /** More small files are waiting than are in hand: what is published may be gathered. */
  get isBacklogged(): boolean {
    return this.#files.small.isBacklogged;
  }

  /** Nothing is in hand: neither on its way here, nor being published. */
  get isAtRest(): boolean {
    return this.#inHand.size === 0;
  }

  get trouble(): SourceTrouble | undefined {
    return this.#troubles.trouble;
  }

  /** What waits for a moment waits as long as before. */
  clockSet(by: Millis): void {
    this.#retries.clockSet(by);
    this.#troubles.clockSet(by);
    this.wake();
  }

  /** There may be something to do; `small`: nothing but small files has come. */
  wake(came: 'small' | 'anything' = 'anything'): void {
    this.#troubles.lookAtRoot();
    this.#inHand.dropLeft();
    if (came === 'anything') return this.#lookEverywhere();
    // The contents of what they took the place of are not wanted any more.
    this.#folders.lookForFreed();
    this.#files.small.lookAgain();
    this.#schedule();
  }

  /** What is being fetched stops, stays in the queue, and goes on where it stopped. */
  breakOff(): void {
    for (const abort of [...this.#coming.small, ...this.#coming.large]) abort.abort();
  }

  /** A newer change took the place of the want at `path`; a transfer of the same content goes on. */
  replaced(path: SitePath, sha256: Sha256 | undefined): void {
    this.#inHand.replaced(path, sha256);
  }

  /** They wait for what belongs to them, under names of their own: others may have the same content fetched. */
  kept(readies: readonly Ready[]): void {
    for (const { want } of readies) this.#inHand.letGo(want);
    if (readies.length > 0) this.#lookEverywhere();
  }

  /** From the publisher: nothing is in hand for this path any more. */
  done(ready: Ready, outcome: 'published' | 'unused' | 'failed'): void {
    const { state, staging, root } = this.#options;
    const { path, target } = ready.want;
    const isPublished = outcome === 'published';
    this.#inHand.letGo(ready.want);
    if (!isPublished && ready.staged !== null && target.kind === 'file') {
      if (ready.staged !== staging.nameOf(target.sha256)) staging.giveBack(ready.staged, target.sha256);
      this.#inHand.dropStaged(target.sha256);
    }
    // It came by another way than the fetch that was broken off.
    else if (target.kind === 'file' && this.#inHand.isLeft(target.sha256)) this.#inHand.dropStaged(target.sha256);
    if (isPublished && target.kind === 'gone' && root.foldsCase) this.#retries.nameFreed();
    // A newer change of it may have come while it was being published.
    if (!isPublished || target.kind !== 'file' || state.wants.of(path) !== undefined) return this.#lookEverywhere();
    this.#folders.lookForFreed();
    this.#lookIn(target.size > LARGE_BYTES ? 'large' : 'small');
  }

  /** See `Retries.note`. */
  fail(want: Want, error: AppError): void {
    this.#retries.note(want, error);
  }

  /**
   * Begins to fetch a file that has just been notified while the notification is still being stored: the way to the master
   * and the disk of the inbox do not wait for each other. Only where nothing else is in hand, and nothing here has its content.
   * Resolves when it is on its way to the disk, or did not come; undefined: nothing was begun.
   */
  begin(changes: readonly Change[]): Promise<void> | undefined {
    const [change] = changes;
    const { mode, connections, excludes } = this.#options;
    if (changes.length !== 1 || change?.op !== 'put' || this.#ahead.isBusy || !this.#pool) return undefined;
    if (this.#troubles.trouble || mode() !== 'open' || this.#stopped) return undefined;
    if (this.#inHand.size >= connections() || this.#inHand.hasContent(change.sha256)) return undefined;
    if (change.size === 0 || excludes(change.path) || this.#local.isKnown(change.sha256)) return undefined;
    if (this.#local.mayBeThere(change.path, change)) return undefined;
    return this.#ahead.begin(this.#pool, change);
  }

  /** The notification is stored: what was begun and is not wanted after all is given up. */
  endBegun(): void {
    const ended = this.#ahead.end();
    if (ended) this.#run(ended.then(() => this.#lookEverywhere()));
  }

  #run(work: Promise<void>): void {
    const running: Promise<void> = work.then(() => void this.#running.delete(running));
    this.#running.add(running);
  }

  /** Something can be picked again where there was nothing. */
  #lookEverywhere(): void {
    this.#readOn();
    this.#schedule();
  }

  #readOn(): void {
    for (const queue of [this.#folders, this.#files.small, this.#files.large]) queue.lookAgain();
  }

  /** There is room for another file. */
  #lookIn(lane: Lane): void {
    this.#files[lane].lookForFreed();
    const isFilled = lane === 'small' && this.isBacklogged && this.#coming.small.size > REFILL * this.#limit(lane);
    if (!isFilled) this.#schedule();
  }

  #schedule(): void {
    if (this.#stopped) return;
    const { mode, state, logger } = this.#options;
    try {
      if (mode() !== 'open') this.breakOff();
      if (this.#retries.requeue()) this.#readOn();
      state.store.reading(() => this.#pick());
      // It is time to try again, and there is nothing left to try it with: what was wanted came by another way.
      if (this.#troubles.trouble && this.#canFetch && this.#comingCount === 0) this.#troubles.clear();
      this.#wakeIn(this.#idleMillis());
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.error({ code: error.code, params: error.params }, 'the database does not answer');
      this.#wakeIn(RETRY_MILLIS);
    }
  }

  #wakeIn(millis: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.wake(), millis);
    this.#timer.unref();
  }

  /** How long there is nothing to do, unless something happens. */
  #idleMillis(): number {
    const { now, mode } = this.#options;
    const { trouble, isWithoutFolder } = this.#troubles;
    const tryAgainAt = trouble && (mode() === 'open' || isWithoutFolder) ? trouble.nextAttemptAt : Infinity;
    const dueIn = Math.min(tryAgainAt, this.#retries.dueAt) - now();
    return Math.min(LOOK_MILLIS_MAX, Math.max(10, dueIn), this.#files.small.dueIn, this.#files.large.dueIn);
  }

  #pick(): void {
    const { deliver, mode } = this.#options;
    if (mode() !== 'paused' && !this.#troubles.isWithoutFolder) {
      const readies = this.#folders.take();
      if (readies.length > 0) deliver(readies);
    }
    for (const lane of ['small', 'large'] as const) this.#pickFiles(lane);
  }

  #pickFiles(lane: Lane): void {
    while (this.#canFetch && this.#hasRoom(lane)) {
      const want = this.#files[lane].next();
      if (!want) return;
      const abort = this.#inHand.take(want);
      this.#coming[lane].add(abort);
      const brought = this.#bring(want, abort.signal).catch((error: unknown) => {
        this.#options.onBug(error);
        return false;
      });
      this.#run(
        brought.then((isHere) => {
          this.#coming[lane].delete(abort);
          if (isHere) this.#lookIn(lane);
          else this.#lookEverywhere();
        }),
      );
    }
  }

  get #canFetch(): boolean {
    return this.#pool !== undefined && this.#options.mode() === 'open' && !this.#troubles.isResting;
  }

  /** While the master is out of reach one file at a time tries the way. */
  #hasRoom(lane: Lane): boolean {
    if (this.#inHand.size >= IN_HAND_MAX) return false;
    return this.#troubles.trouble ? this.#comingCount === 0 : this.#coming[lane].size < this.#limit(lane);
  }

  get #comingCount(): number {
    return this.#coming.small.size + this.#coming.large.size;
  }

  #limit(lane: Lane): number {
    const connections = this.#options.connections();
    // Large files never take all connections: small ones do not wait behind them.
    return lane === 'small' ? connections * AHEAD : Math.max(1, connections - Math.ceil(connections / 3));
  }

  /** True: the content is here, and handed on. False: it did not come. */
  async #bring(want: FileWant, signal: AbortSignal): Promise<boolean> {
    const { deliver, root } = this.#options;
    try {
      const ready = await this.#retrieval.bring(want, signal);
      if (ready.verdict === 'fetch') this.#troubles.clear();
      deliver([ready]);
      return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#inHand.letGo(want);
      this.#inHand.dropStaged(want.target.sha256);
      // Without the site's folder no single file is to blame.
      this.#notBrought(want, root.trouble ?? error);
      return false;
    }
  }

  #notBrought(want: FileWant, error: AppError): void {
    const { state, reporter, logger } = this.#options;
    // It is not being fetched any more, whatever becomes of it: paused, overtaken, or without a way to the master.
    reporter.touch(want.transfer);
    if (this.#stopped) return;
    if (error.code === 'fetch.superseded') return;
    if (isSourceTrouble(error)) return this.#troubles.waitFor(error);
    logger.info({ path: want.path, code: error.code, params: error.params }, 'a transfer failed');
    try {
      const current = state.wants.of(want.path);
      if (current?.transfer === want.transfer) state.store.transaction(() => this.fail(current, error));
    } catch (reason) {
      if (!(reason instanceof AppError)) throw reason;
      // It cannot be noted that it failed: as long as that is so nothing is fetched.
      this.#troubles.waitFor(reason);
    }
  }
}

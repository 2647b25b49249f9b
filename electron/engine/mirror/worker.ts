import type { Change, Millis, Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { nextAttempt } from '../core/retry.ts';
import type { Throttle } from '../core/throttle.ts';
import type { Want } from '../core/want.ts';
import type { Logger } from '../ports.ts';
import { type MirrorState } from '../store/mirror-state.ts';
import { LARGE_BYTES } from '../store/wants.ts';
import type { Versions } from '../tree/versions.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { type Begun, FetchAhead } from './fetch-ahead.ts';
import { FileQueue, type FileWant, type Lane } from './file-queue.ts';
import { InHand } from './in-hand.ts';
import { type Found, LocalContent } from './local-content.ts';
import type { Publisher } from './publisher.ts';
import type { Ready } from './ready.ts';
import type { Reporter } from './reporter.ts';
import { fetchFile } from './retriever/fetch.ts';
import type { FtpPool } from './retriever/ftp-pool.ts';
import { isSourceTrouble, type SourceTrouble, Troubles } from './source-trouble.ts';
import type { Staging } from './staging.ts';

const RETRY_MILLIS = 5_000;
/** Deletes and folders that are decided together. */
const BATCH = 500;
/** Small files that are asked for at once, for each connection: on a long way they come one behind the other without a gap. */
const AHEAD = 16;
/** Files that are on their way, or here and not published yet: no more are begun meanwhile. */
const IN_HAND_MAX = 1_000;
/** Of a backlog more is asked for when this share of it is left: many at once cost less than one by one. */
const REFILL = 0.5;

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
 * Works off the wants of one site: picks what can be done, brings the content into staging (it is there already, a copy of
 * it is here under another name, or it is fetched), and hands it to the publisher. All state is in the database; what is in
 * memory is only what is in hand at this moment.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #inHand: InHand;
  readonly #queue: FileQueue;
  readonly #local: LocalContent;
  readonly #ahead: FetchAhead;
  readonly #troubles: Troubles;
  readonly #running = new Set<Promise<void>>();
  /** Transfers that can be broken off, and go on later where they stopped. */
  readonly #fetching = new Set<AbortController>();
  readonly #slots = { small: 0, large: 0 };
  /** No folder or delete can be picked until something changes. */
  #localDry = false;
  /** What clashed with a name may have its place by now. */
  #isNameFreed = false;
  /** When the first failed want is due. */
  #nextDue = 0;
  #pool: FtpPool | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = true;

  constructor(options: WorkerOptions) {
    const { state, root, staging, versions, publisher, logger } = options;
    this.#options = options;
    this.#inHand = new InHand(state, staging);
    this.#queue = new FileQueue(state, this.#inHand);
    const isPending = (path: SitePath): boolean => publisher.isPending(path);
    this.#local = new LocalContent({ state, root, staging, versions, isPending, logger });
    this.#ahead = new FetchAhead({ ...options, inHand: this.#inHand });
    this.#troubles = new Troubles({ ...options, onChange: options.onTrouble });
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

  /** More is waiting than is in hand: what is published may be gathered. */
  get backlogged(): boolean {
    return this.#queue.backlogged;
  }

  /** Nothing is in hand. */
  get isIdle(): boolean {
    return this.#inHand.size === 0;
  }

  get trouble(): SourceTrouble | undefined {
    return this.#troubles.trouble;
  }

  /** What waits for a moment waits as long as before. */
  clockSet(by: Millis): void {
    this.#nextDue += by;
    this.#troubles.clockSet(by);
    this.wake();
  }

  /** There may be something to do; `small`: nothing but small files has come. */
  wake(came: 'small' | 'anything' = 'anything'): void {
    this.#troubles.lookAtRoot();
    this.#inHand.dropLeft();
    if (came === 'anything') return this.#look('everywhere');
    // What is not wanted any more since may let a delete of the same content go ahead.
    if (this.#options.state.wants.hasQueuedDelete()) this.#localDry = false;
    this.#queue.came('small');
    this.#schedule();
  }

  /** What is being fetched stops, stays in the queue, and goes on where it stopped. */
  breakOff(): void {
    for (const abort of this.#fetching) abort.abort();
  }

  /** A newer change took the place of the want at `path`; a transfer of the same content goes on. */
  replaced(path: SitePath, sha256: Sha256 | undefined): void {
    this.#inHand.replaced(path, sha256);
  }

  #schedule(): void {
    if (this.#stopped) return;
    try {
      if (this.#options.mode() !== 'open') this.breakOff();
      if (this.#isNameFreed) this.#options.state.wants.requeueClashes();
      this.#isNameFreed = false;
      this.#options.state.store.reading(() => this.#pick());
      // It is time to try again, and there is nothing left to try it with: what was wanted came by another way.
      if (
        this.#troubles.trouble &&
        !this.#troubles.isWithoutFolder &&
        this.#pool &&
        this.#options.mode() === 'open' &&
        !this.#isPaused() &&
        this.#isIdle()
      )
        this.#troubles.clear();
      this.#setTimer();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#options.logger.error({ code: error.code, params: error.params }, 'the database does not answer');
      this.#timer = setTimeout(() => this.wake(), RETRY_MILLIS);
    }
  }

  #pick(): void {
    this.#pickLocal();
    this.#pickFiles('small');
    this.#pickFiles('large');
  }

  #pickLocal(): void {
    const { state, deliver, mode } = this.#options;
    if (this.#localDry || mode() === 'paused' || this.#troubles.isWithoutFolder) return;
    // What is in hand is looked up again with each batch: more of it would cost more with every one that is done.
    if (this.#inHand.locals > REFILL * BATCH) return;
    const limit = this.#inHand.locals + BATCH;
    const picked = [...state.wants.queuedDirs(limit), ...state.wants.queuedDeletes(limit)].filter(
      (want) => !this.#inHand.has(want.path),
    );
    this.#localDry = true;
    for (const want of picked) this.#inHand.take(want);
    const verdict = (want: Want) =>
      want.target.kind === 'dir' ? 'mkdir' : state.kindAt(want.path) === 'dir' ? 'rmdir' : 'delete';
    if (picked.length > 0) deliver(picked.map((want): Ready => ({ want, verdict: verdict(want), staged: null })));
  }

  #pickFiles(lane: Lane): void {
    const { mode, onBug } = this.#options;
    if (!this.#pool || mode() !== 'open') return;
    const limit = this.#limit(lane);
    // While the master is out of reach one file at a time tries the way.
    const hasRoom = (): boolean => this.#slots[lane] < (this.#troubles.trouble ? 1 : limit);
    while (!this.#isPaused() && hasRoom() && this.#inHand.size < IN_HAND_MAX) {
      const want = this.#queue.next(lane);
      if (!want) return;
      this.#slots[lane] += 1;
      const abort = this.#inHand.take(want);
      const { signal } = abort;
      this.#fetching.add(abort);
      const begun = this.#ahead.take(want.target.sha256);
      const found = begun ? undefined : this.#local.find(want.path, want.target);
      const running = this.#work(want, signal, begun, found)
        .catch(onBug)
        .then((isHere) => {
          this.#running.delete(running);
          this.#fetching.delete(abort);
          this.#slots[lane] -= 1;
          this.#look(isHere === true ? lane : 'everywhere');
        });
      this.#running.add(running);
    }
  }

  #limit(lane: Lane): number {
    const connections = this.#options.connections();
    // Large files never take all connections: small ones do not wait behind them.
    return lane === 'small' ? connections * AHEAD : Math.max(1, connections - Math.ceil(connections / 3));
  }

  /** It waits for what belongs to it, under a name of its own: others may have the same content fetched. */
  kept({ want }: Ready): void {
    this.#inHand.letGo(want);
    this.#look('everywhere');
  }

  /** From the publisher: nothing is in hand for this path any more. */
  done(ready: Ready, outcome: 'published' | 'unused' | 'failed'): void {
    const { state, staging } = this.#options;
    const { target } = ready.want;
    this.#inHand.letGo(ready.want);
    if (outcome !== 'published' && ready.staged !== null && target.kind === 'file') {
      if (ready.staged !== staging.nameOf(target.sha256)) staging.giveBack(ready.staged, target.sha256);
      this.#inHand.dropStaged(target.sha256);
    }
    // It came by another way than the fetch that was broken off.
    else if (target.kind === 'file' && this.#inHand.isLeft(target.sha256)) this.#inHand.dropStaged(target.sha256);
    // What is gone may have stood in the way of a name that this disk takes for the same.
    if (outcome === 'published' && target.kind === 'gone' && this.#options.root.foldsCase) this.#isNameFreed = true;
    // A newer change of it may have come while it was being published.
    const isWanted = outcome !== 'published' || target.kind !== 'file' || state.wants.of(ready.want.path) !== undefined;
    if (isWanted) return this.#look('everywhere');
    // A published file may let a delete of the same content go ahead.
    if (state.wants.hasQueuedDelete()) this.#localDry = false;
    this.#look(target.size > LARGE_BYTES ? 'large' : 'small');
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
    if (!ended) return;
    const running: Promise<void> = ended.then(() => {
      this.#running.delete(running);
      this.#look('everywhere');
    });
    this.#running.add(running);
  }

  /** Something can be picked again where there was nothing; in a lane: there is room for another file. */
  #look(where: Lane | 'everywhere'): void {
    if (where === 'everywhere') this.#localDry = false;
    this.#queue.lookAgain(where);
    if (where === 'small' && this.backlogged && this.#slots.small > REFILL * this.#limit(where)) return;
    this.#schedule();
  }

  /** True: the content is here, and handed on. False: it did not come. */
  async #work(
    want: FileWant,
    signal: AbortSignal,
    begun: Begun | undefined,
    found: Found | undefined,
  ): Promise<boolean> {
    const { deliver, staging, reporter, now } = this.#options;
    const { path, target } = want;
    const staged = staging.nameOf(target.sha256);
    try {
      const seen = found && (await this.#local.findThere(path, target, found));
      if (seen !== undefined) {
        const known = this.#options.state.entry(path);
        const verdict = known?.kind === 'file' && known.sha256 === target.sha256 ? 'touch' : 'already-here';
        deliver([{ want, verdict, staged: null, seen }]);
        return true;
      }
      if (found && (await this.#local.copy(target, staged, found))) {
        deliver([{ want, verdict: 'copy', staged }]);
        return true;
      }
      reporter.touch(want.transfer, 'fetching');
      signal.addEventListener('abort', () => begun?.abort.abort(), { once: true });
      const bytes = await (begun?.bytes ?? this.#fetch(want, staged, signal));
      this.#troubles.clear();
      // What was begun may have been so for an older change of the same content.
      const fetched = begun ? { ...want, target: { ...target, mtime: begun.mtime } } : want;
      deliver([{ want: fetched, verdict: 'fetch', staged, fetchedAt: now(), bytes }]);
      return true;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // Without the site's folder no single file is to blame.
      const gone = await this.#options.root.check().then(
        () => undefined,
        (reason: unknown) => reason,
      );
      this.#inHand.letGo(want);
      this.#inHand.dropStaged(target.sha256);
      this.#failed(want, gone instanceof AppError ? gone : error);
      return false;
    }
  }

  async #fetch(want: FileWant, staged: string, signal: AbortSignal): Promise<number> {
    const { staging, throttle, onBytes } = this.#options;
    if (!this.#pool) throw new AppError('fetch.unreachable');
    const { path, target } = want;
    const isLeft = staging.isLeft(target.sha256);
    const order = { path, content: target, staged: staging.absolute(staged), isLeft, signal, throttle, onBytes };
    return fetchFile(this.#pool, order);
  }

  #failed(want: FileWant, error: AppError): void {
    const { state, reporter, logger } = this.#options;
    // It is not being fetched any more, whatever becomes of it: paused, overtaken, or without a way to the master.
    reporter.touch(want.transfer);
    if (this.#stopped) return;
    if (error.code === 'fetch.superseded') return;
    if (isSourceTrouble(error)) return this.#troubles.waitFor(error);
    logger.info({ path: want.path, code: error.code, params: error.params }, 'a transfer failed');
    const current = state.wants.of(want.path);
    if (current?.transfer !== want.transfer) return;
    try {
      state.store.transaction(() => this.fail(current, error));
    } catch (reason) {
      if (!(reason instanceof AppError)) throw reason;
      // It cannot be noted that it failed: as long as that is so nothing is fetched.
      this.#troubles.waitFor(reason);
    }
  }

  /** Within a transaction: notes the failure and when the next attempt is due. */
  fail(want: Want, error: AppError): void {
    const { state, now, random, reporter } = this.#options;
    const attempts = want.attempts + 1;
    const nextAt = nextAttempt(error, attempts, now(), random());
    state.wants.set({ ...want, state: 'failed', attempts, nextAt, error: error.toJSON(), staged: null });
    state.transfers.update(want.transfer, { state: 'failed', attempts, nextAttemptAt: nextAt, error: error.toJSON() });
    if (nextAt !== null) this.#nextDue = Math.min(this.#nextDue, nextAt);
    reporter.touch(want.transfer);
    this.#options.onFailed(want.path);
  }

  #isPaused(): boolean {
    return this.#troubles.isResting || (this.#troubles.trouble !== undefined && !this.#isIdle());
  }

  #isIdle(): boolean {
    return this.#slots.small + this.#slots.large === 0;
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const { state, now, mode } = this.#options;
    if (this.#nextDue <= now()) {
      const { requeued, next } = state.wants.requeueDue(now());
      this.#nextDue = next ?? Number.POSITIVE_INFINITY;
      if (requeued > 0) {
        setImmediate(() => this.wake());
        return;
      }
    }
    const tryAgainAt =
      mode() === 'open' || this.#troubles.isWithoutFolder ? this.#troubles.trouble?.nextAttemptAt : undefined;
    const due = [this.#nextDue, tryAgainAt].filter((at) => at !== undefined);
    // However far away it is: the clock may be set.
    const delay = Math.min(60_000, ...due.map((at) => Math.max(10, at - now())));
    this.#timer = setTimeout(() => this.wake(), delay);
    this.#timer.unref();
  }
}

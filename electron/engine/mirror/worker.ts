import { constants, lstatSync, type Stats } from 'node:fs';
import { copyFile, unlink } from 'node:fs/promises';
import type { Change, Millis, Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { nextAttempt } from '../core/retry.ts';
import type { Throttle } from '../core/throttle.ts';
import type { Target, Want } from '../core/want.ts';
import type { Logger } from '../ports.ts';
import { LARGE_BYTES, type MirrorState, type QueuedFile } from '../store/mirror-state.ts';
import type { Versions } from '../store/versions.ts';
import { DataFile } from '../tree/data-file.ts';
import { hashFile } from '../tree/hash.ts';
import { isUntouched } from '../tree/same-time.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import type { Publisher, Ready } from './publisher.ts';
import type { Reporter } from './reporter.ts';
import type { Staging } from './staging.ts';
import { fetchFile } from './retriever/fetch.ts';
import type { FtpPool } from './retriever/ftp-pool.ts';

const RETRY_MILLIS = 5_000;
/** A folder that is not there is looked for at least this often. */
const ROOT_MILLIS = 10_000;
/** Deletes and folders that are decided together. */
const BATCH = 500;
/** Small files that are asked for at once, for each connection: on a long way they come one behind the other without a gap. */
const AHEAD = 16;

type Lane = 'small' | 'large';
type FileTarget = Extract<Target, { kind: 'file' }>;
type FileWant = Want & { readonly target: FileTarget };

interface Begun {
  readonly sha256: Sha256;
  readonly mtime: Millis;
  readonly bytes: Promise<number>;
  readonly abort: AbortController;
}

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

/** Why nothing can be fetched from the master at all. */
export interface SourceTrouble {
  readonly error: AppError;
  readonly since: Millis;
  readonly nextAttemptAt: Millis;
}

/**
 * Works off the wants of one site: picks what can be done, brings the content into staging (it is there already, a copy of
 * it is here under another name, or it is fetched), and hands it to the publisher. All state is in the database; what is in
 * memory is only what is in hand at this moment.
 */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #inHand = new Map<SitePath, { readonly want: Want; readonly abort: AbortController }>();
  readonly #hashes = new Set<Sha256>();
  /** In staging, complete or not, and in nobody's hand: goes when no want needs it any more. */
  readonly #left = new Set<Sha256>();
  readonly #running = new Set<Promise<void>>();
  /** Transfers that can be broken off, and go on later where they stopped. */
  readonly #fetching = new Set<AbortController>();
  readonly #slots = { small: 0, large: 0 };
  /** Nothing more can be picked until something changes. */
  #dry = { small: false, large: false, local: false };
  /** Read from the database ahead of need. */
  #ahead: Record<Lane, QueuedFile[]> = { small: [], large: [] };
  /** Of what was read some has its content on its way already: it can be picked when that is here. */
  #leftOut = { small: false, large: false };
  /** When the first failed want is due. */
  #nextDue = 0;
  #pool: FtpPool | undefined;
  /** Fetched ahead of its want; see `begin`. */
  #begun: Begun | undefined;
  /** The site's folder is not there, or is another one. */
  #rootTrouble: AppError | undefined;
  #trouble: (SourceTrouble & { readonly attempts: number }) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = true;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** `left`: contents in staging that the run before has left there, for wants that may be overtaken before they are picked. */
  start(left: readonly Sha256[]): void {
    for (const sha256 of left) this.#left.add(sha256);
    this.#stopped = false;
    this.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.endBegun();
    for (const { abort } of this.#inHand.values()) abort.abort();
    await Promise.all(this.#running);
  }

  /** The way to the master's files is known (again): what waited for it goes on at once. */
  use(pool: FtpPool): void {
    this.#pool = pool;
    this.#setTrouble(undefined);
    this.wake();
  }

  /** More is waiting than is in hand: what is published may be gathered. */
  get backlogged(): boolean {
    return this.#ahead.small.length > 0;
  }

  get trouble(): SourceTrouble | undefined {
    return this.#trouble;
  }

  /** What waits for a moment waits as long as before. */
  clockSet(by: Millis): void {
    this.#nextDue += by;
    const trouble = this.#trouble;
    if (trouble) this.#setTrouble({ ...trouble, since: trouble.since + by, nextAttemptAt: trouble.nextAttemptAt + by });
    this.wake();
  }

  /** There may be something to do. */
  wake(): void {
    this.#lookAtRoot();
    for (const sha256 of [...this.#left]) this.#dropStaged({ sha256 });
    this.#look('everywhere');
  }

  /** What is being fetched stops, stays in the queue, and goes on where it stopped. */
  breakOff(): void {
    for (const abort of this.#fetching) abort.abort();
  }

  /** A newer change took the place of the want at `path`; a transfer of the same content goes on. */
  replaced(path: SitePath, sha256: Sha256 | undefined): void {
    const inHand = this.#inHand.get(path);
    const target = inHand?.want.target;
    if (target?.kind === 'file' && target.sha256 !== sha256) inHand?.abort.abort();
  }

  /** Without the site's folder nothing is fetched, and nothing made or deleted: it is looked for again and again. */
  #lookAtRoot(): void {
    const { root, now, random } = this.#options;
    const { trouble } = root;
    const before = this.#rootTrouble;
    this.#rootTrouble = trouble;
    if (trouble) {
      if (before && (this.#trouble?.nextAttemptAt ?? 0) > now()) return;
      const attempts = before ? (this.#trouble?.attempts ?? 0) + 1 : 1;
      const at = nextAttempt(new AppError('fetch.unreachable'), attempts, now(), random()) ?? now();
      const since = (before && this.#trouble?.since) ?? now();
      this.#setTrouble({ error: trouble, since, nextAttemptAt: Math.min(at, now() + ROOT_MILLIS), attempts });
    } else if (before) this.#setTrouble(undefined);
  }

  #schedule(): void {
    if (this.#stopped) return;
    try {
      if (this.#options.mode() !== 'open') this.breakOff();
      this.#options.state.store.reading(() => this.#pick());
      // It is time to try again, and there is nothing left to try it with: what was wanted came by another way.
      if (
        this.#trouble &&
        !this.#rootTrouble &&
        this.#pool &&
        this.#options.mode() === 'open' &&
        !this.#isPaused() &&
        this.#isIdle()
      )
        this.#setTrouble(undefined);
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
    if (this.#dry.local || mode() === 'paused' || this.#rootTrouble) return;
    const limit = this.#inHand.size + BATCH;
    const picked = [...state.queuedDirs(limit), ...state.queuedDeletes(limit)].filter(
      (want) => !this.#inHand.has(want.path),
    );
    this.#dry.local = true;
    for (const want of picked) this.#take(want);
    const verdict = (want: Want) =>
      want.target.kind === 'dir' ? 'mkdir' : state.entry(want.path)?.kind === 'dir' ? 'rmdir' : 'delete';
    if (picked.length > 0) deliver(picked.map((want): Ready => ({ want, verdict: verdict(want), staged: null })));
  }

  #pickFiles(lane: Lane): void {
    const { mode, onBug } = this.#options;
    if (!this.#pool || mode() !== 'open') return;
    const connections = this.#options.connections();
    // Large files never take all connections: small ones do not wait behind them.
    const limits = { small: connections * AHEAD, large: Math.max(1, connections - Math.ceil(connections / 3)) };
    // While the master is out of reach one file at a time tries the way.
    while (!this.#isPaused() && this.#slots[lane] < (this.#trouble ? 1 : limits[lane])) {
      const want = this.#next(lane);
      if (!want) return;
      this.#slots[lane] += 1;
      this.#hashes.add(want.target.sha256);
      const abort = this.#take(want);
      const { signal } = abort;
      this.#fetching.add(abort);
      const begun = this.#begun?.sha256 === want.target.sha256 ? this.#begun : undefined;
      if (begun) this.#begun = undefined;
      const running = this.#work(want, signal, begun)
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

  /** The next file that nobody works on; those whose content is on its way already are left for later: they will be copied. */
  #next(lane: Lane): FileWant | undefined {
    const { state } = this.#options;
    const free = ({ path, sha256 }: QueuedFile): boolean => {
      if (this.#inHand.has(path)) return false;
      if (this.#hashes.has(sha256)) this.#leftOut[lane] = true;
      return !this.#hashes.has(sha256);
    };
    for (;;) {
      let read = this.#ahead[lane].shift();
      if (!read && !this.#dry[lane]) {
        this.#leftOut[lane] = false;
        this.#ahead[lane] = state.queuedFiles(lane, this.#inHand.size + BATCH).filter(free);
        read = this.#ahead[lane].shift();
        this.#dry[lane] = read === undefined;
      }
      if (!read) return undefined;
      // It was read a while ago.
      const want = state.want(read.path);
      if (want?.state === 'queued' && isFile(want) && free({ path: want.path, sha256: want.target.sha256 }))
        return want;
    }
  }

  #take(want: Want): AbortController {
    const abort = new AbortController();
    this.#inHand.set(want.path, { want, abort });
    return abort;
  }

  /** It waits for what belongs to it, under a name of its own: others may have the same content fetched. */
  kept({ want }: Ready): void {
    this.#letGo(want);
    this.#look('everywhere');
  }

  /** From the publisher: nothing is in hand for this path any more. */
  done(ready: Ready, outcome: 'published' | 'unused' | 'failed'): void {
    const { state, staging } = this.#options;
    const { target } = ready.want;
    this.#letGo(ready.want);
    if (outcome !== 'published' && ready.staged !== null && target.kind === 'file') {
      if (ready.staged !== staging.nameOf(target.sha256)) staging.giveBack(ready.staged, target.sha256);
      this.#dropStaged(target);
    }
    // It came by another way than the fetch that was broken off.
    else if (target.kind === 'file' && this.#left.has(target.sha256)) this.#dropStaged(target);
    // What is gone may have stood in the way of a name that this disk takes for the same.
    if (outcome === 'published' && target.kind === 'gone' && this.#options.root.foldsCase) state.requeueClashes();
    if (outcome !== 'published' || target.kind !== 'file') return this.#look('everywhere');
    // A published file may let a delete of the same content go ahead.
    if (state.hasQueuedDelete()) this.#dry.local = false;
    this.#look(target.size > LARGE_BYTES ? 'large' : 'small');
  }

  /**
   * Begins to fetch a file that has just been notified while the notification is still being stored: the way to the master
   * and the disk of the inbox do not wait for each other. Only where nothing else is in hand, and nothing here has its content.
   * Resolves when it is on its way to the disk, or did not come; undefined: nothing was begun.
   */
  begin(changes: readonly Change[]): Promise<void> | undefined {
    const [change] = changes;
    const { state, staging, versions, throttle, onBytes, mode, connections } = this.#options;
    if (changes.length !== 1 || change?.op !== 'put' || this.#begun || !this.#pool || this.#trouble) return undefined;
    if (mode() !== 'open') return undefined;
    if (this.#inHand.size >= connections() || this.#hashes.has(change.sha256) || this.#stopped) return undefined;
    if (
      change.size === 0 ||
      this.#options.excludes(change.path) ||
      state.withHash(change.sha256) ||
      state.stagedWithHash(change.sha256) !== undefined ||
      versions.has(change.sha256)
    )
      return undefined;
    if (this.#mayBeThere(change.path, change)) return undefined;
    const abort = new AbortController();
    const staged = staging.absolute(staging.nameOf(change.sha256));
    const { path } = change;
    const { promise: flushing, resolve: onFlush } = Promise.withResolvers<void>();
    const bytes = fetchFile(this.#pool, {
      path,
      content: change,
      staged,
      signal: abort.signal,
      throttle,
      onBytes,
      onFlush,
    });
    bytes.then(() => undefined, onFlush);
    this.#begun = { sha256: change.sha256, mtime: change.mtime, bytes, abort };
    return flushing;
  }

  /** The notification is stored: what was begun and is not wanted after all is given up. */
  endBegun(): void {
    const begun = this.#begun;
    if (!begun) return;
    this.#begun = undefined;
    begun.abort.abort();
    // Nobody else works on its file in staging until it has let go.
    this.#hashes.add(begun.sha256);
    const running: Promise<void> = begun.bytes.then(ignore, ignore).then(() => {
      this.#running.delete(running);
      this.#hashes.delete(begun.sha256);
      this.#dropStaged(begun);
      this.#look('everywhere');
    });
    this.#running.add(running);
  }

  /** What was let go before, and waited, has nothing in hand: not its path, nor its content, which others may be fetching by now. */
  #letGo({ path, target, transfer }: Want): void {
    if (this.#inHand.get(path)?.want.transfer !== transfer) return;
    this.#inHand.delete(path);
    if (target.kind === 'file') this.#hashes.delete(target.sha256);
  }

  /** What is in staging of this content goes, once it is of no use to any want. At the next start it would go too. */
  #dropStaged({ sha256 }: { readonly sha256: Sha256 }): void {
    const { staging, state } = this.#options;
    this.#left.add(sha256);
    if (this.#hashes.has(sha256) || state.isNeeded(sha256)) return;
    this.#left.delete(sha256);
    staging.remove(staging.nameOf(sha256));
  }

  /** Something can be picked again where there was nothing; in a lane: there is room for another file. */
  #look(where: Lane | 'everywhere'): void {
    if (where === 'everywhere') this.#dry = { small: false, large: false, local: false };
    else if (this.#leftOut[where]) this.#dry[where] = false;
    this.#schedule();
  }

  /** True: the content is here, and handed on. False: it did not come. */
  async #work(want: FileWant, signal: AbortSignal, begun: Begun | undefined): Promise<boolean> {
    const { deliver, staging, reporter, now } = this.#options;
    const { path, target } = want;
    const staged = staging.nameOf(target.sha256);
    try {
      if (!begun && (await this.#isThere(path, target))) {
        const known = this.#options.state.entry(path);
        const verdict = known?.kind === 'file' && known.sha256 === target.sha256 ? 'touch' : 'already-here';
        deliver([{ want, verdict, staged: null }]);
        return true;
      }
      if (!begun && (await this.#copy(target, staged))) {
        deliver([{ want, verdict: 'copy', staged }]);
        return true;
      }
      reporter.touch(want.transfer, 'fetching');
      signal.addEventListener('abort', () => begun?.abort.abort(), { once: true });
      const bytes = await (begun?.bytes ?? this.#fetch(want, staged, signal));
      this.#setTrouble(undefined);
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
      this.#letGo(want);
      this.#dropStaged(target);
      this.#failed(want, gone instanceof AppError ? gone : error);
      return false;
    }
  }

  async #fetch(want: FileWant, staged: string, signal: AbortSignal): Promise<number> {
    const { staging, throttle, onBytes } = this.#options;
    if (!this.#pool) throw new AppError('fetch.unreachable');
    const { path, target } = want;
    const order = { path, content: target, staged: staging.absolute(staged), signal, throttle, onBytes };
    return fetchFile(this.#pool, order);
  }

  /** The file stands there already: it came by another way (SPEC §6), or only its time is new. */
  async #isThere(path: SitePath, target: FileTarget): Promise<boolean> {
    const { root, publisher } = this.#options;
    // What is there is about to go: a newer change wants back what an older one, decided already, takes away.
    if (publisher.isPending(path)) return false;
    try {
      if (!this.#mayBeThere(path, target)) return false;
      const absolute = root.plain(path);
      // On a disk that folds case it may be the file of another name.
      root.refuseOtherSpelling(path);
      return (await hashFile(absolute)).sha256 === target.sha256;
    } catch {
      // Whatever is wrong there shows when the file is put in place.
      return false;
    }
  }

  /** By what costs little: a file of that size is there, and not known to be another one. */
  #mayBeThere(path: SitePath, { size, sha256 }: { readonly size: number; readonly sha256: Sha256 }): boolean {
    const info = findStats(this.#options.root.plain(path));
    if (!info?.isFile() || info.size !== size) return false;
    const known = this.#options.state.entry(path);
    return !(known?.kind === 'file' && known.sha256 !== sha256 && isUntouched(info, known));
  }

  /** The content is here: published, ready, or kept of an earlier version. Copied (as a reference where the file system can), and verified. */
  async #copy(target: FileTarget, staged: string): Promise<boolean> {
    const { root, state, staging, versions } = this.#options;
    const ready = state.stagedWithHash(target.sha256);
    const published = ready === undefined ? state.withHash(target.sha256) : undefined;
    const kept = ready === undefined && !published && versions.has(target.sha256);
    if (ready === undefined && !published && !kept) return false;
    const copy = staging.absolute(staged);
    try {
      if (kept) {
        staging.remove(staged);
        if (!(await versions.take(target.sha256, copy))) return false;
      } else {
        const source = published ? await root.resolve(published.path) : staging.absolute(ready ?? '');
        await copyFile(source, copy, constants.COPYFILE_FICLONE);
        if ((await hashFile(copy)).sha256 !== target.sha256) throw new AppError('file.changed', { path: source });
      }
      const file = DataFile.open(copy);
      try {
        file.setTime(target.mtime);
        await file.sync();
      } finally {
        file.close();
      }
      return true;
    } catch (error) {
      this.#options.logger.debug({ err: error, sha256: target.sha256 }, 'no copy of what is here');
      await unlink(copy).catch(() => undefined);
      return false;
    }
  }

  #failed(want: FileWant, error: AppError): void {
    const { state, logger } = this.#options;
    if (this.#stopped) return;
    if (error.code === 'fetch.superseded') return;
    if (isSourceTrouble(error)) {
      this.#waitFor(error);
      return this.#options.reporter.touch();
    }
    logger.info({ path: want.path, code: error.code, params: error.params }, 'a transfer failed');
    const current = state.want(want.path);
    if (current?.transfer !== want.transfer) return;
    try {
      state.store.transaction(() => this.fail(current, error));
    } catch (reason) {
      if (!(reason instanceof AppError)) throw reason;
      // It cannot be noted that it failed: as long as that is so nothing is fetched.
      this.#waitFor(reason);
    }
  }

  /** Nothing can be fetched for a reason that is not in one file: it is tried again. */
  #waitFor(error: AppError): void {
    const { now, random } = this.#options;
    const attempts = (this.#trouble?.attempts ?? 0) + 1;
    const at = nextAttempt(new AppError('fetch.unreachable'), attempts, now(), random());
    this.#setTrouble({ error, since: this.#trouble?.since ?? now(), nextAttemptAt: at ?? now(), attempts });
  }

  /** Within a transaction: notes the failure and when the next attempt is due. */
  fail(want: Want, error: AppError): void {
    const { state, now, random, reporter } = this.#options;
    const attempts = want.attempts + 1;
    const nextAt = nextAttempt(error, attempts, now(), random());
    state.setWant({ ...want, state: 'failed', attempts, nextAt, error: error.toJSON(), staged: null });
    state.transfers.update(want.transfer, { state: 'failed', attempts, nextAttemptAt: nextAt, error: error.toJSON() });
    if (nextAt !== null) this.#nextDue = Math.min(this.#nextDue, nextAt);
    reporter.touch(want.transfer);
    this.#options.onFailed(want.path);
  }

  #setTrouble(trouble: (SourceTrouble & { readonly attempts: number }) | undefined): void {
    const changed = trouble !== this.#trouble;
    this.#trouble = trouble;
    if (changed) this.#options.onTrouble();
  }

  #isPaused(): boolean {
    if (this.#rootTrouble) return true;
    return this.#trouble !== undefined && (this.#trouble.nextAttemptAt > this.#options.now() || !this.#isIdle());
  }

  #isIdle(): boolean {
    return this.#slots.small + this.#slots.large === 0;
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const { state, now, mode } = this.#options;
    if (this.#nextDue <= now()) {
      const { requeued, next } = state.requeueDue(now());
      this.#nextDue = next ?? Number.POSITIVE_INFINITY;
      if (requeued > 0) {
        setImmediate(() => this.wake());
        return;
      }
    }
    const tryAgainAt = mode() === 'open' || this.#rootTrouble ? this.#trouble?.nextAttemptAt : undefined;
    const due = [this.#nextDue, tryAgainAt].filter((at) => at !== undefined);
    // However far away it is: the clock may be set.
    const delay = Math.min(60_000, ...due.map((at) => Math.max(10, at - now())));
    this.#timer = setTimeout(() => this.wake(), delay);
    this.#timer.unref();
  }
}

/** What stands there; undefined for nothing, and for what cannot be looked at. */
function findStats(absolute: string): Stats | undefined {
  try {
    return lstatSync(absolute, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The master's FTP server or the site's folder as a whole is out of reach: no single file is to blame. */
function isSourceTrouble(error: AppError): boolean {
  const codes = [
    'site.root-missing',
    'site.root-other',
    'fetch.unreachable',
    'fetch.refused',
    'fetch.login-refused',
    'fetch.certificate',
  ];
  return codes.includes(error.code) && error.params['path'] === undefined;
}

function isFile(want: Want): want is FileWant {
  return want.target.kind === 'file';
}

function ignore(): void {}

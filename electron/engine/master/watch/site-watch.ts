import { setTimeout as sleep } from 'node:timers/promises';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError, type ErrorJson } from '../../../../shared/errors/app-error.ts';
import { type BackOff, backOff } from '../../core/back-off.ts';
import type { Clock, Logger } from '../../ports.ts';
import { requireOwnRoot, STABLE_MILLIS } from '../compare.ts';
import type { ScanOptions, ScanOutcome, Watching } from '../rescan.ts';
import { findExactStats } from '../../tree/find-stats.ts';
import type { MasterSite } from '../site.ts';
import type { Rereading } from '../unfit.ts';
import { mountsBelow } from '../../tree/mounts.ts';
import { Following } from './following.ts';
import { LONG_AGO, WRITING_MILLIS_MAX } from './settling.ts';
import { type EventQueue, OverflowError } from './event-queue.ts';
import { LostFolderError, type TreeListener, type TreeWatch, watchTree } from './tree-watch.ts';

const BACK_OFF: BackOff = { first: 1000, longest: 300_000 };
export interface SiteWatchOptions {
  readonly site: MasterSite;
  readonly scan: (options: ScanOptions) => Promise<ScanOutcome>;
  /** Of all watches of this process. */
  readonly queue: EventQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Trouble has come or gone. */
  readonly onChange: () => void;
}

/** What may still be written to is left to the next comparison. */
const NEXT_TIME: Watching = { isOn: true, waitsFor: () => false, settle: () => undefined };

/** What is written to, or open for it, for so long is shown as such. */
const WRITING_MILLIS_TOLD = 10_000;

/** A file that is not published yet, as it is still being written to. */
export interface Writing {
  readonly path: SitePath;
  readonly since: number;
  /** It is taken as it stands then. */
  readonly until: number;
}

/** Why changes made without FTP are not seen at the moment. */
export interface WatchTrouble {
  readonly error: ErrorJson;
  readonly since: number;
  readonly nextAttemptAt: number;
}

/**
 * Journals what is changed in a site's folder without FTP (SPEC §3): watches the folder, then compares all of it once, then
 * whatever the watch names, after it has been stable for `STABLE_MILLIS`. What the FTP server has changed is in the index
 * already. Whenever the watch fails, may have missed something, or the delete guard holds, it begins again after a back-off.
 */
export class SiteWatch implements Watching, Rereading {
  readonly #options: SiteWatchOptions;
  readonly #ending = new AbortController();
  #again = new AbortController();
  #running: Promise<void> | undefined;
  /** Of the watch that is under way. */
  #failure = new AbortController();
  /** The folder that is watched. */
  #place: string | undefined;
  #trouble: WatchTrouble | undefined;
  /** Undefined: nothing is heard of the folder. */
  #following: Following | undefined;
  #tree: TreeWatch | undefined;
  #told = '';

  constructor(options: SiteWatchOptions) {
    this.#options = options;
  }

  get trouble(): WatchTrouble | undefined {
    return this.#trouble;
  }

  /** The files that have been written to for long, and wait until nobody does any more. */
  get writing(): readonly Writing[] {
    const [now, steady] = [this.#options.clock.now(), performance.now()];
    const writing = this.#following?.settling.writing(steady - WRITING_MILLIS_TOLD) ?? [];
    return writing.map(({ path, since }) => {
      const begun = Math.round(now - (steady - since));
      return { path, since: begun, until: begun + WRITING_MILLIS_MAX };
    });
  }

  /** Where it only waits for somebody to agree to deletes it goes on, and reads all of the folder, as soon as that is done. */
  get isOn(): boolean {
    return this.#following !== undefined || this.#trouble?.error.code === 'guard.held';
  }

  waitsFor(path: SitePath): boolean {
    return this.#following?.settling.has(path) === true;
  }

  settle(path: SitePath): void {
    this.#following?.touched(path, LONG_AGO);
  }

  /**
   * Resolves, with how many changes were journalled meanwhile, once all that now only has to stand still is dealt with: what is
   * written to for long, or is open for it, goes on waiting. A watch that fails meanwhile is not waited for.
   */
  async caughtUp(): Promise<number> {
    const [following, asked] = [this.#following, performance.now()];
    const before = following?.changed ?? 0;
    while (following && following === this.#following && (await following.isDueBy(asked)))
      await sleep(STABLE_MILLIS / 5);
    return (following?.changed ?? 0) - before;
  }

  /** See `Rereading`: nothing may have happened there since. */
  readable(path: SitePath): boolean {
    this.settle(path);
    this.#tree?.tellBelow(path);
    return this.#following !== undefined;
  }

  /** See `Rereading`. */
  readAll(): void {
    this.#failure.abort(new OverflowError('more could not be read than is remembered'));
  }

  /** Such a file is published as it stands. False: it is none by now. */
  publish(path: SitePath): boolean {
    return this.#following?.settling.release(path) === true;
  }

  start(): void {
    this.#running ??= this.#run(this.#ending.signal);
  }

  /** Does not wait for the next attempt. */
  retry(): void {
    this.#again.abort();
  }

  /** What is watched is not the site's folder any more: its disk was unmounted, say, and nothing of it is heard. */
  lost(error: AppError): void {
    this.#failure.abort(error);
  }

  /** Another folder may have taken the place of the one that is watched, mark and all, or of one in it: nobody is told of a disk that is mounted. */
  look(): void {
    const stands = this.#following && placeOf(this.#options.site);
    if (stands !== undefined && stands !== this.#place) this.#failure.abort(new LostFolderError());
  }

  /** Idempotent; resolves when nothing is open any more. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await this.#watch(signal, () => {
          attempt = 0;
          this.#setTrouble(undefined);
        });
      } catch (error) {
        if (signal.aborted) return;
        await this.#rest(error, Math.max(1, attempt), signal);
      }
    }
  }

  /** Rejects when it cannot go on. */
  async #watch(signal: AbortSignal, started: () => void): Promise<void> {
    const { site, scan, queue, clock, logger } = this.#options;
    const failure = new AbortController();
    this.#failure = failure;
    const either = AbortSignal.any([signal, failure.signal]);
    const readUntil = (): number => this.#tree?.readUntil ?? 0;
    const following = new Following({ site, clock, logger, readUntil, onRound: () => this.#tellWriting() });
    const listener: TreeListener = {
      touched: (path, renewed) => following.touched(path, renewed),
      odd: (folder) => following.odd(folder),
      closed: (folder, error) => following.closed(folder, error),
      failed: (error) => failure.abort(error),
    };
    requireOwnRoot(site);
    this.#place = placeOf(site);
    const tree = await watchTree(site.root.folder, listener, queue, either).catch(async (error: unknown) => {
      either.throwIfAborted();
      // Until there are enough watches it is compared with each attempt.
      await scan({ signal: either, watch: NEXT_TIME });
      throw error;
    });
    this.#following = following;
    this.#tree = tree;
    try {
      const { found, changed } = await scan({ signal: either, watch: this });
      logger.info({ found, changed }, 'the folder is watched');
      started();
      await following.run(either);
    } finally {
      tree.stop();
      this.#following = undefined;
      this.#tree = undefined;
      this.#tellWriting();
    }
  }

  #tellWriting(): void {
    const told = this.writing.map(({ path }) => path).join('\n');
    if (told === this.#told) return;
    this.#told = told;
    this.#options.onChange();
  }

  async #rest(thrown: unknown, attempt: number, signal: AbortSignal): Promise<void> {
    const { site, clock, logger } = this.#options;
    const interrupted = asTrouble(thrown, site.root.folder);
    const error = site.root.trouble ?? interrupted;
    const delay = backOff(BACK_OFF, attempt, Math.random());
    const nextAttemptAt = clock.now() + delay;
    logger.warn({ code: error.code, params: error.params, nextAttemptAt }, 'the watch begins again');
    this.#setTrouble({ error: error.toJSON(), since: this.#trouble?.since ?? clock.now(), nextAttemptAt });
    this.#again = new AbortController();
    await sleep(delay, undefined, { signal: AbortSignal.any([signal, this.#again.signal]) }).catch(() => undefined);
  }

  #setTrouble(trouble: WatchTrouble | undefined): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    this.#options.onChange();
  }
}

/** The folder, and the disks in it. Undefined: nothing stands there. */
function placeOf({ root }: MasterSite): string | undefined {
  const info = findExactStats(root.folder);
  return info && `${info.dev}-${info.ino}\n${mountsBelow(root.folder)}`;
}

/** What a person is told. Whatever is no failure of the system is a bug, and ends the engine. */
function asTrouble(thrown: unknown, root: string): AppError {
  const error = thrown instanceof Error && thrown.name === 'AbortError' ? thrown.cause : thrown;
  if (error instanceof AppError) return error;
  if (error instanceof OverflowError || error instanceof LostFolderError)
    return new AppError('watch.interrupted', { root, reason: error.message });
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') throw error;
  const code = error.code === 'ENOSPC' || error.code === 'EMFILE' ? 'watch.limit' : 'watch.interrupted';
  return new AppError(code, { root, reason: error.code }, error);
}

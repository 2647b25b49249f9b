import type { Stats } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Millis, Present, Sha256 } from '../../../../shared/domain/change.ts';
import { childOf, parentOf, type SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError, type ErrorJson } from '../../../../shared/errors/app-error.ts';
import { type BackOff, backOff } from '../../core/back-off.ts';
import { defined } from '../../core/defined.ts';
import { createPace, type Pace } from '../../core/pace.ts';
import type { Clock, Logger } from '../../ports.ts';
import {
  BATCH,
  mayDiffer,
  missingAt,
  recordFound,
  recordGone,
  requireOwnRoot,
  requireRemoved,
  type Seen,
  STABLE_MILLIS,
  standing,
} from '../compare.ts';
import type { ScanOptions, ScanOutcome, Watching } from '../rescan.ts';
import { findExactStats, findStats } from '../../tree/find-stats.ts';
import { isCurrent } from '../served.ts';
import type { MasterSite } from '../site.ts';
import type { Rereading } from '../unfit.ts';
import { mountsBelow } from '../../tree/mounts.ts';
import { unfitIn } from '../../tree/unfit-names.ts';
import { describe, isOverdue, LONG_AGO, Settling, type Taken, WRITING_MILLIS_MAX } from './settling.ts';
import { type EventQueue, OverflowError } from './event-queue.ts';
import { LostFolderError, type TreeWatch, watchTree } from './tree-watch.ts';
import { findWriters, isWriting } from './writers.ts';

const BACK_OFF: BackOff = { first: 1000, longest: 300_000 };
/**
 * Deletes are gathered until no more come, but no longer than this: the guard judges them together, so that a tree that is
 * being emptied does not pass it piece by piece.
 */
const GATHER_MILLIS = 60_000;
/** Files with several names of which it is remembered that the others are looked at. */
const TWINS_TOLD_MAX = 1000;

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
  #settling: Settling | undefined;
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
    const writing = this.#settling?.writing(steady - WRITING_MILLIS_TOLD) ?? [];
    return writing.map(({ path, since }) => {
      const begun = Math.round(now - (steady - since));
      return { path, since: begun, until: begun + WRITING_MILLIS_MAX };
    });
  }

  /** Where it only waits for somebody to agree to deletes it goes on, and reads all of the folder, as soon as that is done. */
  get isOn(): boolean {
    return this.#settling !== undefined || this.#trouble?.error.code === 'guard.held';
  }

  waitsFor(path: SitePath): boolean {
    return this.#settling?.has(path) === true;
  }

  settle(path: SitePath): void {
    if (this.#settling) this.#touched(this.#settling, path, LONG_AGO);
  }

  /** See `Rereading`: nothing may have happened there since. */
  readable(path: SitePath): boolean {
    this.settle(path);
    this.#tree?.tellBelow(path);
    return this.#settling !== undefined;
  }

  /** See `Rereading`. */
  readAll(): void {
    this.#failure.abort(new OverflowError('more could not be read than is remembered'));
  }

  /** Such a file is published as it stands. False: it is none by now. */
  publish(path: SitePath): boolean {
    return this.#settling?.release(path) === true;
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
    const stands = this.#settling && placeOf(this.#options.site);
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
    const { site, scan, queue, logger } = this.#options;
    const failure = new AbortController();
    this.#failure = failure;
    const either = AbortSignal.any([signal, failure.signal]);
    const settling = new Settling();
    const touched = (path: SitePath, renewed?: number): void => this.#touched(settling, path, renewed);
    const odd = new Set<SitePath>();
    const closed = new Map<SitePath, unknown>();
    const listener = {
      touched,
      odd: (folder: SitePath) => {
        odd.add(folder);
        touched(folder);
      },
      closed: (folder: SitePath, error: unknown) => {
        closed.set(folder, error);
        touched(folder);
      },
      failed: (error: unknown) => failure.abort(error),
    };
    requireOwnRoot(site);
    this.#place = placeOf(site);
    const tree = await watchTree(site.root.folder, listener, queue, either).catch(async (error: unknown) => {
      either.throwIfAborted();
      // Until there are enough watches it is compared with each attempt.
      await scan({ signal: either, watch: NEXT_TIME });
      throw error;
    });
    this.#settling = settling;
    this.#tree = tree;
    try {
      const { found, changed } = await scan({ signal: either, watch: this });
      logger.info({ found, changed }, 'the folder is watched');
      started();
      await this.#follow(settling, odd, closed, either);
    } finally {
      tree.stop();
      this.#settling = undefined;
      this.#tree = undefined;
      this.#tellWriting();
    }
  }

  /** `odd`: folders with names that may be none. `closed`: such as cannot be read, and why. */
  async #follow(
    settling: Settling,
    odd: Set<SitePath>,
    closed: Map<SitePath, unknown>,
    signal: AbortSignal,
  ): Promise<never> {
    const { site, logger } = this.#options;
    const gone = new Gone(site);
    const told = new Set<string>();
    for (let more = false; ; ) {
      signal.throwIfAborted();
      if (!more && gone.waiting) await sleep(STABLE_MILLIS / 2, undefined, { signal });
      else if (!more) await settling.due(signal);
      requireOwnRoot(site);
      const quiet = settling.take(performance.now(), BATCH);
      more = quiet.length === BATCH;
      const changed: Seen[] = [];
      const read = new Set<SitePath>();
      const files: Array<{ touched: Taken; info: Stats }> = [];
      const linked: Linked[] = [];
      const unread = new Set<SitePath>();
      const passOver = (path: SitePath, error: unknown): void => {
        logger.warn({ err: error, path }, 'what cannot be read is not published');
        unread.add(path);
        read.delete(path);
      };
      const pace = createPace(signal);
      for (const touched of quiet) {
        const { path, look, renewed } = touched;
        let info: Stats | undefined;
        try {
          info = await standing(site, path);
          // A disk that folds case may tell of a file by the spelling that was asked for.
          const other = info ? undefined : site.root.otherSpelling(path);
          if (other !== undefined) this.#touched(settling, childOf(parentOf(path), other), renewed);
        } catch (error) {
          passOver(path, error);
          continue;
        }
        if (describe(info) !== look && !isOverdue(touched, performance.now())) {
          const now = performance.now();
          settling.touch({ ...touched, look: describe(info), renewed: now }, now);
          continue;
        }
        if (info?.isFile()) read.add(path);
        const known = site.journal.index.entry(path);
        if (info?.isDirectory() && known?.kind !== 'dir') changed.push({ path });
        if (info?.isFile() && (!isCurrent(known, info) || mayDiffer(site, known, info, this.#timeOf(renewed)))) {
          files.push({ touched, info });
          if (info.nlink > 1 && known?.kind === 'file' && isNew(told, info))
            linked.push({ sha256: known.sha256, identity: identityOf(info), renewed });
        }
        if (!info && isLink(site, path)) {
          const folder = parentOf(path);
          odd.add(folder);
          settling.touch({ path: folder, look: 'folder' }, performance.now());
        }
        if (odd.delete(path)) site.unfit.foundIn(path, unfitIn(site.root, path));
        if (closed.has(path) && info?.isDirectory()) passOver(path, closed.get(path));
        closed.delete(path);
        try {
          if (!info || (info.isDirectory() && renewed !== undefined)) await gone.add(path, performance.now(), pace);
        } catch (error) {
          signal.throwIfAborted();
          passOver(path, error);
        }
        await pace();
      }
      await this.#touchTwins(settling, linked, new Set(files.map(({ touched }) => touched.path)), pace);
      changed.push(...(await this.#closed(files, settling, signal)));
      for (const { touched } of files) if (settling.has(touched.path)) read.delete(touched.path);
      if (changed.length > 0) await recordFound(site, changed, passOver, { signal });
      site.unfit.unreadable(unread);
      site.unfit.read(read);
      // What comes under another name makes up for what goes.
      if (!more) await gone.flush(performance.now(), signal);
      this.#tellWriting();
    }
  }

  #touched(settling: Settling, path: SitePath, renewed?: number): void {
    const look = describe(findStats(this.#options.site.root.plain(path)));
    settling.touch({ path, look, ...defined({ renewed }) }, performance.now());
  }

  /** A moment of the steady clock by the other one. */
  #timeOf(steady: number | undefined): Millis | undefined {
    return steady === undefined ? undefined : this.#options.clock.now() - (performance.now() - steady);
  }

  /** Other names of files that were changed, but `known` ones: only that one is told by which a file was opened. */
  async #touchTwins(
    settling: Settling,
    changed: readonly Linked[],
    known: ReadonlySet<SitePath>,
    pace: Pace,
  ): Promise<void> {
    const { root, journal } = this.#options.site;
    for (const [sha256, linked] of Map.groupBy(changed, (each) => each.sha256)) {
      const renewed = new Map(linked.map((each) => [each.identity, each.renewed]));
      for (const path of journal.index.withContent(sha256)) {
        const info = findStats(root.plain(path));
        const identity = info && identityOf(info);
        const isTwin = identity !== undefined && renewed.has(identity) && !known.has(path) && !settling.has(path);
        if (isTwin) this.#touched(settling, path, renewed.get(identity));
        await pace();
      }
    }
  }

  #tellWriting(): void {
    const told = this.writing.map(({ path }) => path).join('\n');
    if (told === this.#told) return;
    this.#told = told;
    this.#options.onChange();
  }

  /** Of files that are quiet those that nobody has open for writing, as far as can be seen; the others go on waiting. */
  async #closed(
    files: ReadonlyArray<{ touched: Taken; info: Stats }>,
    settling: Settling,
    signal: AbortSignal,
  ): Promise<Seen[]> {
    const now = performance.now();
    const closed: Seen[] = [];
    const unknown: (typeof files)[number][] = [];
    for (const { touched, info } of files) {
      const { path, writer } = touched;
      if (isOverdue(touched, now)) closed.push({ path });
      else if (writer !== undefined && isWriting(writer, info)) settling.hold({ ...touched, writer }, now);
      else unknown.push({ touched, info });
    }
    const writers = await findWriters(new Map(unknown.map(({ touched, info }) => [touched.path, info])), signal);
    for (const { touched, info } of unknown) {
      const writer = writers.get(touched.path);
      if (writer === undefined) closed.push({ path: touched.path, quiet: info });
      else settling.hold({ ...touched, writer }, now);
    }
    return closed;
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

/** A file that was changed, and has several names. */
interface Linked {
  /** What it held before. */
  readonly sha256: Sha256;
  readonly identity: string;
  readonly renewed: number | undefined;
}

function identityOf({ dev, ino }: Stats): string {
  return `${dev}-${ino}`;
}

/** Each of a thousand names says the same of the others. */
function isNew(told: Set<string>, info: Stats): boolean {
  const version = `${identityOf(info)}-${info.ctimeMs}`;
  if (told.has(version)) return false;
  if (told.size === TWINS_TOLD_MAX) told.clear();
  told.add(version);
  return true;
}

/** The folder, and the disks in it. Undefined: nothing stands there. */
function placeOf({ root }: MasterSite): string | undefined {
  const info = findExactStats(root.folder);
  return info && `${info.dev}-${info.ino}\n${mountsBelow(root.folder)}`;
}

function isLink({ root }: MasterSite, path: SitePath): boolean {
  return findStats(root.plain(path))?.isSymbolicLink() === true;
}

/** What is gone from the folder, until no more goes. */
class Gone {
  readonly #site: MasterSite;
  readonly #missing = new Map<SitePath, Present>();
  #first = 0;
  #last = 0;
  /** Files that the index had before anything of it was gone: what a folder holds that was renamed comes meanwhile. */
  #of = 0;

  constructor(site: MasterSite) {
    this.#site = site;
  }

  get waiting(): boolean {
    return this.#missing.size > 0;
  }

  async add(path: SitePath, now: number, pace: Pace): Promise<void> {
    for (const entry of await missingAt(this.#site, path, pace)) {
      if (this.#missing.size === 0) {
        this.#first = now;
        this.#of = this.#site.journal.index.files();
      }
      if (!this.#missing.has(entry.path)) this.#last = now;
      this.#missing.set(entry.path, entry);
    }
  }

  /** Journals them when it is time to. Rejects `guard.held`, and nothing of them is journalled. */
  async flush(now: number, signal: AbortSignal): Promise<void> {
    if (!this.waiting) return;
    if (now < this.#last + STABLE_MILLIS && now < this.#first + GATHER_MILLIS) return;
    const entries = await this.#stillMissing(createPace(signal));
    requireOwnRoot(this.#site);
    const gone = entries.filter(({ kind }) => kind === 'file').length;
    const files = this.#site.journal.index.files();
    this.#site.losses.requireFew(gone, files, now);
    requireRemoved(this.#site, entries, files);
    this.#missing.clear();
    await recordGone(this.#site, entries, signal);
    this.#site.losses.note(gone, this.#of, now);
  }

  /** Without what has come back since, and what was in a folder that a file has the place of: that is journalled already, and counted. */
  async #stillMissing(pace: Pace): Promise<Present[]> {
    const missing: Present[] = [];
    for (const entry of this.#missing.values()) {
      const { path } = entry;
      const isThere = await standing(this.#site, path);
      if (!isThere && this.#site.journal.index.entry(path)) missing.push(entry);
      await pace();
    }
    return missing;
  }
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

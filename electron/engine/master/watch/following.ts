import type { Stats } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Millis, Sha256 } from '../../../../shared/domain/change.ts';
import { childOf, parentOf, type SitePath } from '../../../../shared/domain/site-path.ts';
import { defined } from '../../core/defined.ts';
import { Lock } from '../../core/lock.ts';
import { createPace, type Pace } from '../../core/pace.ts';
import type { Clock, Logger } from '../../ports.ts';
import { findStats } from '../../tree/find-stats.ts';
import { unfitIn } from '../../tree/unfit-names.ts';
import { BATCH, mayDiffer, recordFound, requireOwnRoot, type Seen, STABLE_MILLIS, standing } from '../compare.ts';
import { isCurrent } from '../served.ts';
import type { MasterSite } from '../site.ts';
import { Gone } from './gone.ts';
import { describe, isOverdue, Settling, type Taken } from './settling.ts';
import type { TreeListener } from './tree-watch.ts';
import { findWriters, isWriting } from './writers.ts';

/** Files with several names of which it is remembered that the others are looked at. */
const TWINS_TOLD_MAX = 1000;

export interface FollowingOptions {
  readonly site: MasterSite;
  readonly clock: Clock;
  readonly logger: Logger;
  /** See `TreeWatch`. */
  readonly readUntil: () => number;
  /** What was quiet at one time has been dealt with. */
  readonly onRound: () => void;
}

/** Journals what one watch of a site's folder names, once that has been stable for `STABLE_MILLIS`. */
export class Following implements Omit<TreeListener, 'failed'> {
  readonly settling = new Settling();
  readonly #options: FollowingOptions;
  readonly #gone: Gone;
  /** Folders with names that may be none. */
  readonly #odd = new Set<SitePath>();
  /** Folders that cannot be read, and why. */
  readonly #closed = new Map<SitePath, unknown>();
  /** Files with several names of which the others are looked at, as `isNew` has them. */
  readonly #twins = new Set<string>();
  /** The round that is under way. */
  readonly #rounds = new Lock();
  #changed = 0;

  constructor(options: FollowingOptions) {
    this.#options = options;
    this.#gone = new Gone(options.site);
  }

  /** Changes to files and folders journalled so far, without deletes. */
  get changed(): number {
    return this.#changed;
  }

  /** What was touched by `then` (by the steady clock) is not dealt with yet, and only has to stand still for it. */
  isDueBy(then: number): Promise<boolean> {
    return this.#rounds.run(async () => this.settling.isDueBy(then));
  }

  touched(path: SitePath, renewed?: number): void {
    this.#touch(path, renewed, false);
  }

  odd(folder: SitePath): void {
    this.#odd.add(folder);
    this.touched(folder);
  }

  closed(folder: SitePath, error: unknown): void {
    this.#closed.set(folder, error);
    this.touched(folder);
  }

  /** Rejects when it cannot go on: `guard.held`, and as `requireOwnRoot`. */
  async run(signal: AbortSignal): Promise<never> {
    for (let more = false; ; ) {
      signal.throwIfAborted();
      if (!more && this.#gone.waiting) await sleep(STABLE_MILLIS / 2, undefined, { signal });
      else if (!more) await this.settling.due(signal);
      more = await this.#rounds.run(() => this.#deal(signal));
      this.#options.onRound();
    }
  }

  /** Deals with what has been quiet for long enough. True: there may be more of it. */
  async #deal(signal: AbortSignal): Promise<boolean> {
    const { site } = this.#options;
    requireOwnRoot(site);
    const quiet = this.settling.take(performance.now(), BATCH);
    const more = quiet.length === BATCH;
    const round = new Round(this.#options, createPace(signal));
    for (const touched of quiet) {
      await this.#look(touched, round, signal);
      await round.pace();
    }
    const closed = await this.#notWritten(round.files, signal);
    await this.#touchTwins(closed, round);
    round.changed.push(...closed.map((file) => asSeen(file, performance.now())));
    for (const { touched } of round.files) if (this.settling.has(touched.path)) round.read.delete(touched.path);
    if (round.changed.length > 0) this.#changed += await recordFound(site, round.changed, round.passOver, { signal });
    this.#touchChanged(closed);
    round.end();
    // What comes under another name makes up for what goes.
    if (!more && this.#gone.waiting) await this.#gone.flush(performance.now(), this.#isMoreToCome(), signal);
    return more;
  }

  /** More is gone, or has come, in this moment than has been dealt with. */
  #isMoreToCome(): boolean {
    const last = Math.max(this.#gone.last, this.#options.readUntil());
    return performance.now() < last + STABLE_MILLIS || this.settling.isDueBy(last);
  }

  async #look(touched: Taken, round: Round, signal: AbortSignal): Promise<void> {
    const { site } = this.#options;
    const { path, look, renewed } = touched;
    let info: Stats | undefined;
    try {
      info = await standing(site, path);
      // A disk that folds case may tell of a file by the spelling that was asked for.
      const other = info ? undefined : site.root.otherSpelling(path);
      if (other !== undefined) this.touched(childOf(parentOf(path), other), renewed);
    } catch (error) {
      return round.passOver(path, error);
    }
    if (describe(info) !== look && !isOverdue(touched, performance.now())) {
      const now = performance.now();
      return this.settling.touch({ ...touched, look: describe(info), renewed: now }, now);
    }
    if (info?.isFile()) this.#lookAtFile(touched, info, round);
    else if (info && site.journal.index.entry(path)?.kind !== 'dir') round.changed.push({ path });
    else if (!info && isLink(site, path)) this.#tellLink(path);
    if (!info && touched.changed) this.#lookForTwins(path, round);
    if (this.#odd.delete(path)) site.unfit.foundIn(path, unfitIn(site.root, path));
    if (this.#closed.has(path) && info?.isDirectory()) round.passOver(path, this.#closed.get(path));
    this.#closed.delete(path);
    try {
      const mayHaveLost = !info || (info.isDirectory() && renewed !== undefined);
      if (mayHaveLost) await this.#gone.add(path, performance.now(), round.pace);
    } catch (error) {
      signal.throwIfAborted();
      round.passOver(path, error);
    }
  }

  #lookAtFile(touched: Taken, info: Stats, round: Round): void {
    const { site } = this.#options;
    const { path, renewed } = touched;
    round.read.add(path);
    const known = site.journal.index.entry(path);
    if (isCurrent(known, info) && !mayDiffer(site, known, info, this.#timeOf(renewed))) return;
    round.files.push({ touched, info });
  }

  /** It was changed, and is gone: perhaps it was one of several names. */
  #lookForTwins(path: SitePath, { linked }: Round): void {
    const known = this.#options.site.journal.index.entry(path);
    if (known?.kind === 'file') linked.push({ sha256: known.sha256, identity: undefined, renewed: undefined });
  }

  /** Its folder is looked at: symbolic links are told as what cannot be published. */
  #tellLink(path: SitePath): void {
    const folder = parentOf(path);
    this.#odd.add(folder);
    this.settling.touch({ path: folder, look: 'folder' }, performance.now());
  }

  /** A moment of the steady clock by the other one. */
  #timeOf(steady: number | undefined): Millis | undefined {
    return steady === undefined ? undefined : this.#options.clock.now() - (performance.now() - steady);
  }

  /** Other names of files that were changed: only that one is told by which a file was opened, and only by that one it is seen to be open. */
  async #touchTwins(closed: readonly QuietFile[], { linked, files, pace }: Round): Promise<void> {
    const { root, journal } = this.#options.site;
    for (const { touched, info } of closed) {
      const known = journal.index.entry(touched.path);
      if (info.nlink > 1 && known?.kind === 'file' && !touched.isTwin && isNew(this.#twins, info))
        linked.push({ sha256: known.sha256, identity: identityOf(info), renewed: touched.renewed });
    }
    const compared = new Set(files.map(({ touched }) => touched.path));
    for (const [sha256, changed] of Map.groupBy(linked, (each) => each.sha256)) {
      const renewed = new Map(changed.map((each) => [each.identity, each.renewed]));
      const isOf = (path: SitePath, info: Stats): boolean =>
        renewed.has(identityOf(info)) || (renewed.has(undefined) && !isCurrent(journal.index.entry(path), info));
      for (const path of journal.index.withContent(sha256)) {
        const info = findStats(root.plain(path));
        if (info && isOf(path, info) && !compared.has(path) && !this.settling.has(path))
          this.#touch(path, renewed.get(identityOf(info)), true);
        await pace();
      }
    }
  }

  /** What was changed while it was to be journalled is not, and perhaps was told by another name, or before it was asked what is new. */
  #touchChanged(files: readonly QuietFile[]): void {
    const { root } = this.#options.site;
    for (const { touched, info } of files)
      if (describe(findStats(root.plain(touched.path))) !== describe(info))
        this.touched(touched.path, performance.now());
  }

  #touch(path: SitePath, renewed: number | undefined, isTwin: boolean): void {
    const look = describe(findStats(this.#options.site.root.plain(path)));
    const touched = { path, look, changed: renewed === undefined, isTwin, ...defined({ renewed }) };
    this.settling.touch(touched, performance.now());
  }

  /** Of files that are quiet those that nobody has open for writing, as far as can be seen; the others go on waiting. */
  async #notWritten(files: readonly QuietFile[], signal: AbortSignal): Promise<QuietFile[]> {
    const now = performance.now();
    const closed: QuietFile[] = [];
    const unknown: QuietFile[] = [];
    for (const file of files) {
      const { touched, info } = file;
      const { writer } = touched;
      if (isOverdue(touched, now)) closed.push(file);
      else if (writer !== undefined && isWriting(writer, info)) this.settling.hold({ ...touched, writer }, now);
      else unknown.push(file);
    }
    const writers = await findWriters(new Map(unknown.map(({ touched, info }) => [touched.path, info])), signal);
    for (const file of unknown) {
      const writer = writers.get(file.touched.path);
      if (writer === undefined) closed.push(file);
      else this.settling.hold({ ...file.touched, writer }, now);
    }
    return closed;
  }
}

interface QuietFile {
  readonly touched: Taken;
  readonly info: Stats;
}

/** One that is overdue is taken as it stands. */
function asSeen({ touched, info }: QuietFile, now: number): Seen {
  return { path: touched.path, ...(!isOverdue(touched, now) && { quiet: info }) };
}

/** A file that was changed, and has several names. */
interface Linked {
  /** What it held before. */
  readonly sha256: Sha256;
  /** Undefined: that of a name that is gone. */
  readonly identity: string | undefined;
  readonly renewed: number | undefined;
}

/** What comes of paths that were quiet at one time. */
class Round {
  readonly pace: Pace;
  /** What is to be journalled. */
  readonly changed: Seen[] = [];
  /** Files that may be, where nobody has them open for writing. */
  readonly files: QuietFile[] = [];
  readonly linked: Linked[] = [];
  /** Files that can be read. */
  readonly read = new Set<SitePath>();
  readonly #unread = new Set<SitePath>();
  readonly #options: FollowingOptions;

  constructor(options: FollowingOptions, pace: Pace) {
    this.#options = options;
    this.pace = pace;
  }

  readonly passOver = (path: SitePath, error: unknown): void => {
    this.#options.logger.warn({ err: error, path }, 'what cannot be read is not published');
    this.#unread.add(path);
    this.read.delete(path);
  };

  /** Tells what can be read, and what cannot. */
  end(): void {
    const { unfit } = this.#options.site;
    unfit.unreadable(this.#unread);
    unfit.read(this.read);
  }
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

function isLink({ root }: MasterSite, path: SitePath): boolean {
  return findStats(root.plain(path))?.isSymbolicLink() === true;
}

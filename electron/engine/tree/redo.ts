import type { Present } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Logger } from '../ports.ts';
import { isNowhere } from './file-error.ts';
import { findExactStats } from './find-stats.ts';
import { hashFile } from './hash.ts';
import { NamedFiles } from './named-files.ts';
import { byNamesOfNow, type Move, ofFolderMadeAgain, pathAfter } from './renamed-since.ts';
import type { SiteRoot } from './site-root.ts';
import { doStep, identityOf, type Occasion, ontoOf, type Step, touchedBy } from './steps.ts';

/** What the index says of a path. */
export type EntryOf = (path: SitePath) => Present | undefined;

/** A step that could not be done, and why. */
export interface Undone {
  readonly step: Step;
  readonly error: unknown;
}

/**
 * What stands, at its path, in the place of what the index says. `before`: nothing, or what the disk has kept of before. `theirs`: what somebody
 * else has put there before what was decided could be done: whoever does that keeps it first. `changed`: what somebody has made of it since.
 */
export type Instead = 'before' | 'theirs' | 'changed';

/** What else is to be done about paths at which the tree does not hold what the index says. `undone`: for each of them, what could not be done. */
export type SeeTo = (failed: ReadonlyMap<SitePath, Instead>, undone: readonly Undone[]) => Promise<void>;

export interface RedoOptions {
  readonly root: SiteRoot;
  readonly logger: Logger;
  /** The disk has all that was done. */
  readonly isNothingLost: boolean;
  readonly entryOf: EntryOf;
  /** In the order in which they were written. `isDone`: they were carried out, and the disk may have lost that. */
  readonly plans: readonly { readonly isDone: boolean; readonly plan: readonly Step[] }[];
  /** Resolves what has to be flushed for it. `named`: see `doStep`. */
  readonly carryOut: (step: Step, occasion: Occasion, named: NamedFiles) => Promise<SitePath[]>;
  /** These have to be flushed. */
  readonly onTouched: (paths: readonly SitePath[]) => void;
  /** It has its effect, done now or before. */
  readonly onRepeated: (step: Step) => void;
}

/** Does the steps of plans again that a crash has interrupted, or whose effect the disk may have lost, and looks at what came of them. */
export class Redo {
  readonly #options: RedoOptions;
  /** Paths at which something was to be put, or to go. */
  readonly #changed = new Set<SitePath>();
  readonly #undone = new Map<SitePath, Undone[]>();
  /** Why what somebody else has put at a path cannot be kept: it stays. */
  readonly #unkept = new Map<SitePath, unknown>();
  /** The last file that was put at a path, by its identity. */
  readonly #placed = new Map<SitePath, string>();
  /** Files that were to go from a path, by their identities. */
  readonly #going = new Map<SitePath, Set<string>>();
  /** In their order. */
  readonly #moved: Move[] = [];
  readonly #named: NamedFiles;
  /** Paths of which steps say how they were seen. */
  readonly #seen = new Set<SitePath>();

  constructor(options: RedoOptions) {
    this.#options = options;
    this.#named = new NamedFiles(
      options.root,
      options.plans.flatMap(({ plan }) => plan),
    );
  }

  async repeatAll(): Promise<void> {
    const { plans } = this.#options;
    const moves = plans.flatMap(({ plan }) => plan.flatMap((step) => (step.do === 'move' ? [step] : [])));
    for (const { isDone, plan } of plans) {
      for (const written of plan) {
        if (written.do === 'move') moves.shift();
        await this.#repeat(written, isDone ? 'lost' : 'repeat', moves);
      }
    }
  }

  /** Looks at what the repeated steps were to change. Resolves the paths at which the tree does not hold what the index says. */
  async settleAll(): Promise<SitePath[]> {
    const { entryOf, logger } = this.#options;
    const failed: SitePath[] = [];
    // It was replaced, then deleted, and the disk has lost that there was anything in between.
    for (const path of this.#changed)
      if (!entryOf(path) && !this.#unkept.has(path) && !this.#isTheirs(path))
        await this.#removeAny(path, this.#going.get(path));
    await this.#removeEmptied();
    for (const path of this.#changed) {
      // A step that a later one has made up for is none that failed.
      if (await this.#settle(path, entryOf(path))) continue;
      logger.error({ path }, 'the tree does not hold what a plan was to put there');
      failed.push(path);
    }
    return failed;
  }

  /** Files that renames were to take away, unless one of them may be what is missing elsewhere. Resolves where somebody has since written to one: it stays. */
  async removeMoved(failed: readonly SitePath[]): Promise<SitePath[]> {
    const { root, entryOf } = this.#options;
    const missing = failed.map(entryOf);
    const theirs: SitePath[] = [];
    for (const { from, identity, seen } of this.#moved) {
      if (entryOf(from)) continue;
      const info = await root.stat(from).catch(() => undefined);
      if (!info?.isFile() || missing.some((entry) => entry?.kind === 'file' && entry.size === info.size)) continue;
      const there = findExactStats(root.plain(from));
      if (seen === undefined || there === undefined || this.#named.has(there))
        await this.#removeAny(from, new Set([identity]));
      else if (identityOf(there) === identity) theirs.push(from);
    }
    return theirs;
  }

  /** Of a path at which the tree does not hold what the index says. */
  standsInstead(path: SitePath): Instead {
    const { isNothingLost } = this.#options;
    const undone = this.#undone.get(path);
    const there = findExactStats(this.#options.root.plain(path));
    const isAsPlaced = there !== undefined && this.#placed.get(path) === identityOf(there);
    if (!undone && (isNothingLost || isAsPlaced)) return 'changed';
    return this.#isTheirs(path) || undone?.some(({ step }) => step.do === 'keep') ? 'theirs' : 'before';
  }

  #isTheirs(path: SitePath): boolean {
    const there = this.#seen.has(path) ? findExactStats(this.#options.root.plain(path)) : undefined;
    return there?.isFile() === true && !this.#named.has(there);
  }

  undoneAt(paths: readonly SitePath[]): Undone[] {
    return paths.flatMap((path) => this.#undone.get(path) ?? []);
  }

  /** `moves`: those that were made after it. */
  async #repeat(written: Step, how: 'lost' | 'repeat', moves: readonly Move[]): Promise<void> {
    const { root, logger, entryOf, carryOut, onTouched, onRepeated } = this.#options;
    const step = this.#asPromised(byNamesOfNow(root, written, moves));
    const names = new Set([written.path, step.path, pathAfter(written.path, moves)]);
    // Folders that came into being with what was put in them have no step of their own.
    for (const folder of touchedBy(written).map((each) => pathAfter(each, moves)))
      if (entryOf(folder)?.kind === 'dir') this.#changed.add(folder);
    for (const name of names) this.#expect(step, name);
    try {
      if (this.#unkept.has(step.path)) throw this.#unkept.get(step.path);
      if (await this.#cameBack(step)) return;
      onTouched(await carryOut(ofFolderMadeAgain(root, step, moves, entryOf), how, this.#named));
      // Only the process has ended, perhaps: what was done may be on no disk yet.
      onTouched(touchedBy(step));
      onRepeated(step);
      if (step.do === 'move') this.#moved.push(step);
    } catch (error) {
      logger.error({ err: error, step }, 'a step of an interrupted plan cannot be done');
      if (step.do === 'keep') this.#unkept.set(step.path, error);
      for (const name of names) this.#undone.set(name, [...(this.#undone.get(name) ?? []), { step, error }]);
    }
  }

  /**
   * An upload may have been answered with 226, and is in no other place. Where the disk may have taken back what it was to go onto, nobody
   * can tell that from what somebody has put there since: it goes onto whatever stands there.
   */
  #asPromised(step: Step): Step {
    if (step.do !== 'place' || step.from !== 'incoming' || this.#options.isNothingLost) return step;
    const { onto: _, ...promised } = step;
    return promised;
  }

  #expect(step: Step, name: SitePath): void {
    if (step.do !== 'keep') this.#changed.add(name);
    if (ontoOf(step) !== undefined) this.#seen.add(name);
    if (step.do === 'place' && step.identity !== undefined) this.#placed.set(name, step.identity);
    // Another file may have taken its place that this database, which was put back, knows by its time only.
    else if (step.do === 'place' || step.do === 'move' || step.do === 'touch') this.#placed.delete(name);
    if (step.do === 'keep' || step.do === 'remove')
      this.#going.set(name, (this.#going.get(name) ?? new Set()).add(step.identity));
  }

  /** What was removed is what the index has there by now: it had another name too, and was renamed since. */
  async #cameBack(step: Step): Promise<boolean> {
    const { root, entryOf } = this.#options;
    const entry = step.do === 'remove' ? entryOf(step.path) : undefined;
    if (step.do !== 'remove' || entry?.kind !== 'file') return false;
    const info = findExactStats(root.plain(step.path));
    if (!info || identityOf(info) !== step.identity || Number(info.size) !== entry.size) return false;
    return (await hashFile(root.plain(step.path))).sha256 === entry.sha256;
  }

  /** What a step has named at this path. */
  async #removeAny(path: SitePath, identities: ReadonlySet<string> = new Set()): Promise<void> {
    const { root, logger, onTouched } = this.#options;
    for (const identity of identities) {
      try {
        onTouched(await doStep(root, { do: 'remove', path, identity }, 'repeat'));
      } catch (error) {
        logger.error({ err: error, path }, 'what is left of a deleted file cannot be removed');
      }
    }
  }

  /** Folders that could not go as long as there was in them what has only gone by now. */
  async #removeEmptied(): Promise<void> {
    const { root, logger, entryOf, onTouched } = this.#options;
    const undone = new Set([...this.#undone.values()].flatMap((each) => each.map(({ step }) => step)));
    for (const step of undone) {
      if (step.do !== 'removeDir' || entryOf(step.path)) continue;
      try {
        onTouched(await doStep(root, ofFolderMadeAgain(root, step, [], entryOf), 'repeat'));
      } catch (error) {
        logger.error({ err: error, step }, 'a folder of an interrupted plan cannot go');
      }
    }
  }

  /** Sees to a folder, or a time, that the disk has lost. False: what is there is not what the index says. */
  async #settle(path: SitePath, entry: Present | undefined): Promise<boolean> {
    const { root, logger, onTouched } = this.#options;
    const undone = this.#undone.has(path);
    try {
      const there = await root.stat(path).catch(ifNowhere);
      // On a disk that folds case what has another spelling is another thing.
      const info = there && root.hasName(path) ? there : undefined;
      if (entry === undefined) return !undone || info === undefined;
      if (entry.kind === 'dir') {
        // In place of a folder that could not be renamed to here an empty one would pass for it.
        if (info !== undefined || undone) return info?.isDirectory() ?? false;
        onTouched(await doStep(root, { do: 'makeDir', path }, 'first'));
        return true;
      }
      if (!info?.isFile() || info.size !== entry.size) return false;
      if (Math.round(info.mtimeMs) === entry.mtime && !undone) return true;
      if ((await hashFile(root.plain(path))).sha256 !== entry.sha256) return false;
      onTouched(await doStep(root, { do: 'touch', path, mtime: entry.mtime }, 'first'));
      return true;
    } catch (error) {
      logger.error({ err: error, path }, 'what a plan has left cannot be looked at');
      return false;
    }
  }
}

function ifNowhere(error: unknown): undefined {
  if (!isNowhere(error)) throw error;
}

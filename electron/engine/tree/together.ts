import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  renameSync,
  rmdirSync,
  type Stats,
  unlinkSync,
} from 'node:fs';
import { readdir, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { childOf, nameOf, parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { createPace } from '../core/pace.ts';
import { fileError, isHindrance, systemCode } from './file-error.ts';
import { findExactStats } from './find-stats.ts';
import { unlinkFreeing } from './free-later.ts';
import { linkNow, linkOrCopy } from './link-or-copy.ts';
import { makeOneFolder } from './make-one-folder.ts';
import type { SiteRoot } from './site-root.ts';
import {
  doStep,
  findIdentity,
  identityOf,
  moveStaged,
  refuseLink,
  requireSeen,
  seenOf,
  setTime,
  type Step,
} from './steps.ts';

/** Second names, in the incoming folder, of what is being replaced or removed. */
const BACKUP = /^undo-[0-9a-f]{16}-\d+$/;

/**
 * Does steps that have not been done as one: all folders are looked up and all that is replaced is secured beforehand, then
 * the steps are done in one go, so that a reader sees a mixture of old and new as shortly as the file system allows. Where
 * one fails, those before it are undone, and it is thrown (`AppError` with the path, or what a bug threw). `stuck` hears of
 * what could not be undone. Where the disk or a right keeps it from that, it is tried again whenever `again` resolves; absent: it is
 * left. Resolves what has to be flushed for it, as `doStep` does.
 */
export async function doTogether(
  root: SiteRoot,
  plan: readonly Step[],
  stuck: (step: Step, error: unknown) => void,
  again?: (error: AppError) => Promise<void>,
): Promise<SitePath[]> {
  const preparation = new Preparation(root);
  const pace = createPace();
  try {
    const moves: Move[] = [];
    for (const step of plan) {
      try {
        moves.push(...(await preparation.prepare(step)));
      } catch (error) {
        throw fileError(error, step.path);
      }
      await pace();
    }
    preparation.lookAgain();
    await carryOut(root, moves, stuck, again);
    return [...preparation.touched];
  } finally {
    for (const backup of preparation.backups) {
      drop(backup);
      await pace();
    }
  }
}

/** At start: removes what a crash has left. The steps themselves are done again by then. */
export async function dropBackups(root: SiteRoot): Promise<void> {
  for (const name of await readdir(root.incoming)) {
    if (BACKUP.test(name)) await unlink(join(root.incoming, name));
  }
}

/** One step, looked up: both directions are a system call or two, and synchronous. */
interface Move {
  readonly step: Step;
  run(): void;
  undo(): unknown;
}

/** What stood at a path before the steps. */
interface Secured {
  readonly path: SitePath;
  /** Undefined: no file did. */
  identity: string | undefined;
  /** Its second name. */
  backup: string | undefined;
}

async function carryOut(
  root: SiteRoot,
  moves: readonly Move[],
  stuck: (step: Step, error: unknown) => void,
  again?: (error: AppError) => Promise<void>,
): Promise<void> {
  let done = 0;
  try {
    for (const move of moves) {
      move.run();
      done += 1;
    }
  } catch (error) {
    let left = undo(moves.slice(0, done).toReversed());
    for (let hindrance = hindranceOf(root, left); again && hindrance; hindrance = hindranceOf(root, left)) {
      await again(hindrance);
      left = undo(left.map(({ move }) => move));
    }
    for (const { move, failure } of left) stuck(move.step, failure);
    throw fileError(error, moves[done]?.step.path ?? '');
  }
}

/** Those that cannot be undone, and why. */
function undo(moves: readonly Move[]): { move: Move; failure: unknown }[] {
  return moves.flatMap((move) => {
    try {
      move.undo();
      return [];
    } catch (error) {
      return [{ move, failure: fileError(error, move.step.path) }];
    }
  });
}

function hindranceOf(root: SiteRoot, left: readonly { readonly failure: unknown }[]): AppError | undefined {
  // Without its folder nothing is there.
  if (left.length > 0 && root.trouble) return root.trouble;
  return left.map(({ failure }) => failure).find(isHindrance);
}

class Preparation {
  readonly backups: string[] = [];
  readonly touched = new Set<SitePath>();
  readonly #root: SiteRoot;
  readonly #key = randomBytes(8).toString('hex');
  /** Folders that are there and reached through no link, each with a path in it. */
  readonly #folders = new Map<SitePath, SitePath>();
  /** Folders that an earlier step makes, where nothing stands by then. */
  readonly #made = new Set<SitePath>();
  readonly #secured: Secured[] = [];
  /** Names that steps give, as a disk that folds case has them. */
  readonly #given = new Map<string, SitePath>();
  /** Names that an earlier step takes away. */
  readonly #freed = new Set<SitePath>();
  /** How a file is seen that a step has given another time, by how it was seen before: it may have other names, at which steps count on that. */
  readonly #timed = new Map<string, string>();

  constructor(root: SiteRoot) {
    this.#root = root;
  }

  async prepare(step: Step): Promise<Move[]> {
    switch (step.do) {
      case 'keep':
        await doStep(this.#root, step, 'first');
        return [];
      case 'place':
        return [...this.#foldersBetween(step), await this.#place(step)];
      case 'remove':
        return this.#remove(step);
      case 'move':
        return [...this.#foldersBetween(step), await this.#move(step)];
      case 'makeDir':
        return [...this.#foldersBetween(step), await this.#makeDir(step)];
      case 'removeDir': {
        const target = await this.#find(step.path);
        const there = target === undefined ? undefined : this.#at(step.path);
        if (target === undefined || !there) return [];
        this.#freed.add(step.path);
        return [{ step, run: () => rmdirSync(target), undo: () => makeAgain(target, there) }];
      }
      case 'touch': {
        const target = await this.#resolve(step.path);
        this.touched.add(step.path);
        let before: number | undefined;
        const run = (): void => {
          const info = lstatSync(target);
          refuseLink(info, step.path);
          const now = Math.round(info.mtimeMs);
          if (now !== (step.was ?? now)) return;
          const seen = info.nlink > 1 && seenAt(target);
          setTime(target, step.mtime);
          before = now;
          if (seen) this.#timed.set(seen, seenAt(target));
        };
        // Written to since, it keeps that time: else nobody would find what was written.
        const undo = (): void => {
          if (before !== undefined && Math.round(find(target)?.mtimeMs ?? 0) === step.mtime) setTime(target, before);
        };
        return [{ step, run, undo }];
      }
    }
  }

  /** Below a folder that is not there yet nothing is looked up: so what is there must be one, and no link to one. */
  async #makeDir(step: Extract<Step, { do: 'makeDir' }>): Promise<Move> {
    this.#refuseOtherSpelling(step.path);
    await this.#resolve(step.path);
    const there = this.#freed.has(step.path) ? undefined : this.#at(step.path);
    if (!there) this.#made.add(step.path);
    else if (!there.isDirectory())
      throw new AppError(there.isFile() ? 'file.exists' : 'path.link', { path: step.path });
    return this.#making(step, step.path);
  }

  /** Folders above the step's path, below one that an earlier step makes, that no step makes: their own may come later. */
  #foldersBetween(step: Step): Move[] {
    const missing: SitePath[] = [];
    for (let folder = parentOf(step.path); this.#isMade(folder) && !this.#made.has(folder); folder = parentOf(folder))
      missing.unshift(folder);
    return missing.map((folder) => {
      this.#refuseOtherSpelling(folder);
      this.#made.add(folder);
      this.touched.add(parentOf(folder));
      return this.#making(step, folder);
    });
  }

  #making(step: Step, folder: SitePath): Move {
    const target = this.#root.plain(folder);
    let made = false;
    const run = (): void => {
      made = makeOneFolder(target, folder);
    };
    return { step, run, undo: () => made && rmdirSync(target) };
  }

  async #place(step: Extract<Step, { do: 'place' }>): Promise<Move> {
    const source = join(this.#root[step.from], basename(step.staged));
    this.#refuseOtherSpelling(step.path);
    const target = await this.#resolve(step.path);
    const secured = await this.#secure(step.path);
    const undo = (): void => {
      const { backup } = secured;
      if (backup === undefined) return renameSync(target, source);
      // The staged file gets its name back first: after a crash in between, the step is known to be undone.
      if (find(source) === undefined) linkOrMove(target, source);
      renameSync(backup, target);
    };
    return { step, run: () => moveStaged(source, target, { path: step.path, onto: this.#seenNow(step.onto) }), undo };
  }

  /** Nothing is missing where it is gone already. */
  async #remove(step: Extract<Step, { do: 'remove' }>): Promise<Move[]> {
    const target = await this.#find(step.path);
    if (target === undefined || !this.#at(step.path)) return [];
    const secured = await this.#secure(step.path);
    this.#freed.add(step.path);
    const undo = (): void => {
      if (secured.backup !== undefined) renameSync(secured.backup, target);
    };
    const run = (): void => {
      requireSeen(target, step.path, this.#seenNow(step.seen));
      unlinkSync(target);
    };
    return [{ step, run, undo }];
  }

  async #move(step: Extract<Step, { do: 'move' }>): Promise<Move> {
    const source = await this.#resolve(step.from);
    this.#freed.add(step.from);
    this.#refuseOtherSpelling(step.path, step.from);
    const target = await this.#resolve(step.path);
    const secured = await this.#secure(step.path);
    const undo = (): void => {
      const { backup } = secured;
      if (find(source) === undefined) renameSync(target, source);
      if (backup !== undefined) renameSync(backup, target);
    };
    const run = (): void => {
      refuseLink(find(source), step.from);
      renameSync(source, target);
    };
    return { step, run, undo };
  }

  #seenNow(seen: string | undefined): string | undefined {
    return seen && (this.#timed.get(seen) ?? seen);
  }

  /** The same as `SiteRoot.refuseOtherSpelling`, also of what is not there yet: another step gives it the name, or has taken it away. */
  #refuseOtherSpelling(path: SitePath, apart?: SitePath): void {
    if (!this.#root.foldsCase) return;
    const there = this.#isMade(parentOf(path)) ? undefined : this.#root.otherSpelling(path, apart);
    if (there !== undefined && !this.#freed.has(childOf(parentOf(path), there)))
      throw new AppError('path.case-clash', { path, other: there });
    // Folders above that no step makes come into being with it.
    for (let at = path; at !== ROOT; at = parentOf(at)) {
      const folded = at.toLowerCase();
      const other = this.#given.get(folded) ?? at;
      if (other !== at && other !== apart) throw new AppError('path.case-clash', { path, other: nameOf(other) });
      this.#given.set(folded, at);
    }
  }

  /** To be called right before the steps are done: what was looked up took its time, and somebody may have put a link in the way. */
  lookAgain(): void {
    for (const path of this.#folders.values()) this.#root.locate(path);
    for (const secured of this.#secured) this.#secureAgain(secured);
  }

  /** Somebody may have put another file there since: where the steps fail it is that one which comes back. */
  #secureAgain(secured: Secured): void {
    const { path, identity } = secured;
    const absolute = this.#root.plain(path);
    const info = findExactStats(absolute);
    if ((info && identityOf(info)) === identity || (info && !info.isFile())) return;
    secured.backup = info && this.#newBackup();
    if (secured.backup !== undefined && linkNow(absolute, secured.backup) !== 'linked')
      throw new AppError('file.changed', { path });
  }

  /** The absolute path; missing folders above it are made. */
  async #resolve(path: SitePath): Promise<string> {
    const found = await this.#find(path);
    if (found !== undefined) return found;
    for (const folder of await this.#root.makeParents(path)) this.touched.add(folder);
    this.#folders.set(parentOf(path), path);
    return this.#noted(path);
  }

  /** The absolute path; undefined where there is no folder above it. */
  async #find(path: SitePath): Promise<string | undefined> {
    const folder = parentOf(path);
    if (!this.#folders.has(folder) && !this.#isMade(folder)) {
      try {
        await this.#root.resolve(path);
      } catch (error) {
        if (error instanceof AppError && error.code === 'file.not-found') return undefined;
        throw error;
      }
      this.#folders.set(folder, path);
    }
    return this.#noted(path);
  }

  #noted(path: SitePath): string {
    this.touched.add(parentOf(path));
    return this.#root.plain(path);
  }

  #isMade(folder: SitePath): boolean {
    for (let above = folder; above !== ROOT; above = parentOf(above)) if (this.#made.has(above)) return true;
    return false;
  }

  /** What stands there; in a folder that an earlier step makes there is nothing, whatever can be seen by its name now. */
  #at(path: SitePath): Stats | undefined {
    return this.#isMade(parentOf(path)) ? undefined : find(this.#root.plain(path));
  }

  /** A second name for the file that stands there, where there is one. */
  async #secure(path: SitePath): Promise<Secured> {
    const secured: Secured = { path, identity: undefined, backup: undefined };
    // What an earlier step frees, or makes, is not what can be seen there now.
    if (!this.#freed.has(path) && !this.#isMade(path)) this.#secured.push(secured);
    if (!this.#at(path)?.isFile()) return secured;
    const absolute = this.#root.plain(path);
    secured.identity = findIdentity(absolute);
    secured.backup = this.#newBackup();
    await linkOrCopy(absolute, secured.backup);
    return secured;
  }

  #newBackup(): string {
    const backup = join(this.#root.incoming, `undo-${this.#key}-${this.backups.length}`);
    this.backups.push(backup);
    return backup;
  }
}

function seenAt(absolute: string): string {
  return seenOf(lstatSync(absolute, { bigint: true }));
}

/** What could not be dropped is dropped at the next start. */
function drop(backup: string): void {
  try {
    unlinkFreeing(backup);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

/** Who may not look into it never may, also where its rights cannot be given again. */
function makeAgain(target: string, { uid, gid, mode }: Stats): void {
  mkdirSync(target, { mode: 0o700 });
  if (process.platform === 'win32') return;
  try {
    const now = lstatSync(target);
    if (now.uid !== uid || now.gid !== gid) chownSync(target, uid, gid);
    chmodSync(target, mode & 0o7777);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
  }
}

/** With a link there is no moment at which nothing has the name. */
function linkOrMove(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    renameSync(from, to);
  }
}

/** Below what is a file still, and becomes a folder by an earlier step, there is nothing. */
function find(absolute: string): Stats | undefined {
  try {
    return lstatSync(absolute, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === 'ENOTDIR') return undefined;
    throw error;
  }
}

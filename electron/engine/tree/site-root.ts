import { lstatSync, readdirSync, realpathSync, type Stats } from 'node:fs';
import { lstat, realpath, rmdir } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import {
  childOf,
  nameOf,
  parentOf,
  RESERVED_FOLDER,
  ROOT,
  segmentsOf,
  type SitePath,
} from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fileError, isNotFound, rootError } from './file-error.ts';
import { makeOneFolder } from './make-one-folder.ts';
import { MARK_FILE, readMark } from './read-mark.ts';
import { SourceFile } from './source-file.ts';
import { findReserved } from './reserved-folder.ts';
import { foldsCase } from './folds-case.ts';
import { isSameWay } from './site-name.ts';
import { FailedFlushes, syncFolder } from './sync-file.ts';

/** What the folder is for: the site of this name is published from it, or followed into it. What is told of it names the way to mend it there. */
export type RootUse = { readonly publishes: string } | { readonly follows: string };

/**
 * The folder of a site on this machine, and the only place where a `SitePath` becomes a path of the file system.
 * Symbolic links below the root are never followed: a path whose folder is reached through one is refused.
 * Looking a name up is synchronous inside: microseconds on a local disk, where a way through the thread pool takes ten times
 * as long, several times for each file.
 */
export class SiteRoot {
  /** Absolute, links resolved. */
  readonly folder: string;
  /** Uploads under way and parts of broken-off ones (master). */
  readonly incoming: string;
  /** Files fetched and not published yet (mirror). */
  readonly staging: string;
  /** Contents that were replaced or deleted, by their SHA-256. */
  readonly versions: string;
  /** The disk takes names that differ in upper and lower case only for the same. */
  readonly foldsCase: boolean;
  /** It folds case, and a real path there has each name as it was asked for, not as it is on the disk (Linux). */
  readonly #keepsSpelling: boolean;
  readonly failedFlushes = new FailedFlushes();
  readonly #use: RootUse | undefined;
  /** What the reserved folder says of itself; undefined: nobody has looked. */
  #mark: string | undefined;
  /** Of the mark when it was last read, and was the right one. */
  #seen = '';

  private constructor(folder: string, use: RootUse | undefined) {
    this.folder = folder;
    this.#use = use;
    this.incoming = join(folder, RESERVED_FOLDER, 'incoming');
    this.staging = join(folder, RESERVED_FOLDER, 'staging');
    this.versions = join(folder, RESERVED_FOLDER, 'versions');
    const folds = foldsCase(folder);
    this.foldsCase = folds !== undefined;
    this.#keepsSpelling = folds === 'by its name';
  }

  /**
   * Opens a root that must exist. `fresh` makes the reserved folder; without it a root that has none is refused
   * (`site.root-missing`): an unmounted disk shows as an empty folder, and must not be taken for a site without files.
   */
  static async open(folder: string, fresh: boolean, use?: RootUse): Promise<SiteRoot> {
    let real: string;
    try {
      real = await realpath(folder);
      const info = await lstat(real);
      if (!info.isDirectory()) throw new AppError('file.not-directory', { path: folder });
      const root = new SiteRoot(real, use);
      const reserved = await findReserved(real);
      if (!reserved && !fresh) throw new AppError('site.root-missing', { root: folder, ...use });
      await root.#makeOwnFolders();
      // A new folder answers to its other spelling only now.
      return reserved ? root : new SiteRoot(real, use);
    } catch (error) {
      if (isNotFound(error)) throw new AppError('site.root-missing', { root: folder, ...use }, error);
      throw rootError(error, folder);
    }
  }

  /** What is to be kept in them is worth as much as their own names: where those cannot be flushed, they are made anew the next time. */
  async #makeOwnFolders(): Promise<void> {
    const made: string[] = [];
    const reserved = join(this.folder, RESERVED_FOLDER);
    for (const own of [reserved, this.incoming, this.staging, this.versions]) {
      const name = relative(this.folder, own).split(sep).join('/');
      try {
        if (makeOneFolder(own, name, 0o700)) made.push(own);
      } catch (error) {
        if (isNotFound(error)) throw error;
        const refused = fileError(error, name);
        const isInTheWay =
          refused instanceof AppError && (refused.code === 'path.link' || refused.code === 'file.exists');
        throw isInTheWay ? new AppError('path.reserved', { path: name }, error) : error;
      }
    }
    if (made.length === 0) return;
    try {
      for (const above of [reserved, this.folder]) await syncFolder(above);
    } catch (error) {
      for (const own of made.toReversed()) await rmdir(own);
      throw error;
    }
  }

  /** From now on only a folder that says this of itself is the right one; see `claimRoot`. */
  expect(mark: string): void {
    this.#mark = mark;
    this.#seen = this.#identity() ?? '';
  }

  /**
   * Why the folder is not the site's any more: removed, or its disk is not mounted (`site.root-missing`), or another one is
   * in its place (`site.root-other`). Undefined: it is. Two looks at the disk, where nothing has changed.
   */
  get trouble(): AppError | undefined {
    const identity = this.#identity();
    if (identity === undefined) return new AppError('site.root-missing', { root: this.folder, ...this.#use });
    if (this.#mark === undefined || identity === this.#seen) return undefined;
    if (readMark(this.folder) !== this.#mark) return this.other();
    this.#seen = identity;
    return undefined;
  }

  /** `site.root-other`. */
  other(): AppError {
    return new AppError('site.root-other', { root: this.folder, ...this.#use });
  }

  /** Throws `site.root-missing`, `site.root-other`. */
  requireThere(): void {
    const { trouble } = this;
    if (trouble) throw trouble;
  }

  /** The same, for who waits anyway. */
  async check(): Promise<void> {
    this.requireThere();
  }

  /** Of the mark: it is another file in another folder, and where another install has taken the folder over. */
  #identity(): string | undefined {
    try {
      // Moved, with a link in its place: every path in it would look as one that leads out of the site.
      if (realpathSync.native(this.folder) !== this.folder) return undefined;
      if (!lstatSync(this.staging, { throwIfNoEntry: false })?.isDirectory()) return undefined;
      const mark = lstatSync(join(this.folder, RESERVED_FOLDER, MARK_FILE), { bigint: true, throwIfNoEntry: false });
      return mark ? `${mark.dev}-${mark.ino}-${mark.mtimeNs}` : 'without a mark';
    } catch {
      return undefined;
    }
  }

  /** As `locate`, for who waits anyway. */
  async resolve(path: SitePath): Promise<string> {
    return this.locate(path);
  }

  /** Absolute path of `path`. Throws `path.link` when a folder above it is reached through a link, `file.not-found` when it is not there, `path.reserved` where it is Lockstep's own folder by another name. `seen`: folders that were looked at a moment ago, in the same turn of the event loop. */
  locate(path: SitePath, seen?: Set<SitePath>): string {
    if (path === ROOT) return this.folder;
    const folder = parentOf(path);
    const parent = join(this.folder, folder);
    try {
      if (!seen?.has(folder)) {
        const real = realpathSync.native(parent);
        if (!isSameWay(real, parent)) throw this.#strange(real, path);
        if (this.#keepsSpelling) this.#refuseOtherFolder(folder, path);
        seen?.add(folder);
      }
      const absolute = join(parent, nameOf(path));
      if (parentOf(path) === ROOT && this.#isReserved(absolute)) throw new AppError('path.reserved', { path });
      return absolute;
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /**
   * Opens what is at `path`, whatever it is. It is in the site, also where somebody exchanges a folder for a link between the look
   * at it and the opening: then it throws `file.changed`.
   */
  open(path: SitePath): SourceFile {
    const absolute = this.locate(path);
    let file: SourceFile | undefined;
    try {
      file = new SourceFile(absolute);
      if (this.#isOwn(file, absolute)) return file;
      throw new AppError('file.changed', { path });
    } catch (error) {
      file?.close();
      throw fileError(error, path);
    }
  }

  /** Where the system does not say what was opened, it is looked at by its name once more. */
  #isOwn({ place, info }: SourceFile, absolute: string): boolean {
    if (place === absolute) return true;
    if (place !== undefined)
      return place.startsWith(join(this.folder, sep)) && !place.startsWith(join(this.folder, RESERVED_FOLDER, sep));
    if (!isSameWay(realpathSync.native(absolute), absolute)) return false;
    const { dev, ino } = lstatSync(absolute);
    return dev === info.dev && ino === info.ino;
  }

  /** Windows knows the reserved folder by a short name too, like `LOCKST~1`. */
  #isReserved(absolute: string): boolean {
    const info = lstatSync(absolute, { bigint: true, throwIfNoEntry: false });
    if (!info?.isDirectory()) return false;
    const own = lstatSync(join(this.folder, RESERVED_FOLDER), { bigint: true, throwIfNoEntry: false });
    return own !== undefined && own.ino === info.ino && own.dev === info.dev;
  }

  /** Where `path` would be, unchecked: only for paths whose folders have just been resolved or made. */
  plain(path: SitePath): string {
    return join(this.folder, path);
  }

  /** The file or folder at `path`; links and special files are refused with `path.link`. Rejects `file.not-found`. */
  async stat(path: SitePath): Promise<Stats> {
    const info = this.#look(path);
    if (!info) throw new AppError('file.not-found', { path, reason: 'ENOENT' });
    return info;
  }

  /** As `stat`; undefined where nothing is there, or the folder above it is not. */
  async statOrUndefined(path: SitePath): Promise<Stats | undefined> {
    try {
      return this.#look(path);
    } catch (error) {
      if (error instanceof AppError && error.code === 'file.not-found') return undefined;
      throw error;
    }
  }

  /** Every new file is looked for before it is there: an error with its stack would take longer than all else of the look. */
  #look(path: SitePath): Stats | undefined {
    const absolute = this.locate(path);
    try {
      const info = lstatSync(absolute, { throwIfNoEntry: false });
      if (info && !info.isFile() && !info.isDirectory()) throw new AppError('path.link', { path });
      return info;
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /**
   * On a disk that folds case: throws `path.case-clash` where a file of another spelling has the name already, and would be replaced.
   * `apart`: from this one, which is renamed. Elsewhere names that differ are different, and nothing is looked at.
   */
  refuseOtherSpelling(path: SitePath, apart?: SitePath): void {
    const other = this.otherSpelling(path, apart);
    if (other !== undefined) throw new AppError('path.case-clash', { path, other });
  }

  /**
   * Whether what was found at `path` has that very name: on a disk that folds case it answers to others, too. A name that differs in more
   * than case is another one of the same file, as a disk may tell any of them.
   */
  hasName(path: SitePath): boolean {
    if (!this.foldsCase || path === ROOT) return true;
    if (this.#keepsSpelling) return this.otherSpelling(path) === undefined;
    const [name, found] = [nameOf(path), basename(realpathSync.native(this.plain(path))).normalize('NFC')];
    return found === name || found.toLowerCase() !== name.toLowerCase();
  }

  /** The name that stands there for it, on a disk that folds case, where that is not its own. */
  otherSpelling(path: SitePath, apart?: SitePath): string | undefined {
    if (!this.foldsCase || path === ROOT) return undefined;
    const name = nameOf(path);
    const parent = parentOf(path);
    let names: string[];
    try {
      names = readdirSync(join(this.folder, parent)).map((each) => each.normalize('NFC'));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw fileError(error, path);
    }
    if (names.includes(name)) return undefined;
    const own = apart !== undefined && parentOf(apart) === parent ? nameOf(apart) : undefined;
    return names.find((each) => each !== own && each.toLowerCase() === name.toLowerCase());
  }

  /** On a disk that folds case: the first, from the top, that stands at `path` or above it under another spelling. */
  spelledOtherwise(path: SitePath): SitePath | undefined {
    let at: SitePath = ROOT;
    for (const name of segmentsOf(path)) {
      at = childOf(at, name);
      const other = this.otherSpelling(at);
      if (other !== undefined) return childOf(parentOf(at), other);
    }
    return undefined;
  }

  /**
   * Makes the folders above `path` that are not there; those in which one was made. Rejects `path.link`, `file.not-directory`.
   * One by one, below what is known to be in the site: a `recursive` mkdir goes through a link, and makes them elsewhere.
   */
  async makeParents(path: SitePath): Promise<SitePath[]> {
    const missing = this.#missingAbove(path);
    const top = missing.at(-1);
    if (top !== undefined) this.locate(top);
    for (const folder of missing.toReversed()) {
      try {
        makeOneFolder(this.plain(folder), folder);
      } catch (error) {
        throw fileError(error, folder);
      }
    }
    await this.resolve(path);
    return missing.map(parentOf);
  }

  /** The deepest first. */
  #missingAbove(path: SitePath): SitePath[] {
    const missing: SitePath[] = [];
    for (let folder = parentOf(path); folder !== ROOT; folder = parentOf(folder)) {
      try {
        const info = lstatSync(this.plain(folder), { throwIfNoEntry: false });
        if (info?.isDirectory()) break;
        if (info) throw new AppError(info.isFile() ? 'file.not-directory' : 'path.link', { path: folder });
      } catch (error) {
        throw fileError(error, folder);
      }
      missing.push(folder);
    }
    return missing;
  }

  #refuseOtherFolder(folder: SitePath, path: SitePath): void {
    for (let at = folder; at !== ROOT; at = parentOf(at)) {
      const names = readdirSync(join(this.folder, parentOf(at))).map((each) => each.normalize('NFC'));
      if (!names.includes(nameOf(at))) throw new AppError('path.case-clash', { path });
    }
  }

  #strange(real: string, path: SitePath): AppError {
    const found = relative(this.folder, real).split(sep).join('/');
    const caseOnly = found.toLowerCase() === parentOf(path).toLowerCase();
    return new AppError(caseOnly ? 'path.case-clash' : 'path.link', { path });
  }
}

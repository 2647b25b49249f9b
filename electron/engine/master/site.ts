import { constants, fstatSync, lstatSync, type Stats } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Change, Content, Millis, Present, Sha256, Unnumbered } from '../../../shared/domain/change.ts';
import {
  childOf,
  isReserved,
  isWithin,
  parentOf,
  parseSitePath,
  RESERVED_FOLDER,
  ROOT,
  type SitePath,
} from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { Lock } from '../core/lock.ts';
import { createPace } from '../core/pace.ts';
import type { Clock, Logger } from '../ports.ts';
import type { Journal } from '../store/journal.ts';
import type { Store } from '../store/open.ts';
import { fileError, systemCode } from '../tree/file-error.ts';
import { hashFile } from '../tree/hash.ts';
import { Planner } from '../tree/planner.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { identityAt, setTime, type Step } from '../tree/steps.ts';
import { Incoming } from './incoming.ts';
import type { Actor, FileInfo, SiteFiles, Upload, UploadOptions } from './site-files.ts';
import { beginUpload, type Finished } from './upload.ts';

export interface MasterSiteOptions {
  readonly name: string;
  readonly root: SiteRoot;
  readonly store: Store;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly uploadBytesMax: number;
  /** Called after each committed change, synchronously: this is what makes the notifier look. */
  readonly onChange: () => void;
}

/**
 * A site that is published. Mutations are serialised: journal and index in one transaction, then the tree, then the mirrors
 * may be told. The journal's order is the order in which uploads complete (SPEC §4).
 */
export class MasterSite implements SiteFiles {
  readonly name: string;
  readonly journal: Journal;
  readonly root: SiteRoot;
  readonly #options: MasterSiteOptions;
  readonly #incoming: Incoming;
  readonly #planner: Planner;
  readonly #lock = new Lock();
  #ended = false;

  constructor(options: MasterSiteOptions) {
    this.#options = options;
    this.name = options.name;
    this.journal = options.journal;
    this.root = options.root;
    this.#incoming = new Incoming(options.root.incoming);
    this.#planner = new Planner(options.store, options.journal.site, options.root, options.logger);
  }

  /** Brings the tree in step with the journal after a crash. Before anything else. */
  async start(): Promise<{ complete: boolean }> {
    const failed = await this.#planner.rollForward();
    await this.#sweep(true);
    return { complete: failed.length === 0 };
  }

  /** Changes under way come to their end, later ones are refused (`site.unknown`). */
  async stop(): Promise<void> {
    this.#ended = true;
    await this.#lock.idle();
    await this.#planner.flush();
  }

  /** Removes parts of broken-off uploads that nobody continued. */
  sweep(): Promise<void> {
    return this.#sweep(false);
  }

  async stat(path: SitePath): Promise<FileInfo> {
    return toInfo(path.slice(path.lastIndexOf('/') + 1), await this.root.stat(path));
  }

  async list(path: SitePath): Promise<FileInfo[]> {
    const folder = await this.root.resolve(path);
    try {
      const infos: FileInfo[] = [];
      const pace = createPace();
      for (const item of await readdir(folder, { withFileTypes: true })) {
        await pace();
        if (!isServed(path, item)) continue;
        const info = findStats(join(folder, item.name));
        if (info && (info.isFile() || info.isDirectory())) infos.push(toInfo(item.name, info));
      }
      return infos;
    } catch (error) {
      throw fileError(error, path);
    }
  }

  async open(path: SitePath) {
    const absolute = await this.root.resolve(path);
    try {
      const handle = await open(
        absolute,
        constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
      );
      const info = fstatSync(handle.fd);
      if (info.isFile()) return { handle, size: info.size, mtime: Math.round(info.mtimeMs) };
      await handle.close();
      throw new AppError(info.isDirectory() ? 'file.is-directory' : 'path.link', { path });
    } catch (error) {
      throw fileError(error, path);
    }
  }

  async beginUpload(path: SitePath, options: UploadOptions): Promise<Upload> {
    this.#requireOpen();
    await this.#checkTarget(path);
    return beginUpload({
      root: this.root,
      incoming: this.#incoming,
      path,
      options,
      bytesMax: this.#options.uploadBytesMax,
      logger: this.#options.logger,
      commit: (finished) => this.#put(path, finished, options.by),
      aborted: (bytes, reason) => {
        if (!this.#ended) this.journal.aborted(path, this.#options.clock.now(), options.by, bytes, reason);
      },
    });
  }

  partSize(path: SitePath, account: string): Promise<number | undefined> {
    return this.#incoming.partSize(path, account);
  }

  remove(path: SitePath, by: Actor): Promise<Change> {
    return this.#mutate(by, async () => {
      if ((await this.root.stat(path)).isDirectory()) throw new AppError('file.is-directory', { path });
      return {
        change: { op: 'delete', path },
        steps: [{ do: 'remove', path, identity: await identityAt(this.root, path) }],
      };
    });
  }

  makeDir(path: SitePath, by: Actor): Promise<Change> {
    return this.#mutate(by, async () => {
      await this.#checkParent(path);
      if (await this.root.statOrUndefined(path)) throw new AppError('file.exists', { path });
      return { change: { op: 'mkdir', path }, steps: [{ do: 'makeDir', path }] };
    });
  }

  removeDir(path: SitePath, by: Actor): Promise<Change> {
    return this.#mutate(by, async () => {
      if (path === ROOT) throw new AppError('file.denied', { path: '/' });
      if (!(await this.root.stat(path)).isDirectory()) throw new AppError('file.not-directory', { path });
      const names = await readdir(await this.root.resolve(path));
      if (names.length > 0) throw new AppError('file.directory-not-empty', { path });
      return {
        change: { op: 'rmdir', path },
        steps: [{ do: 'removeDir', path, identity: await identityAt(this.root, path) }],
      };
    });
  }

  rename(from: SitePath, to: SitePath, by: Actor): Promise<Change> {
    return this.#mutate(by, async () => {
      if (from === ROOT || to === ROOT) throw new AppError('file.denied', { path: '/' });
      if (from === to) throw new AppError('file.exists', { path: to });
      const source = await this.root.stat(from);
      const kind = source.isDirectory() ? 'dir' : 'file';
      if (kind === 'dir' && isWithin(to, from)) throw new AppError('path.invalid', { path: to });
      await this.#checkParent(to);
      const target = await this.root.statOrUndefined(to);
      if (target && (kind === 'dir' || target.isDirectory()) && target.ino !== source.ino)
        throw new AppError('file.exists', { path: to });
      const identity = await identityAt(this.root, from);
      const steps: Step[] = [{ do: 'move', from, path: to, identity }];
      if (kind === 'dir') return { change: { op: 'rename', from, path: to, kind }, steps };
      const { seen, content } = await this.#contentOf(from);
      return {
        before: seen ? [] : [{ op: 'put', path: from, ...content }],
        change: { op: 'rename', from, path: to, kind, content },
        steps,
      };
    });
  }

  touch(path: SitePath, mtime: Millis, by: Actor): Promise<Change> {
    return this.#mutate(by, async () => {
      const info = await this.root.stat(path);
      if (!info.isFile()) throw new AppError('file.is-directory', { path });
      const sha256 = await this.hash(path);
      return { change: { op: 'put', path, size: info.size, mtime, sha256 }, steps: [{ do: 'touch', path, mtime }] };
    });
  }

  async hash(path: SitePath): Promise<Sha256> {
    const info = await this.root.stat(path);
    const entry = this.journal.entry(path);
    if (isCurrent(entry, info)) return entry.sha256;
    try {
      return (await hashFile(await this.root.resolve(path))).sha256;
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** For the rescan: under the lock, journals what `decide` finds, without touching the tree; the number of changes. */
  record(
    decide: (entry: (path: SitePath) => Present | undefined) => Promise<Unnumbered[]>,
    by: Actor,
  ): Promise<number> {
    return this.#lock.run(async () => {
      this.#requireOpen();
      const changes = await decide((path) => this.journal.entry(path));
      if (changes.length === 0) return 0;
      this.journal.append(changes, by, this.#options.clock.now());
      this.journal.confirm();
      this.#options.onChange();
      return changes.length;
    });
  }

  async #sweep(crashed: boolean): Promise<void> {
    try {
      await this.#incoming.sweep(this.#options.clock.now(), crashed);
    } catch (error) {
      throw fileError(error, RESERVED_FOLDER);
    }
  }

  #put(path: SitePath, { staged, size, sha256 }: Finished, by: Actor): Promise<Change> {
    return this.#mutate(by, async () => {
      await this.#checkTarget(path);
      const mtime = this.#options.clock.now();
      setTime(this.#incoming.absolute(staged), mtime);
      return {
        change: { op: 'put', path, size, mtime, sha256 },
        steps: [{ do: 'place', from: 'incoming', staged, path }],
      };
    });
  }

  /** One change: decided under the lock, journalled together with its plan, done, confirmed; taken back where the tree refuses. */
  #mutate(
    by: Actor,
    decide: () => Promise<{ before?: Unnumbered[]; change: Unnumbered; steps: Step[] }>,
  ): Promise<Change> {
    return this.#lock.run(async () => {
      this.#requireOpen();
      const { before = [], change, steps } = await decide();
      let plan = 0;
      const changes = this.journal.append([...before, change], by, this.#options.clock.now(), () => {
        plan = this.#planner.write(steps);
      });
      try {
        await this.#planner.carryOut(plan, steps);
        this.journal.confirm();
      } catch (error) {
        this.journal.takeBack(() => this.#planner.forget(plan));
        throw error;
      } finally {
        this.#options.onChange();
      }
      const last = changes.at(-1);
      if (!last) throw new TypeError('a mutation without a change');
      return last;
    });
  }

  #requireOpen(): void {
    if (this.#ended) throw new AppError('site.unknown', { site: this.name });
  }

  /** What the file at `path` holds. `seen`: the index says so; else it came without FTP. */
  async #contentOf(path: SitePath): Promise<{ seen: boolean; content: Content }> {
    const info = await this.root.stat(path);
    const content = { size: info.size, mtime: Math.round(info.mtimeMs), sha256: await this.hash(path) };
    return { seen: isCurrent(this.journal.entry(path), info), content };
  }

  async #checkTarget(path: SitePath): Promise<void> {
    if (path === ROOT) throw new AppError('file.is-directory', { path: '/' });
    await this.#checkParent(path);
    if ((await this.root.statOrUndefined(path))?.isDirectory()) throw new AppError('file.is-directory', { path });
  }

  async #checkParent(path: SitePath): Promise<void> {
    if (!(await this.root.stat(parentOf(path))).isDirectory())
      throw new AppError('file.not-directory', { path: parentOf(path) });
  }
}

/** True when the index row describes the file as it stands on disk. */
export function isCurrent(
  entry: Present | undefined,
  info: { size: number; mtimeMs: number },
): entry is Extract<Present, { kind: 'file' }> {
  return entry?.kind === 'file' && entry.size === info.size && entry.mtime === Math.round(info.mtimeMs);
}

/** Files and folders whose names are fit for a site; the reserved folder, links and special files are not there for anybody. */
export function isServed(folder: SitePath, item: { name: string; isFile(): boolean; isDirectory(): boolean }): boolean {
  if (!item.isFile() && !item.isDirectory()) return false;
  if (folder === ROOT && isReserved(item.name)) return false;
  const parsed = parseSitePath(childOf(folder, item.name));
  return parsed.ok && parsed.value === childOf(folder, item.name);
}

/** What stands at an absolute path; undefined where it is gone or cannot be looked at. */
export function findStats(absolute: string): Stats | undefined {
  try {
    return lstatSync(absolute, { throwIfNoEntry: false });
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

function toInfo(name: string, info: { isDirectory(): boolean; size: number; mtimeMs: number; mode: number }): FileInfo {
  const kind = info.isDirectory() ? 'dir' : 'file';
  return { name, kind, size: kind === 'dir' ? 0 : info.size, mtime: Math.round(info.mtimeMs), mode: info.mode };
}

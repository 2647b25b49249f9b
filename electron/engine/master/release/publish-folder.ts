import { lstat, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Content, Millis } from '../../../../shared/domain/change.ts';
import {
  childOf,
  isWithin,
  parentOf,
  RESERVED_FOLDER,
  ROOT,
  type SitePath,
} from '../../../../shared/domain/site-path.ts';
import { AppError, type ErrorJson } from '../../../../shared/errors/app-error.ts';
import { Lock } from '../../core/lock.ts';
import { mustAsk } from '../../core/delete-guard.ts';
import { createPace, eachOf } from '../../core/pace.ts';
import { fileError } from '../../tree/file-error.ts';
import { hashFile } from '../../tree/hash.ts';
import { copyWhole } from '../../tree/link-or-copy.ts';
import { isDataFolder, refuseData } from '../../tree/nested-roots.ts';
import { isVersionControl } from '../../../../shared/domain/version-control.ts';
import { refuseOwnFolder } from '../../tree/own-folder.ts';
import { findStats } from '../../tree/find-stats.ts';
import { isServed } from '../../tree/is-served.ts';
import { isCurrent } from '../served.ts';
import type { Actor, CommittedRelease, ReleaseOptions } from '../site-files.ts';
import { isDoubtful } from '../../tree/unfit-names.ts';
import { existingAt } from '../upload.ts';
import { commitDraft } from './commit-draft.ts';
import { Draft, findInTree, RELEASE_CHANGES_MAX } from './draft.ts';
import type { ReleaseSite } from './release-site.ts';

/** Files that are hashed or copied at once. */
const WIDTH = 4;
/** Copies of a file that is written to each time, and how long it is left in peace before the next. */
const COPIES_MAX = 5;
const STILL_MILLIS = 300;
/** Share of the files that may be deleted before a person is asked: the folder may be another one than was meant, or empty. */
const DELETE_SHARE = 0.5;

export interface PublishOptions extends ReleaseOptions {
  readonly by: Actor;
  readonly title: string;
  /** The folder of the site that becomes like it. Absent: the whole site. */
  readonly into?: SitePath;
  /** The names in the folder that count: the others are passed over, as if they were not there. Absent: all. */
  readonly only?: readonly string[];
  /** What the site has and the folder has not is deleted. Not with `only`. */
  readonly delete?: boolean;
  /** Somebody has agreed to the deletes, however many there are. */
  readonly allowDeletes?: boolean;
}

/** What publishing a folder means. Paths are those of the site. */
export interface FolderPlan {
  readonly new: readonly SitePath[];
  readonly changed: readonly SitePath[];
  /** Files with the same bytes. */
  readonly unchanged: number;
  readonly deleted: readonly SitePath[];
  /** What is not published, and why: links, special files, names that no path may hold, what stands in the way of another kind. */
  readonly refused: readonly { readonly path: string; readonly error: ErrorJson }[];
}

/** Compares a folder of this machine with the site. Nothing is changed. Rejects `file.not-found`, `path.invalid`, `release.too-large`. */
export async function planFolder(
  site: ReleaseSite,
  folder: string,
  options: PublishOptions,
  signal?: AbortSignal,
): Promise<FolderPlan> {
  return (await compare(site, folder, options, signal)).plan;
}

/**
 * Makes the site like a folder of this machine, as one release: files with other bytes, and folders; all is copied and hashed
 * before anything becomes visible. `release` is absent where nothing differs. Rejects `guard.held` (with `count` and `of`)
 * where too much would be deleted, and whatever a commit rejects: then nothing is changed.
 */
export async function publishFolder(
  site: ReleaseSite,
  folder: string,
  options: PublishOptions,
  signal?: AbortSignal,
): Promise<{ plan: FolderPlan; release?: CommittedRelease }> {
  const { plan, files, folders, removed, filesThere } = await compare(site, folder, options, signal);
  const deletes = removed.filter(({ kind }) => kind === 'file').length;
  if (options.allowDeletes !== true && mustAsk(deletes, filesThere, DELETE_SHARE))
    throw new AppError('guard.held', { count: deletes, of: filesThere });
  if (plan.new.length + plan.changed.length + plan.deleted.length === 0) return { plan };
  const draft = new Draft(site);
  try {
    for (const { path, kind } of removed) {
      if (kind === 'file') await draft.remove(path);
      // What is not served stands in it, and it with that.
      else if (await draft.isEmpty(path)) await draft.removeDir(path);
    }
    for (const path of folders) await draft.makeDir(path, site.clock.now());
    const lock = new Lock();
    await eachOf(files, WIDTH, (file) =>
      stage(site, file, (name, content) => lock.run(() => draft.put(file.path, name, content)), signal),
    );
    if (draft.overlay.size === 0) return { plan };
    const { title, by, together } = options;
    return { plan, release: await commitDraft(site, draft, { title, ...(together && { together }) }, by) };
  } finally {
    await draft.clear();
  }
}

interface LocalFile {
  readonly path: SitePath;
  readonly absolute: string;
}

interface Comparison {
  readonly plan: FolderPlan;
  /** To be staged. */
  readonly files: readonly LocalFile[];
  /** To be made, those above first. */
  readonly folders: readonly SitePath[];
  /** The deepest first. */
  readonly removed: readonly { readonly path: SitePath; readonly kind: 'file' | 'dir' }[];
  /** Files of the folder that becomes like the other, where that was asked for. */
  readonly filesThere: number;
}

async function compare(
  site: ReleaseSite,
  folder: string,
  options: PublishOptions,
  signal?: AbortSignal,
): Promise<Comparison> {
  const { into = ROOT, only } = options;
  const walk = new Walk(site, options.delete === true);
  await walk.makeFolders(into);
  await walk.read(await ownFolder(site, folder, only), into, signal, only);
  const removed = options.delete === true ? await walk.missing(into, signal) : [];
  const { filesThere } = walk;
  const files: (LocalFile & { isNew: boolean })[] = [];
  let unchanged = 0;
  await eachOf(walk.files, WIDTH, async (file) => {
    const { path, absolute } = file;
    const { size } = await lstat(absolute).catch((error: unknown) => {
      throw fileError(error, absolute);
    });
    const info = await findInTree(site, path);
    const known = site.journal.index.entry(path);
    // What came without FTP no mirror has been told of yet.
    const mayBeSame = info?.isFile() && info.size === size && isCurrent(known, info);
    if (mayBeSame && (await site.hash(path)) === (await hashFile(absolute, signal)).sha256) unchanged += 1;
    else files.push({ ...file, isNew: !info?.isFile() || known?.kind !== 'file' });
  });
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const plan = {
    new: [...walk.folders, ...files.filter(({ isNew }) => isNew).map(({ path }) => path)],
    changed: files.filter(({ isNew }) => !isNew).map(({ path }) => path),
    unchanged,
    deleted: removed.map(({ path }) => path),
    refused: walk.refused,
  };
  if (plan.new.length + plan.changed.length + removed.length > RELEASE_CHANGES_MAX)
    throw new AppError('release.too-large', { limit: RELEASE_CHANGES_MAX });
  return { plan, files, folders: walk.folders, removed, filesThere };
}

/** The site itself, and what holds it or is in it, cannot be published into it. */
async function ownFolder(site: ReleaseSite, folder: string, only: readonly string[] | undefined): Promise<string> {
  try {
    const real = await realpath(folder);
    refuseData(real);
    if (!(await lstat(real)).isDirectory()) throw new AppError('file.not-directory', { path: folder });
    const published = only?.map((name) => join(real, name)) ?? [real];
    await refuseOwnFolder(published, site.name, site.root.folder);
    return real;
  } catch (error) {
    throw fileError(error, folder);
  }
}

class Walk {
  readonly files: LocalFile[] = [];
  /** That the site does not have. */
  readonly folders: SitePath[] = [];
  readonly refused: { path: string; error: ErrorJson }[] = [];
  /** Seen by `missing`. */
  filesThere = 0;
  readonly #site: ReleaseSite;
  readonly #delete: boolean;
  readonly #seen = new Set<string>();
  readonly #pace = createPace();

  constructor(site: ReleaseSite, withDelete: boolean) {
    this.#site = site;
    this.#delete = withDelete;
  }

  async makeFolders(folder: SitePath): Promise<void> {
    if (folder === ROOT || (await findInTree(this.#site, folder))?.isDirectory()) return;
    await this.makeFolders(parentOf(folder));
    this.folders.push(folder);
  }

  async read(folder: string, path: SitePath, signal?: AbortSignal, only?: readonly string[]): Promise<void> {
    signal?.throwIfAborted();
    const all = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      throw fileError(error, folder);
    });
    const items = only ? all.filter(({ name }) => only.includes(name)) : all;
    const missing = only?.find((name) => !all.some((item) => item.name === name));
    if (missing !== undefined) throw new AppError('file.not-found', { path: missing });
    for (const item of items.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      await this.#pace();
      const below = childOf(path, item.name);
      this.#seen.add(below);
      if (!isServed(path, item)) {
        if (below !== RESERVED_FOLDER) this.#refuse(below, item.isSymbolicLink() ? 'path.link' : 'path.invalid');
        continue;
      }
      if (isVersionControl(item.name)) {
        this.#refuse(below, 'publish.version-control');
        continue;
      }
      // Bytes that are no text: nothing stands under the name that it reads as.
      if (isDoubtful(item.name) && findStats(join(folder, item.name)) === undefined) {
        this.#refuse(below, 'path.invalid');
        continue;
      }
      const info = await findInTree(this.#site, below);
      const isDirectory = item.isDirectory();
      if (info && info.isDirectory() !== isDirectory && !this.#delete) {
        this.#refuse(below, isDirectory ? 'file.not-directory' : 'file.is-directory');
        continue;
      }
      if (!isDirectory) {
        this.files.push({ path: below, absolute: join(folder, item.name) });
        continue;
      }
      if (isDataFolder(join(folder, item.name))) {
        this.#refuse(below, 'publish.own-data');
        continue;
      }
      if (!info?.isDirectory()) this.folders.push(below);
      await this.read(join(folder, item.name), below, signal);
    }
  }

  /** What the site has and the folder has not, or has as something else. The deepest first. */
  async missing(into: SitePath, signal?: AbortSignal): Promise<{ path: SitePath; kind: 'file' | 'dir' }[]> {
    const found: { path: SitePath; kind: 'file' | 'dir' }[] = [];
    const local = new Set<string>(this.files.map(({ path }) => path));
    const made = new Set(this.folders);
    const walk = async (folder: SitePath): Promise<void> => {
      signal?.throwIfAborted();
      for await (const { name, kind } of await this.#site.list(folder)) {
        await this.#pace();
        const path = childOf(folder, name);
        if (kind === 'file') this.filesThere += 1;
        const otherKind = kind === 'dir' ? local.has(path) : made.has(path);
        if (!this.#seen.has(path) || otherKind) found.push({ path, kind });
        if (kind === 'dir') await walk(path);
      }
    };
    if ((await findInTree(this.#site, into))?.isDirectory()) await walk(into);
    return found.sort((a, b) => (a.path < b.path ? 1 : -1)).filter(({ path }) => !this.#isRefused(path));
  }

  #isRefused(path: SitePath): boolean {
    // A name that is refused for its form may be that of what the site has.
    return this.refused.some((each) => isWithin(path, each.path.normalize('NFC') as SitePath));
  }

  #refuse(
    path: string,
    code:
      | 'path.link'
      | 'path.invalid'
      | 'file.not-directory'
      | 'file.is-directory'
      | 'publish.own-data'
      | 'publish.version-control',
  ): void {
    this.refused.push({ path, error: { code, params: { path } } });
  }
}

/** Copied first, then hashed: what is published is what was hashed, whatever happens to the original meanwhile. */
async function stage(
  site: ReleaseSite,
  { path, absolute }: LocalFile,
  put: (name: string, content: Content) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const name = site.incoming.newReleaseName();
  const staged = site.incoming.absolute(name);
  try {
    const mtime = site.clock.now();
    await copyStill({ path, absolute }, staged, mtime, signal);
    const { sha256, size } = await hashFile(staged, signal);
    if (size > site.uploadBytesMax) throw new AppError('upload.too-large', { path, limit: site.uploadBytesMax });
    await put(name, { size, mtime, sha256 });
  } catch (error) {
    await site.incoming.drop(staged);
    throw fileError(error, path);
  }
}

/** A copy of what is written to meanwhile may have the beginning of one version and the end of another. */
async function copyStill({ path, absolute }: LocalFile, staged: string, mtime: Millis, signal?: AbortSignal) {
  for (let copies = 1; ; copies += 1) {
    const before = existingAt(absolute)?.identity;
    await copyWhole(absolute, staged, mtime);
    if (existingAt(absolute)?.identity === before) return;
    if (copies === COPIES_MAX) throw new AppError('file.changed', { path });
    await sleep(STILL_MILLIS, undefined, { signal });
  }
}

import type { Stats } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { DROP_ENTRIES_MAX } from '../../../shared/contract/publishing.ts';
import { childOf, isReserved, parseSitePath, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError, type ErrorJson } from '../../../shared/errors/app-error.ts';
import { createPace } from '../core/pace.ts';
import { isDoubtful } from '../tree/unfit-names.ts';
import { fileError, isNotFound } from '../tree/file-error.ts';
import { isDataFolder, refuseData } from '../tree/nested-roots.ts';
import { wholePath } from '../tree/whole-path.ts';
import { isVersionControl } from '../../../shared/domain/version-control.ts';

/** What is left out is named one by one up to this. */
export const REFUSED_MAX = 1000;

export interface LocalFile {
  /** Where it goes. */
  readonly path: SitePath;
  readonly absolute: string;
  readonly size: number;
  readonly mtime: number;
  /** Another one after each change, also by a program that gives a file the size and the time of the one before, as builds do. */
  readonly identity: string;
}

/** What a drop holds, under the paths that it is to have. Folders stand before what is in them. */
export interface LocalTree {
  readonly files: readonly LocalFile[];
  readonly folders: readonly SitePath[];
  /** Left out, and why: links, special files, names that no path may hold. The first of them where they are many. */
  readonly refused: readonly { readonly path: string; readonly error: ErrorJson }[];
  /** All that is left out: what the place has under these names is not touched. */
  readonly leftOut: ReadonlySet<string>;
}

/**
 * Reads what was dropped: a folder alone stands for its content, of several things each stands for itself. Rejects `file.*`,
 * `publish.own-data`, `publish.same-name`, `release.too-large`.
 */
export async function readLocalTree(
  sources: readonly string[],
  into: SitePath,
  signal: AbortSignal,
): Promise<LocalTree> {
  const walk = new Walk(signal);
  for (const source of sources) refuseData(await real(source));
  const [first] = sources;
  if (first !== undefined && (await isOneFolder(sources))) await walk.read(await real(first), into);
  else for (const source of sources) await walk.take(await real(source), into, basename(resolve(source)), 'named');
  return walk;
}

/** Before anything is begun: each of them is there, and may be published. Rejects `file.*`, `publish.own-data`. */
export async function requireSources(sources: readonly string[]): Promise<void> {
  for (const source of sources) refuseData(await real(source));
}

class Walk implements LocalTree {
  readonly files: LocalFile[] = [];
  readonly folders: SitePath[] = [];
  readonly refused: { path: string; error: ErrorJson }[] = [];
  readonly leftOut = new Set<string>();
  readonly #paths = new Set<SitePath>();
  readonly #signal: AbortSignal;
  readonly #pace;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    this.#pace = createPace(signal);
  }

  async read(absolute: string, folder: SitePath): Promise<void> {
    this.#signal.throwIfAborted();
    const names = await readdir(absolute).catch((error: unknown) => {
      throw fileError(error, absolute);
    });
    for (const name of names.sort()) await this.take(join(absolute, name), folder, name, 'found');
  }

  /** A name as the file system has it, which may be decomposed (HFS+), becomes one of a site. */
  async take(absolute: string, folder: SitePath, name: string, how: 'named' | 'found'): Promise<void> {
    await this.#pace();
    // Lockstep's own folder, where the source is a site.
    if (how === 'found' && isReserved(name)) return;
    const parsed = parseSitePath(childOf(folder, name));
    if (!parsed.ok) return this.#refuse(childOf(folder, name), parsed.error);
    const path = parsed.value;
    if (how === 'found' && isVersionControl(name))
      return this.#refuse(path, new AppError('publish.version-control', { path }));
    // In a folder two names that differ in their form only, of several sources two with the same name.
    if (this.#paths.has(path)) {
      if (how === 'named') throw new AppError('publish.same-name', { name });
      return this.#refuse(path, new AppError('file.exists', { path }));
    }
    const info = await lstat(absolute).catch((error: unknown) => {
      if (how === 'found' && isDoubtful(name) && isNotFound(error)) return undefined;
      throw fileError(error, absolute);
    });
    // Bytes that are no text.
    if (!info) return this.#refuse(path, new AppError('path.invalid', { path }));
    if (!info.isDirectory() && !info.isFile())
      return this.#refuse(path, new AppError(info.isSymbolicLink() ? 'path.link' : 'path.invalid', { path }));
    if (info.isDirectory() && isDataFolder(absolute))
      return this.#refuse(path, new AppError('publish.own-data', { path }));
    this.#paths.add(path);
    if (this.#paths.size > DROP_ENTRIES_MAX) throw new AppError('release.too-large', { limit: DROP_ENTRIES_MAX });
    if (info.isDirectory()) {
      this.folders.push(path);
      await this.read(absolute, path);
    } else {
      this.files.push(localFile(path, absolute, info));
    }
  }

  #refuse(path: string, error: AppError): void {
    this.leftOut.add(path);
    if (this.leftOut.size > DROP_ENTRIES_MAX) throw new AppError('release.too-large', { limit: DROP_ENTRIES_MAX });
    if (this.refused.length < REFUSED_MAX) this.refused.push({ path, error: error.toJSON() });
  }
}

export function localFile(path: SitePath, absolute: string, { size, mtimeMs, ctimeMs }: Stats): LocalFile {
  return { path, absolute, size, mtime: Math.round(mtimeMs), identity: `${size} ${mtimeMs} ${ctimeMs}` };
}

/** Rejects `file.*`. */
export async function isOneFolder(sources: readonly string[]): Promise<boolean> {
  const [first, ...others] = sources;
  return first !== undefined && others.length === 0 && (await kindOf(first)) === 'dir';
}

async function kindOf(source: string): Promise<'dir' | 'other'> {
  try {
    return (await lstat(await realpath(source))).isDirectory() ? 'dir' : 'other';
  } catch (error) {
    throw fileError(error, source);
  }
}

/** What a person names may be a link: that is what they mean. */
async function real(source: string): Promise<string> {
  return realpath(wholePath(source)).catch((error: unknown) => {
    throw fileError(error, source);
  });
}

/** Above `into` there may be nothing yet: the folders to be made for it, the highest first. */
export function foldersAbove(into: SitePath): SitePath[] {
  const folders: SitePath[] = [];
  let path = ROOT;
  for (const name of into === ROOT ? [] : into.split('/')) {
    path = childOf(path, name);
    folders.push(path);
  }
  return folders;
}

import { type BigIntStats, lstatSync, readdirSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Content, Millis, Present, Sha256 } from '../../../shared/domain/change.ts';
import { childOf, parentOf, parseSitePath, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { FOREIGN_SEQ, type MirrorState } from '../store/mirror-state.ts';
import { fileError, isHindrance } from '../tree/file-error.ts';
import { findExactStats } from '../tree/find-stats.ts';
import { siteName } from '../tree/site-name.ts';
import { hashFile } from '../tree/hash.ts';
import { isSameTime } from '../tree/same-time.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { identityOf, seenOf } from '../tree/steps.ts';
import type { Ready } from './ready.ts';

/** Below a folder that is renamed, or gives way to a file; more would keep everything waiting for too long. A rescan looks at all. */
export const LOOKED_AT_MAX = 100_000;
/** Folders without anything in them that go for a file; more are left to a person. */
const HOLLOW_MAX = 100;

/** A file that is about to be replaced or removed. */
export interface Standing {
  readonly content: { readonly sha256: Sha256; readonly size: number; readonly mtime: Millis };
  readonly identity: string;
  /** See `seenOf`. */
  readonly seen: string;
  /** It is what the index says. */
  readonly isOurs: boolean;
}

/** What stands at the paths of a batch, read before the transaction. */
export interface Survey {
  readonly identities: ReadonlyMap<SitePath, string>;
  readonly standing: ReadonlyMap<SitePath, Standing>;
  /** Files that are in their place already, and may be given another time, with the one that they have; of one that is not there, nothing. */
  readonly times: ReadonlyMap<SitePath, { readonly was: Millis } | undefined>;
  /** What stood in its place already, and is not there any more as it was found: somebody has changed it, or taken it away. */
  readonly changed: ReadonlySet<Ready>;
  /** What stands in their places cannot be looked at, or read: so nothing is known of it, not even that nothing is there. */
  readonly unseen: ReadonlyMap<Ready, AppError>;
  /** What goes for a file to be put in its place: a folder and those in it, where there is nothing else. The deepest first. */
  readonly hollow: ReadonlyMap<SitePath, readonly Hollow[]>;
  /** Above what is to be put in its place: a file stands where a folder has to be. */
  readonly inTheWay: ReadonlySet<SitePath>;
}

export interface Hollow {
  readonly path: SitePath;
  readonly identity: string;
}

/** Looks at what is to be replaced or removed. */
export async function surveyPlaces(root: SiteRoot, state: MirrorState, batch: readonly Ready[]): Promise<Survey> {
  const identities = new Map<SitePath, string>();
  const standing = new Map<SitePath, Standing>();
  const times = new Map<SitePath, { was: Millis } | undefined>();
  const changed = new Set<Ready>();
  const unseen = new Map<Ready, AppError>();
  const hollow = new Map<SitePath, Hollow[]>();
  const folders = new Set<SitePath>();
  const entries = state.store.reading(() => batch.map(({ want }) => state.entry(want.path)));
  const look = async (ready: Ready, entry: Present | undefined): Promise<void> => {
    const { want, staged, stands } = ready;
    const { path, target } = want;
    if (target.kind !== 'gone') folders.add(parentOf(path));
    if (isSpelledOtherwise(root, path)) {
      if (target.kind === 'file' && staged === null) changed.add(ready);
      return;
    }
    // Where a folder is to be, whatever file stands there goes, also one that nobody knows, or where the index has the folder already.
    if (target.kind === 'file' ? staged !== null : target.kind === 'dir' || entry?.kind === 'file') {
      const found = await findStanding(root.plain(path), entry);
      if (found) standing.set(path, found);
      if (found && target.kind === 'dir') identities.set(path, found.identity);
    }
    if (target.kind === 'file' && staged === null) {
      if (!(await isStillThere(root, ready))) changed.add(ready);
      const info = findFile(root.plain(path));
      const isNew = stands === true || entry?.kind !== 'file' || entry.sha256 !== target.sha256;
      // With the time of what the index says, what somebody else has made of it would not be found any more.
      const isOurs = isNew || (info && [entry, target].some(({ mtime }) => isAsNoted(info, { ...entry, mtime })));
      if (isOurs) times.set(path, info && { was: timeOf(info) });
    }
    // A mirror that followed the site before, say, has left it there.
    if (target.kind === 'file' && staged !== null) {
      const found = findHollow(root, path);
      if (found) hollow.set(path, found);
    }
    if (!entry || entry.kind === target.kind) return;
    const info = await root
      .resolve(path)
      .then((absolute) => lstat(absolute, { bigint: true }))
      .catch(unlessHindered);
    if (info && (entry.kind === 'dir' ? info.isDirectory() : info.isFile())) identities.set(path, identityOf(info));
  };
  for (const [at, ready] of batch.entries()) {
    try {
      await look(ready, entries[at]);
    } catch (error) {
      const hindrance = fileError(error, ready.want.path);
      if (!isHindrance(hindrance)) throw error;
      unseen.set(ready, hindrance);
    }
  }
  return { identities, standing, times, changed, unseen, hollow, inTheWay: findInTheWay(root, folders) };
}

/** On a disk that folds case another thing answers to this name: it is not what stands there, and nobody has changed it. */
export function isSpelledOtherwise(root: SiteRoot, path: SitePath): boolean {
  if (!root.foldsCase) return false;
  try {
    root.locate(path);
    return root.otherSpelling(path) !== undefined;
  } catch (error) {
    return error instanceof AppError && error.code === 'path.case-clash';
  }
}

/** The file that was found in its place is what is wanted: it may have waited since for what belongs to it. */
async function isStillThere(root: SiteRoot, { want: { path, target }, stands, seen }: Ready): Promise<boolean> {
  if (target.kind !== 'file' || stands) return true;
  const info = findFile(root.plain(path));
  if (!info || Number(info.size) !== target.size) return false;
  if (seenOf(info) === seen || isSameTime(timeOf(info), target.mtime)) return true;
  return (await readStanding(root, path))?.sha256 === target.sha256;
}

/** The files that stand at these paths, or above them. */
function findInTheWay(root: SiteRoot, folders: ReadonlySet<SitePath>): Set<SitePath> {
  const found = new Set<SitePath>();
  const seen = new Set<SitePath>();
  for (const each of folders)
    for (let folder = each; folder !== ROOT && !seen.has(folder); folder = parentOf(folder)) {
      seen.add(folder);
      const info = findEntry(root, folder);
      if (info?.isFile()) found.add(folder);
      if (info) break;
    }
  return found;
}

/** The files of a batch that are to be put in their places, by name: one may have stood there before, and been kept as a version. */
export function stagedFiles(batch: readonly Ready[]): Map<SitePath, string> {
  return new Map(batch.flatMap(({ want, staged }) => (staged === null ? [] : [[want.path, staged]])));
}

/** Undefined: it is not there any more. */
export function findStaged(root: SiteRoot, name: string): { identity: string; mtime: Millis } | undefined {
  const info = findExactStats(join(root.staging, name));
  return info && { identity: identityOf(info), mtime: timeOf(info) };
}

/** What a rename moves, and the file that it replaces. */
export interface Renamed {
  readonly kind: 'file' | 'dir';
  readonly identity: string;
  /** See `seenOf`. Of a folder only what is in it counts. */
  readonly seen?: string;
  readonly replaces?: string;
  readonly replaced?: Standing;
}

/** The two names of a rename, where all that stands there is what the index says; undefined: what somebody has changed must not travel. */
export function findRenamed(root: SiteRoot, state: MirrorState, from: SitePath, to: SitePath): Renamed | undefined {
  const info = findEntry(root, from);
  const entry = state.entry(from);
  if (!info || !entry || !isAsNoted(info, entry)) return undefined;
  if (entry.kind === 'dir' && !isAllAsNoted(root, state, from)) return undefined;
  const { kind } = entry;
  const moved = { kind, identity: identityOf(info), ...(kind === 'file' && { seen: seenOf(info) }) };
  const there = findEntry(root, to);
  if (!there) return moved;
  const replaces = identityOf(there);
  // On a disk that folds case it is the same file.
  if (replaces === moved.identity) return { ...moved, replaces };
  const before = state.entry(to);
  if (before?.kind !== 'file' || !isAsNoted(there, before)) return undefined;
  const { sha256, size, mtime } = before;
  return {
    ...moved,
    replaces,
    replaced: { content: { sha256, size, mtime }, identity: replaces, seen: seenOf(there), isOurs: true },
  };
}

/** All that the index has below a folder stands there, and nothing else: what Lockstep does not know is nobody's to move. */
function isAllAsNoted(root: SiteRoot, state: MirrorState, folder: SitePath): boolean {
  const below = state.entriesBelow(folder, LOOKED_AT_MAX);
  const known = new Set<string>(below.map(({ path }) => path));
  const isKnown = (each: SitePath): boolean =>
    readNames(root, each)?.every((name) => known.has(childOf(each, name.normalize('NFC')))) === true;
  return (
    below.every((entry) => {
      const info = findEntry(root, entry.path);
      return info !== undefined && isAsNoted(info, entry) && (entry.kind === 'file' || isKnown(entry.path));
    }) && isKnown(folder)
  );
}

/** The folder at a path and those in it, if there is nothing else in any; undefined: there is, or no folder stands there. */
function findHollow(root: SiteRoot, path: SitePath): Hollow[] | undefined {
  const found: Hollow[] = [];
  for (const folders = [path]; ; ) {
    const folder = folders.pop();
    if (folder === undefined) return found.toReversed();
    const info = findEntry(root, folder);
    if (!info?.isDirectory() || found.length >= HOLLOW_MAX) return undefined;
    found.push({ path: folder, identity: identityOf(info) });
    // One that cannot be looked into shows what is in it when it is to go.
    for (const name of readNames(root, folder) ?? []) {
      const parsed = parseSitePath(childOf(folder, name));
      // Under a name that no site has it is somebody else's.
      if (!parsed.ok || parsed.value !== childOf(folder, name)) return undefined;
      folders.push(parsed.value);
    }
  }
}

/** Undefined: it cannot be looked into. */
function readNames(root: SiteRoot, folder: SitePath): string[] | undefined {
  try {
    return readdirSync(root.plain(folder)).map((name) => siteName(root.plain(folder), name));
  } catch {
    return undefined;
  }
}

/** By size and time. */
function isAsNoted(info: BigIntStats, entry: Present): boolean {
  if (entry.kind === 'dir') return info.isDirectory();
  return info.isFile() && Number(info.size) === entry.size && isSameTime(timeOf(info), entry.mtime);
}

function timeOf({ mtimeNs }: BigIntStats): Millis {
  return Math.round(Number(mtimeNs) / 1e6);
}

/** The file at a path: by size and time what the index says, or whatever somebody else has made of it, hashed. */
async function findStanding(absolute: string, entry: Present | undefined): Promise<Standing | undefined> {
  const info = lookAt(absolute);
  if (!info?.isFile()) return undefined;
  const [identity, seen] = [identityOf(info), seenOf(info)];
  const [size, mtime] = [Number(info.size), timeOf(info)];
  if (entry?.kind === 'file' && isAsNoted(info, entry))
    return { content: { sha256: entry.sha256, size, mtime }, identity, seen, isOurs: entry.seq !== FOREIGN_SEQ };
  try {
    const { sha256 } = await hashFile(absolute);
    const isOurs = entry?.kind === 'file' && entry.sha256 === sha256 && entry.seq !== FOREIGN_SEQ;
    return { content: { sha256, size, mtime }, identity, seen, isOurs };
  } catch (error) {
    return unlessHindered(error);
  }
}

/** Undefined: nothing is there. Throws where that cannot be told. */
function lookAt(absolute: string): BigIntStats | undefined {
  try {
    return lstatSync(absolute, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    return unlessHindered(error);
  }
}

/** The disk, or a right, says nothing of what is there; whatever else is wrong shows when something is done about it. */
function unlessHindered(error: unknown): undefined {
  if (isHindrance(fileError(error, ''))) throw error;
}

/** The content of the file at a path, whatever the index says; undefined: there is none, or it cannot be read. */
export async function readStanding(root: SiteRoot, path: SitePath): Promise<Content | undefined> {
  const absolute = root.plain(path);
  if (!findFile(absolute) || isSpelledOtherwise(root, path)) return undefined;
  return hashFile(absolute).catch(() => undefined);
}

export function findFile(absolute: string): BigIntStats | undefined {
  const info = findExactStats(absolute);
  return info?.isFile() ? info : undefined;
}

/** Where it cannot be looked at, what is wrong there shows when the step is done. */
function findEntry(root: SiteRoot, path: SitePath): BigIntStats | undefined {
  return findExactStats(root.plain(path));
}

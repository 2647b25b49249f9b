import type { Dirent, Stats } from 'node:fs';
import type { Millis, Present, Sha256 } from '../../../shared/domain/change.ts';
import { childOf, isReserved, isWithin, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { GUARD_FILES_MIN } from '../core/delete-guard.ts';
import { createPace } from '../core/pace.ts';
import { fileError, isNotFound } from '../tree/file-error.ts';
import {
  BATCH,
  CLOCKS_MILLIS,
  countFiles,
  disksOf,
  lastLook,
  mayDiffer,
  recordFound,
  recordGone,
  requireOwnRoot,
  requireRemoved,
  type Seen,
  STABLE_MILLIS,
  standing,
} from './compare.ts';
import { findStats } from '../tree/find-stats.ts';
import { hashFile } from '../tree/hash.ts';
import { isCurrent } from './served.ts';
import { isServed } from '../tree/is-served.ts';
import { readSiteFolder } from '../tree/site-name.ts';
import type { MasterSite } from './site.ts';
import { WRITING_MILLIS_MAX } from './watch/settling.ts';
import { findWriters } from './watch/writers.ts';
import { requireEntry } from '../tree/require-entry.ts';
import type { Unfit } from '../tree/unfit-names.ts';
import { isDoubtful, LINK, UNREADABLE, unfitOf } from '../tree/unfit-names.ts';

/** The watch of a folder, which takes a file once it stands still. */
export interface Watching {
  /** False: it has failed, and nobody comes back for what is left to it. */
  readonly isOn: boolean;
  /** It is about to take it, or waits until nobody writes to it any more. */
  waitsFor(path: SitePath): boolean;
  /** Somebody else has seen that it may still be written to. */
  settle(path: SitePath): void;
}

export interface ScanOptions {
  /** So many deletes somebody has said yes to; Infinity: however many there are. */
  readonly allowedDeletes?: number;
  /** Files that may still be written to are left to it. Absent: they are taken as they are. */
  readonly watch?: Watching;
  /** The index may be older than what mirrors have: what stands in the folder has to be in it. */
  readonly whole?: boolean;
  readonly signal?: AbortSignal;
}

export interface ScanOutcome {
  /** Files and folders in the tree. */
  readonly found: number;
  /** Changes journalled. */
  readonly changed: number;
  /** What cannot be published: links, special files, names that are not NFC or that no path may hold, what cannot be read. */
  readonly skipped: readonly string[];
  /** Of these such as a person should mend: all but links and special files. */
  readonly unfit: number;
  /** Of these symbolic links. */
  readonly links: number;
}

/**
 * Compares the tree with the index and journals what differs: changes that were made without FTP. Folders first, then files,
 * deletes last, the deepest first. What changes while it looks is looked at again under the site's lock.
 * Rejects `site.root-missing`, and `guard.held` (with `count` and `of`, files) where too many would be taken for deleted:
 * then nothing is journalled. Rejects `site.unread`, once all else is journalled, where it has to be `whole` and is not.
 */
export async function rescan(site: MasterSite, options: ScanOptions = {}): Promise<ScanOutcome> {
  const { allowedDeletes = 0, signal } = options;
  const watch = options.watch?.isOn ? options.watch : undefined;
  requireOwnRoot(site);
  const begun = Date.now();
  const tree = await readWholeTree(site, watch, signal);
  const { missing, coming } = await findMissing(site, tree, signal);
  requireOwnRoot(site);
  const { gone, files, isAllowed } = await judgeMissing(site, tree, missing, {
    allowedDeletes,
    ...(signal && { signal }),
  });
  let changed = 0;
  const skip = (path: SitePath): void => {
    tree.skipped.push(path);
    tree.unfit.push({ path: Buffer.from(path), code: UNREADABLE });
  };
  for (let start = 0; start < tree.differing.length; start += BATCH) {
    signal?.throwIfAborted();
    const batch = tree.differing.slice(start, start + BATCH);
    const written = watch ? await beingWritten(site, batch, signal) : undefined;
    for (const path of written ?? []) watch?.settle(path);
    const closed = batch.filter(({ path }) => !written?.has(path));
    changed += await recordFound(site, closed, skip, { ...(signal && { signal }), judged: true });
  }
  changed += await recordGone(site, [...missing, ...coming], signal);
  if (isAllowed && gone > 0) site.losses.forget();
  else site.losses.note(gone, files, performance.now());
  site.unfit.found(tree.unfit);
  noteLook(site, tree, begun);
  if (options.whole) await requireWhole(site, tree, signal);
  const links = tree.unfit.filter(({ code }) => code === LINK).length;
  return { found: tree.seen.size, changed, skipped: tree.skipped, unfit: tree.unfit.length - links, links };
}

interface Loss {
  /** Files that are gone. */
  readonly gone: number;
  /** Files that there were. */
  readonly files: number;
  /** Somebody has said yes to it. */
  readonly isAllowed: boolean;
}

/** Rejects `guard.held` where a person must be asked. What has another name by now is looked for only where it comes to that. */
async function judgeMissing(
  site: MasterSite,
  tree: Tree,
  missing: readonly Present[],
  { allowedDeletes, signal }: { readonly allowedDeletes: number; readonly signal?: AbortSignal },
): Promise<Loss> {
  const judge = async (renamed: number): Promise<Loss> => {
    const gone = countFiles(missing) - renamed;
    const files = tree.files + gone;
    const isAllowed = gone <= allowedDeletes;
    if (isAllowed) return { gone, files, isAllowed };
    // What is being emptied, or unmounted, may have been seen in part before it went.
    const since = gone < GUARD_FILES_MIN ? 0 : await countGone(site, tree, signal);
    site.losses.requireFew(gone + since, files, performance.now());
    requireRemoved(site, missing, files);
    return { gone, files, isAllowed };
  };
  try {
    return await judge(0);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'guard.held') throw error;
    const renamed = await countRenamed(site, tree, missing, signal);
    if (renamed === 0) throw error;
    return judge(renamed);
  }
}

/** How many of the files that are missing stand in the tree, with the same content, under names that the index does not have. */
async function countRenamed(
  { root, journal: { index } }: MasterSite,
  { differing }: Tree,
  missing: readonly Present[],
  signal?: AbortSignal,
): Promise<number> {
  const left = new Map<Sha256, number>();
  const sizes = new Set<number>();
  for (const entry of missing) {
    if (entry.kind !== 'file') continue;
    left.set(entry.sha256, (left.get(entry.sha256) ?? 0) + 1);
    sizes.add(entry.size);
  }
  const pace = createPace(signal);
  let renamed = 0;
  for (const { path } of differing) {
    await pace();
    const info = findStats(root.plain(path));
    if (!info?.isFile() || !sizes.has(info.size) || index.entry(path)?.kind === 'file') continue;
    // What cannot be read is published under no name.
    const hashed = await hashFile(root.plain(path), signal, async () => pace()).catch(() => undefined);
    signal?.throwIfAborted();
    const alike = hashed ? (left.get(hashed.sha256) ?? 0) : 0;
    if (!hashed || alike === 0) continue;
    left.set(hashed.sha256, alike - 1);
    renamed += 1;
  }
  return renamed;
}

/** Of what cannot be read, or looked at, nobody can tell that it is gone, or is as it was. What is being written to comes with the next look. */
async function requireWhole({ root, journal }: MasterSite, { seen, closed }: Tree, signal?: AbortSignal) {
  const pace = createPace(signal);
  const unread = [...closed];
  for (const path of seen) {
    await pace();
    const known = journal.index.entry(path);
    const info = await root.statOrUndefined(path).catch(() => null);
    // By an older one mirrors would show what they have kept of it.
    const isKnown = info && (info.isFile() ? isCurrent(known, info) : known !== undefined);
    if (info !== undefined && !isKnown) unread.push(path);
  }
  const [path] = unread;
  const more = unread.length - 1;
  if (path !== undefined) throw new AppError('site.unread', { path, ...(more > 0 && { more }) });
}

/** What could not be read was not looked at; and of a disk in it that was there before nobody has seen what is in its place. */
function noteLook(site: MasterSite, { unfit, closed }: Tree, at: Millis): void {
  const { journal } = site;
  const isWhole = !unfit.some(({ code }) => code === UNREADABLE);
  const unseen = journal.disks.filter((disk) => closed.some((folder) => isWithin(disk, folder)));
  try {
    journal.setLookedAt(isWhole ? at : journal.lookedAt, [...new Set([...unseen, ...disksOf(site)])]);
  } catch (error) {
    // A disk that takes nothing now: what has changed since the last time is looked at closely once more.
    if (!(error instanceof AppError)) throw error;
  }
}

/** Which of them a program has open for writing. What has not changed for longer than is waited for anyway is not asked for. */
async function beingWritten(site: MasterSite, seen: readonly Seen[], signal?: AbortSignal) {
  const files = seen.flatMap(({ path }) => {
    const info = findStats(site.root.plain(path));
    return info?.isFile() && Date.now() - info.ctimeMs < WRITING_MILLIS_MAX ? [[path, info] as const] : [];
  });
  return new Set((await findWriters(new Map(files), signal)).keys());
}

interface Tree {
  readonly seen: Set<SitePath>;
  files: number;
  /** Not in the index as it stands, folders before what is in them. */
  readonly differing: Seen[];
  readonly skipped: string[];
  readonly unfit: Unfit[];
  /** Folders that could not be read: what the index holds below them is not missing. */
  readonly closed: SitePath[];
}

async function readWholeTree(site: MasterSite, watch?: Watching, signal?: AbortSignal): Promise<Tree> {
  const pace = createPace(signal);
  const { index } = site.journal;
  // What has changed since then is looked at closely.
  const since = (lastLook(site.journal) ?? 0) - CLOCKS_MILLIS;
  const tree: Tree = { seen: new Set(), files: 0, differing: [], skipped: [], unfit: [], closed: [] };
  const folders: SitePath[] = [ROOT];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal?.throwIfAborted();
    const items = await readFolder(site, folder, tree);
    const odd: Dirent[] = [];
    for (const item of items) {
      await pace();
      const path = childOf(folder, item.name);
      const isFit = isServed(folder, item);
      if (!isFit || isDoubtful(item.name)) odd.push(item);
      if (!isFit) {
        if (folder !== ROOT || !isReserved(item.name)) tree.skipped.push(path);
        continue;
      }
      // What reads so may have other bytes: then nothing stands under this name.
      if (isDoubtful(item.name) && !findStats(site.root.plain(path))) continue;
      tree.seen.add(path);
      const known = index.entry(path);
      if (item.isDirectory()) {
        folders.push(path);
        if (known?.kind !== 'dir') tree.differing.push({ path });
        continue;
      }
      tree.files += 1;
      const info = findStats(site.root.plain(path)) ?? (await lookAgain(site, path, tree));
      if (!info || watch?.waitsFor(path)) continue;
      if (isCurrent(known, info) && !(info.ctimeMs > since && mayDiffer(site, known, info))) continue;
      if (watch && isYoung(info)) watch.settle(path);
      else tree.differing.push({ path, ...(watch && { quiet: info }) });
    }
    if (odd.length > 0) tree.unfit.push(...unfitOf(site.root, folder, odd));
  }
  return tree;
}

/** It has gone meanwhile, or the disk does not let it be looked at: that is noted. */
async function lookAgain({ root }: MasterSite, path: SitePath, tree: Tree): Promise<Stats | undefined> {
  try {
    return await root.statOrUndefined(path);
  } catch {
    tree.skipped.push(path);
    tree.unfit.push({ path: Buffer.from(path), code: UNREADABLE });
    return undefined;
  }
}

/** The time of its last change cannot be set from outside, as `mtime` can; but the clock has been set back, where it is far ahead. */
function isYoung({ ctimeMs }: Stats): boolean {
  const age = Date.now() - ctimeMs;
  return age < STABLE_MILLIS && age > -CLOCKS_MILLIS;
}

async function readFolder(site: MasterSite, folder: SitePath, tree: Tree): Promise<Dirent[]> {
  try {
    const absolute = await site.root.resolve(folder);
    const items = await readSiteFolder(absolute);
    requireEntry(absolute);
    return items;
  } catch (error) {
    if (folder === ROOT) throw fileError(error, folder);
    // It was removed while the scan ran: the change itself has been seen or is found next time. Or it was away for a moment.
    if (isNotFound(error)) {
      if (findStats(site.root.plain(folder))?.isDirectory()) return readFolder(site, folder, tree);
    } else {
      tree.closed.push(folder);
      tree.skipped.push(folder);
      tree.unfit.push({ path: Buffer.from(folder), code: UNREADABLE });
    }
    return [];
  }
}

/** How many of the published files that were seen are not there any more. */
async function countGone(site: MasterSite, { seen }: Tree, signal?: AbortSignal): Promise<number> {
  const pace = createPace(signal);
  let gone = 0;
  for (const path of seen) {
    await pace();
    if (!findStats(site.root.plain(path)) && site.journal.index.entry(path)?.kind === 'file') gone += 1;
  }
  return gone;
}

interface Missing {
  readonly missing: Present[];
  /** Not in the tree yet, where a release is being committed: that must not look like many deletes. */
  readonly coming: Present[];
}

async function findMissing(site: MasterSite, { seen, closed }: Tree, signal?: AbortSignal): Promise<Missing> {
  const pace = createPace(signal);
  const found: Missing = { missing: [], coming: [] };
  let after = '';
  for (;;) {
    const page = site.journal.index.page(after, BATCH);
    for (const entry of page) {
      if (seen.has(entry.path) || closed.some((folder) => isWithin(entry.path, folder))) continue;
      const isComing = entry.seq > site.journal.head;
      if (!(await standing(site, entry.path))) (isComing ? found.coming : found.missing).push(entry);
    }
    const last = page.at(-1);
    if (!last) return found;
    after = last.path;
    await pace();
  }
}

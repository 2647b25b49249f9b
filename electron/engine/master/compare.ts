import { lstatSync, readdirSync, type Stats } from 'node:fs';
import type { Content, Millis, Present, Unnumbered } from '../../../shared/domain/change.ts';
import { sitePath } from '../../../shared/contract/primitives.ts';
import type { Reference } from '../../../shared/domain/reference.ts';
import { isWithin, parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { GUARD_FILES_MIN } from '../core/delete-guard.ts';
import { createPace, eachOf, type Pace } from '../core/pace.ts';
import { findStats } from '../tree/find-stats.ts';
import { fileError, isNotFound } from '../tree/file-error.ts';
import type { Journal } from '../store/journal.ts';
import { disksIn } from '../tree/mounts.ts';
import { hashFile } from '../tree/hash.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import type { Losses } from './losses.ts';
import { isCurrent } from './served.ts';
import type { Actor } from './site-files.ts';

/** Changes of one transaction: while it is decided, uploads wait to be committed. */
export const BATCH = 200;
/** A file is taken for complete when neither size nor time have changed for this long. */
export const STABLE_MILLIS = 500;
/** The clocks of a disk on the network, and of this machine, may differ by so much. */
export const CLOCKS_MILLIS = 60_000;
/** In the place of what was there, or changed, so soon after a change was journalled: by Lockstep itself. */
const OWN_MILLIS = 2_000;
/** Larger files are not read again where only their rights, or owner, may be others, and they came before: `chmod -R` touches all that a site has. */
const REREAD_BYTES_MAX = 2 ** 20;
/** Files that are hashed at once. */
const HASHES = 4;
/** Whoever journals what was changed without FTP. */
const SCAN = { account: 'scan' } as const;

/** What is needed of a site to compare its folder with its index; see `MasterSite`. */
export interface ComparedSite {
  readonly root: SiteRoot;
  readonly journal: Pick<Journal, 'index' | 'head' | 'madeAt' | 'lookedAt' | 'disks'>;
  readonly losses: Losses;
  record(decide: () => Promise<Unnumbered[]>, by: Actor): Promise<number>;
  referencesOf(path: SitePath, absolute: string): Promise<readonly Reference[] | undefined>;
}

/** Something that stands in the folder. `quiet`: how it looked when it had stood still for long enough; absent: it is taken as it is. */
export interface Seen {
  readonly path: SitePath;
  readonly quiet?: Pick<Stats, 'size' | 'mtimeMs'>;
}

/** Throws `site.root-missing` or `site.root-other` when the folder is not the site's any more: unmounted, moved away, or emptied. */
export function requireOwnRoot({ root }: ComparedSite): void {
  const { trouble } = root;
  if (trouble) throw trouble;
}

/** The file or folder at `path`; undefined where nothing stands that is served: a link, something reached through one, or by another spelling of its name, neither. */
export async function standing(site: ComparedSite, path: SitePath): Promise<Stats | undefined> {
  try {
    if (!lstatSync(site.root.plain(path), { throwIfNoEntry: false })) return undefined;
    const info = await site.root.stat(path);
    return site.root.hasName(path) ? info : undefined;
  } catch (error) {
    const known = fileError(error, path);
    if (known instanceof AppError && NOT_SERVED.has(known.code)) return undefined;
    throw known;
  }
}

const NOT_SERVED: ReadonlySet<string> = new Set([
  'file.not-found',
  'file.not-directory',
  'path.link',
  'path.case-clash',
]);

/**
 * Another content may have the size and the time that the index has (`cp -p`, `rsync -a`, `tar`, a build with fixed times): the file was
 * changed since that was journalled, or came there since, with its folder say. What an upload has put there has just been hashed.
 * `renewed`: when it may have come, or have been written to. Absent: perhaps it only has other rights.
 */
export function mayDiffer(
  { journal }: Pick<ComparedSite, 'journal'>,
  { seq }: Present,
  info: Stats,
  renewed?: Millis,
): boolean {
  const isLarge = renewed === undefined && info.size > REREAD_BYTES_MAX;
  // With other rights it is no other file.
  const since = isLarge ? info.birthtimeMs : Math.max(info.ctimeMs, renewed ?? 0);
  const made = journal.madeAt(seq);
  if (made?.seq !== seq) {
    // When it was made is forgotten: it was as the index says when all was looked at.
    const looked = lastLook(journal);
    return looked === undefined ? !isLarge : since > looked - CLOCKS_MILLIS;
  }
  // The clock was set back since: nothing says what came first.
  if (made.at > Date.now()) return !isLarge;
  return since > made.at + (made.account === SCAN.account && !isLarge ? -OWN_MILLIS : OWN_MILLIS);
}

/** When somebody last began to compare all of the folder. Undefined: never, or that clock was ahead of today's. */
export function lastLook({ lookedAt }: Pick<Journal, 'lookedAt'>): Millis | undefined {
  return lookedAt !== undefined && lookedAt <= Date.now() ? lookedAt : undefined;
}

/**
 * Journals what was seen and is not in the index as it is; the number of changes. Files are hashed first; then,
 * under the site's lock, what has changed meanwhile is passed over: it is seen again, or found by the next rescan.
 * So is what was written to before it could be hashed: that may be the first piece of it.
 * What cannot be read is handed to `unreadable`, and is neither published nor taken for deleted.
 * `judged`: the guard has seen what goes with folders that files have taken the place of. Else rejects `guard.held` where that is so
 * much that a person must be asked, and nothing is journalled.
 */
export async function recordFound(
  site: ComparedSite,
  seen: readonly Seen[],
  unreadable: (path: SitePath, error: unknown) => void,
  { signal, judged = false }: { readonly signal?: AbortSignal; readonly judged?: boolean } = {},
): Promise<number> {
  const hashes = new Map<SitePath, Read>();
  const unread = new Map<SitePath, unknown>();
  const pace = createPace(signal);
  await eachOf(seen, HASHES, async ({ path, quiet }) => {
    // Small files are read without another turn of the event loop.
    await pace();
    try {
      const info = await standing(site, path);
      if (!info?.isFile() || (quiet && (info.size !== quiet.size || info.mtimeMs !== quiet.mtimeMs))) return;
      const absolute = site.root.plain(path);
      const content = { ...(await hashFile(absolute, signal)), refs: await site.referencesOf(path, absolute) };
      hashes.set(path, { content, info });
    } catch (error) {
      signal?.throwIfAborted();
      if (!isNotFound(error)) unread.set(path, error);
    }
  });
  const recorded = await site.record(async () => {
    const found = new Found(site.journal.index);
    for (const { path } of seen) {
      // What cannot be looked at keeps nothing else from being published.
      const info = await standing(site, path).catch((error: unknown) => void unread.set(path, error));
      if (info?.isDirectory()) found.folder(path);
      else if (info) found.file(path, info, hashes.get(path));
    }
    if (!judged) passGuard(site, found.gone);
    return found.changes;
  }, SCAN);
  for (const [path, error] of unread) unreadable(path, error);
  return recorded;
}

/** Journals what is gone of `entries`, the deepest first; the number of changes. */
export async function recordGone(
  site: ComparedSite,
  entries: readonly Present[],
  signal?: AbortSignal,
): Promise<number> {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? 1 : -1));
  let changed = 0;
  for (let start = 0; start < sorted.length; start += BATCH) {
    signal?.throwIfAborted();
    changed += await site.record(async () => {
      requireOwnRoot(site);
      const changes: Unnumbered[] = [];
      for (const { path } of sorted.slice(start, start + BATCH)) {
        const known = site.journal.index.entry(path);
        if (known && !(await standing(site, path))) changes.push(removalOf(known));
      }
      // It may have gone while one looked.
      requireOwnRoot(site);
      return changes;
    }, SCAN);
  }
  return changed;
}

/** What the index had at a time. */
export interface Had {
  readonly files: number;
  /** Its newest change. */
  readonly head: number;
}

export function indexNow({ journal: { index, head } }: ComparedSite): Had {
  return { files: index.files(), head };
}

/**
 * The same, where the guard lets it. `had`: before any of it was gone. Rejects `guard.held` where it is so much that a person must be
 * asked, and nothing is journalled.
 */
export async function recordLoss(
  site: ComparedSite,
  entries: readonly Present[],
  had: Had,
  signal?: AbortSignal,
): Promise<number> {
  const renamed = await countRenamed(site, entries, had, createPace(signal));
  const [gone, files, now] = [countFiles(entries) - renamed, site.journal.index.files() - renamed, performance.now()];
  site.losses.requireFew(gone, files, now);
  requireRemoved(site, entries, files);
  const recorded = await recordGone(site, entries, signal);
  site.losses.note(gone, had.files, now);
  return recorded;
}

/** How many of them have come under another name since: each of those is one file. */
async function countRenamed({ journal: { index } }: ComparedSite, gone: readonly Present[], { head }: Had, pace: Pace) {
  const files = gone.filter((entry) => entry.kind === 'file');
  let renamed = 0;
  for (const [sha256, alike] of Map.groupBy(files, (file) => file.sha256)) {
    await pace();
    const came = index.withContent(sha256).filter((path) => (index.entry(path)?.seq ?? 0) > head);
    renamed += Math.min(alike.length, came.length);
  }
  return renamed;
}

/** Of what the index holds at `path` and below it: what stands no more. */
export async function missingAt(site: ComparedSite, path: SitePath, pace: Pace): Promise<Present[]> {
  const { index } = site.journal;
  const known = index.entry(path);
  if (!known) return [];
  const missing = (await standing(site, path)) ? [] : [known];
  if (known.kind !== 'dir') return missing;
  for (const entry of index.eachBelow(path)) {
    if (!(await standing(site, entry.path))) missing.push(entry);
    await pace();
  }
  return missing;
}

/**
 * Throws `guard.held` where many files are missing that nobody can have removed: the folder that had them has not changed since they
 * were there. So it is another one, that of a disk which is not mounted, say; or somebody has set the clock back. Also where one is that was
 * on a disk which is known not to be mounted any more.
 */
export function requireRemoved(site: ComparedSite, missing: readonly Present[], files: number): void {
  const gone = new Set(missing.map(({ path }) => path));
  const standingAbove = ({ path }: Present): SitePath => {
    let folder = parentOf(path);
    while (gone.has(folder)) folder = parentOf(folder);
    return folder;
  };
  const mounted = new Set(disksOf(site));
  const away = site.journal.disks.filter((disk) => !mounted.has(disk));
  const isAway =
    away.length > 0 && missing.some(({ kind, path }) => kind === 'file' && away.some((disk) => isWithin(path, disk)));
  let unremoved = 0;
  for (const [folder, entries] of Map.groupBy(missing, standingAbove))
    if (isUnchanged(site, folder, newestOf(entries))) unremoved += countFiles(entries);
  if (unremoved < GUARD_FILES_MIN && !isAway) return;
  throw new AppError('guard.held', { count: countFiles(missing), of: files });
}

/** Folders of the site that are disks of their own. */
export function disksOf({ root }: Pick<ComparedSite, 'root'>): SitePath[] {
  return disksIn(root.folder).flatMap((each) => sitePath.safeParse(each.normalize('NFC')).data ?? []);
}

/**
 * A folder has not changed since the change `seq` of something in it, or since all that the index has was seen there, and did not come
 * there since with one above it.
 */
function isUnchanged({ root, journal }: ComparedSite, folder: SitePath, seq: number): boolean {
  const info = findStats(root.plain(folder));
  if (!info?.isDirectory()) return false;
  const seenAt = Math.max(journal.madeAt(seq)?.at ?? 0, lastLook(journal) ?? 0);
  const since = seenAt - CLOCKS_MILLIS;
  // Some disks have one of the two only.
  return Math.max(info.ctimeMs, info.mtimeMs) < since && !hasCome(root, folder, since);
}

/** One above it got its name since, as where a build takes the place of another. What a disk was mounted on has nothing in it, wherever that is. */
function hasCome(root: SiteRoot, folder: SitePath, since: Millis): boolean {
  for (let above = parentOf(folder); above !== ROOT; above = parentOf(above)) {
    const info = findStats(root.plain(above));
    // What comes or goes in a folder sets both of its times, another name of it one only.
    if (info && info.ctimeMs >= since && info.ctimeMs > info.mtimeMs) return readdirSync(root.plain(folder)).length > 0;
  }
  return false;
}

function newestOf(entries: readonly Present[]): number {
  return entries.reduce((newest, { seq }) => Math.max(newest, seq), 0);
}

export function countFiles(entries: readonly Present[]): number {
  return entries.reduce((files, { kind }) => files + (kind === 'file' ? 1 : 0), 0);
}

/** So many files are about to be journalled as gone with a folder. Throws `guard.held` where a person must be asked. */
export function passGuard({ losses, journal }: ComparedSite, gone: number): void {
  if (gone === 0) return;
  const [files, now] = [journal.index.files(), performance.now()];
  losses.requireFew(gone, files, now);
  losses.note(gone, files, now);
}

/** Of a folder and those above, the outer ones first, what the index does not hold, or as a file. */
export function foldersUnknown(
  index: ComparedSite['journal']['index'],
  deepest: SitePath,
): readonly { readonly folder: SitePath; readonly file: Present | undefined }[] {
  const unknown: { folder: SitePath; file: Present | undefined }[] = [];
  for (let folder = deepest; folder !== ROOT; folder = parentOf(folder)) {
    const known = index.entry(folder);
    if (known?.kind === 'dir') break;
    unknown.unshift({ folder, file: known });
    if (known) break;
  }
  return unknown;
}

/** A folder that came, in place of a file where there was one. */
export function arrivalOf({ folder, file }: ReturnType<typeof foldersUnknown>[number]): Unnumbered[] {
  return [...(file ? [removalOf(file)] : []), { op: 'mkdir', path: folder }];
}

interface Read {
  readonly content: Content;
  /** Of the file before it was read. */
  readonly info: Stats;
}

/** What was found, as changes: the folders above come first where the index does not hold them yet. */
class Found {
  readonly changes: Unnumbered[] = [];
  /** Files that go with the folders in whose place there are files now. */
  gone = 0;
  readonly #index: ComparedSite['journal']['index'];
  readonly #made = new Set<SitePath>();

  constructor(index: ComparedSite['journal']['index']) {
    this.#index = index;
  }

  folder(path: SitePath): void {
    if (this.#made.has(path)) return;
    for (const unknown of foldersUnknown(this.#index, path)) {
      if (this.#made.has(unknown.folder)) continue;
      this.#made.add(unknown.folder);
      this.changes.push(...arrivalOf(unknown));
    }
  }

  /** `read`: what it held a moment ago. One that has changed since is left to the next time. */
  file(path: SitePath, info: Stats, read: Read | undefined): void {
    if (!read) return;
    const known = this.#index.entry(path);
    const { content } = read;
    if (info.size !== content.size || Math.round(info.mtimeMs) !== content.mtime) return;
    if (isCurrent(known, info)) {
      // An upload of the same size and time may have taken its place, and be what the index has by now.
      const isSame = info.ino === read.info.ino && info.ctimeMs === read.info.ctimeMs;
      if (!isSame || known.sha256 === content.sha256) return;
    }
    this.folder(parentOf(path));
    if (known?.kind === 'dir')
      for (const entry of [...this.#index.below(path).toReversed(), known]) {
        this.changes.push(removalOf(entry));
        if (entry.kind === 'file') this.gone += 1;
      }
    this.changes.push({ op: 'put', path, ...content });
  }
}

/** What stands no more. */
export function removalOf({ kind, path }: Present): Unnumbered {
  return { op: kind === 'dir' ? 'rmdir' : 'delete', path };
}

import { childOf, isWithin, nameOf, parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError, type ErrorJson } from '../../../shared/errors/app-error.ts';
import { createPace, eachOf } from '../core/pace.ts';
import type { HashCache } from './hash-cache.ts';
import { DROP_ENTRIES_MAX } from '../../../shared/contract/publishing.ts';
import { foldersAbove, type LocalFile, type LocalTree, REFUSED_MAX } from './local-tree.ts';
import type { Place, PlaceEntry } from './place.ts';

/** Files that are hashed at once. */
const WIDTH = 4;
/** Times at servers without hashes are told in whole seconds, or cut to two (FAT). */
const SAME_TIME_MILLIS = 2_000;

export interface CompareOptions {
  readonly into: SitePath;
  readonly delete: boolean;
  readonly hashes: HashCache;
  readonly signal: AbortSignal;
  /** What the place has is asked for one after the other. */
  readonly width: number;
}

export interface PlaceItem {
  readonly path: SitePath;
  readonly kind: 'file' | 'dir';
}

/** What a place may list, also of what is left out: a server can make up folders without end. */
const LISTED_MAX = 10 * DROP_ENTRIES_MAX;

/** What a drop means at its place. */
export interface Comparison {
  /** To be made, those above first. */
  readonly folders: readonly SitePath[];
  readonly files: readonly (LocalFile & { readonly isNew: boolean })[];
  readonly unchanged: number;
  /** The deepest first. */
  readonly removed: readonly PlaceItem[];
  /** The first of what is left out, and why. */
  readonly refused: readonly { readonly path: string; readonly error: ErrorJson }[];
  readonly leftOut: number;
  /** Files that the folder there has which becomes like the drop, where that was asked for: what its deletes are measured against. */
  readonly filesThere: number;
  /** At least one file was taken for the same by its size and time alone. */
  readonly bySizeOnly: boolean;
  /** What the place has beside each path of the drop, by folder. */
  readonly siblings: ReadonlyMap<SitePath, readonly PlaceEntry[]>;
}

/** Changes nothing. Rejects what the place rejects, `file.*`, and `release.too-large`. */
export async function compare(tree: LocalTree, place: Place, options: CompareOptions): Promise<Comparison> {
  const listings = new Listings(place);
  const refused = [...tree.refused];
  const leftOut = new Set(tree.leftOut);
  const refuse = (path: SitePath, error: AppError): void => {
    leftOut.add(path);
    if (refused.length < REFUSED_MAX) refused.push({ path, error: error.toJSON() });
  };
  const blocked: SitePath[] = [];
  const folders: SitePath[] = [];
  const own = new Set(tree.folders);
  const isBlocked = (path: SitePath): boolean => blocked.some((each) => isWithin(path, each));
  const pace = createPace(options.signal);

  for (const path of [...foldersAbove(options.into), ...tree.folders]) {
    await pace();
    if (isBlocked(path)) continue;
    const there = await listings.find(path);
    // Another kind is in the way: it goes where deletes were asked for, and only below what was named.
    const mayReplace = options.delete && own.has(path);
    if (there?.kind === 'file' && !mayReplace) {
      blocked.push(path);
      refuse(path, new AppError('file.not-directory', { path }));
    } else if (there?.kind !== 'dir') folders.push(path);
  }

  const files: (LocalFile & { isNew: boolean })[] = [];
  let unchanged = 0;
  let bySizeOnly = false;
  await eachOf(tree.files, Math.min(WIDTH, options.width), async (file) => {
    options.signal.throwIfAborted();
    const { path, size } = file;
    if (isBlocked(path)) return;
    const there = await listings.find(path);
    if (size > place.bytesMax) {
      refuse(path, new AppError('upload.too-large', { path, limit: place.bytesMax }));
    } else if (there?.kind === 'dir' && !options.delete) {
      refuse(path, new AppError('file.is-directory', { path }));
    } else if (there?.kind !== 'file' || there.size !== size) {
      files.push({ ...file, isNew: there?.kind !== 'file' });
    } else {
      const hash = await place.hash(path);
      bySizeOnly ||= hash === undefined;
      const same =
        hash === undefined
          ? there.mtime !== undefined && Math.abs(there.mtime - file.mtime) <= SAME_TIME_MILLIS
          : hash === (await options.hashes.hash(file, options.signal)).sha256;
      if (same) unchanged += 1;
      else files.push({ ...file, isNew: false });
    }
  });
  files.sort((one, other) => (one.path < other.path ? -1 : 1));

  const { removed, filesThere } = options.delete
    ? await missing(tree, listings, options, leftOut)
    : { removed: [], filesThere: 0 };
  if (folders.length + files.length + removed.length > DROP_ENTRIES_MAX) throw tooLarge();
  const siblings = listings.known;
  const told = { refused, leftOut: leftOut.size };
  return { folders, files, unchanged, removed, ...told, filesThere, bySizeOnly, siblings };
}

/** What the place has and the drop has not, or has as something else. Rejects why something there cannot be looked at: it would stay, untold. */
async function missing(
  tree: LocalTree,
  listings: Listings,
  { into, signal }: CompareOptions,
  leftOut: ReadonlySet<string>,
): Promise<{ removed: PlaceItem[]; filesThere: number }> {
  const files = new Set(tree.files.map(({ path }) => path));
  const folders = new Set(tree.folders);
  const above = new Set<string>();
  for (const path of leftOut) for (const folder of foldersOf(path)) above.add(folder);
  const removed: PlaceItem[] = [];
  let filesThere = 0;
  const pace = createPace(signal);
  const walk = async (folder: SitePath, isLeftOut: boolean): Promise<void> => {
    const entries = await listings.list(folder);
    listings.requireSeen(folder);
    for (const { name, kind } of entries) {
      await pace();
      signal.throwIfAborted();
      const path = childOf(folder, name);
      if (kind === 'file') filesThere += 1;
      const isOwn = (kind === 'file' ? files : folders).has(path);
      const stays = isLeftOut || leftOut.has(path);
      if (kind === 'dir') await walk(path, stays);
      if (stays || isOwn || above.has(path)) continue;
      removed.push({ path, kind });
      if (removed.length > DROP_ENTRIES_MAX) throw tooLarge();
    }
  };
  await walk(
    into,
    [...foldersOf(into), into].some((folder) => leftOut.has(folder)),
  );
  return { removed: removed.sort((one, other) => (one.path < other.path ? 1 : -1)), filesThere };
}

function tooLarge(): AppError {
  return new AppError('release.too-large', { limit: DROP_ENTRIES_MAX });
}

/** The folders above a path. */
function foldersOf(path: string): string[] {
  const names = path.split('/').slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join('/'));
}

/** Each folder of the place is listed once. */
class Listings {
  readonly known = new Map<SitePath, readonly PlaceEntry[]>();
  readonly #names = new Map<SitePath, ReadonlyMap<string, PlaceEntry>>();
  readonly #asked = new Map<SitePath, Promise<readonly PlaceEntry[]>>();
  readonly #place: Place;
  #listed = 0;

  constructor(place: Place) {
    this.#place = place;
  }

  list(folder: SitePath): Promise<readonly PlaceEntry[]> {
    const asked = this.#asked.get(folder) ?? this.#load(folder);
    this.#asked.set(folder, asked);
    return asked;
  }

  requireSeen(folder: SitePath): void {
    const error = this.#place.unseen?.(folder);
    if (error) throw error;
  }

  async find(path: SitePath): Promise<PlaceEntry | undefined> {
    const folder = parentOf(path);
    await this.list(folder);
    return this.#names.get(folder)?.get(nameOf(path));
  }

  /** Below what is not there nothing has to be asked for. */
  async #load(folder: SitePath): Promise<readonly PlaceEntry[]> {
    const isThere = folder === ROOT || (await this.find(folder))?.kind === 'dir';
    const entries = (isThere ? await this.#place.list(folder) : undefined) ?? [];
    this.#listed += entries.length;
    if (this.#listed > LISTED_MAX) throw tooLarge();
    this.known.set(folder, entries);
    this.#names.set(folder, new Map(entries.map((entry) => [entry.name, entry])));
    return entries;
  }
}

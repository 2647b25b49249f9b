import { type FSWatcher, lstatSync, watch } from 'node:fs';
import { basename, join, sep } from 'node:path';
import { platform } from 'node:process';
import { childOf, isReserved, parentOf, ROOT, type SitePath } from '../../../../shared/domain/site-path.ts';
import { createPace } from '../../core/pace.ts';
import { isNowhere, systemCode } from '../../tree/file-error.ts';
import { findExactStats, findStats } from '../../tree/find-stats.ts';
import { requireEntry } from '../../tree/require-entry.ts';
import { isServed } from '../../tree/is-served.ts';
import { readSiteFolder, siteName } from '../../tree/site-name.ts';
import { identityOf } from '../../tree/steps.ts';
import { isOdd } from '../../tree/unfit-names.ts';
import { type EventQueue, OverflowError } from './event-queue.ts';
import { isWatched } from './is-watched.ts';
import { LONG_AGO } from './settling.ts';

export interface TreeListener {
  /** Something has happened at `path`; `renewed`: when another thing may have come to stand there, or nothing, by the steady clock. */
  touched(path: SitePath, renewed?: number): void;
  /** Something has happened in a folder to a name that may be none that a site can hold. */
  odd(folder: SitePath): void;
  /** What comes into a folder is not heard, and what is in it is not known: nobody may read it, or its disk fails. */
  closed(folder: SitePath, error: unknown): void;
  /** Events may be missing from now on: stop it, look at the whole tree, and watch anew. */
  failed(error: unknown): void;
}

export interface TreeWatch {
  /** When it last read a folder that had come, to tell what is in it; while it does, now. By the steady clock. */
  readonly readUntil: number;
  stop(): void;
  /** All that is in a folder is told as if it had come, at `renewed`. */
  tellBelow(folder: SitePath, renewed?: number): void;
}

/** What is watched is not what stands there any more, whatever took its place: nothing more is heard. */
export class LostFolderError extends Error {
  constructor() {
    super('the folder was moved or unmounted');
  }
}

/**
 * Watches a tree of files. Rejects with the system's error where it cannot be watched (ENOSPC, EMFILE: too many watches).
 * `queue`: that of all watches of this process. The reserved folder, links and special files are passed over; of names that no site path may hold only their folder is told.
 *
 * Linux has no watch of trees: each folder has its own. Node's own `recursive` puts one on every file there as well
 * (20,400 of them, 62 MB and 250 ms without a break for 20,000 files in 400 folders; the folders alone take 1 MB and 50 ms).
 */
export async function watchTree(
  root: string,
  listener: TreeListener,
  queue: EventQueue,
  signal: AbortSignal,
): Promise<TreeWatch> {
  const tree = platform === 'linux' ? new FolderWatches(root, listener, queue) : new NativeWatch(root, listener);
  try {
    signal.throwIfAborted();
    await tree.start(signal);
    return tree;
  } catch (error) {
    tree.stop();
    throw error;
  }
}

interface WatchedFolder {
  readonly watcher: FSWatcher;
  readonly identity: string | undefined;
  /** The folders in it that are watched. */
  readonly below: Set<SitePath>;
  /** Something in it has the name of the folder. */
  hasNamesake: boolean;
}

class FolderWatches implements TreeWatch {
  readonly #root: string;
  readonly #listener: TreeListener;
  readonly #folders = new Map<SitePath, WatchedFolder>();
  readonly #queue: EventQueue;
  readonly #overflowed = (error: OverflowError): void => this.#fail(error);
  readonly #readings = new Readings();
  #stopped = false;

  constructor(root: string, listener: TreeListener, queue: EventQueue) {
    this.#root = root;
    this.#listener = listener;
    this.#queue = queue;
    queue.join(this.#overflowed);
  }

  get readUntil(): number {
    return this.#readings.until;
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#add(ROOT, undefined, signal);
  }

  stop(): void {
    this.#stopped = true;
    this.#queue.leave(this.#overflowed);
    for (const { watcher } of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  /** Watches a folder and all below it. `renewed`: what is in it came before it was watched, and is told. */
  async #add(top: SitePath, renewed: number | undefined, signal?: AbortSignal): Promise<void> {
    const tell = renewed !== undefined;
    const pace = createPace(signal);
    const folders: SitePath[] = [top];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      if (this.#stopped) return;
      let watched: WatchedFolder | undefined;
      try {
        watched = this.#watchFolder(folder);
        if (!watched) continue;
        const items = await readSiteFolder(join(this.#root, folder));
        requireEntry(join(this.#root, folder));
        const own = this.#nameOf(folder);
        // One that came meanwhile may have been heard of.
        watched.hasNamesake ||= items.some(({ name }) => name === own);
        for (const item of items) {
          if (tell && !this.#stopped && isOdd(folder, item)) this.#listener.odd(folder);
          if (!isServed(folder, item)) continue;
          const path = childOf(folder, item.name);
          if (item.isDirectory()) folders.push(path);
          if (tell && !this.#stopped) this.#listener.touched(path, renewed);
          await pace();
        }
      } catch (error) {
        if (folder === ROOT || !isOfFolder(error)) throw error;
        // It went meanwhile, and what is there by now is watched by itself.
        if (watched && this.#folders.get(folder) !== watched) continue;
        // Once it may be read it is another one.
        this.#drop(folder);
        if (this.#stopped) return;
        // That it came back, the same one, may have been heard of by now.
        if (isGone(error)) this.tellBelow(folder, performance.now());
        else this.#listener.closed(folder, error);
      }
    }
  }

  /** Undefined: the folder above is watched no more, or anew, and tells what is in it itself. */
  #watchFolder(folder: SitePath): WatchedFolder | undefined {
    const above = this.#folders.get(parentOf(folder));
    if (folder !== ROOT && !above) return undefined;
    const absolute = join(this.#root, folder);
    const before = this.#folders.get(folder);
    // Of what stood there before it is watched: whatever takes its place from now on is another one.
    const identity = findIdentity(absolute);
    const watcher = watch(absolute);
    watcher.on('change', (kind, name) => {
      this.#queue.count();
      if (this.#folders.get(folder)?.watcher === watcher) this.#seen(folder, kind, name);
    });
    watcher.on('error', (error) => this.#fail(error));
    if (before) closeSoon(before);
    const watched: WatchedFolder = { watcher, identity, below: before?.below ?? new Set(), hasNamesake: false };
    this.#folders.set(folder, watched);
    if (folder !== ROOT) above?.below.add(folder);
    return watched;
  }

  #seen(folder: SitePath, kind: string, name: string | Buffer | null): void {
    if (typeof name !== 'string') return this.#fail(new OverflowError('an event without a name'));
    const isOwn = kind === 'rename' && this.#isOwn(folder, name);
    if (isOwn !== false) this.#moved(folder);
    if (isOwn === true) return;
    if (isOdd(folder, asFile(name))) this.#listener.odd(folder);
    const own = siteName(join(this.#root, folder), name);
    if (!isServed(folder, asFile(own))) return;
    const path = childOf(folder, own);
    const renewed = kind === 'rename' && !this.#isStillThere(path) ? performance.now() : undefined;
    this.#listener.touched(path, renewed);
    if (renewed !== undefined) this.tellBelow(path, renewed);
  }

  tellBelow(path: SitePath, renewed = LONG_AGO): void {
    this.#drop(path);
    if (!isFolder(join(this.#root, path), (error) => this.#listener.closed(path, error))) return;
    void this.#readings.run(this.#add(path, renewed)).catch((error: unknown) => this.#fail(error));
  }

  /**
   * What happens to a folder itself (moved, removed, unmounted) is told as of something in it that has its name. Undefined: such a thing
   * was in it that has gone, perhaps with the folder.
   */
  #isOwn(folder: SitePath, name: string): boolean | undefined {
    if (name !== this.#nameOf(folder)) return false;
    const watched = this.#folders.get(folder);
    const hadNamesake = watched?.hasNamesake === true;
    const hasNamesake = findStats(join(this.#root, folder, name)) !== undefined;
    if (watched) watched.hasNamesake = hasNamesake;
    if (hasNamesake) return false;
    // An unmount is told twice.
    if (hadNamesake) return this.#isStillThere(folder) ? false : undefined;
    return true;
  }

  #nameOf(folder: SitePath): string {
    return basename(join(this.#root, folder));
  }

  /**
   * Not by a rename or removal: its name is told to be another's in the same turn. So a disk was unmounted, or it got other rights, or a
   * time.
   */
  #moved(folder: SitePath): void {
    const watched = this.#folders.get(folder);
    setImmediate(() => {
      if (!this.#stopped && watched && this.#folders.get(folder) === watched) this.#mayBeLost(folder);
    });
  }

  #mayBeLost(folder: SitePath): void {
    const absolute = join(this.#root, folder);
    if (folder !== ROOT && !findStats(absolute)) return;
    const isHere = this.#isStillThere(folder);
    const isTop = folder === ROOT || this.#isMounted(folder);
    if (isHere && (!isTop || isWatched(absolute))) return;
    // Mounted again meanwhile, it is watched no more.
    if (isHere && folder !== ROOT) this.tellBelow(folder);
    else this.#fail(new LostFolderError());
  }

  /** It is the top of a disk of its own. */
  #isMounted(folder: SitePath): boolean {
    return findStats(join(this.#root, folder))?.dev !== findStats(join(this.#root, parentOf(folder)))?.dev;
  }

  /** The rights or the time of a folder are told as if another one had its name. */
  #isStillThere(folder: SitePath): boolean {
    const identity = this.#folders.get(folder)?.identity;
    return identity !== undefined && identity === findIdentity(join(this.#root, folder));
  }

  /** The folder is gone, or is another one now; so is all below it. */
  #drop(folder: SitePath): void {
    const dropped = this.#folders.get(folder);
    if (!dropped) return;
    closeSoon(dropped);
    this.#folders.delete(folder);
    this.#folders.get(parentOf(folder))?.below.delete(folder);
    for (const below of dropped.below) this.#drop(below);
  }

  #fail(error: unknown): void {
    if (!this.#stopped) this.#listener.failed(error);
  }
}

/** macOS and Windows watch whole trees themselves. A folder that comes with all its content shows as one event there. */
class NativeWatch implements TreeWatch {
  readonly #root: string;
  readonly #listener: TreeListener;
  readonly #readings = new Readings();
  #watcher: FSWatcher | undefined;

  constructor(root: string, listener: TreeListener) {
    this.#root = root;
    this.#listener = listener;
  }

  get readUntil(): number {
    return this.#readings.until;
  }

  async start(): Promise<void> {
    this.#watcher = watch(this.#root, { recursive: true });
    this.#watcher.on('change', (kind, name) => this.#seen(kind, name));
    this.#watcher.on('error', (error) => this.#listener.failed(error));
  }

  stop(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #seen(kind: string, name: string | Buffer | null): void {
    // Windows names nothing when its buffer has overflowed.
    if (typeof name !== 'string') return this.#listener.failed(new OverflowError('an event without a name'));
    const path = siteName(this.#root, name).split(sep).join('/');
    if (!isServed(ROOT, asFile(path))) {
      const [top = ''] = path.split('/');
      if (!isReserved(top)) this.#listener.odd(fitAbove(path));
      return;
    }
    const renewed = kind === 'rename' ? performance.now() : undefined;
    this.#listener.touched(path as SitePath, renewed);
    if (renewed !== undefined) this.tellBelow(path as SitePath, renewed);
  }

  tellBelow(path: SitePath, renewed = LONG_AGO): void {
    if (!isFolder(join(this.#root, path), (error) => this.#listener.closed(path, error))) return;
    void this.#readings.run(this.#tellBelow(path, renewed)).catch((error: unknown) => this.#listener.failed(error));
  }

  async #tellBelow(top: SitePath, renewed: number): Promise<void> {
    const pace = createPace();
    const folders: SitePath[] = [top];
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const items = await readSiteFolder(join(this.#root, folder)).catch((error: unknown) => {
        if (!isGone(error)) this.#listener.closed(folder, error);
        return [];
      });
      for (const item of items) {
        await pace();
        if (!this.#watcher) return;
        if (isOdd(folder, item)) this.#listener.odd(folder);
        if (!isServed(folder, item)) continue;
        if (item.isDirectory()) folders.push(childOf(folder, item.name));
        this.#listener.touched(childOf(folder, item.name), renewed);
      }
    }
  }
}

/** Folders that are being read. */
class Readings {
  #running = 0;
  #ended = 0;

  get until(): number {
    return this.#running > 0 ? performance.now() : this.#ended;
  }

  async run(reading: Promise<void>): Promise<void> {
    this.#running += 1;
    try {
      await reading;
    } finally {
      this.#running -= 1;
      this.#ended = performance.now();
    }
  }
}

/** Once what it is still told in this turn has been counted: the queue of the system may have been full of that. */
function closeSoon({ watcher }: WatchedFolder): void {
  setImmediate(() => watcher.close());
}

/** `refused`: it may be one, and cannot be looked at. */
function isFolder(absolute: string, refused: (error: unknown) => void): boolean {
  try {
    return lstatSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    if (!isGone(error)) refused(error);
    return false;
  }
}

function findIdentity(absolute: string): string | undefined {
  const info = findExactStats(absolute);
  return info && `${info.dev}-${identityOf(info)}`;
}

/** For the rules of names alone: what it is shows later. */
function asFile(name: string) {
  return { name, isFile: () => true, isDirectory: () => false };
}

/** The nearest folder above that a site can hold. */
function fitAbove(path: string): SitePath {
  let folder = parentOf(path as SitePath);
  while (folder !== ROOT && !isServed(ROOT, asFile(folder))) folder = parentOf(folder);
  return folder;
}

/** It says something of the one folder only. Else there are too many watches, or files open. */
function isOfFolder(error: unknown): boolean {
  const code = systemCode(error);
  return code !== undefined && !['ENOSPC', 'EMFILE', 'ENFILE', 'ENOMEM'].includes(code);
}

/** The folder, or it is something else by now: a rescan passes over it too. */
function isGone(error: unknown): boolean {
  return isNowhere(error) || systemCode(error) === 'ELOOP';
}

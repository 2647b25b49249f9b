import type { Entry, FolderInode } from './inode.ts';
import type { Random } from './random.ts';

/**
 * What a file system does with names that nobody has flushed when power is lost.
 *
 * - `ordered`: as ext4 with its journal, and XFS: there is one log for all metadata of the volume. The name operations that
 *   survive are the first so many of them, in their order, and a flush of any file or folder takes all before it along.
 * - `any`: no more than POSIX promises, as file systems with a log for each inode (btrfs, F2FS) and network file systems may
 *   come near: each unflushed operation is kept or lost by itself. A flush of a file says nothing of its names; a flush of a
 *   folder is for its own entries only, and not for the name that it has in the folder above. Even here an operation is
 *   atomic (a rename is in both of its folders or in neither), two that concern the same name keep their order, a folder
 *   does not go before what was in it, nothing is moved into one that was never made, and folders that are moved
 *   do not end up in themselves.
 */
export type NameMode = 'ordered' | 'any';

export interface NameChange {
  readonly folder: FolderInode;
  readonly key: string;
  /** What has the name then; undefined: nothing. */
  readonly entry: Entry | undefined;
}

/** One atomic operation on names: creation, removal, link, rename. */
export interface NameOperation {
  readonly changes: readonly NameChange[];
  /** A folder that it removes or replaces. */
  readonly closes?: FolderInode;
  readonly movesFolder: boolean;
}

/** The name operations of a volume since they were last flushed. */
export class NameLog {
  readonly #mode: NameMode;
  #pending: NameOperation[] = [];
  /** Folders of which a failed flush has lost that they were made. */
  #lostMakings: NameOperation[] = [];

  constructor(mode: NameMode) {
    this.#mode = mode;
  }

  record(operation: NameOperation): void {
    this.#pending.push(operation);
    apply(operation, 'entries');
  }

  /** It is a fact at once, as what SQLite makes. */
  recordDurably(operation: NameOperation): void {
    this.record(operation);
    this.#flush((each) => each === operation);
  }

  /** After the flush of a file's content. */
  fileFlushed(): void {
    if (this.#mode === 'ordered') this.#flush(() => true);
  }

  folderFlushed(folder: FolderInode): void {
    if (this.#mode === 'ordered') return this.#flush(() => true);
    this.#flush(ofFolder(folder), folder);
  }

  /**
   * What a flush of the folder would have written is on the disk in part, and the system takes it for written. Renames of folders are
   * kept: with one name of two the file system would be none any more. Where it has lost that a folder was made, nothing that is done
   * in that folder comes to the disk from then on, whatever a flush says: a file with its one name in a folder that is nowhere would
   * be in neither folder of its rename, and a file system that renames atomically has no such state.
   */
  flushFailed(folder: FolderInode, random: Random): void {
    const flushed = this.#mode === 'ordered' ? new Set(this.#pending) : this.#fitting(ofFolder(folder), folder);
    const tried = this.#pending.filter((operation) => flushed.has(operation));
    const rest = this.#pending.filter((operation) => !flushed.has(operation));
    this.#pending = tried;
    const lost = this.#settle(random, ({ movesFolder }) => movesFolder);
    this.#pending = rest;
    this.#lostMakings.push(
      ...lost.filter(({ changes: [made, ...others] }) => others.length === 0 && made?.entry?.inode.kind === 'folder'),
    );
  }

  /** Power is lost: what is kept of the unflushed operations is durable, the rest is forgotten. */
  survive(random: Random): void {
    this.#settle(random, () => false);
    this.#lostMakings = [];
  }

  /** Those that are lost. */
  #settle(random: Random, isKept: (operation: NameOperation) => boolean): NameOperation[] {
    const pending = this.#pending;
    // All, none and something between are about as likely.
    const share = [0, 1, random()][Math.floor(random() * 3)] ?? 0;
    const first = Math.round(share * pending.length);
    const lost: NameOperation[] = [];
    pending.forEach((operation, index) => {
      const kept =
        isKept(operation) ||
        (this.#mode === 'ordered'
          ? index < first
          : random() < share &&
            !lost.some((earlier) => dependsOn(operation, earlier) || makesRoomFor(earlier, operation)));
      if (kept && !this.#isNowhere(operation, lost)) this.#makeDurable(operation);
      else lost.push(operation);
    });
    this.#pending = [];
    return lost;
  }

  /** What fits, and what that depends on, but for the name of `folder`. */
  #flush(fits: (operation: NameOperation) => boolean, folder?: FolderInode): void {
    const flushed = this.#fitting(fits, folder);
    const nowhere: NameOperation[] = [];
    this.#pending = this.#pending.filter((operation) => {
      if (this.#isNowhere(operation, nowhere)) nowhere.push(operation);
      else if (flushed.has(operation)) this.#makeDurable(operation);
      return !flushed.has(operation) || nowhere.at(-1) === operation;
    });
  }

  #makeDurable(operation: NameOperation): void {
    apply(operation, 'durableEntries');
    // A folder that was renamed has a name on the disk by that.
    const named = operation.changes.map(({ entry }) => entry?.inode);
    this.#lostMakings = this.#lostMakings.filter(({ changes: [made] }) => !named.includes(made?.entry?.inode));
  }

  /** It is done in a folder that the disk does not have, or after something that was. `earlier`: what the disk does not have of this. */
  #isNowhere(operation: NameOperation, earlier: readonly NameOperation[]): boolean {
    if (this.#lostMakings.length === 0) return false;
    return (
      this.#lostMakings.some((making) => makesRoomFor(making, operation)) ||
      earlier.some((each) => dependsOn(operation, each) || makesRoomFor(each, operation))
    );
  }

  #fitting(fits: (operation: NameOperation) => boolean, folder?: FolderInode): Set<NameOperation> {
    const flushed = new Set<NameOperation>();
    for (const operation of this.#pending.toReversed()) {
      const isNeeded = (later: NameOperation): boolean =>
        dependsOn(later, operation) ||
        (makesRoomFor(operation, later) && operation.changes[0]?.entry?.inode !== folder);
      if (fits(operation) || [...flushed].some(isNeeded)) flushed.add(operation);
    }
    return flushed;
  }
}

function ofFolder(folder: FolderInode): (operation: NameOperation) => boolean {
  return ({ changes }) => changes.some((change) => change.folder === folder);
}

function apply({ changes }: NameOperation, to: 'entries' | 'durableEntries'): void {
  for (const { folder, key, entry } of changes) {
    if (entry) folder[to].set(key, entry);
    else folder[to].delete(key);
  }
}

function dependsOn(later: NameOperation, earlier: NameOperation): boolean {
  if (later.movesFolder && earlier.movesFolder) return true;
  return earlier.changes.some(
    ({ folder, key }) =>
      folder === later.closes || later.changes.some((change) => change.folder === folder && change.key === key),
  );
}

/** The folder was made by `earlier`. */
function makesRoomFor(earlier: NameOperation, later: NameOperation): boolean {
  const [made] = earlier.changes;
  return earlier.changes.length === 1 && later.changes.some(({ folder }) => folder === made?.entry?.inode);
}

import { currentGeneration } from '../generation.ts';
import { DiskError, type ErrorName, type Where } from './disk-error.ts';
import { type Entry, type FolderInode, type Inode, newFolder } from './inode.ts';
import { NameLog, type NameMode } from './name-log.ts';
import { surviving } from './survive.ts';
import type { Random } from './random.ts';

/** What a file system does with names; all may be set together. */
export interface NameRules {
  /** What is kept of names that were not flushed when power is lost. */
  readonly unflushed?: NameMode;
  /** Two names that differ in case only are one (NTFS, APFS, HFS+). */
  readonly caseInsensitive?: boolean;
  /** A real path has each name as it was asked for, and not as it is on the disk (Linux). */
  readonly realpathAsAsked?: boolean;
  /** `insensitive`: two forms of a character are the same, and the form is kept (APFS). `nfd`: it is kept decomposed (HFS+). */
  readonly normalising?: 'insensitive' | 'nfd';
  /** Names that Windows cannot hold are refused. */
  readonly windowsNames?: boolean;
}

export type NoRoom = 'ENOSPC' | 'EDQUOT';

/** What is wrong with a disk; set and taken away at any time. */
export interface DiskFaults {
  /** Bytes that all files together can have. */
  capacity?: number;
  /** A commit of a database finds no room. Asked at each. */
  refusesCommit?: () => boolean;
  /**
   * A flush fails. What it would have written is on the disk in part, by the numbers that are returned, and the next flush
   * takes the rest for written. Asked at each; undefined: it goes well.
   */
  failsFlush?: () => { readonly code: 'EIO' | NoRoom; readonly kept: Random } | undefined;
  /**
   * A call of programs of Lockstep that takes room (for bytes, a name or a time, or what is flushed by then) finds none. Asked at each;
   * undefined: it does.
   */
  lacksRoom?: () => NoRoom | undefined;
  /** What removes a name takes room as well, as where nothing is written over (btrfs, ZFS). */
  removesWithRoom?: boolean;
  /** Everything that would change it fails with EROFS. */
  readOnly?: boolean;
  /** Folders (absolute) in which programs of Lockstep can make and remove no name: EACCES. People have the right to. */
  readonly sealed: Set<string>;
  /** Programs of Lockstep have as many files open as they may: EMFILE. Asked at each call that needs a descriptor. */
  lacksDescriptors?: () => boolean;
  /** What programs of Lockstep cannot do with files and folders, by their inodes. People can. */
  readonly refused: Map<number, Refusal>;
}

/**
 * `open`: to read or write it, to copy it, to list or watch a folder. `read`: its bytes, or the names in it, once it is open. `look`: anything by its
 * name, also to remove or rename it. `enter`: whatever is in a folder. `change`: the names in it.
 */
export type Refused = 'open' | 'read' | 'look' | 'enter' | 'change';

export interface Refusal {
  readonly code: 'EACCES' | 'EIO';
  readonly of: ReadonlySet<Refused>;
}

const LINKS_MAX = 40;
const NAME_BYTES_MAX = 255;
const PATH_BYTES_MAX = 4096;
const WINDOWS_REFUSED = /[<>:"|?*\\\p{Cc}]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu;

/** Where a path leads: the folder that has (or would have) the name, and what has it. */
export class Place {
  /** The folders from the root to `folder`, both among them. */
  readonly above: readonly FolderInode[];
  readonly folder: FolderInode;
  readonly name: string;
  readonly key: string;
  readonly entry: Entry | undefined;
  /** Prefix of the volume, and the names of the folders. */
  readonly #spelled: readonly string[];

  constructor(
    [above, spelled]: readonly [above: readonly FolderInode[], spelled: readonly string[]],
    folder: FolderInode,
    { name, key, entry }: { readonly name: string; readonly key: string; readonly entry: Entry | undefined },
  ) {
    this.above = above;
    this.folder = folder;
    this.name = name;
    this.key = key;
    this.entry = entry;
    this.#spelled = spelled;
  }

  /** The path as the disk spells it, without links. */
  get real(): string {
    const name = this.entry?.name ?? this.name;
    return (name === '' ? this.#spelled : [...this.#spelled, name]).join('/');
  }
}

/** The disk of one machine of the simulation: all that is below its prefix. */
export class Volume {
  readonly prefix: string;
  readonly device: number;
  readonly rules: NameRules;
  readonly faults: DiskFaults = { sealed: new Set(), refused: new Map() };
  root: FolderInode;
  names: NameLog;
  used = 0;
  #lastInode = 1;

  constructor(prefix: string, device: number, rules: NameRules, at: bigint) {
    this.prefix = prefix;
    this.device = device;
    this.rules = rules;
    this.root = newFolder(1, 0o755, at);
    this.names = new NameLog(rules.unflushed ?? 'ordered');
  }

  nextInode(): number {
    this.#lastInode += 1;
    return this.#lastInode;
  }

  /** What has this number; undefined: it is not there any more. */
  inode(ino: number): Inode | undefined {
    const folders = [this.root];
    for (let folder = folders.pop(); folder; folder = folders.pop()) {
      if (folder.ino === ino) return folder;
      for (const { inode } of folder.entries.values()) {
        if (inode.ino === ino) return inode;
        if (inode.kind === 'folder') folders.push(inode);
      }
    }
    return undefined;
  }

  /** Power is lost: from now on the disk holds what it had for certain, and a part of the rest. */
  loseUnflushed(random: Random): void {
    this.names.survive(random);
    const { root, used } = surviving(this.root, random);
    this.root = root;
    this.used = used;
  }

  requireWritable(where: Where): void {
    if (this.faults.readOnly) throw new DiskError('EROFS', where);
  }

  /** Room is about to be taken: throws where programs of Lockstep find none. */
  requireRoom(where: Where): void {
    const code = currentGeneration() === undefined ? undefined : this.faults.lacksRoom?.();
    if (code) throw new DiskError(code, where);
  }

  /** Throws where programs of Lockstep cannot do this with it now. */
  require(what: Refused, { ino }: Inode, where: Where): void {
    if (this.faults.refused.size === 0) return;
    const refusal = this.faults.refused.get(ino);
    if (refusal?.of.has(what) && currentGeneration() !== undefined) throw new DiskError(refusal.code, where);
  }

  /** Something is about to be opened. */
  requireDescriptor(where: Where): void {
    if (this.faults.lacksDescriptors && currentGeneration() !== undefined && this.faults.lacksDescriptors())
      throw new DiskError('EMFILE', where);
  }

  /** A name is about to be made or removed there. */
  requireOpen(place: Place, where: Where): void {
    this.requireWritable(where);
    this.require('change', place.folder, where);
    if (this.faults.sealed.size === 0 || currentGeneration() === undefined) return;
    const folder = place.real.slice(0, place.real.lastIndexOf('/'));
    if (this.faults.sealed.has(folder)) throw new DiskError('EACCES', where);
  }

  /** Throws ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG. `follow`: a link that has the last name is followed. */
  find(path: string, follow: boolean, where: Where): Place {
    if (isLonger(path, PATH_BYTES_MAX - 1)) throw new DiskError('ENAMETOOLONG', where);
    return this.#walk(this.#parts(path, where), follow, where, { left: LINKS_MAX });
  }

  /** The same, of something that is there. */
  findInode(path: string, follow: boolean, where: Where): Inode {
    const { entry } = this.find(path, follow, where);
    if (!entry) throw new DiskError('ENOENT', where);
    return entry.inode;
  }

  keyOf(name: string): string {
    const { caseInsensitive, normalising } = this.rules;
    const form = normalising === undefined ? name : name.normalize('NFD');
    return caseInsensitive ? form.toLowerCase() : form;
  }

  /** The name under which it is kept. Throws where the file system cannot hold it. */
  nameToKeep(name: string, where: Where): string {
    if (this.rules.windowsNames && WINDOWS_REFUSED.test(name)) throw new DiskError('EINVAL', where);
    return this.rules.normalising === 'nfd' ? name.normalize('NFD') : name;
  }

  #parts(path: string, where: Where): string[] {
    if (path !== this.prefix && !path.startsWith(`${this.prefix}/`)) throw new DiskError('ENOENT', where);
    const parts = path.slice(this.prefix.length).split('/').slice(1);
    if (parts.at(-1) === '') parts[parts.length - 1] = '.';
    return parts.filter((part) => part !== '');
  }

  #walk(parts: readonly string[], follow: boolean, where: Where, links: { left: number }): Place {
    const above: FolderInode[] = [this.root];
    const spelled: string[] = [this.prefix];
    for (const [index, part] of parts.entries()) {
      const last = index === parts.length - 1;
      const folder = above.at(-1) ?? this.root;
      this.require('enter', folder, where);
      if (part === '.' || part === '..') {
        if (part === '..' && above.length > 1) {
          above.pop();
          spelled.pop();
        }
        continue;
      }
      if (isLonger(part, NAME_BYTES_MAX)) throw new DiskError('ENAMETOOLONG', where);
      const key = this.keyOf(part);
      const entry = folder.entries.get(key);
      if (entry) this.require('look', entry.inode, where);
      if (entry?.inode.kind === 'link' && (!last || follow)) {
        links.left -= 1;
        if (links.left < 0) throw new DiskError('ELOOP', where);
        const { target } = entry.inode;
        const way = target.startsWith('/') ? target : [...spelled, target].join('/');
        const rest = parts.slice(index + 1);
        return this.#walk([...this.#parts(way, where), ...rest], follow, where, links);
      }
      if (last) return new Place([above, spelled], folder, { name: part, key, entry });
      if (entry?.inode.kind !== 'folder') throw notFolder(entry, where);
      above.push(entry.inode);
      spelled.push(entry.name);
    }
    return this.#placeOf(above, spelled);
  }

  /** Of a folder that was reached by `.` or `..`, or as the root. */
  #placeOf(above: readonly FolderInode[], spelled: readonly string[]): Place {
    const [folder, inode] = [above.at(-2), above.at(-1)];
    const name = spelled.at(-1);
    if (!folder || !inode || name === undefined)
      return new Place([above, spelled], this.root, { name: '', key: '', entry: { name: '', inode: this.root } });
    const entry = { name, inode };
    return new Place([above.slice(0, -1), spelled.slice(0, -1)], folder, { name, key: this.keyOf(name), entry });
  }
}

/** In bytes of UTF-8, of which a character takes three at most. */
function isLonger(text: string, bytes: number): boolean {
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}

function notFolder(entry: Entry | undefined, where: Where): DiskError {
  const code: ErrorName = entry ? 'ENOTDIR' : 'ENOENT';
  return new DiskError(code, where);
}

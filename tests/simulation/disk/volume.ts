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
  /** `insensitive`: two forms of a character are the same, and the form is kept (APFS). `nfd`: it is kept decomposed (HFS+). */
  readonly normalising?: 'insensitive' | 'nfd';
  /** Names that Windows cannot hold are refused. */
  readonly windowsNames?: boolean;
}

/** What is wrong with a disk; set and taken away at any time. */
export interface DiskFaults {
  /** Bytes that all files together can have. */
  capacity?: number;
  /** A commit of a database finds no room. Asked at each. */
  refusesCommit?: () => boolean;
  /**
   * A flush fails: EIO. What it would have written is on the disk in part, by the numbers that are returned, and the next flush
   * takes the rest for written. Asked at each; undefined: it goes well.
   */
  failsFlush?: (of: 'file' | 'folder') => Random | undefined;
  /** Everything that would change it fails with EROFS. */
  readOnly?: boolean;
  /** Folders (absolute) in which no name can be made or removed: EACCES. */
  readonly sealed: Set<string>;
}

const LINKS_MAX = 40;
const NAME_BYTES_MAX = 255;
const PATH_BYTES_MAX = 4096;
const WINDOWS_REFUSED = /[<>:"|?*\\\p{Cc}]|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu;

/** Where a path leads: the folder that has (or would have) the name, and what has it. */
export interface Place {
  readonly folder: FolderInode;
  /** The folders from the root to `folder`, both among them. */
  readonly above: readonly FolderInode[];
  readonly name: string;
  readonly key: string;
  readonly entry: Entry | undefined;
  /** The path as the disk spells it, without links. */
  readonly real: string;
}

/** The disk of one machine of the simulation: all that is below its prefix. */
export class Volume {
  readonly prefix: string;
  readonly device: number;
  readonly rules: NameRules;
  readonly faults: DiskFaults = { sealed: new Set() };
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

  /** A name is about to be made or removed there. */
  requireOpen({ real }: Place, where: Where): void {
    this.requireWritable(where);
    const folder = real.slice(0, real.lastIndexOf('/'));
    if (this.faults.sealed.has(folder)) throw new DiskError('EACCES', where);
  }

  /** Throws ENOENT, ENOTDIR, ELOOP, ENAMETOOLONG. `follow`: a link that has the last name is followed. */
  find(path: string, follow: boolean, where: Where): Place {
    if (Buffer.byteLength(path) >= PATH_BYTES_MAX) throw new DiskError('ENAMETOOLONG', where);
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
    const spelled: string[] = [];
    let place = this.#rootPlace();
    for (const [index, part] of parts.entries()) {
      const last = index === parts.length - 1;
      if (part === '.' || part === '..') {
        if (place.entry?.inode.kind !== 'folder') throw notFolder(place.entry, where);
        if (part === '..' && above.length > 1) {
          above.pop();
          spelled.pop();
        }
        place = this.#placeOf(above, spelled);
        continue;
      }
      if (Buffer.byteLength(part) > NAME_BYTES_MAX) throw new DiskError('ENAMETOOLONG', where);
      const folder = above.at(-1) ?? this.root;
      const key = this.keyOf(part);
      const entry = folder.entries.get(key);
      const name = entry?.name ?? part;
      place = { folder, above: [...above], name: part, key, entry, real: join(this.prefix, [...spelled, name]) };
      if (entry?.inode.kind === 'link' && (!last || follow)) {
        links.left -= 1;
        if (links.left < 0) throw new DiskError('ELOOP', where);
        const { target } = entry.inode;
        const way = target.startsWith('/') ? target : join(this.prefix, [...spelled, target]);
        const rest = parts.slice(index + 1);
        return this.#walk([...this.#parts(way, where), ...rest], follow, where, links);
      }
      if (last) break;
      if (entry?.inode.kind !== 'folder') throw notFolder(entry, where);
      above.push(entry.inode);
      spelled.push(name);
    }
    return place;
  }

  #rootPlace(): Place {
    const entry = { name: '', inode: this.root };
    return { folder: this.root, above: [this.root], name: '', key: '', entry, real: this.prefix };
  }

  /** Of a folder that was reached by `.` or `..`. */
  #placeOf(above: readonly FolderInode[], spelled: readonly string[]): Place {
    const [folder, inode] = [above.at(-2), above.at(-1)];
    const name = spelled.at(-1);
    if (!folder || !inode || name === undefined) return this.#rootPlace();
    const entry = { name, inode };
    return { folder, above: above.slice(0, -1), name, key: this.keyOf(name), entry, real: join(this.prefix, spelled) };
  }
}

function notFolder(entry: Entry | undefined, where: Where): DiskError {
  const code: ErrorName = entry ? 'ENOTDIR' : 'ENOENT';
  return new DiskError(code, where);
}

function join(prefix: string, parts: readonly string[]): string {
  return [prefix, ...parts].join('/');
}

import { constants } from 'node:fs';
import type { Inode, Times } from './inode.ts';
import type { Volume } from './volume.ts';

const BLOCK = 4096;
const SECTOR = 512;

const kinds = { file: constants.S_IFREG, folder: constants.S_IFDIR, link: constants.S_IFLNK } as const;

/** What is asked of an entry of a folder, and of `Stats`. */
class Questions {
  readonly #kind: Inode['kind'];

  constructor(kind: Inode['kind']) {
    this.#kind = kind;
  }

  isFile(): boolean {
    return this.#kind === 'file';
  }

  isDirectory(): boolean {
    return this.#kind === 'folder';
  }

  isSymbolicLink(): boolean {
    return this.#kind === 'link';
  }

  isFIFO(): boolean {
    return false;
  }

  isSocket(): boolean {
    return false;
  }

  isBlockDevice(): boolean {
    return false;
  }

  isCharacterDevice(): boolean {
    return false;
  }
}

/** The times are made when they are asked for: a tree is looked at far more often than its times are. */
abstract class CommonStats extends Questions {
  protected readonly times: Times;
  protected readonly birth: bigint;

  constructor({ kind, times, birthtime }: Inode) {
    super(kind);
    this.times = times;
    this.birth = birthtime;
  }

  get atime(): Date {
    return dateOf(this.times.atime);
  }

  get mtime(): Date {
    return dateOf(this.times.mtime);
  }

  get ctime(): Date {
    return dateOf(this.times.ctime);
  }

  get birthtime(): Date {
    return dateOf(this.birth);
  }
}

class SimulatedStats extends CommonStats {
  readonly dev: number;
  readonly mode: number;
  readonly nlink: number;
  readonly uid = 1000;
  readonly gid = 1000;
  readonly rdev = 0;
  readonly blksize = BLOCK;
  readonly ino: number;
  readonly size: number;
  readonly blocks: number;

  constructor({ device }: Volume, inode: Inode, size: number) {
    super(inode);
    this.dev = device;
    this.mode = kinds[inode.kind] | inode.mode;
    this.nlink = linksOf(inode);
    this.ino = inode.ino;
    this.size = size;
    this.blocks = Math.ceil(size / SECTOR);
  }

  get atimeMs(): number {
    return milliseconds(this.times.atime);
  }

  get mtimeMs(): number {
    return milliseconds(this.times.mtime);
  }

  get ctimeMs(): number {
    return milliseconds(this.times.ctime);
  }

  get birthtimeMs(): number {
    return milliseconds(this.birth);
  }
}

class SimulatedBigIntStats extends CommonStats {
  readonly dev: bigint;
  readonly mode: bigint;
  readonly nlink: bigint;
  readonly uid = 1000n;
  readonly gid = 1000n;
  readonly rdev = 0n;
  readonly blksize = BigInt(BLOCK);
  readonly ino: bigint;
  readonly size: bigint;
  readonly blocks: bigint;

  constructor({ device }: Volume, inode: Inode, size: number) {
    super(inode);
    this.dev = BigInt(device);
    this.mode = BigInt(kinds[inode.kind] | inode.mode);
    this.nlink = BigInt(linksOf(inode));
    this.ino = BigInt(inode.ino);
    this.size = BigInt(size);
    this.blocks = BigInt(Math.ceil(size / SECTOR));
  }

  get atimeNs(): bigint {
    return this.times.atime;
  }

  get mtimeNs(): bigint {
    return this.times.mtime;
  }

  get ctimeNs(): bigint {
    return this.times.ctime;
  }

  get birthtimeNs(): bigint {
    return this.birth;
  }

  get atimeMs(): bigint {
    return this.times.atime / 1_000_000n;
  }

  get mtimeMs(): bigint {
    return this.times.mtime / 1_000_000n;
  }

  get ctimeMs(): bigint {
    return this.times.ctime / 1_000_000n;
  }

  get birthtimeMs(): bigint {
    return this.birth / 1_000_000n;
  }
}

class SimulatedEntry extends Questions {
  readonly name: string;
  readonly parentPath: string;
  readonly path: string;

  constructor(folder: string, name: string, kind: Inode['kind']) {
    super(kind);
    this.name = name;
    this.parentPath = folder;
    this.path = folder;
  }
}

/** As Node's `Stats`, or `BigIntStats` where `bigint` is set. */
export function statsOf(volume: Volume, inode: Inode, sizeOf: (inode: Inode) => number, bigint: boolean): object {
  const size = sizeOf(inode);
  return bigint ? new SimulatedBigIntStats(volume, inode, size) : new SimulatedStats(volume, inode, size);
}

export function entryOf(folder: string, name: string, kind: Inode['kind']): object {
  return new SimulatedEntry(folder, name, kind);
}

function linksOf(inode: Inode): number {
  if (inode.kind !== 'folder') return inode.links;
  let links = 2;
  for (const entry of inode.entries.values()) if (entry.inode.kind === 'folder') links += 1;
  return links;
}

function dateOf(ns: bigint): Date {
  return new Date(Math.round(milliseconds(ns)));
}

/** As Node does: seconds and nanoseconds are scaled apart, and then added. */
function milliseconds(ns: bigint): number {
  const second = 1_000_000_000n;
  const seconds = ns / second;
  return Number(seconds) * 1000 + Number(ns - seconds * second) / 1_000_000;
}

import { constants } from 'node:fs';
import type { Inode } from './inode.ts';
import type { Volume } from './volume.ts';

const BLOCK = 4096;
const SECTOR = 512;

const kinds = { file: constants.S_IFREG, folder: constants.S_IFDIR, link: constants.S_IFLNK } as const;

/** As Node's `Stats`, or `BigIntStats` where `bigint` is set. */
export function statsOf(volume: Volume, inode: Inode, sizeOf: (inode: Inode) => number, bigint: boolean): object {
  const size = sizeOf(inode);
  const numbers = {
    dev: volume.device,
    mode: kinds[inode.kind] | inode.mode,
    nlink: inode.kind === 'folder' ? 2 + [...inode.entries.values()].filter(isFolder).length : inode.links,
    uid: 1000,
    gid: 1000,
    rdev: 0,
    blksize: BLOCK,
    ino: inode.ino,
    size,
    blocks: Math.ceil(size / SECTOR),
  };
  const times = { ...inode.times, birthtime: inode.birthtime };
  const stats: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(numbers)) stats[name] = bigint ? BigInt(value) : value;
  for (const [name, ns] of Object.entries(times)) {
    stats[`${name}Ms`] = bigint ? ns / 1_000_000n : milliseconds(ns);
    if (bigint) stats[`${name}Ns`] = ns;
    stats[name] = new Date(Math.round(milliseconds(ns)));
  }
  return Object.assign(stats, questions(inode.kind));
}

export function entryOf(folder: string, name: string, kind: Inode['kind']): object {
  return { name, parentPath: folder, path: folder, ...questions(kind) };
}

function questions(kind: Inode['kind']): Record<string, () => boolean> {
  const no = (): boolean => false;
  return {
    isFile: () => kind === 'file',
    isDirectory: () => kind === 'folder',
    isSymbolicLink: () => kind === 'link',
    isFIFO: no,
    isSocket: no,
    isBlockDevice: no,
    isCharacterDevice: no,
  };
}

function isFolder({ inode }: { inode: Inode }): boolean {
  return inode.kind === 'folder';
}

/** As Node does: seconds and nanoseconds are scaled apart, and then added. */
function milliseconds(ns: bigint): number {
  const second = 1_000_000_000n;
  const seconds = ns / second;
  return Number(seconds) * 1000 + Number(ns - seconds * second) / 1_000_000;
}

import { DiskError, type Where } from './disk-error.ts';
import type { FileInode, Inode } from './inode.ts';
import { externalContent, externalSize } from './node-sqlite.ts';
import type { Volume } from './volume.ts';

/** Of a disk of which nothing else is said. */
export const CAPACITY = 2 ** 40;
export const BLOCK = 4096;

export function readAt(inode: FileInode, target: Uint8Array, position: number): number {
  if (inode.external === undefined) return inode.content.read(target, position);
  const part = contentOf(inode).subarray(position, position + target.length);
  target.set(part);
  return part.length;
}

/** A database that a program writes to itself, when nobody has it open, is a file like any other. */
export function takeFromSqlite(volume: Volume, inode: FileInode): void {
  if (inode.external === undefined) return;
  const bytes = externalContent(inode.external);
  delete inode.external;
  volume.used += bytes.length - inode.content.size;
  inode.content.truncate(0);
  inode.content.write(bytes, 0);
}

/** The bytes that there is room for. */
export function reserve(volume: Volume, inode: FileInode, start: number, length: number, where: Where): number {
  const grows = Math.max(0, start + length - inode.content.size);
  const room = (volume.faults.capacity ?? CAPACITY) - volume.used;
  const fits = grows <= room ? length : Math.max(0, length - (grows - Math.max(0, room)));
  if (fits === 0 && length > 0) throw new DiskError('ENOSPC', where);
  volume.used += Math.max(0, start + fits - inode.content.size);
  return fits;
}

export function contentOf(inode: FileInode): Buffer {
  return inode.external === undefined ? inode.content.whole() : externalContent(inode.external);
}

export function sizeOf(inode: Inode): number {
  switch (inode.kind) {
    case 'file':
      return inode.external === undefined ? inode.content.size : externalSize(inode.external);
    case 'folder':
      return BLOCK;
    case 'link':
      return Buffer.byteLength(inode.target);
  }
}

import { constants } from 'node:fs';
import { basename } from 'node:path';
import { currentGeneration } from '../generation.ts';
import { DiskError, type Where } from './disk-error.ts';
import {
  altered,
  changed,
  type FileInode,
  flushTimes,
  type FolderInode,
  type Inode,
  loseTimes,
  newFile,
  newFolder,
  newLink,
} from './inode.ts';
import type { NameChange } from './name-log.ts';
import { openFlags } from './open-flags.ts';
import { entryOf, statsOf } from './stats.ts';
import { BLOCK, CAPACITY, contentOf, readAt, reserve, sizeOf, takeFromSqlite } from './stored-bytes.ts';
import type { Place, Volume } from './volume.ts';
import { Watches } from './watches.ts';

interface Descriptor {
  readonly volume: Volume;
  readonly inode: FileInode | FolderInode;
  readonly reads: boolean;
  readonly writes: boolean;
  readonly appends: boolean;
  /** Opened by no generation: by another program of the machine. */
  readonly isForeign: boolean;
  position: number;
}

/** Descriptors of the real machine are smaller. */
const FIRST_DESCRIPTOR = 1_000_000;
const UMASK = 0o022;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** The calls of the operating system on files, each whole and at once. Errors are `DiskError`, as Linux gives them. */
export class FileSystem {
  readonly #volumeOf: (path: string, where: Where) => Volume;
  readonly #now: () => bigint;
  readonly #descriptors = new Map<number, Descriptor>();
  #nextDescriptor = FIRST_DESCRIPTOR;
  #temporary = 0;

  readonly #watches: Watches;

  /** `teller`: see `Watches`. */
  constructor(
    volumeOf: (path: string, where: Where) => Volume,
    now: () => bigint,
    teller: () => (run: () => void) => void = () => setImmediate,
  ) {
    this.#volumeOf = volumeOf;
    this.#now = now;
    this.#watches = new Watches(teller);
  }

  watch(path: string): object {
    const where = { syscall: 'watch', path };
    const volume = this.#volumeOf(path, where);
    const inode = volume.findInode(path, true, where);
    if (inode.kind !== 'folder') throw new DiskError('ENOTDIR', where);
    volume.require('open', inode, where);
    return this.#watches.add(inode, basename(path));
  }

  /** Somebody gives it other rights. */
  rightsSet(inode: Inode): void {
    altered(inode, this.#now());
    this.#watches.altered(inode);
  }

  /** A descriptor by which the file is open for writing; undefined: there is none. */
  writerOf({ dev, ino }: { readonly dev: number; readonly ino: number }): number | undefined {
    for (const [fd, { volume, inode, writes }] of this.#descriptors)
      if (writes && inode.ino === ino && volume.device === dev) return fd;
    return undefined;
  }

  isDescriptor(fd: number): boolean {
    return fd >= FIRST_DESCRIPTOR;
  }

  volumeOfDescriptor(fd: number): Volume | undefined {
    return this.#descriptors.get(fd)?.volume;
  }

  /** The machine has stopped, or one process of it; other programs go on then. */
  closeAll(volume: Volume, of: 'machine' | 'process'): void {
    for (const [fd, descriptor] of this.#descriptors)
      if (descriptor.volume === volume && (of === 'machine' || !descriptor.isForeign)) this.#descriptors.delete(fd);
  }

  // ---- descriptors ----------------------------------------------------------------------------------------------

  open(path: string, given: number | string, mode: number): number {
    const where = { syscall: 'open', path };
    const flags = openFlags(given);
    const has = (flag: number): boolean => (flags & flag) !== 0;
    const access = flags & (constants.O_WRONLY | constants.O_RDWR);
    const writes = access !== constants.O_RDONLY;
    const volume = this.#volumeOf(path, where);
    volume.requireDescriptor(where);
    const exclusive = has(constants.O_CREAT) && has(constants.O_EXCL);
    const place = volume.find(path, !has(constants.O_NOFOLLOW) && !exclusive, where);
    let inode = place.entry?.inode;
    if (inode && exclusive) throw new DiskError('EEXIST', where);
    if (inode?.kind === 'link') throw new DiskError('ELOOP', where);
    if (inode?.kind === 'folder' && (writes || has(constants.O_CREAT))) throw new DiskError('EISDIR', where);
    if (inode && inode.kind !== 'folder' && has(constants.O_DIRECTORY)) throw new DiskError('ENOTDIR', where);
    if (!inode) {
      if (!has(constants.O_CREAT)) throw new DiskError('ENOENT', where);
      inode = newFile(volume.nextInode(), mode & ~UMASK, this.#now());
      this.#name(volume, place, inode, where);
    } else {
      volume.require('open', inode, where);
      if (writes) volume.requireWritable(where);
      if (writes && inode.kind === 'file' && has(constants.O_TRUNC) && inode.content.size > 0)
        this.#truncate(volume, inode, 0);
    }
    if (inode.kind === 'file') inode.opened += 1;
    const fd = this.#nextDescriptor;
    this.#nextDescriptor += 1;
    const reads = access !== constants.O_WRONLY;
    const isForeign = currentGeneration() === undefined;
    this.#descriptors.set(fd, {
      volume,
      inode,
      reads,
      writes,
      appends: has(constants.O_APPEND),
      isForeign,
      position: 0,
    });
    return fd;
  }

  close(fd: number): void {
    const { volume, inode } = this.#descriptor(fd, 'close');
    this.#descriptors.delete(fd);
    if (inode.kind !== 'file') return;
    inode.opened -= 1;
    this.#release(volume, inode);
  }

  read(fd: number, target: Uint8Array, position: number | null): number {
    const where = { syscall: 'read' };
    const descriptor = this.#descriptor(fd, 'read');
    if (!descriptor.reads) throw new DiskError('EBADF', where);
    if (descriptor.inode.kind === 'folder') throw new DiskError('EISDIR', where);
    descriptor.volume.require('read', descriptor.inode, where);
    const bytes = position === null ? readAt(descriptor.inode, target, descriptor.position) : -1;
    if (position !== null) return readAt(descriptor.inode, target, position);
    descriptor.position += bytes;
    return bytes;
  }

  /** Bytes written: fewer where the disk is full. */
  write(fd: number, source: Uint8Array, position: number | null): number {
    const where = { syscall: 'write' };
    const { volume, inode, writes, appends, position: at } = this.#descriptor(fd, 'write');
    if (!writes || inode.kind === 'folder') throw new DiskError('EBADF', where);
    volume.requireWritable(where);
    volume.requireRoom(where);
    takeFromSqlite(volume, inode);
    const start = appends ? inode.content.size : (position ?? at);
    const fits = reserve(volume, inode, start, source.length, where);
    if (fits > 0) inode.content.write(source.subarray(0, fits), start);
    changed(inode, this.#now());
    this.#watches.changed(inode);
    if (position === null) this.#descriptor(fd, 'write').position = start + fits;
    return fits;
  }

  sync(fd: number, syscall: 'fsync' | 'fdatasync'): void {
    const { volume, inode } = this.#descriptor(fd, syscall);
    // What it has to write stays to be written.
    volume.requireRoom({ syscall });
    const failed = volume.faults.failsFlush?.();
    if (failed) {
      if (inode.kind === 'folder') volume.names.flushFailed(inode, failed.kept);
      else inode.content.flushFailed(failed.kept);
      loseTimes(inode, failed.kept);
      throw new DiskError(failed.code, { syscall });
    }
    if (inode.kind === 'folder') {
      volume.names.folderFlushed(inode);
      flushTimes(inode);
      return;
    }
    // Where size and times are in one block, the one takes the other along; nobody promises it.
    const along = volume.rules.unflushed !== 'any' && !inode.content.isSizeFlushed;
    inode.content.flush();
    if (syscall === 'fsync' || along) flushTimes(inode);
    volume.names.fileFlushed();
  }

  truncateDescriptor(fd: number, size: number): void {
    const { volume, inode, writes } = this.#descriptor(fd, 'ftruncate');
    if (!writes || inode.kind === 'folder') throw new DiskError('EINVAL', { syscall: 'ftruncate' });
    volume.requireWritable({ syscall: 'ftruncate' });
    this.#truncate(volume, inode, size);
  }

  setDescriptorTimes(fd: number, atime: bigint, mtime: bigint): void {
    const { volume, inode } = this.#descriptor(fd, 'futime');
    volume.requireWritable({ syscall: 'futime' });
    volume.requireRoom({ syscall: 'futime' });
    inode.times = { atime, mtime, ctime: this.#now() };
    this.#watches.changed(inode);
  }

  setDescriptorMode(fd: number, mode: number): void {
    const { inode } = this.#descriptor(fd, 'fchmod');
    inode.mode = mode & 0o7777;
    altered(inode, this.#now());
  }

  statDescriptor(fd: number, bigint: boolean): object {
    const { volume, inode } = this.#descriptor(fd, 'fstat');
    return statsOf(volume, inode, sizeOf, bigint);
  }

  #descriptor(fd: number, syscall: string): Descriptor {
    const found = this.#descriptors.get(fd);
    if (!found) throw new DiskError('EBADF', { syscall });
    return found;
  }

  // ---- paths ------------------------------------------------------------------------------------------------------

  stat(path: string, follow: boolean, bigint: boolean): object {
    const where = { syscall: follow ? 'stat' : 'lstat', path };
    const volume = this.#volumeOf(path, where);
    return statsOf(volume, volume.findInode(path, follow, where), sizeOf, bigint);
  }

  /** The same, where there may be nothing under the last name. */
  statIfAny(path: string, follow: boolean, bigint: boolean): object | undefined {
    const where = { syscall: follow ? 'stat' : 'lstat', path };
    const volume = this.#volumeOf(path, where);
    const { entry } = volume.find(path, follow, where);
    return entry && statsOf(volume, entry.inode, sizeOf, bigint);
  }

  /** Names with their kinds, sorted as Node does it. */
  list(path: string): { name: string; entry: object }[] {
    const where = { syscall: 'scandir', path };
    const volume = this.#volumeOf(path, where);
    volume.requireDescriptor(where);
    const folder = volume.findInode(path, true, where);
    if (folder.kind !== 'folder') throw new DiskError('ENOTDIR', where);
    for (const what of ['open', 'read'] as const) volume.require(what, folder, where);
    return [...folder.entries.values()]
      .toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
      .map(({ name, inode }) => ({ name, entry: entryOf(path, name, inode.kind) }));
  }

  makeFolder(path: string, mode: number): void {
    const where = { syscall: 'mkdir', path };
    const volume = this.#volumeOf(path, where);
    const place = volume.find(path, false, where);
    if (place.entry) throw new DiskError('EEXIST', where);
    this.#name(volume, place, newFolder(volume.nextInode(), mode & ~UMASK, this.#now()), where);
  }

  removeFolder(path: string): void {
    const where = { syscall: 'rmdir', path };
    const volume = this.#volumeOf(path, where);
    const place = volume.find(path, false, where);
    if (!place.entry) throw new DiskError('ENOENT', where);
    const { inode } = place.entry;
    if (inode.kind !== 'folder') throw new DiskError('ENOTDIR', where);
    if (/(?:^|\/)\.\/*$/.test(path)) throw new DiskError('EINVAL', where);
    if (inode.entries.size > 0) throw new DiskError('ENOTEMPTY', where);
    if (inode === volume.root) throw new DiskError('EBUSY', where);
    volume.requireOpen(place, where);
    if (volume.faults.removesWithRoom) volume.requireRoom(where);
    const changes = [{ folder: place.folder, key: place.key, entry: undefined }];
    volume.names.record({ changes, closes: inode, movesFolder: false });
    changed(place.folder, this.#now());
    this.#watches.named(place.folder, place.entry.name);
  }

  unlink(path: string): void {
    const where = { syscall: 'unlink', path };
    const volume = this.#volumeOf(path, where);
    const place = volume.find(path, false, where);
    if (!place.entry) throw new DiskError('ENOENT', where);
    const { inode } = place.entry;
    if (inode.kind === 'folder') throw new DiskError('EISDIR', where);
    if (path.endsWith('/')) throw new DiskError('ENOTDIR', where);
    volume.requireOpen(place, where);
    if (volume.faults.removesWithRoom) volume.requireRoom(where);
    volume.names.record({ changes: [{ folder: place.folder, key: place.key, entry: undefined }], movesFolder: false });
    changed(place.folder, this.#now());
    this.#watches.named(place.folder, place.entry.name);
    this.#unlinked(volume, inode);
  }

  rename(path: string, dest: string): void {
    const where = { syscall: 'rename', path, dest };
    const volume = this.#volumeOf(path, where);
    if (this.#volumeOf(dest, where) !== volume) throw new DiskError('EXDEV', where);
    const from = volume.find(path, false, where);
    const to = volume.find(dest, false, where);
    if (!from.entry) throw new DiskError('ENOENT', where);
    const { inode } = from.entry;
    const replaced = to.entry?.inode;
    if (inode === volume.root || replaced === volume.root) throw new DiskError('EBUSY', where);
    if (inode.kind === 'folder' && to.above.includes(inode)) throw new DiskError('EINVAL', where);
    if (replaced?.kind === 'folder' && from.above.includes(replaced)) throw new DiskError('ENOTEMPTY', where);
    const sameName = from.folder === to.folder && from.key === to.key;
    if (replaced === inode && !sameName) return;
    if (replaced && replaced !== inode) {
      if (inode.kind === 'folder' && replaced.kind !== 'folder') throw new DiskError('ENOTDIR', where);
      if (inode.kind !== 'folder' && replaced.kind === 'folder') throw new DiskError('EISDIR', where);
      if (replaced.kind === 'folder' && replaced.entries.size > 0) throw new DiskError('ENOTEMPTY', where);
    }
    if (inode.kind !== 'folder' && [dest, path].some((each) => each.endsWith('/')))
      throw new DiskError('ENOTDIR', where);
    volume.requireOpen(from, where);
    volume.requireOpen(to, where);
    volume.requireRoom(where);
    // What it is in, which it names itself, is another one.
    if (inode.kind === 'folder' && from.folder !== to.folder) volume.require('change', inode, where);
    const entry = { name: volume.nameToKeep(to.name, where), inode };
    const gone: NameChange[] = sameName ? [] : [{ folder: from.folder, key: from.key, entry: undefined }];
    volume.names.record({
      changes: [...gone, { folder: to.folder, key: to.key, entry }],
      ...(replaced?.kind === 'folder' && replaced !== inode && { closes: replaced }),
      movesFolder: inode.kind === 'folder',
    });
    const at = this.#now();
    for (const folder of [from.folder, to.folder]) changed(folder, at);
    altered(inode, at);
    this.#watches.named(from.folder, from.entry.name);
    this.#watches.named(to.folder, entry.name);
    if (replaced && replaced !== inode && replaced.kind !== 'folder') this.#unlinked(volume, replaced);
  }

  link(path: string, dest: string): void {
    const where = { syscall: 'link', path, dest };
    const volume = this.#volumeOf(path, where);
    if (this.#volumeOf(dest, where) !== volume) throw new DiskError('EXDEV', where);
    const inode = volume.findInode(path, false, where);
    const place = volume.find(dest, false, where);
    if (place.entry) throw new DiskError('EEXIST', where);
    if (inode.kind === 'folder') throw new DiskError('EPERM', where);
    this.#name(volume, place, inode, where);
    altered(inode, this.#now());
  }

  symlink(target: string, path: string): void {
    const where = { syscall: 'symlink', path: target, dest: path };
    const volume = this.#volumeOf(path, where);
    const place = volume.find(path, false, where);
    if (place.entry) throw new DiskError('EEXIST', where);
    this.#name(volume, place, newLink(volume.nextInode(), target, this.#now()), where);
  }

  readlink(path: string): string {
    const where = { syscall: 'readlink', path };
    const inode = this.#volumeOf(path, where).findInode(path, false, where);
    if (inode.kind !== 'link') throw new DiskError('EINVAL', where);
    return inode.target;
  }

  realpath(path: string): string {
    const where = { syscall: 'realpath', path };
    const volume = this.#volumeOf(path, where);
    const place = volume.find(path, true, where);
    if (!place.entry) throw new DiskError('ENOENT', where);
    // Nobody makes links here.
    return volume.rules.realpathAsAsked ? path.replace(/\/+$/, '') : place.real;
  }

  setMode(path: string, mode: number): void {
    const where = { syscall: 'chmod', path };
    const volume = this.#volumeOf(path, where);
    const inode = volume.findInode(path, true, where);
    volume.requireWritable(where);
    inode.mode = mode & 0o7777;
    altered(inode, this.#now());
  }

  setTimes(path: string, atime: bigint, mtime: bigint, follow = true): void {
    const where = { syscall: follow ? 'utime' : 'lutime', path };
    const volume = this.#volumeOf(path, where);
    const inode = volume.findInode(path, follow, where);
    volume.requireWritable(where);
    volume.requireRoom(where);
    inode.times = { atime, mtime, ctime: this.#now() };
    this.#watches.changed(inode);
  }

  access(path: string, mode: number): void {
    const where = { syscall: 'access', path };
    const volume = this.#volumeOf(path, where);
    const { real } = volume.find(path, true, where);
    const inode = volume.findInode(path, true, where);
    if ((mode & constants.W_OK) !== 0) {
      volume.requireWritable(where);
      if (volume.faults.sealed.has(real)) throw new DiskError('EACCES', where);
    }
    if ((mode & constants.R_OK) !== 0) volume.require('open', inode, where);
    if ((mode & constants.X_OK) !== 0) volume.require('enter', inode, where);
    if ((mode & constants.W_OK) !== 0) volume.require(inode.kind === 'folder' ? 'change' : 'open', inode, where);
    if ((mode & constants.X_OK) !== 0 && inode.kind === 'file' && (inode.mode & 0o111) === 0)
      throw new DiskError('EACCES', where);
  }

  copy(path: string, dest: string, flags: number): void {
    const where = { syscall: 'copyfile', path, dest };
    const from = this.#volumeOf(path, where);
    from.requireDescriptor(where);
    const source = from.findInode(path, true, where);
    if (source.kind === 'link') throw new DiskError('ENOENT', where);
    from.require('open', source, where);
    const volume = this.#volumeOf(dest, where);
    const exclusive = (flags & constants.COPYFILE_EXCL) !== 0;
    const place = volume.find(dest, !exclusive, where);
    if (place.entry && exclusive) throw new DiskError('EEXIST', where);
    if (place.entry?.inode.kind === 'folder' || source.kind === 'folder') throw new DiskError('EISDIR', where);
    if (place.entry?.inode === source) return;
    if (place.entry) volume.require('open', place.entry.inode, where);
    from.require('read', source, where);
    const bytes = contentOf(source);
    let target = place.entry?.inode;
    if (target?.kind !== 'file') {
      target = newFile(volume.nextInode(), source.mode, this.#now());
      this.#name(volume, place, target, where);
    } else if (target.content.size > 0) this.#truncate(volume, target, 0);
    volume.requireRoom(where);
    if (reserve(volume, target, 0, bytes.length, where) < bytes.length) throw new DiskError('ENOSPC', where);
    target.content.write(bytes, 0);
    changed(target, this.#now());
    this.#watches.changed(target);
  }

  space(path: string): object {
    const where = { syscall: 'statfs', path };
    const volume = this.#volumeOf(path, where);
    volume.findInode(path, true, where);
    const capacity = volume.faults.capacity ?? CAPACITY;
    const free = Math.max(0, Math.floor((capacity - volume.used) / BLOCK));
    const blocks = Math.floor(capacity / BLOCK);
    return { type: 0xef53, bsize: BLOCK, blocks, bfree: free, bavail: free, files: 2 ** 32, ffree: 2 ** 31 };
  }

  makeTemporary(start: string): string {
    this.#temporary += 1;
    const letters = [5, 4, 3, 2, 1, 0].map(
      (place) => LETTERS[Math.floor(this.#temporary / LETTERS.length ** place) % LETTERS.length],
    );
    const path = start + letters.join('');
    this.makeFolder(path, 0o700);
    return path;
  }

  // ---- beneath ----------------------------------------------------------------------------------------------------

  #name(volume: Volume, place: Place, inode: Inode, where: Where): void {
    volume.requireOpen(place, where);
    volume.requireRoom(where);
    const entry = { name: volume.nameToKeep(place.name, where), inode };
    volume.names.record({ changes: [{ folder: place.folder, key: place.key, entry }], movesFolder: false });
    if (inode.kind !== 'folder') inode.links += 1;
    changed(place.folder, this.#now());
    this.#watches.named(place.folder, entry.name);
  }

  #unlinked(volume: Volume, inode: Exclude<Inode, FolderInode>): void {
    inode.links -= 1;
    altered(inode, this.#now());
    if (inode.kind === 'file') this.#release(volume, inode);
  }

  #release(volume: Volume, inode: FileInode): void {
    if (inode.links === 0 && inode.opened === 0) volume.used -= inode.content.size;
  }

  #truncate(volume: Volume, inode: FileInode, size: number): void {
    takeFromSqlite(volume, inode);
    volume.used += size - inode.content.size;
    inode.content.truncate(size);
    changed(inode, this.#now());
    this.#watches.changed(inode);
  }
}

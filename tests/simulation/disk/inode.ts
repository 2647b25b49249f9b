import { FileContent } from './file-content.ts';

/** Nanoseconds since 1970. */
export interface Times {
  readonly atime: bigint;
  readonly mtime: bigint;
  readonly ctime: bigint;
}

interface Common {
  readonly ino: number;
  readonly birthtime: bigint;
  mode: number;
  times: Times;
  /** The system takes them for written, and they may not be. */
  lost?: Times;
  /** As the disk has them for certain. */
  durable: { readonly mode: number; readonly times: Times };
}

export interface FileInode extends Common {
  readonly kind: 'file';
  content: FileContent;
  /** Names that it has. */
  links: number;
  /** Descriptors that are open. */
  opened: number;
  /** A database: SQLite keeps the content, in this file of the real machine. */
  external?: string;
}

export interface FolderInode extends Common {
  readonly kind: 'folder';
  /** By the key under which the file system looks a name up. */
  readonly entries: Map<string, Entry>;
  readonly durableEntries: Map<string, Entry>;
}

export interface LinkInode extends Common {
  readonly kind: 'link';
  readonly target: string;
  links: number;
}

export type Inode = FileInode | FolderInode | LinkInode;

export interface Entry {
  readonly name: string;
  readonly inode: Inode;
}

function common(ino: number, mode: number, at: bigint): Common {
  const times = { atime: at, mtime: at, ctime: at };
  return { ino, birthtime: at, mode, times, durable: { mode, times } };
}

export function newFile(ino: number, mode: number, at: bigint): FileInode {
  return { kind: 'file', ...common(ino, mode, at), content: new FileContent(), links: 0, opened: 0 };
}

export function newFolder(ino: number, mode: number, at: bigint): FolderInode {
  return { kind: 'folder', ...common(ino, mode, at), entries: new Map(), durableEntries: new Map() };
}

export function newLink(ino: number, target: string, at: bigint): LinkInode {
  return { kind: 'link', ...common(ino, 0o777, at), target, links: 0 };
}

export function flushTimes(inode: Inode): void {
  if (inode.times === inode.lost) return;
  inode.durable = { mode: inode.mode, times: inode.times };
}

/** A flush has failed: they are on disk or not, and no later flush of the same ones makes them so. */
export function loseTimes(inode: Inode, random: () => number): void {
  if (random() < 0.5) flushTimes(inode);
  inode.lost = inode.times;
}

/** Its content or entries were changed. */
export function changed(inode: Inode, at: bigint): void {
  inode.times = { ...inode.times, mtime: at, ctime: at };
}

/** Its names, mode or times were. */
export function altered(inode: Inode, at: bigint): void {
  inode.times = { ...inode.times, ctime: at };
}

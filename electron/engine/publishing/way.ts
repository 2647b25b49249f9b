import type { Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import type { Together } from '../../../shared/contract/releases.ts';
import type { Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Begun } from '../store/open-drops.ts';
import { fileError } from '../tree/file-error.ts';
import type { Connection } from './connection.ts';
import type { HashCache } from './hash-cache.ts';
import { type LocalFile, localFile } from './local-tree.ts';

const READ_BYTES = 256 * 1024;

/** One file on its way. */
export interface Sending {
  readonly file: LocalFile;
  /** It was begun before, in this drop: what arrived then may be of use. */
  readonly again: boolean;
  readonly hashes: HashCache;
  readonly signal: AbortSignal;
  /** So many bytes of it are at the server, as far as this side knows. */
  readonly onBytes: (bytes: number) => void;
}

/** A file as it was sent. `sha256`: of its bytes; undefined: nobody has hashed them. */
export interface SentFile {
  readonly file: LocalFile;
  readonly sha256: Sha256 | undefined;
}

export interface Outcome {
  /** The number of the release; undefined: the server has none. */
  readonly release?: number;
  readonly changes: number;
}

/** A session that works on the drop. `isNew`: nothing of what was sent before is there (any more). */
export type Opened =
  | { readonly is: 'open'; readonly connection: Connection; readonly isNew: boolean }
  /** The connection was lost when it was committed, and it is published. */
  | ({ readonly is: 'published' } & Outcome);

/** Where it is written down what a drop has begun. */
export interface BegunNote {
  readonly begun: Begun;
  readonly note: (begun: Begun) => void;
}

/** How a drop is sent: as a release of a Lockstep master, or file by file. All methods reject as `ftpError` says. */
export interface Way {
  /** Sessions at once. */
  readonly width: number;
  /** All becomes visible in one moment. */
  readonly atOnce: boolean;
  /** The folder that the drop goes into, absolute at the server; '' is its root. */
  readonly base: string;
  /** Something of it stands at the server that `abort` takes away. */
  readonly isBegun: boolean;
  /** Visitors miss something until it goes on, or is aborted. */
  readonly isMissed: boolean;
  open(signal: AbortSignal): Promise<Opened>;
  /** The content is at the server as it is here, or it rejects. */
  send(connection: Connection, sending: Sending): Promise<SentFile>;
  commit(connection: Connection, changes: number, together: Together | undefined): Promise<Outcome>;
  /** Leaves nothing behind that is half. Resolves what was published where it is too late. */
  abort(connection: Connection): Promise<Outcome | undefined>;
}

/** The file as it is now: it may have been written to since it was compared. Rejects `file.*`. */
export async function current(file: LocalFile): Promise<LocalFile> {
  try {
    const info = await lstat(file.absolute);
    if (!info.isFile()) throw new AppError('file.not-found', { path: file.absolute });
    return localFile(file.path, file.absolute, info);
  } catch (error) {
    throw fileError(error, file.absolute);
  }
}

/** Rejects `file.changed` where it has, or may have, other bytes than were sent, and `file.*`. Its mode, say, may be another one. */
export async function requireSame(
  { file, sha256 }: SentFile,
  { hashes, signal }: Pick<Sending, 'hashes' | 'signal'>,
): Promise<void> {
  const now = await current(file);
  if (now.identity === file.identity) return;
  if (sha256 === undefined || (await hashes.hash(now, signal)).sha256 !== sha256)
    throw new AppError('file.changed', { path: file.path });
}

/** The bytes of a file from `offset` on, as many as it had when it was looked at. Tells how far it was read, and `digest` what. */
export async function* bytesOf(
  { absolute, size }: LocalFile,
  offset: number,
  onBytes: (bytes: number) => void,
  digest?: Hash,
): AsyncIterable<Uint8Array> {
  onBytes(offset);
  if (offset >= size) return;
  const handle = await open(absolute, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    for (let at = offset; at < size; ) {
      const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, size - at));
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) return;
      const bytes = chunk.subarray(0, bytesRead);
      digest?.update(bytes);
      yield bytes;
      at += bytesRead;
      onBytes(at);
    }
  } finally {
    await handle.close();
  }
}

/** `base` is absolute at the server; '' is its root. */
export function absoluteAt(base: string, path: SitePath): string {
  return path === '' ? base || '/' : `${base}/${path}`;
}

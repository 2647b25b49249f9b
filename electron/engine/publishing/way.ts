import { constants } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import type { Together } from '../../../shared/contract/releases.ts';
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
  note(begun: Begun): void;
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
  /** Resolves the size that it has. The content is at the server as it is here, or it rejects. */
  send(connection: Connection, sending: Sending): Promise<number>;
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

/** Rejects `file.changed` where it is another one than when it was looked at, and `file.*`. */
export async function requireSame(file: LocalFile): Promise<void> {
  if ((await current(file)).identity !== file.identity) throw new AppError('file.changed', { path: file.path });
}

/** The bytes of a file from `offset` on, as many as it had when it was looked at. Tells how far it was read. */
export async function* bytesOf(
  { absolute, size }: LocalFile,
  offset: number,
  onBytes: (bytes: number) => void,
): AsyncIterable<Uint8Array> {
  onBytes(offset);
  if (offset >= size) return;
  const handle = await open(absolute, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    for (let at = offset; at < size; ) {
      const chunk = Buffer.allocUnsafe(Math.min(READ_BYTES, size - at));
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) return;
      yield chunk.subarray(0, bytesRead);
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

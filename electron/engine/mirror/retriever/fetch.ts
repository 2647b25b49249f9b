import { statfsSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Content } from '../../../../shared/domain/change.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../../shared/errors/codes.ts';
import type { Throttle } from '../../core/throttle.ts';
import { LARGE_BYTES } from '../../store/wants.ts';
import { DataFile } from '../../tree/data-file.ts';
import { fileError, systemCode } from '../../tree/file-error.ts';
import { hashStart } from '../../tree/hash.ts';
import type { FtpPool } from './ftp-pool.ts';
import { Sink } from './sink.ts';

export interface FetchOrder {
  readonly path: SitePath;
  readonly content: Content;
  /** Absolute path in the staging folder. What is there is the beginning of the same content, from an earlier try. */
  readonly staged: string;
  readonly signal: AbortSignal;
  readonly throttle: Throttle;
  /** Bytes have come. */
  readonly onBytes: (bytes: number) => void;
  /** All is here, and on its way to the disk. */
  readonly onFlush?: () => void;
}

/**
 * Fetches one file into staging: resumes, verifies size and SHA-256, sets the time, flushes. Resolves the bytes that went
 * over the wire. Rejects `fetch.*` (the file in staging stays where it is of use for the next try) or `file.*`.
 */
export async function fetchFile(pool: FtpPool, order: FetchOrder): Promise<number> {
  const { path, content, staged, signal } = order;
  const { file, there } = openStaged(staged, path);
  let sink: Sink | undefined;
  try {
    requireRoom(order, there);
    sink = await openSink(file, there, order);
    const offset = sink.size;
    if (offset < content.size) await pool.retrieve({ path, offset, size: content.size, sink, signal });
    if (sink.size < content.size)
      throw new AppError('fetch.broken-off', { path, received: sink.size, size: content.size });
    if (sink.sha256() !== content.sha256) throw new AppError('fetch.hash-mismatch', { path });
    file.setTime(content.mtime);
    const flushed = file.sync();
    order.onFlush?.();
    await flushed;
    return sink.size - offset;
  } catch (error) {
    const failure = fileError(error, path);
    await sink?.end().catch(() => undefined);
    // Wrong bytes, and bytes that the disk may not have, are of no use for the next try; a right beginning is, where the disk has
    // room for others beside it.
    const isUseless = failure instanceof AppError && USELESS.has(failure.code);
    if (isUseless || !(await file.isIntact())) await unlink(staged).catch(() => undefined);
    throw failure;
  } finally {
    // What has come is of use for the next try, and no write may be under way when the file is closed.
    await sink?.end().catch(() => undefined);
    file.close();
  }
}

const USELESS: ReadonlySet<ErrorCode> = new Set(['fetch.hash-mismatch', 'fetch.size-mismatch', 'file.disk-full']);

/** Throws `file.disk-full` where a large file cannot have room: it would be fetched in vain, again with each try. */
function requireRoom({ path, content, staged }: FetchOrder, there: number): void {
  const missing = content.size - Math.min(there, content.size);
  if (missing <= LARGE_BYTES) return;
  const { bavail, bsize } = statfsSync(dirname(staged));
  // Some file systems do not say.
  if (bavail > 0 && missing > bavail * bsize) throw new AppError('file.disk-full', { path });
}

/** The file in staging, and the bytes that an earlier try has left there. */
function openStaged(staged: string, path: SitePath): { file: DataFile; there: number } {
  try {
    return { file: DataFile.create(staged), there: 0 };
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fileError(error, path);
  }
  try {
    const file = DataFile.open(staged);
    return { file, there: file.size };
  } catch (error) {
    throw fileError(error, path);
  }
}

async function openSink(file: DataFile, there: number, order: FetchOrder): Promise<Sink> {
  const offset = there <= order.content.size ? there : 0;
  if (offset !== there) file.truncate(0);
  return new Sink({ ...order, file, offset, hash: await hashStart(file, offset) });
}

import { createHash, type Hash } from 'node:crypto';
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
import { fileError } from '../../tree/file-error.ts';
import { findStats } from '../../tree/find-stats.ts';
import { hashBegun } from '../../tree/hash.ts';
import type { FtpPool } from './ftp-pool.ts';
import type { Staging } from '../staging.ts';
import { Sink } from './sink.ts';

export interface FetchOrder {
  readonly path: SitePath;
  readonly content: Content;
  /** Absolute path in the staging folder. What is there is the beginning of the same content, from an earlier try. */
  readonly staged: string;
  readonly staging?: Pick<Staging, 'isDoubtful' | 'doubt'>;
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
  let file = openBegun(staged, path);
  const made = (): DataFile => (file ??= create(staged, path));
  let sink: Sink | undefined;
  try {
    requireRoom(order, file?.size ?? 0);
    sink = new Sink({ ...order, file: made, ...(await beginningOf(file, order)) });
    const offset = sink.size;
    if (offset < content.size) {
      const retrieved = pool.retrieve({ path, offset, size: content.size, sink, signal });
      // A new file is made while the master looks for its own.
      tryNow(made);
      await retrieved;
    }
    if (sink.size < content.size)
      throw new AppError('fetch.broken-off', { path, received: sink.size, size: content.size });
    if (sink.sha256() !== content.sha256) throw new AppError('fetch.hash-mismatch', { path });
    made().setTime(content.mtime);
    const flushed = made().sync();
    order.onFlush?.();
    await flushed;
    return sink.size - offset;
  } catch (error) {
    const failure = fileError(error, path);
    await sink?.end().catch(() => undefined);
    // Wrong bytes, and bytes that the disk may not have, are of no use for the next try; a right beginning is, where the disk has
    // room for others beside it.
    const isUseless = failure instanceof AppError && USELESS.has(failure.code);
    if (isUseless || (await file?.isIntact()) === false)
      await unlink(staged).catch(() => order.staging?.doubt(content.sha256));
    throw failure;
  } finally {
    // What has come is of use for the next try, and no write may be under way when the file is closed.
    await sink?.end().catch(() => undefined);
    file?.close();
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

/** What an earlier try has left in staging; undefined: nothing. */
function openBegun(staged: string, path: SitePath): DataFile | undefined {
  if (!findStats(staged)) return undefined;
  try {
    return DataFile.open(staged);
  } catch (error) {
    throw fileError(error, path);
  }
}

function create(staged: string, path: SitePath): DataFile {
  try {
    return DataFile.create(staged);
  } catch (error) {
    throw fileError(error, path);
  }
}

/** What throws is done once more, by whoever cannot do without: that one tells why. */
function tryNow(work: () => unknown): void {
  try {
    work();
  } catch {
    // See above.
  }
}

/** What is of use of what was left; the rest of it goes. */
async function beginningOf(
  file: DataFile | undefined,
  { content: { size, sha256 }, staging }: FetchOrder,
): Promise<{ readonly offset: number; readonly hash: Hash }> {
  if (!file) return { offset: 0, hash: createHash('sha256') };
  const there = file.size;
  const offset = there <= size ? there : 0;
  if (offset !== there) file.truncate(0);
  return { offset, hash: await hashBegun(file, offset, staging?.isDoubtful(sha256) === true) };
}

import { createHash, type Hash } from 'node:crypto';
import type { Sha256 } from '../../../shared/domain/change.ts';
import type { DataFile } from './data-file.ts';
import { SourceFile } from './source-file.ts';

const READ_BYTES = 1024 * 1024;

/**
 * Hashes the file at an absolute path, which must not be a link, with its size and time as they were when it was opened.
 * `rest` is awaited before each MiB.
 */
export async function hashFile(
  absolute: string,
  signal?: AbortSignal,
  rest?: () => Promise<void>,
): Promise<{ sha256: Sha256; size: number; mtime: number }> {
  const file = new SourceFile(absolute);
  try {
    const { size, mtimeMs } = file.info;
    const read = async (buffer: Uint8Array, length: number, position: number) => {
      signal?.throwIfAborted();
      await rest?.();
      return file.read(buffer, length, position);
    };
    const hash = await hashStart({ read }, size);
    return { sha256: hash.digest('hex'), size, mtime: Math.round(mtimeMs) };
  } finally {
    file.close();
  }
}

/** A running hash over the first `length` bytes (fewer where the file ends). */
export async function hashStart(
  file: { read(buffer: Uint8Array, length: number, position: number): Promise<number> },
  length: number,
): Promise<Hash> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(READ_BYTES, length)));
  for (let done = 0; done < length; ) {
    const bytes = await file.read(buffer, Math.min(buffer.length, length - done), done);
    if (bytes === 0) break;
    hash.update(buffer.subarray(0, bytes));
    done += bytes;
  }
  return hash;
}

/** The same of a file that is gone on with. `isDoubtful`: nobody knows whether the disk has what is there; see `DataFile.readAnew`. */
export function hashBegun(file: DataFile, length: number, isDoubtful: boolean): Promise<Hash> {
  const read: DataFile['read'] = (...how) => (isDoubtful ? file.readAnew(...how) : file.read(...how));
  return hashStart({ read }, length);
}

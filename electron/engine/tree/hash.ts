import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Sha256 } from '../../../shared/domain/change.ts';

const READ_BYTES = 1024 * 1024;

/** Hashes the file at an absolute path, which must not be a link, with its size and time as they were when it was opened. */
export async function hashFile(
  absolute: string,
): Promise<{ sha256: Sha256; size: number; mtime: number; bytes: number }> {
  const handle = await open(absolute, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    const info = await handle.stat();
    const { hash, bytes } = await hashStart(handle, info.size);
    return { sha256: hash.digest('hex'), size: info.size, mtime: Math.round(info.mtimeMs), bytes };
  } finally {
    await handle.close();
  }
}

/** A running hash over the first `length` bytes (fewer where the file ends). */
export async function hashStart(handle: FileHandle, length: number): Promise<{ hash: Hash; bytes: number }> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.max(1, Math.min(READ_BYTES, length)));
  let bytes = 0;
  while (bytes < length) {
    const { bytesRead } = await handle.read(buffer, 0, Math.min(buffer.length, length - bytes), bytes);
    if (bytesRead === 0) break;
    hash.update(buffer.subarray(0, bytesRead));
    bytes += bytesRead;
  }
  return { hash, bytes };
}

import type { Present } from '../../../shared/domain/change.ts';
import type { FileInfo } from './site-files.ts';

/** True when the index row describes the file as it stands on disk. */
export function isCurrent(
  entry: Present | undefined,
  info: { size: number; mtimeMs: number },
): entry is Extract<Present, { kind: 'file' }> {
  return entry?.kind === 'file' && entry.size === info.size && entry.mtime === Math.round(info.mtimeMs);
}

export function toInfo(
  name: string,
  info: { isDirectory(): boolean; size: number; mtimeMs: number; mode: number; dev: number; ino: number },
): FileInfo {
  const kind = info.isDirectory() ? 'dir' : 'file';
  return {
    name,
    kind,
    size: kind === 'dir' ? 0 : info.size,
    mtime: Math.round(info.mtimeMs),
    mode: info.mode,
    // Windows has numbers that a double does not hold, and two of which could look the same.
    ...(Number.isSafeInteger(info.ino) &&
      info.ino > 0 && { unique: `${info.dev.toString(16)}g${info.ino.toString(16)}` }),
  };
}

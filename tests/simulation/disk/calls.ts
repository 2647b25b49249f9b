import { DiskError } from './disk-error.ts';
import type { FileSystem } from './file-system.ts';

/** What Node makes of several calls of the operating system, or of their arguments. */

export interface StatOptions {
  readonly bigint?: boolean;
  readonly throwIfNoEntry?: boolean;
}

export function pathOf(given: unknown): string {
  if (typeof given === 'string') return given;
  if (given instanceof URL) return decodeURIComponent(given.pathname);
  if (given instanceof Uint8Array) return Buffer.from(given).toString('utf8');
  throw new TypeError('no path');
}

/** Seconds, or a date, as nanoseconds: as libuv cuts them. */
export function nanoseconds(given: number | string | Date): bigint {
  const seconds = given instanceof Date ? given.getTime() / 1000 : Number(given);
  const whole = Math.trunc(seconds);
  return BigInt(whole) * 1_000_000_000n + BigInt(Math.trunc((seconds - whole) * 1e9));
}

export function statOrUndefined(files: FileSystem, path: string, follow: boolean, options: StatOptions = {}): unknown {
  if (options.throwIfNoEntry !== false) return files.stat(path, follow, options.bigint === true);
  try {
    return files.statIfAny(path, follow, options.bigint === true);
  } catch (error) {
    if (isCode(error, ['ENOENT'])) return undefined;
    throw error;
  }
}

/** The first folder that it made; undefined where all were there. */
export function makeFolders(files: FileSystem, path: string, mode: number): string | undefined {
  try {
    files.makeFolder(path, mode);
    return path;
  } catch (error) {
    if (isCode(error, ['ENOENT'])) {
      const above = path.replace(/\/+$/, '').replace(/\/[^/]*$/, '');
      if (above === '' || above === path) throw error;
      const first = makeFolders(files, above, mode);
      files.makeFolder(path, mode);
      return first ?? path;
    }
    if (isCode(error, ['EEXIST', 'EROFS', 'EBUSY']) && isFolder(files, path)) return undefined;
    throw error;
  }
}

export interface RemoveOptions {
  readonly recursive?: boolean;
  readonly force?: boolean;
}

export function remove(files: FileSystem, path: string, options: RemoveOptions = {}): void {
  let kind: ReturnType<typeof kindAt>;
  try {
    kind = kindAt(files, path);
  } catch (error) {
    if (!options.force || !options.recursive || !isCode(error, ['ENOTDIR'])) throw error;
  }
  if (kind === undefined && options.force) return;
  if (kind === undefined) throw new DiskError('ENOENT', { syscall: 'rm', path });
  if (kind === 'other') return files.unlink(path);
  if (!options.recursive) {
    const error = new DiskError('EISDIR', { syscall: 'rm', path });
    throw Object.assign(error, { code: 'ERR_FS_EISDIR' });
  }
  for (const { name } of files.list(path)) remove(files, `${path}/${name}`, options);
  files.removeFolder(path);
}

/** A folder's names, or its entries; all below it with `recursive`. */
export function list(
  files: FileSystem,
  path: string,
  options: { withFileTypes?: boolean; recursive?: boolean } = {},
): unknown[] {
  const found: unknown[] = [];
  const visit = (folder: string, start: string): void => {
    for (const { name, entry } of files.list(folder)) {
      found.push(options.withFileTypes ? entry : start + name);
      if (options.recursive && kindAt(files, `${folder}/${name}`) === 'folder')
        visit(`${folder}/${name}`, `${start}${name}/`);
    }
  };
  visit(path, '');
  return found;
}

export function readAll(files: FileSystem, fd: number, from: number | null = null): Buffer {
  const chunks: Buffer[] = [];
  for (;;) {
    const chunk = Buffer.allocUnsafe(chunks.length === 0 ? 8 * 1024 : 64 * 1024);
    const at = from === null ? null : from + chunks.reduce((sum, { length }) => sum + length, 0);
    const bytes = files.read(fd, chunk, at);
    if (bytes === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, bytes));
  }
}

export function writeAll(files: FileSystem, fd: number, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data;
  for (let done = 0; done < bytes.length; ) done += files.write(fd, bytes.subarray(done), null);
}

/** Links are followed; one that leads nowhere, or to itself, throws. */
function isFolder(files: FileSystem, path: string): boolean {
  return isFolderMode(files.stat(path, true, false));
}

function kindAt(files: FileSystem, path: string): 'folder' | 'other' | undefined {
  const found = statOrUndefined(files, path, false, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  return isFolderMode(found) ? 'folder' : 'other';
}

function isFolderMode(info: unknown): boolean {
  return typeof info === 'object' && info !== null && 'mode' in info && (Number(info.mode) & 0o170000) === 0o040000;
}

function isCode(error: unknown, codes: readonly string[]): boolean {
  return error instanceof DiskError && codes.includes(error.code);
}

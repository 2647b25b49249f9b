import * as real from 'node:fs';
import { promisify } from 'node:util';
import { changed, closed, later, opened } from './files.ts';

/** In the place of `node:fs`: the same files, but asynchronous calls take simulated time, and changes are seen. */
export * from 'node:fs';

export function openSync(path: string, flags: real.OpenMode, mode?: real.Mode): number {
  const fd = real.openSync(path, flags, mode);
  opened(fd, () => real.closeSync(fd));
  return fd;
}

export function closeSync(fd: number): void {
  closed(fd);
  real.closeSync(fd);
}

export function renameSync(from: string, to: string): void {
  real.renameSync(from, to);
  changed(from, to);
}

export function unlinkSync(path: string): void {
  real.unlinkSync(path);
  changed(path);
}

export function rmdirSync(path: string): void {
  real.rmdirSync(path);
  changed(path);
}

export function linkSync(from: string, to: string): void {
  real.linkSync(from, to);
  changed(to);
}

export function mkdirSync(path: string, options?: real.MakeDirectoryOptions): string | undefined {
  const made = real.mkdirSync(path, options);
  changed(path);
  return made;
}

export function utimesSync(path: string, atime: number, mtime: number): void {
  real.utimesSync(path, atime, mtime);
  changed(path);
}

type Moved = { bytesRead: number; bytesWritten: number; buffer: Uint8Array };

export const read = Object.assign(() => unserved('read'), {
  [promisify.custom]: (fd: number, buffer: Uint8Array, offset: number, length: number, position: number) =>
    later('read', (): Moved => {
      const bytesRead = real.readSync(fd, buffer, offset, length, position);
      return { bytesRead, bytesWritten: 0, buffer };
    }),
});

export const write = Object.assign(() => unserved('write'), {
  [promisify.custom]: (fd: number, buffer: Uint8Array, offset: number, length: number, position: number) =>
    later('write', (): Moved => {
      const bytesWritten = real.writeSync(fd, buffer, offset, length, position);
      return { bytesRead: 0, bytesWritten, buffer };
    }),
});

export const fdatasync = Object.assign(() => unserved('fdatasync'), {
  [promisify.custom]: (fd: number) => later('fdatasync', () => real.fdatasyncSync(fd)),
});

export function watch(): never {
  return unserved('watch');
}

function unserved(name: string): never {
  throw new Error(`${name} is not simulated in this way`);
}

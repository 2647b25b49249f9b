import * as real from 'node:fs';
import { changed, closed, later, opened } from './files.ts';

/** In the place of `node:fs/promises`: each call happens at a moment of simulated time, in one piece. */
export { constants } from 'node:fs';

function call<A extends unknown[], R>(name: string, work: (...values: A) => R, mutates: readonly number[] = []) {
  return (...values: A): Promise<R> =>
    later(`fs.${name}`, () => {
      const result = work(...values);
      changed(...mutates.map((at) => values[at]));
      return result;
    });
}

export const access = call('access', real.accessSync);
export const chmod = call('chmod', real.chmodSync);
export const copyFile = call('copyFile', real.copyFileSync, [1]);
export const link = call('link', real.linkSync, [1]);
export const lstat = call('lstat', real.lstatSync as (path: string, options?: real.StatOptions) => real.Stats);
export const mkdir = call('mkdir', real.mkdirSync as (path: string, options?: object) => string | undefined, [0]);
export const mkdtemp = call('mkdtemp', real.mkdtempSync as (prefix: string) => string);
export const readFile = call('readFile', real.readFileSync as (path: string, options?: object) => Buffer | string);
export const readdir = call('readdir', real.readdirSync as (path: string, options?: object) => unknown[]);
export const realpath = call('realpath', real.realpathSync as (path: string) => string);
export const rename = call('rename', real.renameSync, [0, 1]);
export const rm = call('rm', real.rmSync, [0]);
export const rmdir = call('rmdir', real.rmdirSync, [0]);
export const stat = call('stat', real.statSync as (path: string, options?: real.StatOptions) => real.Stats);
export const statfs = call('statfs', real.statfsSync as (path: string) => real.StatsFs);
export const unlink = call('unlink', real.unlinkSync, [0]);
export const utimes = call('utimes', real.utimesSync, [0]);
export const writeFile = call('writeFile', real.writeFileSync as (path: string, data: string) => void, [0]);

export function open(path: string, flags?: real.OpenMode, mode?: real.Mode): Promise<Handle> {
  return later('fs.open', () => {
    const fd = real.openSync(path, flags ?? 'r', mode);
    opened(fd, () => real.closeSync(fd));
    return new Handle(fd);
  });
}

export function opendir(): never {
  throw new Error('opendir is not simulated');
}

class Handle {
  readonly fd: number;
  #open = true;

  constructor(fd: number) {
    this.fd = fd;
  }

  read(buffer: Uint8Array, offset: number, length: number, position: number) {
    return later('fs.read', () => ({ bytesRead: real.readSync(this.fd, buffer, offset, length, position), buffer }));
  }

  readFile(options?: BufferEncoding) {
    return later('fs.readFile', () => real.readFileSync(this.fd, { encoding: options ?? null }));
  }

  writeFile(data: string | Uint8Array): Promise<void> {
    return later('fs.writeFile', () => real.writeFileSync(this.fd, data));
  }

  stat() {
    return later('fs.fstat', () => real.fstatSync(this.fd));
  }

  chmod(mode: number): Promise<void> {
    return later('fs.fchmod', () => real.fchmodSync(this.fd, mode));
  }

  sync(): Promise<void> {
    return later('fs.fsync', () => undefined);
  }

  datasync(): Promise<void> {
    return later('fs.fdatasync', () => undefined);
  }

  close(): Promise<void> {
    return later('fs.close', () => {
      if (!this.#open) return;
      this.#open = false;
      closed(this.fd);
      real.closeSync(this.fd);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

import * as real from 'node:fs/promises';
import { constants } from 'node:fs';
import {
  list,
  makeFolders,
  nanoseconds,
  pathOf,
  readAll,
  type RemoveOptions,
  remove,
  type StatOptions,
  writeAll,
} from './calls.ts';
import { diskOf } from './current.ts';
import { SimulatedHandle } from './file-handle.ts';
import type { FileSystem } from './file-system.ts';

/** In the place of `node:fs/promises`: of the calls there are those that the engine makes. */

type Time = number | string | Date;

function onPath<Rest extends readonly unknown[], T>(
  name: keyof typeof real,
  work: (files: FileSystem, path: string, ...rest: Rest) => T,
): (given: unknown, ...rest: Rest) => Promise<T> {
  return async (given, ...rest) => {
    const path = pathOf(given);
    const disk = diskOf(path);
    if (!disk) return Reflect.apply(real[name] as () => T, real, [given, ...rest]);
    return disk.later(name, path, () => work(disk.files, path, ...rest));
  };
}

export interface WriteOptions {
  readonly encoding?: BufferEncoding;
  readonly mode?: number;
  readonly flag?: string;
  readonly flush?: boolean;
}

function writeWhole(files: FileSystem, path: string, data: string | Uint8Array, options: WriteOptions = {}): void {
  const fd = files.open(path, options.flag ?? 'w', options.mode ?? 0o666);
  try {
    writeAll(files, fd, data);
    if (options.flush) files.sync(fd, 'fsync');
  } finally {
    files.close(fd);
  }
}

async function open(given: unknown, flags: string | number = 'r', mode = 0o666): Promise<SimulatedHandle> {
  const path = pathOf(given);
  const disk = diskOf(path);
  // Its shape is that of the real one as far as the engine goes.
  if (!disk) return (await real.open(path, flags, mode)) as unknown as SimulatedHandle;
  return new SimulatedHandle(disk, path, await disk.later('open', path, () => disk.files.open(path, flags, mode)));
}

async function opendir(given: unknown): Promise<unknown> {
  const path = pathOf(given);
  const disk = diskOf(path);
  if (!disk) return real.opendir(path);
  const entries = await disk.later('opendir', path, () => list(disk.files, path, { withFileTypes: true }));
  let next = 0;
  const read = (): Promise<unknown> =>
    disk.later('readdir', path, () => {
      next += 1;
      return entries[next - 1] ?? null;
    });
  const close = (): Promise<void> => Promise.resolve();
  return {
    path,
    read,
    close,
    closeSync: () => undefined,
    async *[Symbol.asyncIterator]() {
      for (let entry = await read(); entry !== null; entry = await read()) yield entry;
    },
    [Symbol.asyncDispose]: close,
  };
}

export const promises = {
  open,
  opendir,
  stat: onPath('stat', (files, path, options?: StatOptions) => files.stat(path, true, options?.bigint === true)),
  lstat: onPath('lstat', (files, path, options?: StatOptions) => files.stat(path, false, options?.bigint === true)),
  readdir: onPath('readdir', (files, path, options?: { withFileTypes?: boolean; recursive?: boolean }) =>
    list(files, path, options),
  ),
  mkdir: onPath('mkdir', (files, path, options: { mode?: number; recursive?: boolean } = {}) => {
    const mode = options.mode ?? 0o777;
    return options.recursive ? makeFolders(files, path, mode) : files.makeFolder(path, mode);
  }),
  rmdir: onPath('rmdir', (files, path) => files.removeFolder(path)),
  rm: onPath('rm', (files, path, options?: RemoveOptions) => remove(files, path, options)),
  unlink: onPath('unlink', (files, path) => files.unlink(path)),
  rename: onPath('rename', (files, path, dest: string) => files.rename(path, dest)),
  link: onPath('link', (files, path, dest: string) => files.link(path, dest)),
  copyFile: onPath('copyFile', (files, path, dest: string, flags?: number) => files.copy(path, dest, flags ?? 0)),
  chmod: onPath('chmod', (files, path, mode: number) => files.setMode(path, mode)),
  utimes: onPath('utimes', (files, path, atime: Time, mtime: Time) =>
    files.setTimes(path, nanoseconds(atime), nanoseconds(mtime)),
  ),
  access: onPath('access', (files, path, mode?: number) => files.access(path, mode ?? 0)),
  statfs: onPath('statfs', (files, path) => files.space(path)),
  readlink: onPath('readlink', (files, path) => files.readlink(path)),
  realpath: onPath('realpath', (files, path) => files.realpath(path)),
  mkdtemp: onPath('mkdtemp', (files, start) => files.makeTemporary(start)),
  symlink: async (target: string, path: string): Promise<void> => {
    const disk = diskOf(path);
    return disk ? disk.later('symlink', path, () => disk.files.symlink(target, path)) : real.symlink(target, path);
  },
  truncate: onPath('truncate', (files, path, size?: number) => {
    const fd = files.open(path, 'r+', 0);
    try {
      files.truncateDescriptor(fd, size ?? 0);
    } finally {
      files.close(fd);
    }
  }),
  readFile: onPath('readFile', (files, path, options?: BufferEncoding | { encoding?: BufferEncoding }) => {
    const fd = files.open(path, 'r', 0);
    try {
      const encoding = typeof options === 'string' ? options : options?.encoding;
      const content = readAll(files, fd);
      return encoding ? content.toString(encoding) : content;
    } finally {
      files.close(fd);
    }
  }),
  writeFile: onPath('writeFile', writeWhole),
  appendFile: onPath('appendFile', (files, path, data: string | Uint8Array, options?: WriteOptions) =>
    writeWhole(files, path, data, { ...options, flag: 'a' }),
  ),
  constants,
};

export { constants };
export { open, opendir };
export const {
  stat,
  lstat,
  readdir,
  mkdir,
  rmdir,
  rm,
  unlink,
  rename,
  link,
  copyFile,
  chmod,
  utimes,
  access,
  statfs,
  readlink,
  realpath,
  mkdtemp,
  symlink,
  truncate,
  readFile,
  writeFile,
  appendFile,
} = promises;

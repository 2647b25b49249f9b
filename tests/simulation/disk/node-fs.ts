import * as real from 'node:fs';
import { AsyncResource } from 'node:async_hooks';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import {
  list,
  makeFolders,
  nanoseconds,
  pathOf,
  readAll,
  type RemoveOptions,
  remove,
  type StatOptions,
  statOrUndefined,
  writeAll,
} from './calls.ts';
import { diskOf, diskOfDescriptor } from './current.ts';
import type { FileSystem } from './file-system.ts';
import { promises as simulatedPromises } from './node-fs-promises.ts';

/** In the place of `node:fs`: of the calls there are those that the engine makes. */

type Arguments = readonly unknown[];
type Time = number | string | Date;

function onPath(name: keyof typeof real, work: (files: FileSystem, path: string, ...rest: never[]) => unknown) {
  return (given: unknown, ...rest: Arguments): unknown => {
    const path = pathOf(given);
    const disk = diskOf(path);
    if (!disk) return Reflect.apply(real[name] as () => unknown, real, [given, ...rest]);
    return disk.perform(name, path, () => work(disk.files, path, ...(rest as never[])));
  };
}

function onDescriptor(name: keyof typeof real, work: (files: FileSystem, fd: number, ...rest: never[]) => unknown) {
  return (fd: number, ...rest: Arguments): unknown => {
    const disk = diskOfDescriptor(fd);
    if (!disk) return Reflect.apply(real[name] as () => unknown, real, [fd, ...rest]);
    return disk.perform(name, disk.files.volumeOfDescriptor(fd)?.prefix ?? '', () =>
      work(disk.files, fd, ...(rest as never[])),
    );
  };
}

/** The form with a callback, which is what `promisify` is made for. `then`: the arguments after the error. */
function withCallback(
  name: 'read' | 'write' | 'fsync' | 'fdatasync' | 'close',
  names: readonly string[],
  work: (files: FileSystem, fd: number, ...rest: never[]) => readonly unknown[],
) {
  const later = (fd: number, rest: Arguments): Promise<readonly unknown[]> | undefined => {
    const disk = diskOfDescriptor(fd);
    const prefix = disk?.files.volumeOfDescriptor(fd)?.prefix ?? '';
    return disk?.later(name, prefix, () => work(disk.files, fd, ...(rest as never[])));
  };
  const call = (fd: number, ...rest: Arguments): void => {
    const callback = AsyncResource.bind(rest.at(-1) as (error: unknown, ...values: unknown[]) => void);
    const pending = later(fd, rest.slice(0, -1));
    if (!pending) return Reflect.apply(real[name] as unknown as () => void, real, [fd, ...rest]);
    pending.then(
      (values) => callback(null, ...values),
      (error: unknown) => callback(error),
    );
  };
  const promised = async (fd: number, ...rest: Arguments): Promise<unknown> => {
    const pending = later(fd, rest);
    if (!pending) return Reflect.apply(promisify(real[name]), real, [fd, ...rest]);
    const values = await pending;
    return names.length === 0 ? undefined : Object.fromEntries(names.map((each, index) => [each, values[index]]));
  };
  return Object.assign(call, { [promisify.custom]: promised });
}

type Part = [buffer: Uint8Array, offset?: number, length?: number, position?: number | null];

function part([buffer, offset = 0, length = buffer.length - offset]: Part): Uint8Array {
  return buffer.subarray(offset, offset + length);
}

export const openSync = onPath('openSync', (files, path, flags: string | number = 'r', mode = 0o666) =>
  files.open(path, flags, mode),
);
export const closeSync = onDescriptor('closeSync', (files, fd) => files.close(fd));
export const readSync = onDescriptor('readSync', (files, fd, ...rest: Part) =>
  files.read(fd, part(rest), rest[3] ?? null),
);
export const writeSync = onDescriptor('writeSync', (files, fd, ...rest: Part) =>
  files.write(fd, part(rest), rest[3] ?? null),
);
export const fsyncSync = onDescriptor('fsyncSync', (files, fd) => files.sync(fd, 'fsync'));
export const fdatasyncSync = onDescriptor('fdatasyncSync', (files, fd) => files.sync(fd, 'fdatasync'));
export const fstatSync = onDescriptor('fstatSync', (files, fd, options: StatOptions = {}) =>
  files.statDescriptor(fd, options.bigint === true),
);
export const ftruncateSync = onDescriptor('ftruncateSync', (files, fd, size = 0) => files.truncateDescriptor(fd, size));
export const futimesSync = onDescriptor('futimesSync', (files, fd, atime: Time, mtime: Time) =>
  files.setDescriptorTimes(fd, nanoseconds(atime), nanoseconds(mtime)),
);
export const fchmodSync = onDescriptor('fchmodSync', (files, fd, mode: number) => files.setDescriptorMode(fd, mode));

export const read = withCallback('read', ['bytesRead', 'buffer'], (files, fd, ...rest: Part) => [
  files.read(fd, part(rest), rest[3] ?? null),
  rest[0],
]);
export const write = withCallback('write', ['bytesWritten', 'buffer'], (files, fd, ...rest: Part) => [
  files.write(fd, part(rest), rest[3] ?? null),
  rest[0],
]);
export const fsync = withCallback('fsync', [], (files, fd) => [files.sync(fd, 'fsync')]);
export const fdatasync = withCallback('fdatasync', [], (files, fd) => [files.sync(fd, 'fdatasync')]);
export const close = withCallback('close', [], (files, fd) => {
  files.close(fd);
  return [];
});

export const statSync = onPath('statSync', (files, path, options?: StatOptions) =>
  statOrUndefined(files, path, true, options),
);
export const lstatSync = onPath('lstatSync', (files, path, options?: StatOptions) =>
  statOrUndefined(files, path, false, options),
);
export const existsSync = onPath('existsSync', (files, path) => {
  try {
    return files.statIfAny(path, true, false) !== undefined;
  } catch {
    return false;
  }
});
export const readdirSync = onPath('readdirSync', (files, path, options?: { withFileTypes?: boolean }) =>
  list(files, path, options),
);
export const mkdirSync = onPath(
  'mkdirSync',
  (files, path, { mode = 0o777, recursive = false }: { mode?: number; recursive?: boolean } = {}) =>
    recursive ? makeFolders(files, path, mode) : files.makeFolder(path, mode),
);
export const rmdirSync = onPath('rmdirSync', (files, path) => files.removeFolder(path));
export const rmSync = onPath('rmSync', (files, path, options?: RemoveOptions) => remove(files, path, options));
export const unlinkSync = onPath('unlinkSync', (files, path) => files.unlink(path));
export const renameSync = onPath('renameSync', (files, path, dest: string) => files.rename(path, dest));
export const linkSync = onPath('linkSync', (files, path, dest: string) => files.link(path, dest));
export const copyFileSync = onPath('copyFileSync', (files, path, dest: string, flags = 0) =>
  files.copy(path, dest, flags),
);
export const chmodSync = onPath('chmodSync', (files, path, mode: number) => files.setMode(path, mode));
/** Everything belongs to one user. */
export const chownSync = onPath('chownSync', () => undefined);
export const utimesSync = onPath('utimesSync', (files, path, atime: Time, mtime: Time) =>
  files.setTimes(path, nanoseconds(atime), nanoseconds(mtime)),
);
export const lutimesSync = onPath('lutimesSync', (files, path, atime: Time, mtime: Time) =>
  files.setTimes(path, nanoseconds(atime), nanoseconds(mtime), false),
);
export const accessSync = onPath('accessSync', (files, path, mode = 0) => files.access(path, mode));
export const statfsSync = onPath('statfsSync', (files, path) => files.space(path));
export const readlinkSync = onPath('readlinkSync', (files, path) => files.readlink(path));
export const realpathSync = Object.assign(
  onPath('realpathSync', (files, path) => files.realpath(path)),
  { native: onPath('realpathSync', (files, path) => files.realpath(path)) },
);
export const mkdtempSync = onPath('mkdtempSync', (files, start) => files.makeTemporary(start));
/** The name of a link is in its second argument. */
export const symlinkSync = (target: string, path: string): unknown =>
  onPath('symlinkSync', (files) => files.symlink(target, path))(path);
export const readFileSync = onPath(
  'readFileSync',
  (files, path, options?: BufferEncoding | { encoding?: BufferEncoding }) => {
    const fd = files.open(path, 'r', 0);
    try {
      const encoding = typeof options === 'string' ? options : options?.encoding;
      const content = readAll(files, fd);
      return encoding ? content.toString(encoding) : content;
    } finally {
      files.close(fd);
    }
  },
);
export const writeFileSync = onPath(
  'writeFileSync',
  (files, path, data: string | Uint8Array, { mode = 0o666, flag = 'w' }: { mode?: number; flag?: string } = {}) => {
    const fd = files.open(path, flag, mode);
    try {
      writeAll(files, fd, data);
    } finally {
      files.close(fd);
    }
  },
);

export function createReadStream(given: unknown, options: { start?: number; end?: number } = {}): unknown {
  const path = pathOf(given);
  const disk = diskOf(path);
  if (!disk) return real.createReadStream(path, options);
  return Readable.from(readParts(path, options.start ?? 0, options.end ?? Infinity), { objectMode: false });
}

const PART_BYTES = 64 * 1024;

async function* readParts(path: string, start: number, end: number): AsyncGenerator<Buffer> {
  const handle = await simulatedPromises.open(path, 'r');
  try {
    for (let at = start; at <= end; ) {
      const { bytesRead, buffer } = await handle.read(
        Buffer.alloc(Math.min(PART_BYTES, end - at + 1)),
        0,
        undefined,
        at,
      );
      if (bytesRead === 0) return;
      yield Buffer.from(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/** Of one folder, as Linux has it. */
export const watch = onPath('watch', (files, path) => files.watch(path));

export const constants = real.constants;
export const promises = simulatedPromises;

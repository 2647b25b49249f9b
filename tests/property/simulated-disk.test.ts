import * as realFiles from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { useDisk } from '../simulation/disk/current.ts';
import * as simulatedFiles from '../simulation/disk/node-fs.ts';
import { SimulatedDisk } from '../simulation/disk/simulated-disk.ts';

/**
 * The simulated disk is a stand-in: the same calls on it and on a real folder have the same results and errors, and leave the
 * same tree.
 */
type Files = typeof realFiles;
type Call = (files: Files, at: (path: string) => string, opened: number[]) => unknown;

const { COPYFILE_EXCL, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, W_OK } = realFiles.constants;

const name = fc.constantFrom('a', 'b', 'c', 'd');
const path = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'))
  // The engine makes all its paths by `join`: of those that end in a slash or a dot nothing is asked.
  .chain((plain) => fc.constantFrom(plain, plain, plain, plain, `${plain}/../a`));
const twoPaths = fc.tuple(path, path);
const bytes = fc.uint8Array({ maxLength: 20 });
const flags = fc.constantFrom<string | number>(
  ...['r', 'r+', 'w', 'w+', 'wx', 'a', 'a+', O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, O_RDWR | O_NOFOLLOW],
  ...[O_RDONLY | O_NOFOLLOW, O_CREAT | O_RDWR],
);
const which = fc.nat({ max: 3 });
const position = fc.option(fc.nat({ max: 30 }));
const seconds = fc.integer({ min: 1_000_000, max: 2_000_000_000 }).map((millis) => millis / 1000);

function shape(info: realFiles.Stats | undefined): unknown {
  if (!info) return 'nothing';
  const kind = info.isFile() ? 'file' : info.isDirectory() ? 'folder' : info.isSymbolicLink() ? 'link' : 'other';
  return kind === 'folder' ? { kind, mode: info.mode } : { kind, size: info.size, mode: info.mode, links: info.nlink };
}

function descriptor(opened: readonly number[], index: number): number {
  return opened[index % Math.max(1, opened.length)] ?? -1;
}

/** A descriptor that is not open is refused before it is looked at: no number of one is the same on both sides. */
function onDescriptor(index: number, work: (files: Files, fd: number) => unknown): Call {
  return (files, _at, opened) => (opened.length === 0 ? 'none' : work(files, descriptor(opened, index)));
}

const calls: fc.Arbitrary<readonly [label: string, call: Call]> = fc.oneof(
  fc
    .tuple(path, flags)
    .map(
      ([p, f]) =>
        [
          `open ${p} ${f}`,
          (files: Files, at: (path: string) => string, opened: number[]) =>
            void opened.push(files.openSync(at(p), f, 0o644)),
        ] as const,
    ),
  which.map((index) => [`close ${index}`, onDescriptor(index, (files, fd) => files.closeSync(fd))] as const),
  fc
    .tuple(which, bytes, position)
    .map(
      ([index, data, at]) =>
        [
          `write ${index} ${data.length} at ${at}`,
          onDescriptor(index, (files, fd) => files.writeSync(fd, data, 0, data.length, at)),
        ] as const,
    ),
  fc.tuple(which, position).map(
    ([index, at]) =>
      [
        `read ${index} at ${at}`,
        onDescriptor(index, (files, fd) => {
          const buffer = Buffer.alloc(10);
          return [files.readSync(fd, buffer, 0, 10, at), buffer.toString('hex')];
        }),
      ] as const,
  ),
  fc
    .tuple(which, fc.nat({ max: 40 }))
    .map(
      ([index, size]) =>
        [`ftruncate ${index} ${size}`, onDescriptor(index, (files, fd) => files.ftruncateSync(fd, size))] as const,
    ),
  fc.tuple(which, seconds).map(
    ([index, time]) =>
      [
        `futimes ${index} ${time}`,
        onDescriptor(index, (files, fd) => {
          files.futimesSync(fd, time, time);
          return files.fstatSync(fd).mtimeMs;
        }),
      ] as const,
  ),
  which.map(
    (index) =>
      [
        `fsync ${index}`,
        onDescriptor(index, (files, fd) => {
          files.fsyncSync(fd);
          return shape(files.fstatSync(fd));
        }),
      ] as const,
  ),
  path.map((p) => [`mkdir ${p}`, (files: Files, at: (path: string) => string) => files.mkdirSync(at(p))] as const),
  fc
    .array(name, { minLength: 1, maxLength: 4 })
    .map(
      (names) =>
        [
          `mkdir -p ${names.join('/')}`,
          (files: Files, at: (path: string) => string) =>
            files.mkdirSync(at(names.join('/')), { recursive: true })?.slice(at('').length),
        ] as const,
    ),
  path.map((p) => [`rmdir ${p}`, (files: Files, at: (path: string) => string) => files.rmdirSync(at(p))] as const),
  path.map((p) => [`unlink ${p}`, (files: Files, at: (path: string) => string) => files.unlinkSync(at(p))] as const),
  twoPaths.map(
    ([p, q]) =>
      [`rename ${p} ${q}`, (files: Files, at: (path: string) => string) => files.renameSync(at(p), at(q))] as const,
  ),
  twoPaths.map(
    ([p, q]) =>
      [`link ${p} ${q}`, (files: Files, at: (path: string) => string) => files.linkSync(at(p), at(q))] as const,
  ),
  fc
    .tuple(path, name)
    .map(
      ([p, q]) =>
        [`symlink ${p} ${q}`, (files: Files, at: (path: string) => string) => files.symlinkSync(p, at(q))] as const,
    ),
  fc.tuple(path, path, fc.constantFrom(0, COPYFILE_EXCL)).map(
    ([p, q, how]) =>
      [
        `copy ${p} ${q} ${how}`,
        (files: Files, at: (path: string) => string) =>
          // What is left of the copy of a folder that cannot be is nobody's concern.
          isFolder(files, at(p)) ? 'a folder' : files.copyFileSync(at(p), at(q), how),
      ] as const,
  ),
  fc
    .tuple(path, bytes)
    .map(
      ([p, data]) =>
        [`writeFile ${p}`, (files: Files, at: (path: string) => string) => files.writeFileSync(at(p), data)] as const,
    ),
  path.map(
    (p) => [`readFile ${p}`, (files: Files, at: (path: string) => string) => files.readFileSync(at(p), 'hex')] as const,
  ),
  path.map((p) => [`stat ${p}`, (files: Files, at: (path: string) => string) => shape(files.statSync(at(p)))] as const),
  path.map(
    (p) =>
      [
        `lstat ${p}`,
        (files: Files, at: (path: string) => string) => shape(files.lstatSync(at(p), { throwIfNoEntry: false })),
      ] as const,
  ),
  path.map((p) => [`exists ${p}`, (files: Files, at: (path: string) => string) => files.existsSync(at(p))] as const),
  path.map((p) => [`readdir ${p}`, (files: Files, at: (path: string) => string) => files.readdirSync(at(p))] as const),
  path.map(
    (p) =>
      [
        `realpath ${p}`,
        (files: Files, at: (path: string) => string) => files.realpathSync.native(at(p)).slice(at('').length),
      ] as const,
  ),
  path.map(
    (p) => [`readlink ${p}`, (files: Files, at: (path: string) => string) => files.readlinkSync(at(p))] as const,
  ),
  fc.tuple(path, seconds).map(
    ([p, time]) =>
      [
        `utimes ${p} ${time}`,
        (files: Files, at: (path: string) => string) => {
          files.utimesSync(at(p), time, time);
          return files.statSync(at(p)).mtimeMs;
        },
      ] as const,
  ),
  fc
    .tuple(path, fc.boolean(), fc.boolean())
    .map(
      ([p, recursive, force]) =>
        [
          `rm ${p} ${recursive} ${force}`,
          (files: Files, at: (path: string) => string) => files.rmSync(at(p), { recursive, force }),
        ] as const,
    ),
  path.map(
    (p) => [`access ${p}`, (files: Files, at: (path: string) => string) => files.accessSync(at(p), W_OK)] as const,
  ),
);

function isFolder(files: Files, absolute: string): boolean {
  return files.existsSync(absolute) && files.statSync(absolute).isDirectory();
}

const COMPOSED = /^(?:rm|mkdir -p|writeFile|readFile) /;

function outcome([label, call]: readonly [string, Call], files: Files, root: string, opened: number[]): unknown {
  try {
    return { value: call(files, (path) => `${root}/${path}`, opened) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // What Node makes of several calls says which of them failed; its `rm` has no name for a circle of links.
    return COMPOSED.test(label)
      ? { code: code === '' ? 'ELOOP' : code }
      : { code, message: message.replaceAll(root, '') };
  }
}

function tree(files: Files, folder: string): unknown[] {
  return files.readdirSync(folder, { withFileTypes: true }).map((item) => {
    const at = `${folder}/${item.name}`;
    if (item.isDirectory()) return [item.name, tree(files, at)];
    return [item.name, item.isSymbolicLink() ? files.readlinkSync(at) : files.readFileSync(at, 'hex')];
  });
}

test('a simulated disk answers as a real one', () => {
  const simulated = simulatedFiles as unknown as Files;
  const tried = new Set<string>();
  fc.assert(
    fc.property(fc.array(calls, { minLength: 10, maxLength: 60 }), (sequence) => {
      const real = realFiles.realpathSync(mkdtempSync(join(tmpdir(), 'lockstep-disk-')));
      const disk = new SimulatedDisk();
      useDisk(disk);
      disk.mount('/sim/p');
      const opened = { real: [] as number[], simulated: [] as number[] };
      try {
        for (const each of sequence) {
          const [label] = each;
          const expected = outcome(each, realFiles, real, opened.real);
          expect(outcome(each, simulated, '/sim/p', opened.simulated), label).toEqual(expected);
          tried.add(`${label.split(' ')[0]} ${JSON.stringify((expected as { code?: string }).code ?? 'done')}`);
          if (label.startsWith('close')) {
            const index = Number(label.split(' ')[1]) % Math.max(1, opened.real.length);
            for (const each of [opened.real, opened.simulated]) each.splice(index, 1);
          }
        }
        expect(tree(simulated, '/sim/p')).toEqual(tree(realFiles, real));
      } finally {
        for (const fd of opened.real) realFiles.closeSync(fd);
        rmSync(real, { recursive: true });
      }
    }),
    { numRuns: 400 },
  );
  // What has not been tried has not been compared.
  expect(tried.size).toBeGreaterThan(60);
});

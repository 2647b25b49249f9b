import * as realFiles from 'node:fs';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { useDisk } from '../simulation/disk/current.ts';
import * as simulatedFiles from '../simulation/disk/node-fs.ts';
import { SimulatedDisk } from '../simulation/disk/simulated-disk.ts';
import type { Refused } from '../simulation/disk/volume.ts';
import { Generation } from '../simulation/generation.ts';

/** What the simulated disk refuses is what Linux refuses to somebody else than root, call by call. */
type Files = typeof realFiles;

const NOBODY = 65_534;
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
if (!isRoot) process.stderr.write('skipped: only root can be somebody else, who may not read a folder\n');

const { R_OK, W_OK, X_OK } = realFiles.constants;

/** They are asked for the user who has started the program, and not for whom it acts: the real ones know no difference here. */
const accesses: typeof calls = {
  r: (files, at) => files.accessSync(at('folder'), R_OK),
  w: (files, at) => files.accessSync(at('folder'), W_OK),
  x: (files, at) => files.accessSync(at('folder'), X_OK),
  file: (files, at) => files.accessSync(at('file'), R_OK),
};

const calls: Readonly<Record<string, (files: Files, at: (path: string) => string) => unknown>> = {
  'lstat folder': (files, at) => files.lstatSync(at('folder')).isDirectory(),
  'lstat .': (files, at) => files.lstatSync(`${at('folder')}/.`).isDirectory(),
  'lstat in it': (files, at) => files.lstatSync(at('folder/in')).size,
  'lstat nothing in it': (files, at) => files.lstatSync(at('folder/none'), { throwIfNoEntry: false }) ?? 'nothing',
  realpath: (files, at) => files.realpathSync.native(at('folder')) === at('folder'),
  'realpath in it': (files, at) => files.realpathSync.native(at('folder/in')) === at('folder/in'),
  readdir: (files, at) => files.readdirSync(at('folder')),
  'readdir with kinds': (files, at) => files.readdirSync(at('folder'), { withFileTypes: true }).length,
  'open folder': (files, at) => files.closeSync(files.openSync(at('folder'), 'r')),
  watch: (files, at) => files.watch(at('folder')).close(),
  'open in it': (files, at) => files.readFileSync(at('folder/in'), 'utf8'),
  'make in it': (files, at) => files.writeFileSync(at('folder/new'), 'new'),
  'mkdir in it': (files, at) => files.mkdirSync(at('folder/dir')),
  'remove in it': (files, at) => files.unlinkSync(at('folder/in')),
  'rename in it': (files, at) => files.renameSync(at('file'), at('folder/file')),
  'rename out of it': (files, at) => files.renameSync(at('folder/in'), at('out')),
  'rename it': (files, at) => files.renameSync(at('folder'), at('other')),
  'rename it elsewhere': (files, at) => files.renameSync(at('folder'), at('beside/other')),
  'rmdir it': (files, at) => files.rmdirSync(at('folder')),
  'set time in it': (files, at) => files.utimesSync(at('folder/in'), 1, 1),
  'lstat file': (files, at) => files.lstatSync(at('file')).size,
  'read file': (files, at) => files.readFileSync(at('file'), 'utf8'),
  'write file': (files, at) => files.writeFileSync(at('file'), 'other'),
  'copy file': (files, at) => files.copyFileSync(at('file'), at('copy')),
  'copy onto file': (files, at) => files.copyFileSync(at('other.txt'), at('file')),
  'rename file': (files, at) => files.renameSync(at('file'), at('renamed')),
  'rename onto file': (files, at) => files.renameSync(at('other.txt'), at('file')),
  'link file': (files, at) => files.linkSync(at('file'), at('link')),
  'unlink file': (files, at) => files.unlinkSync(at('file')),
  'set time of file': (files, at) => files.utimesSync(at('file'), 1, 1),
  'remove all': (files, at) => files.rmSync(at('folder'), { recursive: true }),
};

function resultOf(files: Files, root: string, call: (files: Files, at: (path: string) => string) => unknown): unknown {
  try {
    return call(files, (path) => join(root, path)) ?? 'done';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}

function fill(files: Files, root: string): void {
  files.mkdirSync(join(root, 'folder'));
  files.mkdirSync(join(root, 'beside'));
  files.writeFileSync(join(root, 'folder/in'), 'inside');
  files.writeFileSync(join(root, 'file'), 'file');
  files.writeFileSync(join(root, 'other.txt'), 'other');
}

/** What a program sees on a simulated disk where that is refused. */
function simulated(path: string, of: readonly Refused[]): (call: (typeof calls)[string]) => unknown {
  const disk = new SimulatedDisk();
  useDisk(disk);
  disk.mount('/sim/rights');
  const files = simulatedFiles as unknown as Files;
  fill(files, '/sim/rights');
  disk.refuse(`/sim/rights/${path}`, { code: 'EACCES', of: new Set(of) });
  const program = new Generation('a program');
  return (call) => program.run(() => resultOf(files, '/sim/rights', call));
}

test.runIf(isRoot).each<[string, string, number, Refused[], string[]]>([
  ['a folder into which nobody may look', 'folder', 0o000, ['open', 'enter', 'change'], ['file']],
  ['a folder of which names alone can be read', 'folder', 0o444, ['enter', 'change'], ['r', 'file']],
  ['a folder whose names cannot be read', 'folder', 0o333, ['open'], ['w', 'x', 'file']],
  ['a folder that may not be changed', 'folder', 0o555, ['change'], ['r', 'x', 'file']],
  ['a file that may not be opened', 'file', 0o000, ['open'], ['r', 'w', 'x']],
])('%s is refused as by Linux', (_, path, mode, of, accessible) => {
  for (const [label, call] of Object.entries(calls)) {
    const real = mkdtempSync(join(tmpdir(), 'lockstep-rights-'));
    onTestFinished(() => rmSync(real, { recursive: true, force: true }));
    process.seteuid?.(0);
    fill(realFiles, real);
    for (const each of ['', 'folder', 'beside', 'folder/in', 'file', 'other.txt'])
      chownSync(join(real, each), NOBODY, NOBODY);
    chmodSync(join(real, path), mode);
    process.seteuid?.(NOBODY);
    const wanted = resultOf(realFiles, real, call);
    process.seteuid?.(0);

    expect([label, simulated(path, of)(call)]).toEqual([label, wanted]);
  }
  const look = simulated(path, of);
  expect(Object.entries(accesses).flatMap(([label, call]) => (look(call) === 'done' ? [label] : []))).toEqual(
    accessible,
  );
});

test('what cannot be looked at, or read, is refused to programs, and not to people', () => {
  const disk = new SimulatedDisk();
  useDisk(disk);
  disk.mount('/sim/bad');
  const files = simulatedFiles as unknown as Files;
  fill(files, '/sim/bad');
  const program = new Generation('a program');
  const look = (label: string): unknown => program.run(() => resultOf(files, '/sim/bad', calls[label] ?? (() => 0)));
  const readAgain = disk.refuse('/sim/bad/file', { code: 'EIO', of: new Set(['read']) });
  expect(['lstat file', 'read file', 'copy file'].map(look)).toEqual([4, 'EIO', 'EIO']);
  expect(files.readFileSync('/sim/bad/file', 'utf8')).toBe('file');
  readAgain();
  expect(look('read file')).toBe('file');
  disk.refuse('/sim/bad/folder', { code: 'EIO', of: new Set(['look']) });
  expect(['lstat folder', 'lstat in it', 'rename it'].map(look)).toEqual(['EIO', 'EIO', 'EIO']);
});

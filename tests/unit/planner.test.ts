import { type BigIntStats, existsSync, statSync, utimesSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { Journal } from '../../electron/engine/store/journal.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { hashFile } from '../../electron/engine/tree/hash.ts';
import { Planner } from '../../electron/engine/tree/planner.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import { doStep, identityAt, identityOf, seenOf, type Step } from '../../electron/engine/tree/steps.ts';
import { doTogether } from '../../electron/engine/tree/together.ts';
import type { Present } from '../../shared/domain/change.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const path = (text: string): SitePath => text as SitePath;

/** A tree, and what a crash has left in its database: plans that were done (`done`) or perhaps not. */
async function afterCrash() {
  const folder = await temporaryFolder();
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const root = await SiteRoot.open(folder, true);
  const { site } = new Journal(store, 'www');
  return {
    root,
    at: (name: string) => join(root.folder, name),
    left: (plan: readonly Step[], done: 0 | 1) =>
      store.run('INSERT INTO plan (site, steps, done) VALUES (?, ?, ?)', site, JSON.stringify(plan), done),
    /** `entry`: what the index says, of every path or of each. */
    rollForward: (entry?: Present | ((at: SitePath) => Present | undefined)) =>
      new Planner(store, site, root, pino({ level: 'silent' })).rollForward(
        typeof entry === 'function' ? entry : () => entry,
      ),
    /** A flush has failed before the machine was started anew. */
    flushFailed: () => store.run("UPDATE site SET flush_failed = 'another boot'"),
    plans: () => store.all('SELECT id FROM plan').length,
  };
}

test('what a power failure took back is done again: a delete, and a rename to a name that is free', async () => {
  const { root, at, left, rollForward, plans } = await afterCrash();
  await writeFile(at('gone'), 'x');
  await writeFile(at('from'), 'y');
  left([{ do: 'remove', path: path('gone'), identity: await identityAt(root, path('gone')) }], 1);
  left([{ do: 'move', from: path('from'), path: path('to'), identity: await identityAt(root, path('from')) }], 1);
  expect(await rollForward()).toEqual([]);
  expect([existsSync(at('gone')), existsSync(at('from')), await readFile(at('to'), 'utf8')]).toEqual([
    false,
    false,
    'y',
  ]);
  expect(plans()).toBe(0);
});

test('what took the place of a thing is never touched by a step that was done before', async () => {
  const { root, at, left, rollForward } = await afterCrash();
  await writeFile(at('a'), 'moved there and back');
  const identity = await identityAt(root, path('a'));
  await rename(at('a'), at('b'));
  await rename(at('b'), at('a'));
  await writeFile(at('b'), 'put there later');
  left([{ do: 'move', from: path('a'), path: path('b'), identity }], 1);
  left([{ do: 'remove', path: path('b'), identity }], 0);
  expect(await rollForward()).toEqual([]);
  expect([await readFile(at('a'), 'utf8'), await readFile(at('b'), 'utf8')]).toEqual([
    'moved there and back',
    'put there later',
  ]);
});

test('a file that came back to the name from which it was removed stays, however late and by whom it was renamed', async () => {
  const { root, at, left, rollForward } = await afterCrash();
  await writeFile(at('file'), 'there and back');
  const { sha256 } = await hashFile(at('file'));
  left([{ do: 'remove', path: path('file'), identity: await identityAt(root, path('file')) }], 1);
  const mtime = Math.round(statSync(at('file')).mtimeMs);
  expect(await rollForward({ kind: 'file', path: path('file'), seq: 2, size: 14, mtime, sha256 })).toEqual([]);
  expect(await readFile(at('file'), 'utf8')).toBe('there and back');
});

test('after a failed flush a rename may be lost, and what took its place later not: nothing stays under the old name', async () => {
  const { root, at, left, rollForward, flushFailed } = await afterCrash();
  for (const name of ['f-1', 'f-2']) await writeFile(join(root.staging, name), name);
  await writeFile(at('b'), 'put there later');
  await writeFile(at('d'), 'only here');
  for (const [staged, name] of [
    ['f-1', 'a'],
    ['f-2', 'c'],
  ] as const) {
    const identity = identityOf(statSync(join(root.staging, staged), { bigint: true }));
    left([{ do: 'place', from: 'staging', staged, path: path(name), identity }], 1);
    left([{ do: 'move', from: path(name), path: path('b'), identity }], 1);
  }
  const identity = await identityAt(root, path('d'));
  left([{ do: 'move', from: path('d'), path: path('b'), identity }], 1);
  left([{ do: 'move', from: path('b'), path: path('e'), identity }], 1);
  flushFailed();
  const entry = { kind: 'file', path: path('e'), seq: 1, size: 9, mtime: 1, sha256: 'x' } as const;
  expect(await rollForward((each) => (each === 'e' ? entry : undefined))).toEqual(['e']);
  expect([existsSync(at('a')), existsSync(at('c')), await readFile(at('d'), 'utf8')]).toEqual([
    false,
    false,
    'only here',
  ]);
});

test('what somebody has since written to a file whose rename was lost stays under the old name, and is told', async () => {
  const { at, left, rollForward, flushFailed } = await afterCrash();
  await writeFile(at('a'), 'old');
  await writeFile(at('b'), 'put there later');
  const info = statSync(at('a'), { bigint: true });
  left([{ do: 'move', from: path('a'), path: path('b'), identity: identityOf(info), seen: seenOf(info) }], 1);
  await writeFile(at('a'), 'of somebody');
  utimesSync(at('a'), 9, 9);
  flushFailed();
  expect(await rollForward()).toEqual(['a']);
  expect(await readFile(at('a'), 'utf8')).toBe('of somebody');
});

test('a step that cannot be done is told, and the ones after it are done', async () => {
  const { root, at, left, rollForward } = await afterCrash();
  await writeFile(at('file'), 'in the way of a folder');
  await writeFile(join(root.staging, 'f-1'), 'one');
  await writeFile(join(root.staging, 'f-2'), 'two');
  left([{ do: 'place', from: 'staging', staged: 'f-1', path: path('file/below') }], 0);
  left([{ do: 'place', from: 'staging', staged: 'f-2', path: path('free') }], 0);
  const { size, mtimeMs } = statSync(join(root.staging, 'f-2'));
  const entry = { kind: 'file', path: path('any'), seq: 1, size, mtime: Math.round(mtimeMs), sha256: 'x' } as const;
  expect(await rollForward(entry)).toEqual(['file/below']);
  expect(await readFile(at('free'), 'utf8')).toBe('two');
});

test('an inode that is used again is another thing', () => {
  const before = { ino: 7n, birthtimeNs: 1n } as BigIntStats;
  expect(identityOf({ ...before, birthtimeNs: 2n })).not.toBe(identityOf(before));
});

test('a rename over another file that a power failure took back is done again', async () => {
  const { root, at, left, rollForward } = await afterCrash();
  await writeFile(at('from'), 'new');
  await writeFile(at('to'), 'old');
  const [identity, replaces] = [await identityAt(root, path('from')), await identityAt(root, path('to'))];
  left([{ do: 'move', from: path('from'), path: path('to'), identity, replaces }], 1);
  expect(await rollForward()).toEqual([]);
  expect([existsSync(at('from')), await readFile(at('to'), 'utf8')]).toEqual([false, 'new']);
});

test('a file that was to be put in place, and that the disk has lost, is told', async () => {
  const { left, rollForward, plans } = await afterCrash();
  left([{ do: 'place', from: 'staging', staged: 'f-1', path: path('lost') }], 1);
  const entry = { kind: 'file', path: path('lost'), seq: 1, size: 3, mtime: 1, sha256: 'x' } as const;
  expect(await rollForward(entry)).toEqual(['lost']);
  expect(plans()).toBe(0);
});

test('a folder, and a time, that the disk has lost are there again', async () => {
  const { at, left, rollForward } = await afterCrash();
  left([{ do: 'makeDir', path: path('folder') }], 1);
  expect(await rollForward({ kind: 'dir', path: path('folder'), seq: 1 })).toEqual([]);
  expect(statSync(at('folder')).isDirectory()).toBe(true);

  await writeFile(at('file'), 'x');
  left([{ do: 'touch', path: path('file'), mtime: 1_600_000_000_000 }], 1);
  const { sha256 } = await hashFile(at('file'));
  const entry = { kind: 'file', path: path('file'), seq: 1, size: 1, mtime: 1_600_000_000_000, sha256 } as const;
  expect(await rollForward(entry)).toEqual([]);
  expect(statSync(at('file')).mtimeMs).toBe(1_600_000_000_000);
});

test('a time that was to be set is not set on what has been written since: it would look like what the index has', async () => {
  const { root, at, left, rollForward } = await afterCrash();
  await writeFile(at('file'), 'old');
  const { sha256 } = await hashFile(at('file'));
  const was = Math.round(statSync(at('file')).mtimeMs);
  const step: Step = { do: 'touch', path: path('file'), mtime: 1_600_000_000_000, was };
  left([step], 0);
  await writeFile(at('file'), 'new');
  utimesSync(at('file'), new Date(was + 5_000), new Date(was + 5_000));
  const entry = { kind: 'file', path: path('file'), seq: 1, size: 3, mtime: 1_600_000_000_000, sha256 } as const;
  expect(await rollForward(entry)).toEqual(['file']);
  await doStep(root, step, 'first');
  await doTogether(root, [step], () => expect.unreachable());
  expect(statSync(at('file')).mtimeMs).toBe(was + 5_000);
});

test('a folder that came with a file, both of which the disk has lost, is there again', async () => {
  const { at, left, rollForward } = await afterCrash();
  left([{ do: 'place', from: 'staging', staged: 'f-1', path: path('folder/deep/one'), identity: '1-1' }], 1);
  const index = new Map<string, Present>([
    ['folder', { kind: 'dir', path: path('folder'), seq: 0 }],
    ['folder/deep', { kind: 'dir', path: path('folder/deep'), seq: 0 }],
    [
      'folder/deep/one',
      { kind: 'file', path: path('folder/deep/one'), seq: 1, size: 3, mtime: 0, sha256: '0'.repeat(64) },
    ],
  ]);
  expect(await rollForward((each) => index.get(each))).toEqual(['folder/deep/one']);
  expect(statSync(at('folder/deep')).isDirectory()).toBe(true);
});

test('a plan is forgotten also where a file has taken the place of a folder that it touched', async () => {
  const { root, at, left, rollForward, plans } = await afterCrash();
  await writeFile(at('file'), 'x');
  await writeFile(join(root.staging, 'f-1'), 'one');
  left([{ do: 'place', from: 'staging', staged: 'f-1', path: path('folder/one') }], 0);
  left([{ do: 'removeDir', path: path('file/below'), identity: '1-1' }], 1);
  expect(await rollForward()).toEqual([]);
  expect(plans()).toBe(0);
});

test('what stood before a file that was put there and deleted, and that the disk never had, goes too', async () => {
  const { root, at, left, rollForward } = await afterCrash();
  await writeFile(at('a'), 'old');
  const identity = await identityAt(root, path('a'));
  left(
    [
      { do: 'keep', path: path('a'), sha256: '0'.repeat(64), identity },
      { do: 'place', from: 'staging', staged: 'f-1', path: path('a') },
    ],
    1,
  );
  left([{ do: 'remove', path: path('a'), identity: '1-1' }], 0);
  expect(await rollForward()).toEqual([]);
  expect(existsSync(at('a'))).toBe(false);
});

test('what was put into a folder before it was renamed is put there again, whichever of the two the disk has lost', async () => {
  const staged = { do: 'place', from: 'staging' } as const;
  const index = (at: SitePath): Present | undefined =>
    at === 'new' || at === 'new/deep' ? { kind: 'dir', path: at, seq: 0 } : undefined;
  for (const kept of ['nothing', 'the rename', 'the rename, and another folder of the old name'] as const) {
    const { root, at, left, rollForward } = await afterCrash();
    await mkdir(at('old'));
    const identity = await identityAt(root, path('old'));
    if (kept === 'nothing') await rm(at('old'), { recursive: true });
    else await rename(at('old'), at('new'));
    if (kept === 'the rename, and another folder of the old name') await mkdir(at('old'));
    for (const name of ['one', 'two']) await writeFile(join(root.staging, name), name);
    left([{ do: 'makeDir', path: path('old') }], 1);
    left([{ ...staged, staged: 'one', path: path('old/one') }], 1);
    left([{ ...staged, staged: 'two', path: path('old/deep/two') }], 1);
    left([{ do: 'move', from: path('old'), path: path('middle'), identity }], 1);
    left([{ do: 'move', from: path('middle'), path: path('new'), identity }], 0);
    expect(await rollForward(index)).toEqual([]);
    expect([await readFile(at('new/one'), 'utf8'), await readFile(at('new/deep/two'), 'utf8')]).toEqual(['one', 'two']);
    expect([existsSync(at('old/one')), existsSync(at('middle'))]).toEqual([false, false]);
  }
});

test('a folder that the disk has lost, and that is made again for what was in it, goes as it was to', async () => {
  const { root, at, left, rollForward } = await afterCrash();
  await writeFile(join(root.staging, 'one'), 'one');
  const identity = identityOf(statSync(join(root.staging, 'one'), { bigint: true }));
  left([{ do: 'place', from: 'staging', staged: 'one', path: path('folder/one') }], 1);
  left([{ do: 'remove', path: path('folder/one'), identity }], 1);
  left([{ do: 'removeDir', path: path('folder'), identity: '1-1' }], 0);
  expect(await rollForward()).toEqual([]);
  expect(existsSync(at('folder'))).toBe(false);
});

test('a folder goes although the disk had in it what a lost file had taken the place of', async () => {
  const { root, at, left, rollForward, plans } = await afterCrash();
  await mkdir(at('folder/deep'), { recursive: true });
  await writeFile(at('folder/deep/file'), 'older');
  const [file, deep, folder] = ['folder/deep/file', 'folder/deep', 'folder'].map(path) as [
    SitePath,
    SitePath,
    SitePath,
  ];
  const { sha256 } = await hashFile(at(file));
  left([{ do: 'keep', path: file, sha256, identity: await identityAt(root, file) }], 1);
  left([{ do: 'place', from: 'staging', staged: 'r-1', path: file, identity: '1-1' }], 1);
  left([{ do: 'remove', path: file, identity: '1-1' }], 1);
  left([{ do: 'removeDir', path: deep, identity: await identityAt(root, deep) }], 1);
  left([{ do: 'removeDir', path: folder, identity: await identityAt(root, folder) }], 1);
  expect(await rollForward()).toEqual([]);
  expect(existsSync(at('folder'))).toBe(false);
  expect(plans()).toBe(0);
});

import { link, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Journal } from '../../electron/engine/store/journal.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { failedFlushes } from '../../electron/engine/store/sites.ts';
import { noteBoot } from '../../electron/engine/tree/noted-boot.ts';
import { Planner } from '../../electron/engine/tree/planner.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import { FolderFlush } from '../../electron/engine/tree/sync-file.ts';
import { identityAt, type Step } from '../../electron/engine/tree/steps.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What was flushed, for real, in its order; and what is to happen at the first flush of a path. */
const flushes = vi.hoisted(() => ({ done: [] as string[], during: undefined as undefined | (() => Promise<void>) }));
const machine = vi.hoisted(() => ({ boot: 'one' }));
vi.mock('../../electron/engine/tree/boot.ts', () => ({
  thisBoot: () => machine.boot,
  isThisBoot: (noted: string) => noted === machine.boot,
}));
vi.mock('../../electron/engine/tree/sync-file.ts', async (original) => {
  const real = await original<typeof import('../../electron/engine/tree/sync-file.ts')>();
  return {
    ...real,
    syncFolder: async (absolute: string) => {
      const { during } = flushes;
      flushes.during = undefined;
      await during?.();
      await real.syncFolder(absolute);
      flushes.done.push(absolute);
    },
  };
});

const path = (text: string): SitePath => text as SitePath;

async function aTree() {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const root = await SiteRoot.open(await temporaryFolder(), true);
  const { site } = new Journal(store, 'www');
  const start = () => new Planner(store, site, root, pino({ level: 'silent' }));
  const planner = start();
  onTestFinished(() => planner.flush());
  const write = (plan: readonly Step[]) => store.transaction(() => planner.write(plan));
  flushes.done = [];
  return {
    store,
    root,
    planner,
    start,
    at: (name: string) => join(root.folder, name),
    write,
    do: async (...plan: Step[]) => planner.carryOut(write(plan), plan),
    move: async (from: string, to: string): Promise<Step> => {
      return { do: 'move', from: path(from), path: path(to), identity: await identityAt(root, path(from)) };
    },
    flushed: () => flushes.done.map((absolute) => relative(root.folder, absolute)),
  };
}

const touch = (name: string): Step => ({ do: 'touch', path: path(name), mtime: 1_600_000_000_000 });

test('a time that was set is flushed under the name that the file has by then', async () => {
  const { planner, at, do: carryOut, move, flushed } = await aTree();
  await writeFile(at('a'), 'x');
  await carryOut(touch('a'));
  await carryOut(await move('a', 'b'));
  await planner.flush();
  expect(flushed()).toContain('b');
});

test('names in a folder that is renamed, and a time in it, are flushed with it; also by a plan that is done as one', async () => {
  const { planner, root, at, do: carryOut, move, write, flushed } = await aTree();
  await writeFile(join(root.incoming, 'up-1'), 'x');
  await carryOut({ do: 'place', from: 'incoming', staged: 'up-1', path: path('sub/deep/a') }, touch('sub/deep/a'));
  const plan = [await move('sub', 'other')];
  await planner.carryOutTogether(write(plan), plan);
  await planner.flush();
  expect(flushed()).toEqual(expect.arrayContaining(['', 'other', 'other/deep', 'other/deep/a']));
  expect((await stat(at('other/deep/a'))).mtimeMs).toBe(1_600_000_000_000);
});

test('what is renamed while it is being flushed is flushed under its new name', async () => {
  const { planner, at, do: carryOut, move, flushed } = await aTree();
  await writeFile(at('a'), 'x');
  await carryOut(touch('a'));
  const renamed = await move('a', 'b');
  flushes.during = () => carryOut(renamed);
  await planner.flush();
  expect(flushed()).toContain('b');
});

test('before a release takes a file away whose time was just set, that is flushed: it may have another name', async () => {
  const { planner, root, at, do: carryOut, flushed } = await aTree();
  await writeFile(at('a'), 'x');
  await carryOut(touch('a'));
  await planner.makeWayFor([{ do: 'remove', path: path('b'), identity: '' }]);
  expect(flushed()).toEqual([]);
  await planner.makeWayFor([{ do: 'remove', path: path('a'), identity: await identityAt(root, path('a')) }]);
  expect(flushed()).toEqual(['a']);
});

test('where only the process has ended, what it had done is flushed before its plans are forgotten', async () => {
  const { root, at, do: carryOut, move, start, flushed } = await aTree();
  await writeFile(join(root.incoming, 'up-1'), 'x');
  await writeFile(at('b'), 'y');
  await carryOut({ do: 'place', from: 'incoming', staged: 'up-1', path: path('sub/a') });
  await carryOut(touch('b'));
  await carryOut(await move('b', 'c'));
  await start().rollForward(() => undefined);
  expect(flushed()).toEqual(expect.arrayContaining(['', 'sub', 'c']));
});

test('before the very file is put back that was taken away, as a kept version, the delete is forgotten; before another it is not', async () => {
  const { root, planner, start, at, write, do: carryOut } = await aTree();
  await writeFile(at('a'), 'x');
  const identity = await identityAt(root, path('a'));
  await link(at('a'), join(root.staging, 'f-1'));
  await writeFile(join(root.staging, 'f-2'), 'x');
  await carryOut({ do: 'remove', path: path('a'), identity });
  await planner.makeWayForFiles(new Map([[path('a'), 'f-2']]));
  expect(planner.isUnfinished(path('a'))).toBe(true);
  await planner.makeWayForFiles(new Map([[path('a'), 'f-1']]));
  const place: Step = { do: 'place', from: 'staging', staged: 'f-1', path: path('a'), identity };
  await planner.carryOut(write([place]), [place]);
  const entry = { kind: 'file', path: path('a'), seq: 1, size: 1, mtime: (await stat(at('a'))).mtimeMs } as const;
  expect(await start().rollForward(() => ({ ...entry, mtime: Math.round(entry.mtime), sha256: '' }))).toEqual([]);
  expect(await readFile(at('a'), 'utf8')).toBe('x');
});

/** As the system tells of a flush that failed: once. */
function failOnce(): void {
  flushes.during = () =>
    Promise.reject(Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO', syscall: 'fsync', errno: -5 }));
}

test('a flush that failed proves nothing when it succeeds later: what was done is kept until the machine was started anew, and done again where the disk has lost it', async () => {
  const { store, root, planner, start, at, do: carryOut } = await aTree();
  const plans = () => store.all('SELECT done FROM plan').map((row) => row['done']);
  await writeFile(join(root.incoming, 'up-1'), 'x');
  await carryOut({ do: 'place', from: 'incoming', staged: 'up-1', path: path('a') });
  failOnce();
  await planner.flush();
  await planner.flush();
  expect(plans()).toEqual([1]);
  expect(failedFlushes(store)).toEqual([{ site: 'www', boot: 'one' }]);
  const { mtimeMs } = await stat(at('a'));
  const entry = { kind: 'file', path: path('a'), seq: 1, size: 1, mtime: Math.round(mtimeMs), sha256: '' } as const;
  // Another process on the same machine: what it sees may be in memory only.
  await start().rollForward(() => entry);
  expect(plans()).toEqual([1]);
  // The disk never had the name.
  await rename(at('a'), join(root.incoming, 'up-1'));
  machine.boot = 'two';
  await start().rollForward(() => entry);
  expect(await readFile(at('a'), 'utf8')).toBe('x');
  expect([plans(), failedFlushes(store)]).toEqual([[], []]);
});

test('a disk that was taken out, and put in again, has lost what failed flushes were of: it is done again, though the machine has been running since', async () => {
  const { store, root, planner, start, at, do: carryOut } = await aTree();
  const { site } = store.get('SELECT id AS site FROM site') as { site: number };
  noteBoot(store, site);
  const staged = join(root.incoming, 'up-1');
  await writeFile(staged, 'x');
  await carryOut({ do: 'place', from: 'incoming', staged: 'up-1', path: path('a') });
  root.failedFlushes.note(new Error('no such device'));
  await planner.flush();
  await rename(at('a'), staged);
  await start().rollForward(() => undefined);
  expect(await readdir(root.folder)).toContain('a');
});

test('a database that was put back since a flush failed learns it from the folder, until the machine was started anew', async () => {
  const { root, planner, at, do: carryOut } = await aTree();
  machine.boot = 'three';
  // What somebody has put there is not written through.
  await symlink(at('.lockstep/victim'), at('.lockstep/unflushed'));
  await writeFile(join(root.incoming, 'up-1'), 'x');
  await carryOut({ do: 'place', from: 'incoming', staged: 'up-1', path: path('a') });
  failOnce();
  await planner.flush();
  expect(await readdir(at('.lockstep'))).not.toContain('victim');
  const older = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => older.close());
  const { site } = new Journal(older, 'www');
  const start = () => new Planner(older, site, root, pino({ level: 'silent' }));
  const again = start();
  await again.rollForward(() => undefined);
  expect(failedFlushes(older)).toEqual([{ site: 'www', boot: 'three' }]);
  const plan: Step[] = [{ do: 'touch', path: path('a'), mtime: 1_600_000_000_000 }];
  await again.carryOut(
    older.transaction(() => again.write(plan)),
    plan,
  );
  await again.flush();
  // The disk never had the name.
  await rm(at('a'));
  machine.boot = 'four';
  const entry = { kind: 'file', path: path('a'), seq: 1, size: 1, mtime: 1_600_000_000_000, sha256: '' } as const;
  expect(await start().rollForward(() => entry)).toEqual(['a']);
  expect(failedFlushes(older)).toEqual([]);
  expect(await readdir(at('.lockstep'))).not.toContain('unflushed');
});

test('nor are plans forgotten where it was a flush of uploads that failed: a file system may have one log for all names', async () => {
  const { store, root, planner, do: carryOut } = await aTree();
  const incoming = new FolderFlush(root.incoming, root.failedFlushes);
  await writeFile(join(root.incoming, 'up-1'), 'x');
  await carryOut({ do: 'place', from: 'incoming', staged: 'up-1', path: path('a') });
  root.failedFlushes.note(new Error('EIO'));
  await planner.flush();
  expect(store.all('SELECT done FROM plan')).toHaveLength(1);
  await expect(incoming.flush(0)).rejects.toThrow('EIO');
});

test('that a flush of uploads has failed is known when the process ends right after it: the next one forgets no plan, either', async () => {
  const { store, root, start, at, do: carryOut } = await aTree();
  machine.boot = 'five';
  await writeFile(join(root.incoming, 'up-1'), 'x');
  await carryOut({ do: 'place', from: 'incoming', staged: 'up-1', path: path('a') });
  root.failedFlushes.note(new Error('EIO'));
  expect(failedFlushes(store)).toEqual([{ site: 'www', boot: 'five' }]);
  expect(await readdir(at('.lockstep'))).toContain('unflushed');
  const { mtimeMs } = await stat(at('a'));
  const entry = { kind: 'file', path: path('a'), seq: 1, size: 1, mtime: Math.round(mtimeMs), sha256: '' } as const;
  await start().rollForward(() => entry);
  expect(store.all('SELECT done FROM plan')).toEqual([{ done: 1 }]);
});

test('where a delete cannot be forgotten, the very file that is put back becomes another one, which the delete leaves alone', async () => {
  const { root, planner, start, at, write, do: carryOut } = await aTree();
  await writeFile(at('a'), 'x');
  const identity = await identityAt(root, path('a'));
  await link(at('a'), join(root.staging, 'f-1'));
  await carryOut({ do: 'remove', path: path('a'), identity });
  failOnce();
  await planner.makeWayForFiles(new Map([[path('a'), 'f-1']]));
  const place: Step = { do: 'place', from: 'staging', staged: 'f-1', path: path('a') };
  await planner.carryOut(write([place]), [place]);
  const { mtimeMs } = await stat(at('a'));
  const entry = { kind: 'file', path: path('a'), seq: 1, size: 1, mtime: Math.round(mtimeMs), sha256: '' } as const;
  expect(await start().rollForward(() => entry)).toEqual([]);
  expect(await readFile(at('a'), 'utf8')).toBe('x');
});

test('what a failed flush has lost in the same boot is taken for lost, and not for changed by somebody: a disk may have been taken out', async () => {
  const { store, root, planner, start, at, do: carryOut } = await aTree();
  noteBoot(store, Number(store.get('SELECT id FROM site')?.['id']));
  await writeFile(join(root.incoming, 'up-1'), 'x');
  await carryOut({ do: 'place', from: 'incoming', staged: 'up-1', path: path('a') });
  root.failedFlushes.note(new Error('no such device'));
  await planner.flush();
  await rm(at('a'));
  const seen: unknown[] = [];
  const entry = { kind: 'file', path: path('a'), size: 1, mtime: 1, sha256: '', seq: 1 } as const;
  await start().rollForward(
    () => entry,
    async (failed) => void seen.push([...failed]),
  );
  expect(seen).toEqual([[['a', 'before']]]);
});

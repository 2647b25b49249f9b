import { mkdirSync, renameSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { EventQueue } from '../../electron/engine/master/watch/event-queue.ts';
import { watchTree } from '../../electron/engine/master/watch/tree-watch.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/** What somebody else does right after a folder is watched. */
const after = vi.hoisted(() => new Map<string, () => void>());

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const watch = (folder: string) => {
    const watcher = fs.watch(folder);
    const then = after.get(folder);
    after.delete(folder);
    then?.();
    return watcher;
  };
  return { ...fs, watch };
});

/** A folder `current` that is watched, or about to be, and another one that may take its place. */
async function start(inTheMoment: boolean) {
  const root = await temporaryFolder();
  const beside = await temporaryFolder();
  const folder = join(root, 'current');
  await mkdir(folder);
  await mkdir(join(beside, 'next'));
  const exchange = () => {
    renameSync(folder, join(beside, 'last'));
    renameSync(join(beside, 'next'), folder);
  };
  if (inTheMoment) after.set(folder, exchange);
  const seen = new Set<string>();
  const failures: unknown[] = [];
  const listener = {
    touched: (path: string) => void seen.add(path),
    odd: () => undefined,
    closed: () => undefined,
    failed: (error: unknown) => void failures.push(error),
  };
  const watch = await watchTree(root, listener, new EventQueue(), new AbortController().signal);
  onTestFinished(() => watch.stop());
  return { folder, exchange, seen, failures };
}

const isLinux = process.platform === 'linux';

test.runIf(isLinux)(
  'a folder that takes the place of another one in the very moment in which that begins to be watched is watched',
  async () => {
    const { folder, seen, failures } = await start(true);
    await until(() => seen.has('current'), 'it is told');
    await writeFile(join(folder, 'page.html'), 'page');
    await until(
      () => seen.has('current/page.html'),
      () => [...seen],
    );
    expect([after.size, failures]).toEqual([0, []]);
  },
);

test.runIf(isLinux)(
  'what came with the name of the folder that it is in, right before another one took the place of that, is no unmounted disk',
  async () => {
    const { folder, exchange, seen, failures } = await start(false);
    mkdirSync(join(folder, 'current'));
    exchange();
    await until(() => seen.has('current'), 'it is told');
    await writeFile(join(folder, 'page.html'), 'page');
    await until(
      () => seen.has('current/page.html'),
      () => [...seen],
    );
    expect(failures).toEqual([]);
  },
);

import { renameSync } from 'node:fs';
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

test.runIf(process.platform === 'linux')(
  'a folder that takes the place of another one in the very moment in which that begins to be watched is watched',
  async () => {
    const root = await temporaryFolder();
    const beside = await temporaryFolder();
    const folder = join(root, 'current');
    await mkdir(folder);
    await mkdir(join(beside, 'next'));
    after.set(folder, () => {
      renameSync(folder, join(beside, 'last'));
      renameSync(join(beside, 'next'), folder);
    });
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
    await until(() => seen.has('current'), 'it is told');
    await writeFile(join(folder, 'page.html'), 'page');
    await until(
      () => seen.has('current/page.html'),
      () => [...seen],
    );
    expect([after.size, failures]).toEqual([0, []]);
  },
);

import { mkdirSync, readdirSync, renameSync, rmdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** What somebody else does once the names in a folder are read, and what is heard of it before they are told. */
const beforeTold = vi.hoisted(() => new Map<string, () => Promise<void>>());

/** It is away when its names are read, and what is thrown then. */
const missing = vi.hoisted(() => new Map<string, () => Promise<unknown>>());

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const readdir = async (folder: string, options: { withFileTypes: true }) => {
    const missed = missing.get(folder);
    missing.delete(folder);
    if (missed) throw await missed();
    const names = fs.readdir(folder, options);
    await names.catch(() => undefined);
    const then = beforeTold.get(folder);
    beforeTold.delete(folder);
    await then?.();
    return names;
  };
  return { ...fs, readdir };
});

interface Moments {
  /** Somebody exchanges it as soon as it is watched, and before its names are read. */
  readonly exchanged?: boolean;
  /** Somebody removes it then. */
  readonly removed?: boolean;
  readonly told?: (folder: string, seen: ReadonlySet<string>) => Promise<void>;
}

/** A folder `current` that is watched, or about to be, and another one that may take its place. */
async function start({ exchanged = false, removed = false, told }: Moments = {}) {
  const root = await temporaryFolder();
  const beside = await temporaryFolder();
  const folder = join(root, 'current');
  await mkdir(folder);
  await mkdir(join(beside, 'next'));
  const exchange = () => {
    renameSync(folder, join(beside, 'last'));
    renameSync(join(beside, 'next'), folder);
  };
  if (exchanged) after.set(folder, exchange);
  if (removed) after.set(folder, () => rmdirSync(folder));
  const seen = new Set<string>();
  if (told) beforeTold.set(folder, () => told(folder, seen));
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
    const { folder, seen, failures } = await start({ exchanged: true });
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
    const { folder, exchange, seen, failures } = await start();
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

test.runIf(isLinux)('a folder that goes while its names are read, and is there again by then, is watched', async () => {
  const told = async (folder: string, seen: ReadonlySet<string>) => {
    mkdirSync(folder);
    await writeFile(join(folder, 'first.html'), 'page');
    await until(() => seen.has('current/first.html'), 'what is in it is told');
  };
  const { folder, seen, failures } = await start({ removed: true, told });
  await writeFile(join(folder, 'page.html'), 'page');
  await until(
    () => seen.has('current/page.html'),
    () => [...seen],
  );
  expect([after.size, beforeTold.size, failures]).toEqual([0, 0, []]);
});

test.runIf(isLinux)(
  'what came with the name of its folder while the names there were read is told when it goes',
  async () => {
    const told = async (folder: string, seen: ReadonlySet<string>) => {
      mkdirSync(join(folder, 'current'));
      await until(() => seen.has('current/current'), 'it is heard of');
    };
    const { folder, seen, failures } = await start({ told });
    seen.clear();
    rmdirSync(join(folder, 'current'));
    await until(
      () => seen.has('current/current'),
      () => [...seen],
    );
    expect([beforeTold.size, failures]).toEqual([0, []]);
  },
);

test.runIf(isLinux)('a folder that was away for the moment in which its names were read is watched', async () => {
  const { folder, exchange, seen, failures } = await start();
  const away = `${folder}.away`;
  missing.set(folder, async () => {
    renameSync(folder, away);
    const error = catchError(() => readdirSync(folder));
    renameSync(away, folder);
    // It is heard of before the error is.
    await sleep(100);
    return error;
  });
  exchange();
  await until(() => missing.size === 0, 'its names are read');
  await sleep(200);
  await writeFile(join(folder, 'page.html'), 'page');
  await until(
    () => seen.has('current/page.html'),
    () => [...seen],
  );
  expect(failures).toEqual([]);
});

function catchError(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

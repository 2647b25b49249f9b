import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { rescan } from '../../electron/engine/master/rescan.ts';
import { aMaster } from '../support/a-pair.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { journalOf, watchSite } from '../support/watched-site.ts';

/** What cannot be looked at for a moment, and how often: a disk on the network does not answer, say. */
const failing = vi.hoisted(() => new Map<string, number>());

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const lstatSync = (path: string, options: object) => {
    const times = failing.get(path) ?? 0;
    failing.set(path, times - 1);
    if (times > 0) throw Object.assign(new Error('EIO: made up'), { code: 'EIO', errno: -5, syscall: 'lstat' });
    return fs.lstatSync(path, options);
  };
  return { ...fs, lstatSync };
});

/** A folder that is away when its names are read, once. */
const away = vi.hoisted(() => new Set<string>());

vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const readdir = async (path: string, options: { withFileTypes: true }) =>
    fs.readdir(away.delete(path) ? `${path}.away` : path, options);
  return { ...fs, readdir };
});

async function start() {
  const master = await aMaster();
  const { watch } = await watchSite(master);
  // As it is done every few seconds while Lockstep runs.
  const looking = setInterval(() => master.site.unfit.look(watch), 50);
  onTestFinished(() => clearInterval(looking));
  return { master, watch, at: (path: string) => join(master.rootFolder, path), lines: () => journalOf(master) };
}

test('a file that cannot be looked at for a moment once it was read is published', async () => {
  const { master, at, lines } = await start();
  const referencesOf = master.site.referencesOf.bind(master.site);
  const read = vi.spyOn(master.site, 'referencesOf').mockImplementation(async (path, absolute) => {
    failing.set(absolute, 1);
    return referencesOf(path, absolute);
  });
  await writeFile(at('page.html'), 'page');
  await until(() => read.mock.calls.length > 0, 'it is read');
  read.mockRestore();
  await until(() => lines().length > 0, lines);
  expect(lines()).toEqual(['put page.html 4 scan']);
});

test('what is in a folder that cannot be looked at in the moment in which it comes is published', async () => {
  const { at, lines } = await start();
  const beside = join(await temporaryFolder(), 'next');
  await mkdir(beside);
  await writeFile(join(beside, 'page.html'), 'page');
  failing.set(at('next'), Number.POSITIVE_INFINITY);
  await rename(beside, at('next'));
  await sleep(100);
  failing.clear();
  await until(() => lines().length > 1, lines);
  expect(lines()).toEqual(['mkdir next scan', 'put next/page.html 4 scan']);
});

test('what cannot be looked at for a moment is found by a rescan', async () => {
  const { master, at, lines, watch } = await start();
  await watch.stop();
  await writeFile(at('page.html'), 'page');
  failing.set(at('page.html'), 1);
  expect(await rescan(master.site)).toMatchObject({ found: 1, changed: 1, unfit: 0 });
  expect(lines()).toEqual(['put page.html 4 scan']);
});

test('what is in a folder that was moved away and back while a rescan looked at it is found', async () => {
  const { master, at, lines, watch } = await start();
  await watch.stop();
  await mkdir(at('folder'));
  await writeFile(at('folder/page.html'), 'page');
  away.add(at('folder'));
  expect(await rescan(master.site)).toMatchObject({ found: 2, changed: 2, unfit: 0 });
  expect(lines()).toEqual(['mkdir folder scan', 'put folder/page.html 4 scan']);
});

import { chmod, link, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../electron/engine/ports.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import type { TestMaster } from '../support/master-and-mirror.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';
import { journalOf, watchSite } from '../support/watched-site.ts';

/** As builds set it that are to be the same each time. */
const TIME = new Date('2026-01-01T00:00:00Z');

const save = async (absolute: string, content: string | Buffer): Promise<void> => {
  await writeFile(absolute, content);
  await utimes(absolute, TIME, TIME);
};

async function start() {
  const folder = await temporaryFolder();
  const beside = await temporaryFolder();
  const master = await aMaster([], folder);
  const watching = await watchSite(master);
  const at = (path: string) => join(master.rootFolder, path);
  const hashOf = (path: string) => {
    const entry = master.journal.index.entry(path as SitePath);
    return entry?.kind === 'file' ? entry.sha256 : undefined;
  };
  const changed = async (path: string, before: string | undefined) =>
    until(
      () => hashOf(path) !== before,
      () => journalOf(master),
    );
  return { master, at, beside: (path: string) => join(beside, path), hashOf, changed, ...watching };
}

test('other content of the same size and time is published, however it comes there', async () => {
  const { master, at, beside, hashOf, changed } = await start();
  const mirror = await aMirror();
  mirror.connect(master);
  await save(at('index.html'), 'app.0001.js');
  await changed('index.html', undefined);

  // cp -p
  let before = hashOf('index.html');
  await save(at('index.html'), 'app.0002.js');
  await changed('index.html', before);

  // rsync, tar, an editor that saves beside it
  before = hashOf('index.html');
  await save(at('index.new'), 'app.0003.js');
  await rename(at('index.new'), at('index.html'));
  await changed('index.html', before);

  // A folder that takes the place of another one
  await mkdir(at('current'));
  await save(at('current/page.html'), 'page 1');
  await changed('current/page.html', undefined);
  before = hashOf('current/page.html');
  await mkdir(beside('next'));
  await save(beside('next/page.html'), 'page 2');
  await rename(at('current'), beside('last'));
  await rename(beside('next'), at('current'));
  await changed('current/page.html', before);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('an earlier folder that comes back in the place of a later one is published, though nothing in it was changed since', async () => {
  const { at, beside, hashOf, changed } = await start();
  await mkdir(at('current'));
  await save(at('current/page.html'), 'page 1');
  await changed('current/page.html', undefined);
  const earlier = hashOf('current/page.html');
  const later = vi.spyOn(systemClock, 'now').mockImplementation(() => Date.now() + 10_000);
  onTestFinished(() => later.mockRestore());
  await mkdir(beside('next'));
  await save(beside('next/page.html'), 'page 2');
  await rename(at('current'), beside('last'));
  await rename(beside('next'), at('current'));
  await changed('current/page.html', earlier);
  const before = hashOf('current/page.html');
  await rename(at('current'), beside('broken'));
  await rename(beside('last'), at('current'));
  await changed('current/page.html', before);
  expect(hashOf('current/page.html')).toBe(earlier);
});

test('a large file that is written over in its place, and given its time again, is published', async () => {
  const { at, hashOf, changed } = await start();
  await save(at('large.bin'), Buffer.alloc(3_000_000, 1));
  await changed('large.bin', undefined);
  const before = hashOf('large.bin');
  await save(at('large.bin'), Buffer.alloc(3_000_000, 2));
  await changed('large.bin', before);
});

test('so is each name of a file that has several', async () => {
  const { at, hashOf, changed } = await start();
  await mkdir(at('other'));
  await save(at('page.html'), 'page 1');
  await link(at('page.html'), at('other/same.html'));
  await changed('page.html', undefined);
  await changed('other/same.html', undefined);
  const before = hashOf('page.html');
  await save(at('page.html'), 'page 2');
  await changed('page.html', before);
  await changed('other/same.html', before);
});

test('what was written to by a name that went right after is published by the other one', async () => {
  const { at, hashOf, changed } = await start();
  await writeFile(at('page.html'), 'page 1');
  await link(at('page.html'), at('same.html'));
  await changed('page.html', undefined);
  await changed('same.html', undefined);
  const before = hashOf('page.html');
  await writeFile(at('same.html'), 'page 2');
  await sleep(50);
  await rm(at('same.html'));
  await changed('page.html', before);
});

test('many files with one content, of which each has another name elsewhere, are not all looked for once for each', async () => {
  const { master, at, beside, hashOf, changed } = await start();
  const names = Array.from({ length: 500 }, (_, index) => `${index}.txt`);
  await mkdir(at('media'));
  for (const name of names) {
    await save(at(`media/${name}`), 'same');
    await link(at(`media/${name}`), beside(name));
  }
  await until(() => names.every((name) => hashOf(`media/${name}`) !== undefined), 'all are published');
  const { index } = master.journal;
  const withContent = index.withContent.bind(index);
  let found = 0;
  vi.spyOn(index, 'withContent').mockImplementation((sha256) => {
    const paths = withContent(sha256);
    found += paths.length;
    return paths;
  });
  const before = hashOf('media/0.txt');
  for (const name of names) await chmod(at(`media/${name}`), 0o600);
  await save(at('media/0.txt'), 'SAME');
  await changed('media/0.txt', before);
  expect(found).toBeGreaterThan(0);
  expect(found).toBeLessThan(20 * names.length);
});

/** What is read of the folder from now on. */
function readings(master: TestMaster): string[] {
  const read: string[] = [];
  const referencesOf = master.site.referencesOf.bind(master.site);
  vi.spyOn(master.site, 'referencesOf').mockImplementation((path, absolute) => {
    if (absolute === join(master.rootFolder, path)) read.push(path);
    return referencesOf(path, absolute);
  });
  return read;
}

test('what the FTP server has put there is not read once more', async () => {
  const { master, at } = await start();
  const read = readings(master);
  await master.mkdir('folder');
  for (let index = 0; index < 20; index += 1) await master.put(`folder/${index}.txt`, `${index}`);
  await master.rename('folder', 'other');
  await writeFile(at('marker.txt'), 'm');
  await until(() => read.length > 0, 'the marker is read');
  await sleep(700);
  expect(read).toEqual(['marker.txt']);
});

test('so it is where it came while nobody watched, by a rescan and when the watch begins', async () => {
  const { master, at, hashOf, changed, watch, scans } = await start();
  await save(at('index.html'), 'app.0001.js');
  await changed('index.html', undefined);
  await watch.stop();
  let before = hashOf('index.html');
  await save(at('index.html'), 'app.0002.js');
  expect(await scans.scan()).toMatchObject({ changed: 1 });
  expect(hashOf('index.html')).not.toBe(before);
  expect(await scans.scan()).toMatchObject({ changed: 0 });
  before = hashOf('index.html');
  await save(at('index.html'), 'app.0003.js');
  await watchSite(master);
  await changed('index.html', before);
});

test('so it is in a site where nothing has happened for so long that its journal is empty', async () => {
  const { master, at, hashOf, changed, watch, scans } = await start();
  await save(at('index.html'), 'app.0001.js');
  await changed('index.html', undefined);
  master.journal.trim(Date.now() + 1);
  let before = hashOf('index.html');
  await save(at('index.html'), 'app.0002.js');
  await changed('index.html', before);
  await watch.stop();
  master.journal.trim(Date.now() + 1);
  before = hashOf('index.html');
  await save(at('index.html'), 'app.0003.js');
  expect(await scans.scan()).toMatchObject({ changed: 1 });
  expect(hashOf('index.html')).not.toBe(before);
});

test('so it is where others have changed something by FTP, and nobody has looked at the folder, in the hours since', async () => {
  const { master, at, hashOf, changed, watch, scans } = await start();
  await save(at('index.html'), 'app.0001.js');
  await changed('index.html', undefined);
  await watch.stop();
  const before = hashOf('index.html');
  await save(at('index.html'), 'app.0002.js');
  const later = vi.spyOn(systemClock, 'now').mockImplementation(() => Date.now() + 7_200_000);
  onTestFinished(() => later.mockRestore());
  await master.put('other.html', 'other');
  expect(await scans.scan()).toMatchObject({ changed: 1 });
  expect(hashOf('index.html')).not.toBe(before);
});

test('so it is where that is forgotten by which it was journalled, and somebody has changed something else since', async () => {
  const { master, at, hashOf, changed, watch, scans } = await start();
  await save(at('index.html'), 'app.0001.js');
  await changed('index.html', undefined);
  await watch.stop();
  master.journal.trim(Date.now() + 1);
  const before = hashOf('index.html');
  await save(at('index.html'), 'app.0002.js');
  await master.put('other.html', 'other');
  expect(await scans.scan()).toMatchObject({ changed: 1 });
  expect(hashOf('index.html')).not.toBe(before);
  expect(await scans.scan()).toMatchObject({ changed: 0 });
});

test('so it is where the clock was set back since it was journalled', async () => {
  const { at, hashOf, changed } = await start();
  const ahead = vi.spyOn(systemClock, 'now').mockImplementation(() => Date.now() + 86_400_000);
  onTestFinished(() => ahead.mockRestore());
  await save(at('index.html'), 'app.0001.js');
  await changed('index.html', undefined);
  ahead.mockRestore();
  const before = hashOf('index.html');
  await save(at('index.html'), 'app.0002.js');
  await changed('index.html', before);
});

test('a large file is read anew that took the place of another one while nobody watched, and no other is', async () => {
  const { master, at, hashOf, changed, watch, scans } = await start();
  const large = (fill: number) => Buffer.alloc(2 ** 20 + 1, fill);
  for (const path of ['large.bin', 'other.bin']) {
    await save(at(path), large(1));
    await changed(path, undefined);
  }
  await watch.stop();
  // It is none of Lockstep's own, whose clock may be a little behind that of the disk.
  await sleep(2_100);
  await save(at('large.new'), large(2));
  await rename(at('large.new'), at('large.bin'));
  await chmod(at('other.bin'), 0o700);
  const before = hashOf('large.bin');
  const read = readings(master);
  expect(await scans.scan()).toMatchObject({ changed: 1 });
  expect(hashOf('large.bin')).not.toBe(before);
  expect(await scans.scan()).toMatchObject({ changed: 0 });
  expect(read).toEqual(['large.bin']);
});

test('of what only has other rights now small files are read again, and no large ones', async () => {
  const { master, at, changed } = await start();
  await mkdir(at('media'));
  await writeFile(at('media/small.txt'), 'small');
  await writeFile(at('media/large.bin'), Buffer.alloc(2 ** 20 + 1));
  await changed('media/large.bin', undefined);
  await changed('media/small.txt', undefined);
  const read = readings(master);
  for (const path of ['media', 'media/small.txt', 'media/large.bin']) await chmod(at(path), 0o700);
  await writeFile(at('marker.txt'), 'm');
  await changed('marker.txt', undefined);
  await sleep(700);
  expect(read.toSorted()).toEqual(['marker.txt', 'media/small.txt']);
});

test('a file that an upload replaces while it is compared is not taken for what stood there', async () => {
  const { master, at, hashOf, changed } = await start();
  await save(at('index.html'), 'app.0001.js');
  await changed('index.html', undefined);
  const referencesOf = master.site.referencesOf.bind(master.site);
  let uploaded: string | undefined;
  vi.spyOn(master.site, 'referencesOf').mockImplementation(async (path, absolute) => {
    if (absolute === at(path) && uploaded === undefined) {
      uploaded = '';
      await master.put(path, 'app.0003.js');
      await master.touch(path, TIME.getTime());
      uploaded = hashOf(path);
    }
    return referencesOf(path, absolute);
  });
  await save(at('index.html'), 'app.0002.js');
  await until(() => (uploaded ?? '') !== '', 'it is read');
  await sleep(1_500);
  expect(hashOf('index.html')).toBe(uploaded);
  const uploads = ['put index.html 11 tester', 'put index.html 11 tester'];
  expect(journalOf(master)).toEqual(['put index.html 11 scan', ...uploads]);
});

import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { aMaster } from '../support/a-pair.ts';
import type { TestMirror } from '../support/master-and-mirror.ts';
import { startPair } from '../support/memory-pair.ts';
import { NOWHERE } from '../support/pair-with-releases.ts';
import { releaseSite } from '../support/release-site.ts';
import { BY, put, readSite } from '../support/site-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';
import { watchSite } from '../support/watched-site.ts';

/*
 * A disk that folds case for real, and one that gives each spelling of a name a number of its own: exFAT by FUSE. As do shares of Windows
 * whose server tells no numbers.
 */

const run = promisify(execFile);

async function exfat(folder: string): Promise<string | undefined> {
  const site = join(folder, 'site');
  await mkdir(site);
  const image = join(folder, 'disk.img');
  await writeFile(image, '');
  await truncate(image, 32 * 1024 * 1024);
  let device = '';
  try {
    await run('mkfs.exfat', [image]);
    device = (await run('losetup', ['-f', '--show', image])).stdout.trim();
    await run('mount.exfat-fuse', [device, site]);
  } catch (error) {
    if (device !== '') await run('losetup', ['-d', device]);
    process.stdout.write(`skipped: no exFAT can be mounted here (${String(error).split('\n')[0]})\n`);
    return undefined;
  }
  onTestFinished(() => {
    spawnSync('umount', ['-l', site]);
    spawnSync('losetup', ['-d', device]);
  });
  return site;
}

const contents = async (folder: string) =>
  Object.entries(await readTree(folder)).map(([path, value]) => [path, value.replace(/ @\d+$/, '')]);

const clashes = (mirror: TestMirror) => mirror.site.standing(9).map(({ path, error }) => [path, error.code]);

test('a mirror on exFAT shows no file for one of another spelling, and loses none', async () => {
  const folder = await temporaryFolder();
  const site = await exfat(folder);
  if (site === undefined) return;
  const { master, mirror } = await startPair([], { mirror: folder });
  await master.put('Page.html', 'the first');
  await master.mkdir('Dir');
  await master.put('Dir/a.txt', 'a');
  await mirror.inStep(master);
  await master.put('page.html', 'another file');
  await master.mkdir('dir');
  await master.put('dir/b.txt', 'b');
  await expect
    .poll(() => clashes(mirror).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)))
    .toEqual([
      ['dir', 'path.case-clash'],
      ['dir/b.txt', 'path.case-clash'],
      ['page.html', 'path.case-clash'],
    ]);
  expect(await readFile(join(site, 'Page.html'), 'utf8')).toBe('the first');
  expect(await readdir(join(site, 'Dir'))).toEqual(['a.txt']);
  await master.rename('Page.html', 'Start.html');
  await master.rename('dir', 'other');
  await mirror.inStep(master);
  // Times are whole seconds there.
  expect(await contents(site)).toEqual(await contents(master.rootFolder));
});

test('nor does it show one of two in the same release', async () => {
  const folder = await temporaryFolder();
  const site = await exfat(folder);
  if (site === undefined) return;
  const { master, mirror } = await startPair([], { mirror: folder });
  const release = master.site.beginRelease('spellings', BY);
  await put(release, 'Page.html', 'the first');
  await put(release, 'page.html', 'another file');
  await release.commit();
  await expect.poll(() => clashes(mirror)).toContainEqual(['page.html', 'path.case-clash']);
  expect(await contents(site)).toEqual([]);
  await master.rename('Page.html', 'Start.html');
  await mirror.inStep(master);
  expect(await contents(site)).toEqual(await contents(master.rootFolder));
});

test('nor does it take a folder for one that is there in another spelling, in a release', async () => {
  const folder = await temporaryFolder();
  const site = await exfat(folder);
  if (site === undefined) return;
  const { master, mirror } = await startPair([], { mirror: folder });
  await master.mkdir('dir');
  await mirror.inStep(master);
  const release = master.site.beginRelease('spellings', BY);
  await release.makeDir('Dir' as SitePath, BY);
  await put(release, 'other.html', 'other');
  await release.commit();
  const clash = (path: string) => [path, 'path.case-clash'];
  await expect.poll(() => clashes(mirror)).toEqual(expect.arrayContaining([clash('Dir'), clash('other.html')]));
  await master.rmdir('dir');
  await mirror.inStep(master);
  expect(await contents(site)).toEqual([
    ['Dir/', 'dir'],
    ['other.html', 'other'],
  ]);
});

test('nor does it remove a file for a folder of another spelling, or take it for changed by somebody', async () => {
  const folder = await temporaryFolder();
  const site = await exfat(folder);
  if (site === undefined) return;
  const { master, mirror } = await startPair([], { mirror: folder });
  await master.put('page', 'the first');
  await master.put('other', 'another');
  await mirror.inStep(master);
  await master.mkdir('Page');
  await master.put('Other', 'another one');
  await expect.poll(() => new Set(clashes(mirror).map(([path]) => path))).toEqual(new Set(['Other', 'Page']));
  expect(await contents(site)).toEqual([
    ['other', 'another'],
    ['page', 'the first'],
  ]);
  expect(mirror.site.drift.list(9)).toEqual([]);
  for (const path of ['page', 'other']) await master.remove(path);
  await mirror.inStep(master);
  expect(await contents(site)).toEqual([
    ['Other', 'another one'],
    ['Page/', 'dir'],
  ]);
});

test('a master on exFAT refuses a second spelling, of a folder too', async () => {
  const folder = await temporaryFolder();
  if ((await exfat(folder)) === undefined) return;
  const master = await aMaster([], folder);
  await master.mkdir('Dir');
  await master.put('Dir/a.txt', 'a');
  const clash = { code: 'path.case-clash' };
  await expect(master.put('Dir/A.txt', 'another')).rejects.toMatchObject(clash);
  await expect(master.put('dir/b.txt', 'b')).rejects.toMatchObject(clash);
  await expect(master.mkdir('DIR')).rejects.toMatchObject(clash);
  // Nor is anything changed by one: the journal would have it under a name that mirrors do not know.
  for (const change of [
    master.remove('Dir/A.txt'),
    master.rename('Dir/A.txt', 'b.txt'),
    master.site.touch('Dir/A.txt' as SitePath, 1_600_000_000_000, { account: 'tester' }),
    master.site.removeDir('DIR' as SitePath, { account: 'tester' }),
  ])
    await expect(change).rejects.toMatchObject(clash);
  const by = { account: 'tester' };
  const release = master.site.beginRelease('spring', by);
  await expect(release.remove('Dir/A.txt' as SitePath, by)).rejects.toMatchObject({ code: 'file.not-found' });
  await expect(release.rename('Dir/A.txt' as SitePath, 'b.txt' as SitePath, by)).rejects.toMatchObject({
    code: 'file.not-found',
  });
  await release.abort();
  await master.rename('Dir/a.txt', 'Dir/A.txt');
  expect(await readdir(join(master.rootFolder, 'Dir'))).toEqual(['A.txt']);
});

test('what is renamed to another spelling on exFAT without FTP is published under that name alone, and what is changed by one under its own', async () => {
  const folder = await temporaryFolder();
  const site = await exfat(folder);
  if (site === undefined) return;
  const { master, mirror } = await startPair([], { master: folder });
  await master.put('Photo.JPG', 'a photo');
  await master.mkdir('Dir');
  await master.put('Dir/a.txt', 'a');
  const { scans } = await watchSite(master);
  await mirror.inStep(master);
  const copied = () => contents(mirror.rootFolder);
  await rename(join(site, 'Photo.JPG'), join(site, 'photo.jpg'));
  await rename(join(site, 'Dir'), join(site, 'dir'));
  await expect.poll(copied, { timeout: 20_000 }).toEqual([
    ['dir/', 'dir'],
    ['dir/a.txt', 'a'],
    ['photo.jpg', 'a photo'],
  ]);
  await appendFile(join(site, 'PHOTO.jpg'), ', larger');
  await expect.poll(copied, { timeout: 20_000 }).toContainEqual(['photo.jpg', 'a photo, larger']);
  await scans.scan();
  await mirror.inStep(master);
  expect(await copied()).toEqual(await contents(site));
});

test('a master on exFAT knows its files by the times that the disk keeps, and publishes releases', async () => {
  const folder = await temporaryFolder();
  const tree = await exfat(folder);
  if (tree === undefined) return;
  const { site, journal } = await releaseSite({}, folder);
  await put(site, 'page', 'old');
  const entry = () => journal.index.entry('page' as SitePath);
  expect(entry()).toMatchObject({ mtime: statSync(join(tree, 'page')).mtimeMs });
  const release = site.beginRelease('both', BY);
  for (const name of ['page', 'other']) await put(release, name, 'new');
  await release.commit();
  expect(await readSite(site)).toEqual({ page: 'new', other: 'new' });
  expect(entry()).toMatchObject({ mtime: statSync(join(tree, 'page')).mtimeMs });
});

test('a release that was undone on exFAT, where there are no hard links, and a crash then, is there whole after the next start', async () => {
  const folder = await temporaryFolder();
  const tree = await exfat(folder);
  if (tree === undefined) return;
  const { site, journal, stop } = await releaseSite(
    {
      // Within the transaction: all has been checked, and nothing is done yet.
      concerns: () => {
        mkdirSync(join(tree, 'z', 'in the way'), { recursive: true });
        return [];
      },
    },
    folder,
  );
  await put(site, 'page', 'old');
  const release = site.beginRelease('undone', BY);
  for (const name of ['page', 'z']) await put(release, name, 'new');
  // The process ends before it can take back the release, whose first file is undone: a copy is in its place.
  vi.spyOn(journal, 'takeBack').mockImplementationOnce(() => {
    throw new AppError('node.disk-full', { dataDir: folder });
  });
  await expect(release.commit()).rejects.toMatchObject({ code: 'node.disk-full' });
  await release.abort();
  await stop();
  expect(await readFile(join(tree, 'page'), 'utf8')).toBe('old');
  rmSync(join(tree, 'z'), { recursive: true });
  const again = await releaseSite({}, folder);
  expect([again.started, await readSite(again.site)]).toEqual([{ complete: true }, { page: 'new', z: 'new' }]);
});

test('a file of a release, in whose place a folder of another spelling comes with a part of the release, goes before the rest of it', async () => {
  const folder = await temporaryFolder();
  const site = await exfat(folder);
  if (site === undefined) return;
  const { master, mirror } = await startPair([], { mirror: folder });
  await master.put('a.txt', 'a');
  await master.put('name', 'a file');
  await mirror.inStep(master);
  // What is new in it does not come yet.
  mirror.connect(master, NOWHERE);
  const first = master.site.beginRelease('first', BY);
  await first.remove('name' as SitePath, BY);
  await put(first, 'new.txt', 'new');
  await first.commit();
  await master.mkdir('Name');
  const second = master.site.beginRelease('second', BY);
  await put(second, 'new.txt', 'newer');
  await put(second, 'Name/page.txt', 'page');
  await second.commit();
  await until(() => mirror.site.state.cursor === master.journal.head, 'it has heard of all');
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await contents(site)).toEqual(await contents(master.rootFolder));
});

import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ReleaseFiles } from '../../electron/engine/master/site-files.ts';
import { startMaster } from '../support/master-and-mirror.ts';
import { startPair } from '../support/memory-pair.ts';
import { at, BY, put } from '../support/site-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/*
 * A disk that folds case (macOS, Windows, ext4 with casefold) cannot be had everywhere: the kernel of a CI machine mounts none. What
 * tells such a disk is that our own folder answers to the other spelling of its name, and so a link of that name makes any
 * disk one, as far as Lockstep looks: it has to see by the names alone that two files would be one.
 */
async function foldingFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'site', '.lockstep'), { recursive: true });
  await symlink('.lockstep', join(folder, 'site', '.LOCKSTEP'));
  return folder;
}

const named = async (folder: string) =>
  (await readdir(folder)).filter((name) => !/^\.lockstep$/i.test(name)).toSorted();

test('a mirror on a disk that folds case tells of a clash, mangles nothing, and goes on when it is resolved', async () => {
  const { master, mirror } = await startPair([], { mirror: await foldingFolder() });
  await master.put('page.html', 'the first');
  await mirror.inStep(master);
  await master.put('Page.html', 'another file');
  await master.put('PAGE.html', 'the first');
  await master.mkdir('page.HTML');
  const failing = () => mirror.site.standing(9).map(({ path, error }) => [path, error.code, error.params['other']]);
  const clash = (path: string) => [path, 'path.case-clash', 'page.html'];
  await expect
    .poll(() => failing().toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
    .toEqual(['PAGE.html', 'Page.html', 'page.HTML'].map(clash));
  expect(await named(mirror.rootFolder)).toEqual(['page.html']);
  expect(await readFile(join(mirror.rootFolder, 'page.html'), 'utf8')).toBe('the first');
  await master.remove('PAGE.html');
  await master.rmdir('page.HTML');
  await master.remove('page.html');
  await mirror.inStep(master);
  expect(await named(mirror.rootFolder)).toEqual(['Page.html']);
  expect(await readFile(join(mirror.rootFolder, 'Page.html'), 'utf8')).toBe('another file');
  // The same file, in the other case.
  await master.rename('Page.html', 'page.html');
  await mirror.inStep(master);
  expect(await named(mirror.rootFolder)).toEqual(['page.html']);
});

test('a page with links is renamed to the other spelling on such a disk: there the old one has to go first', async () => {
  const { master, mirror } = await startPair([], { mirror: await foldingFolder() });
  await master.rules({ links: { missing: 100 } });
  await master.put('Page.html', '<a href="nowhere.html">');
  await mirror.inStep(master);
  await master.rename('Page.html', 'page.html');
  await mirror.inStep(master);
  expect(await named(mirror.rootFolder)).toEqual(['page.html']);
});

test('a release that takes a name away and gives its other spelling is shown on such a disk too', async () => {
  const { master, mirror } = await startPair([], { mirror: await foldingFolder() });
  await master.put('page.html', 'the first');
  await mirror.inStep(master);
  const release = master.site.beginRelease('spellings', BY);
  await put(release, 'Page.html', 'another');
  await put(release, 'other.html', 'other');
  await release.remove(at('page.html'), BY);
  await release.commit();
  await mirror.inStep(master);
  expect(await named(mirror.rootFolder)).toEqual(['Page.html', 'other.html']);
});

test.each(['as they are told', 'that were missed'] as const)(
  'releases that each take away a name of which another one gives another spelling are shown on such a disk too: %s',
  async (how) => {
    const { master, mirror } = await startPair([], { mirror: await foldingFolder() });
    await master.put('a.html', 'a');
    await master.mkdir('d');
    await master.put('d/b.html', 'b');
    await master.put('c.html', 'c');
    await mirror.inStep(master);
    if (how === 'that were missed') mirror.cut();
    const releases = (['first', 'second', 'third'] as const).map((name) => master.site.beginRelease(name, BY));
    const [first, second, third] = releases as [ReleaseFiles, ReleaseFiles, ReleaseFiles];
    await put(first, 'A.html', 'another a');
    await second.remove(at('a.html'), BY);
    await second.makeDir(at('D'), BY);
    await put(second, 'D/b.html', 'another b');
    await third.remove(at('d/b.html'), BY);
    await third.removeDir(at('d'), BY);
    await put(third, 'C.html', 'another c');
    await first.remove(at('c.html'), BY);
    for (const [at, release] of releases.entries()) {
      await put(release, `new-${at}.html`, 'new');
      await release.commit();
    }
    if (how === 'that were missed') mirror.connect(master);
    await mirror.inStep(master);
    expect(await named(mirror.rootFolder)).toEqual(['A.html', 'C.html', 'D', 'new-0.html', 'new-1.html', 'new-2.html']);
  },
);

test('a master on such a disk refuses a second spelling, and takes a rename from one to the other', async () => {
  const master = await startMaster(await foldingFolder());
  onTestFinished(() => master.stop());
  await master.put('page.html', 'the first');
  const clash = { code: 'path.case-clash', params: { path: 'Page.html', other: 'page.html' } };
  await expect(master.put('Page.html', 'another')).rejects.toMatchObject(clash);
  await expect(master.mkdir('Page.html')).rejects.toMatchObject(clash);
  await expect(master.remove('Page.html')).rejects.toMatchObject(clash);
  await master.put('b.html', 'b');
  await expect(master.rename('b.html', 'Page.html')).rejects.toMatchObject(clash);
  await master.rename('page.html', 'Page.html');
  expect(await named(master.rootFolder)).toEqual(['Page.html', 'b.html']);
  expect(master.journal.index.entry('page.html' as never)).toBeUndefined();
  await master.put('Page.html', 'replaced under its own name');
  expect(await readFile(join(master.rootFolder, 'Page.html'), 'utf8')).toBe('replaced under its own name');
});

test('nor does it take two spellings in one release', async () => {
  const master = await startMaster(await foldingFolder());
  onTestFinished(() => master.stop());
  const release = master.site.beginRelease('spellings', BY);
  await put(release, 'Page.html', 'the first');
  await put(release, 'page.html', 'another');
  await release.makeDir(at('Dir'), BY);
  const clash = (path: string, other: string) => ({ code: 'path.case-clash', params: { path, other } });
  await expect(release.commit()).rejects.toMatchObject(clash('page.html', 'Page.html'));
  expect([await named(master.rootFolder), master.journal.head]).toEqual([[], 0]);
  await release.rename(at('page.html'), at('other.html'), BY);
  await release.makeDir(at('dir'), BY);
  await expect(release.commit()).rejects.toMatchObject(clash('dir', 'Dir'));
  await release.removeDir(at('dir'), BY);
  await release.commit();
  expect(await named(master.rootFolder)).toEqual(['Dir', 'Page.html', 'other.html']);
});

test('times of any sign and of the far future decide nothing: the order of the journal does', async () => {
  const { master, mirror } = await startPair();
  const future = 4_000_000_000_000;
  await master.put('a', 'from the future');
  await master.touch('a', future);
  await mirror.inStep(master);
  // Older by its time, newer by the journal.
  await master.put('a', 'newer');
  await master.touch('a', 0);
  await master.put('b', 'before 1970');
  await master.touch('b', -86_400_000);
  await mirror.inStep(master);
  expect(await readFile(join(mirror.rootFolder, 'a'), 'utf8')).toBe('newer');
  const times = ['a', 'b'].map((path) => {
    const entry = mirror.site.state.entry(path as never);
    return entry?.kind === 'file' ? entry.mtime : undefined;
  });
  expect(times).toEqual([0, -86_400_000]);
  await master.touch('a', future);
  await mirror.inStep(master);
  expect(await mirror.site.rescan()).toEqual({ found: 2, changed: 0 });
});

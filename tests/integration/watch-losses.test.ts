import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { recordFound } from '../../electron/engine/master/compare.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { fillPages, journalOf, watchedSite } from '../support/watched-site.ts';
import { until } from '../support/until.ts';

test('an emptied folder is held and shown; allowed, it goes on', async () => {
  const { master, at, watch, scans } = await watchedSite((root) => fillPages(root, 30));
  await until(
    () => master.journal.index.files() === 30,
    () => journalOf(master),
  );
  const before = journalOf(master);
  for (let index = 0; index < 30; index += 1) await rm(at(`page-${index}.html`));
  await until(
    () => watch.trouble !== undefined,
    () => journalOf(master),
  );
  expect(watch.trouble?.error).toEqual({ code: 'guard.held', params: { count: 30, of: 30 } });
  expect(journalOf(master)).toEqual(before);
  await scans.scan({ allowedDeletes: 30 });
  watch.retry();
  await until(
    () => watch.trouble === undefined,
    () => watch.trouble,
  );
  expect(journalOf(master)).toHaveLength(60);
  await writeFile(at('again.txt'), 'again');
  await until(
    () => journalOf(master).length === 61,
    () => journalOf(master),
  );
});

test('a file that takes the place of a folder with most of the site is held too, however the folder is read', async () => {
  const { master, at, watch, scans } = await watchedSite(async (root) => {
    await mkdir(join(root, 'all'));
    await fillPages(join(root, 'all'), 30);
  });
  await until(
    () => master.journal.index.files() === 30,
    () => journalOf(master),
  );
  const before = journalOf(master);
  await rename(at('all'), `${master.rootFolder}.away`);
  await writeFile(at('all'), 'a file');
  await until(
    () => watch.trouble !== undefined || master.journal.index.files() < 30,
    () => journalOf(master),
  );
  expect(journalOf(master)).toEqual(before);
  expect(watch.trouble?.error).toEqual({ code: 'guard.held', params: { count: 30, of: 30 } });
  await expect(scans.scan()).rejects.toMatchObject({ code: 'guard.held' });
  const all = [{ path: 'all' as SitePath }];
  await expect(recordFound(master.site, all, () => undefined)).rejects.toMatchObject({ code: 'guard.held' });
  expect(journalOf(master)).toEqual(before);
  await scans.scan({ allowedDeletes: 30 });
  expect(journalOf(master).slice(before.length).at(-1)).toBe('put all 6 scan');
  watch.retry();
  await until(
    () => watch.trouble === undefined,
    () => watch.trouble,
  );
});

test('a file that takes the place of a folder with a part of the site is published, and its files are counted once', async () => {
  const { master, at, watch } = await watchedSite(async (root) => {
    await mkdir(join(root, 'part'));
    for (let index = 0; index < 30; index += 1) await writeFile(join(root, `part/${index}`), `${index}`);
    for (let index = 0; index < 70; index += 1) await writeFile(join(root, `${index}`), `${index}`);
  });
  await until(
    () => master.journal.index.files() === 100,
    () => master.journal.index.files(),
  );
  let troubles = 0;
  const looking = setInterval(() => (troubles += watch.trouble ? 1 : 0), 10);
  onTestFinished(() => clearInterval(looking));
  await rm(at('part'), { recursive: true });
  await writeFile(at('part'), 'a file');
  await until(
    () => master.journal.index.files() === 71,
    () => master.journal.index.files(),
  );
  await sleep(3_000);
  expect([troubles, watch.trouble]).toEqual([0, undefined]);
});

test('a folder with all of a site that is renamed is not held, though it takes a while to read it under its new name', async () => {
  const files = 4_000;
  const { master, at, watch } = await watchedSite(async (root) => {
    await mkdir(join(root, 'all'));
    await fillPages(join(root, 'all'), files);
  });
  const known = (path: string) => master.journal.index.entry(path as SitePath)?.kind;
  await until(
    () => master.journal.index.files() === files,
    () => master.journal.index.files(),
  );
  let troubles = 0;
  const looking = setInterval(() => (troubles += watch.trouble ? 1 : 0), 10);
  onTestFinished(() => clearInterval(looking));
  await rename(at('all'), at('renamed'));
  await until(() => known('renamed') === 'dir' && known('all') === undefined, 'it is published under its new name');
  expect([master.journal.index.files(), troubles]).toEqual([files, 0]);
}, 60_000);

test('files that come back while one waits for more to go are not counted as gone', async () => {
  const { master, at, watch } = await watchedSite((root) => fillPages(root, 30));
  await until(
    () => master.journal.index.files() === 30,
    () => journalOf(master),
  );
  let isBack = false;
  const counting = vi.spyOn(master.journal.index, 'files').mockImplementationOnce(() => {
    // The first of them is found to be missing; the others are within 250 ms, and it waits for 500 ms from then.
    setTimeout(() => void fillPages(master.rootFolder, 30).then(() => (isBack = true)), 450);
    return 30;
  });
  onTestFinished(() => counting.mockRestore());
  for (let index = 0; index < 30; index += 1) await rm(at(`page-${index}.html`));
  let troubles = 0;
  const looking = setInterval(() => (troubles += watch.trouble ? 1 : 0), 10);
  onTestFinished(() => clearInterval(looking));
  await until(() => isBack, 'they are back');
  await sleep(2_000);
  expect([troubles, master.journal.index.files()]).toEqual([0, 30]);
});

test('a folder that is emptied in small parts is held, too, and stays held', async () => {
  const { master, at, watch, scans } = await watchedSite((root) => fillPages(root, 22));
  const files = () => master.journal.index.files();
  await until(() => files() === 22, files);
  const remove = (from: number, to: number) =>
    Promise.all(Array.from({ length: to - from }, (_, index) => rm(at(`page-${from + index}.html`))));
  await remove(0, 9);
  await until(() => files() === 13, files);
  await remove(9, 12);
  await until(() => watch.trouble !== undefined, files);
  expect(watch.trouble?.error).toEqual({ code: 'guard.held', params: { count: 12, of: 22 } });
  watch.retry();
  await expect(scans.scan()).rejects.toMatchObject({ code: 'guard.held' });
  expect(files()).toBe(13);
  await scans.scan({ allowedDeletes: Infinity });
  watch.retry();
  await until(() => watch.trouble === undefined, files);
  expect(files()).toBe(10);
  // What was allowed is not counted with what goes after it.
  await remove(12, 13);
  await until(() => files() === 9, files);
});

test.each([
  { deleted: 39, held: false },
  { deleted: 51, held: true },
])(
  'a folder that was renamed is neither lost nor there twice: $deleted others of 100 are gone',
  async ({ deleted, held }) => {
    const { master, at, watch } = await watchedSite(async (root) => {
      for (const [folder, files] of Object.entries({ old: 27, kept: 73 })) {
        await mkdir(join(root, folder));
        for (let index = 0; index < files; index += 1)
          await writeFile(join(root, folder, `${index}`), `${folder} ${index}`);
      }
    });
    const files = () => master.journal.index.files();
    await until(() => files() === 100, files);
    await rename(at('old'), at('new'));
    for (let index = 0; index < deleted; index += 1) await rm(at(`kept/${index}`));
    await until(() => watch.trouble !== undefined || files() === 100 - deleted, files);
    const error = { code: 'guard.held', params: { count: 51, of: 100 } };
    expect(watch.trouble?.error).toEqual(held ? error : undefined);
  },
);

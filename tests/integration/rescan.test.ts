import { renameSync } from 'node:fs';
import { appendFile, mkdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '../../electron/engine/ports.ts';
import type { Unnumbered } from '../../shared/domain/change.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { ROOT } from '../../shared/domain/site-path.ts';
import type { AppError } from '../../shared/errors/app-error.ts';
import { recordFound, recordGone, type Seen } from '../../electron/engine/master/compare.ts';
import { replyToError } from '../../electron/engine/master/ftp-server/reply.ts';
import { rescan } from '../../electron/engine/master/rescan.ts';
import { aMaster } from '../support/a-pair.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { put } from '../support/site-calls.ts';
import { until } from '../support/until.ts';
import { journalOf } from '../support/watched-site.ts';

async function start() {
  const master = await aMaster();
  return { master, at: (path: string) => join(master.rootFolder, path) };
}

async function fill(at: (path: string) => string, files: number): Promise<void> {
  for (let index = 0; index < files; index += 1) await writeFile(at(`page-${index}.html`), `page ${index}`);
}

test('what was changed without FTP is journalled: folders first, deletes last, nothing twice', async () => {
  const { master, at } = await start();
  await master.put('kept.txt', 'kept');
  await master.put('old.txt', 'old');
  await master.mkdir('empty');
  await mkdir(at('deep/er'), { recursive: true });
  await writeFile(at('deep/er/file.txt'), 'new');
  await writeFile(at('kept.txt'), 'changed');
  await rm(at('old.txt'));
  await rm(at('empty'), { recursive: true });
  await symlink('/etc', at('link'));
  const before = journalOf(master).length;
  expect(await rescan(master.site)).toEqual({ found: 4, changed: 6, skipped: ['link'], unfit: 0, links: 1 });
  const lines = journalOf(master).slice(before);
  expect(lines.toSorted()).toEqual(
    [
      'delete old.txt scan',
      'mkdir deep scan',
      'mkdir deep/er scan',
      'put deep/er/file.txt 3 scan',
      'put kept.txt 7 scan',
      'rmdir empty scan',
    ].toSorted(),
  );
  expect(lines.slice(-2).toSorted()).toEqual(['delete old.txt scan', 'rmdir empty scan']);
  expect(lines.indexOf('mkdir deep scan')).toBeLessThan(lines.indexOf('mkdir deep/er scan'));
  expect(await rescan(master.site)).toMatchObject({ changed: 0 });
});

test('a file in place of a folder, a folder in place of a file, a link in place of either', async () => {
  const { master, at } = await start();
  await master.mkdir('a');
  await master.mkdir('a/b');
  await master.put('a/b/c.txt', 'c');
  await master.put('f.txt', 'f');
  await master.put('l.txt', 'l');
  const before = journalOf(master).length;
  await rm(at('a'), { recursive: true });
  await writeFile(at('a'), 'a file');
  await rm(at('f.txt'));
  await mkdir(at('f.txt'));
  await writeFile(at('f.txt/inside'), 'i');
  await rm(at('l.txt'));
  await symlink('/etc/passwd', at('l.txt'));
  await rescan(master.site);
  const lines = journalOf(master).slice(before);
  const ofA = lines.filter((line) => / a(\/| |$)/.test(line));
  expect(ofA).toEqual(['delete a/b/c.txt scan', 'rmdir a/b scan', 'rmdir a scan', 'put a 6 scan']);
  expect(lines.filter((line) => line.includes('f.txt'))).toEqual([
    'delete f.txt scan',
    'mkdir f.txt scan',
    'put f.txt/inside 1 scan',
  ]);
  expect(lines.at(-1)).toBe('delete l.txt scan');
  expect(await rescan(master.site)).toMatchObject({ changed: 0 });
});

test('with a folder goes what went of it without FTP, however it is removed; so much that a person is asked stays', async () => {
  const { master, at } = await start();
  const by = { account: 'tester' };
  for (const folder of ['a', 'b', 'b/c', 'd', 'e']) await master.mkdir(folder);
  for (const path of ['a/x', 'b/c/y', 'd/z']) await master.put(path, path);
  for (let file = 0; file < 12; file += 1) await master.put(`e/${file}`, 'e');
  for (const path of ['a/x', 'b/c/y', 'b/c', 'd/z']) await rm(at(path), { recursive: true });
  const before = journalOf(master).length;
  await master.site.removeDir('a' as SitePath, by);
  const release = master.site.beginRelease('without', by);
  await release.removeDir('b' as SitePath, by);
  await release.removeDir('d' as SitePath, by);
  await put(release, 'd', 'a file now');
  await release.commit();
  expect(journalOf(master).slice(before)).toEqual([
    'delete a/x tester',
    'rmdir a tester',
    'delete d/z tester',
    'delete b/c/y tester',
    'rmdir b/c tester',
    'rmdir d tester',
    'put d 10 tester',
    'rmdir b tester',
  ]);
  expect(await rescan(master.site)).toMatchObject({ changed: 0 });
  for (let file = 0; file < 12; file += 1) await rm(at(`e/${file}`));
  const held = await master.site.removeDir('e' as SitePath, by).catch((error: unknown) => error);
  expect(held).toMatchObject({ code: 'guard.held', params: { count: 12, of: 13 } });
  // Nothing waits for it, and no option of what asked for it would help.
  expect(replyToError(held as AppError)).toEqual({
    code: 450,
    text: 'Held: 12 of 13 files would be deleted at once. If you mean it, say so with lockstep site rescan SITE --allow-deletes; otherwise check the folder first.',
  });
  await rescan(master.site, { allowedDeletes: Infinity });
  await master.site.removeDir('e' as SitePath, by);
});

test('what goes with folders within each other is looked at once', async () => {
  const { master, at } = await start();
  const by = { account: 'tester' };
  const chain = Array.from({ length: 12 }, (_, depth) => Array.from({ length: depth + 1 }, () => 'a').join('/'));
  for (const folder of [...chain, 'a!', 'a0']) await master.mkdir(folder);
  for (const path of [`${chain.at(-1)}/x`, 'a!/y']) {
    await master.put(path, path);
    await rm(at(path));
  }
  const below = vi.spyOn(master.site.journal.index, 'eachBelow');
  const release = master.site.beginRelease('all of it', by);
  for (const folder of ['a!', ...chain.toReversed(), 'a0']) await release.removeDir(folder as SitePath, by);
  await release.commit();
  expect(below.mock.calls.map(([folder]) => folder)).toEqual(['a!', 'a', 'a0']);
  expect(await rescan(master.site)).toMatchObject({ changed: 0 });
});

test('a folder that is not the site any more is refused, and nothing is journalled', async () => {
  const { master, at } = await start();
  await fill(at, 3);
  await rescan(master.site);
  const before = journalOf(master);
  await rename(master.rootFolder, `${master.rootFolder}.elsewhere`);
  await expect(rescan(master.site)).rejects.toMatchObject({ code: 'site.root-missing' });
  await mkdir(master.rootFolder);
  await expect(rescan(master.site, { allowedDeletes: Infinity })).rejects.toMatchObject({ code: 'site.root-missing' });
  expect(journalOf(master)).toEqual(before);
  await rm(master.rootFolder, { recursive: true });
  await rename(`${master.rootFolder}.elsewhere`, master.rootFolder);
  expect(await rescan(master.site)).toMatchObject({ changed: 0 });
});

test('a folder that goes away while one looks at what is missing in it is not taken for emptied', async () => {
  const { master, at } = await start();
  await fill(at, 3);
  await rescan(master.site);
  const before = journalOf(master);
  const [page] = master.journal.index.page('', 1);
  const { root } = master.site;
  const plain = root.plain.bind(root);
  vi.spyOn(root, 'plain').mockImplementation((path) => {
    renameSync(master.rootFolder, `${master.rootFolder}.elsewhere`);
    return plain(path);
  });
  await expect(recordGone(master.site, page ? [page] : [])).rejects.toMatchObject({ code: 'site.root-missing' });
  expect(journalOf(master)).toEqual(before);
});

test('what goes while the tree is read counts with what has gone before', async () => {
  const { master, at } = await start();
  for (const folder of ['one', 'two']) {
    await mkdir(at(folder));
    await fill((path) => at(`${folder}/${path}`), 15);
  }
  await rescan(master.site);
  const before = journalOf(master);
  const { root } = master.site;
  const resolve = root.resolve.bind(root);
  let read = 0;
  vi.spyOn(root, 'resolve').mockImplementation(async (path) => {
    if (path !== ROOT) read += 1;
    // The first of the two has been seen whole.
    if (read === 2) for (const folder of ['one', 'two']) await rm(at(folder), { recursive: true, force: true });
    return resolve(path);
  });
  await expect(rescan(master.site)).rejects.toMatchObject({ code: 'guard.held', params: { count: 30, of: 30 } });
  expect(journalOf(master)).toEqual(before);
});

test('deletes of more than half of the files are held, unless they are asked for', async () => {
  const { master, at } = await start();
  await fill(at, 30);
  await rescan(master.site);
  const before = journalOf(master);
  for (let index = 0; index < 16; index += 1) await rm(at(`page-${index}.html`));
  await expect(rescan(master.site)).rejects.toMatchObject({ code: 'guard.held', params: { count: 16, of: 30 } });
  expect(journalOf(master)).toEqual(before);
  // Who was asked about fifteen has not said yes to sixteen.
  await expect(rescan(master.site, { allowedDeletes: 15 })).rejects.toMatchObject({ code: 'guard.held' });
  expect(journalOf(master)).toEqual(before);
  expect(await rescan(master.site, { allowedDeletes: 16 })).toMatchObject({ found: 14, changed: 16 });
});

test.each([
  { deleted: 39, held: false },
  { deleted: 51, held: true },
])(
  'a folder that was renamed is neither lost nor there twice: $deleted others of 100 are gone',
  async ({ deleted, held }) => {
    const { master, at } = await start();
    for (const [folder, files] of Object.entries({ old: 27, kept: 73 })) {
      await mkdir(at(folder));
      await fill((path) => at(`${folder}/${path}`), files);
    }
    await rescan(master.site);
    await rename(at('old'), at('new'));
    for (let index = 0; index < deleted; index += 1) await rm(at(`kept/page-${index}.html`));
    if (held)
      await expect(rescan(master.site)).rejects.toMatchObject({ code: 'guard.held', params: { count: 51, of: 100 } });
    await rescan(master.site, { allowedDeletes: held ? deleted : 0 });
    expect(master.journal.index.files()).toBe(100 - deleted);
  },
);

test('others of the same size and time are not taken for what is gone', async () => {
  const { master, at } = await start();
  const write = async (folder: string, files: number) => {
    await mkdir(at(folder));
    for (let index = 0; index < files; index += 1) {
      await writeFile(at(`${folder}/${index}`), `${folder} ${String(index).padStart(3, '0')}`);
      await utimes(at(`${folder}/${index}`), 1, 1);
    }
  };
  await write('one', 60);
  await rescan(master.site);
  await rm(at('one'), { recursive: true });
  await write('two', 40);
  const held = { code: 'guard.held', params: { count: 60, of: 100 } };
  await expect(rescan(master.site)).rejects.toMatchObject(held);
  expect(master.journal.index.files()).toBe(60);
});

/** Another folder that nothing was in takes the place of one: as where a disk is not mounted. */
async function exchange(folder: string): Promise<void> {
  await rename(folder, `${folder}.away`);
  await mkdir(folder);
  await rename(`${folder}.away`, join(await temporaryFolder(), 'away'));
}

test('a part of the site is held where some of it came to another folder than what stands there now, however old the rest is', async () => {
  const { master, at } = await start();
  await master.mkdir('media');
  for (let index = 0; index < 40; index += 1) await master.put(`${index}.txt`, 'x');
  for (let index = 0; index < 11; index += 1) await master.put(`media/${index}.jpg`, 'x');
  const later = vi.spyOn(systemClock, 'now').mockImplementation(() => Date.now() + 3_600_000);
  onTestFinished(() => later.mockRestore());
  await master.put('media/new.jpg', 'x');
  await exchange(at('media'));
  await expect(rescan(master.site)).rejects.toMatchObject({ code: 'guard.held', params: { count: 12, of: 52 } });
  expect(master.journal.index.files()).toBe(52);
});

test('so it is where all of it was seen since that folder has changed', async () => {
  const { master, at } = await start();
  for (const folder of ['media', 'media/2026']) await master.mkdir(folder);
  for (let index = 0; index < 40; index += 1) await master.put(`${index}.txt`, 'x');
  for (let index = 0; index < 12; index += 1) await master.put(`media/2026/${index}.jpg`, 'x');
  const now = Date.now() + 3_600_000;
  const later = vi.spyOn(Date, 'now').mockImplementation(() => now);
  onTestFinished(() => later.mockRestore());
  expect(await rescan(master.site)).toMatchObject({ changed: 0 });
  await exchange(at('media'));
  await expect(rescan(master.site)).rejects.toMatchObject({ code: 'guard.held', params: { count: 12, of: 52 } });
  expect(master.journal.index.files()).toBe(52);
});

test('what a large release is about to put into the folder is not taken for deleted', async () => {
  const { master, at } = await start();
  await fill(at, 12);
  await rescan(master.site);
  const puts = Array.from({ length: 40 }, (_, index) => ({
    op: 'put' as const,
    path: `new-${index}.html` as SitePath,
    size: 1,
    mtime: 1,
    sha256: 'a'.repeat(64),
  }));
  const by = { account: 'tester' };
  // It has the site's lock, and is in the journal.
  const placed = Promise.withResolvers<Unnumbered[]>();
  const release = master.site.record(() => placed.promise, by);
  master.journal.append(puts, by, Date.now());
  const recording = vi.spyOn(master.site, 'record');
  let outcome: unknown;
  const reading = rescan(master.site)
    .catch((error: unknown) => error)
    .then((value) => (outcome = value));
  await until(() => recording.mock.calls.length > 0 || outcome !== undefined, 'it has been read');
  for (const { path } of puts) await writeFile(at(path), 'x');
  master.journal.confirm();
  placed.resolve([]);
  await release;
  await reading;
  expect(outcome).toMatchObject({ found: 12, changed: 0 });
  expect(master.journal.index.files()).toBe(52);
});

test('where a folder is not watched a file is published though the clock was set back since', async () => {
  const { master, at } = await start();
  await writeFile(at('page.html'), 'page');
  const watch = { isOn: true, waitsFor: () => false, settle: () => undefined };
  expect(await rescan(master.site, { watch })).toMatchObject({ changed: 0 });
  const earlier = Date.now() - 86_400_000;
  const now = vi.spyOn(Date, 'now').mockImplementation(() => earlier);
  onTestFinished(() => now.mockRestore());
  expect(await rescan(master.site, { watch })).toMatchObject({ changed: 1 });
});

test('a folder that was renamed is not taken for emptied', async () => {
  const { master, at } = await start();
  await mkdir(at('old'));
  await fill((path) => at(`old/${path}`), 30);
  await rescan(master.site);
  await rename(at('old'), at('new'));
  expect(await rescan(master.site)).toMatchObject({ found: 31, changed: 62 });
});

test('a rescan that is given up journals nothing more', async () => {
  const { master, at } = await start();
  await fill(at, 30);
  await expect(rescan(master.site, { signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
  expect(journalOf(master)).toEqual([]);
});

test('others have their turn while a large folder is listed', async () => {
  const { master, at } = await start();
  const files = 5000;
  await Promise.all(Array.from({ length: files }, (_, index) => writeFile(at(`f-${index}`), '')));
  let turns = 0;
  let listing = true;
  const counting = (async () => {
    for (; listing; turns += 1) await setImmediate();
  })();
  const infos = [];
  for await (const info of await master.site.list(ROOT)) infos.push(info);
  listing = false;
  await counting;
  expect(infos).toHaveLength(files);
  expect(turns).toBeGreaterThan(1);
  expect((await master.site.stat('f-1' as SitePath)).kind).toBe('file');
});

test('others have their turn while many small files are read for the first time', async () => {
  const { master, at } = await start();
  const many = 300;
  await fill(at, many);
  // A clock that goes on whenever it is asked: turns are counted, not timed.
  let millis = performance.now();
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (millis += 0.1));
  onTestFinished(() => clock.mockRestore());
  let turns = 0;
  const counting = new AbortController();
  const counted = (async () => {
    for (; !counting.signal.aborted; turns += 1) await setImmediate();
  })();
  const seen = Array.from({ length: many }, (_, index) => ({ path: `page-${index}.html` as SitePath }));
  expect(await recordFound(master.site, seen, () => undefined)).toBe(many);
  counting.abort();
  await counted;
  expect(turns).toBeGreaterThan(4);
});

test('what was written to after it had been found quiet is not taken for whole, however long it takes to come to it', async () => {
  const { master, at } = await start();
  const path = 'slow.bin' as SitePath;
  await writeFile(at(path), 'old');
  const quiet = await stat(at(path));
  await appendFile(at(path), ' and half of the new');
  const record = (seen: Seen) => recordFound(master.site, [seen], () => undefined);
  expect(await record({ path, quiet })).toBe(0);
  expect(await record({ path, quiet: await stat(at(path)) })).toBe(1);
});

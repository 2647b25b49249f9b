import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { rescan } from '../../electron/engine/master/rescan.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { smallDisk } from '../support/small-disk.ts';
import { readTree } from '../support/tree.ts';

const run = promisify(execFile);

/** The folder `media` of a site becomes a disk of its own. False: it cannot be had here. */
async function mountAt(root: string): Promise<boolean> {
  const disk = await smallDisk(2 ** 20);
  if (disk === undefined) return false;
  await run('mount', ['--bind', disk, join(root, 'media')]);
  onTestFinished(async () => void (await run('umount', ['-l', join(root, 'media')]).catch(() => undefined)));
  return true;
}

const told = (path: string) => ({ code: 'file.other-disk', params: { path } });

test('what is put or renamed into a folder of a master that is a disk of its own is refused, and says why', async () => {
  const master = await aMaster();
  await master.mkdir('media');
  await master.put('page', 'page');
  if (!(await mountAt(master.rootFolder))) return;
  await expect(master.put('media/a', 'a')).rejects.toMatchObject(told('media/a'));
  await expect(master.rename('page', 'media/page')).rejects.toMatchObject(told('media/page'));
  expect(Object.keys(await readTree(master.rootFolder))).toEqual(['media/', 'page']);
  expect(master.journal.head).toBe(2);
});

test('a mirror says why nothing comes into such a folder, and shows all of it once that is mended', async () => {
  const master = await aMaster();
  const mirror = await aMirror('tokyo');
  mirror.connect(master);
  await master.mkdir('media');
  await mirror.inStep(master);
  if (!(await mountAt(mirror.rootFolder))) return;
  await master.put('media/a', 'a');
  await master.put('page', 'page');
  await expect.poll(() => mirror.site.standing(10)).toMatchObject([{ path: 'media/a', error: told('media/a') }]);
  await expect.poll(async () => Object.keys(await readTree(mirror.rootFolder))).toEqual(['media/', 'page']);
  await run('umount', [join(mirror.rootFolder, 'media')]);
  expect(await mirror.site.resolve('media/a', 'publish', 'tokyo')).toBe(true);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a disk within a site is known as one though something else of the site cannot be read, and stays known while it cannot be reached', async () => {
  const master = await aMaster();
  const at = (path: string) => join(master.rootFolder, path);
  await master.mkdir('media');
  await mkdir(at('shut'));
  if (!(await mountAt(master.rootFolder))) return;
  await writeFile(at('media/a'), 'a');
  const { root } = master.site;
  const resolve = root.resolve.bind(root);
  let shut: SitePath = 'shut' as SitePath;
  vi.spyOn(root, 'resolve').mockImplementation((path) =>
    path === shut ? Promise.reject(new AppError('file.denied', { path })) : resolve(path),
  );
  expect(await rescan(master.site)).toMatchObject({ unfit: 1 });
  expect(master.journal.lookedAt).toBe(undefined);
  await run('umount', [at('media')]);
  // What is in its place cannot be seen.
  shut = 'media' as SitePath;
  expect(await rescan(master.site)).toMatchObject({ unfit: 1 });
  shut = 'shut' as SitePath;
  await expect(rescan(master.site)).rejects.toMatchObject({ code: 'guard.held', params: { count: 1, of: 1 } });
  // Once somebody has said that it is meant, what comes there later may go as anything else.
  await rescan(master.site, { allowedDeletes: 1 });
  await writeFile(at('media/b'), 'b');
  await rescan(master.site);
  await rm(at('media/b'));
  await rescan(master.site);
  expect(master.journal.index.files()).toBe(0);
});

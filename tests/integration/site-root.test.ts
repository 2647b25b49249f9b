import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { startMirror } from '../support/master-and-mirror.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';

async function aPair() {
  const master = await aMaster();
  const folder = await temporaryFolder();
  const mirror = await startMirror(folder, 'tokyo');
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (!isStopped) await mirror.stop();
    isStopped = true;
  };
  onTestFinished(stop);
  mirror.connect(master);
  for (const name of ['a', 'b', 'c']) await master.put(name, `content of ${name}`);
  await mirror.inStep(master);
  const trouble = () => mirror.site.trouble?.error.code;
  return { master, mirror, folder, trouble, stop };
}

test('deletes and folders that come while the disk of a mirror is not mounted are not lost, nor made in its place', async () => {
  const { master, mirror, trouble } = await aPair();
  const away = `${mirror.rootFolder} away`;
  await rename(mirror.rootFolder, away);
  // The place where it is mounted stands there, empty.
  await mkdir(mirror.rootFolder);
  await master.remove('a');
  await master.mkdir('folder');
  await master.rename('b', 'renamed');
  await master.put('folder/new', 'new');
  await expect.poll(trouble).toBe('site.root-missing');
  expect(await readdir(mirror.rootFolder)).toEqual([]);
  expect(mirror.site.state.counts().waiting).toBeGreaterThan(0);
  await rm(mirror.rootFolder, { recursive: true });
  await rename(away, mirror.rootFolder);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  await expect.poll(trouble).toBeUndefined();
});

test('another site at the place of a mirror is left alone, and the right one goes on when it is back', async () => {
  const { master, mirror, trouble } = await aPair();
  const other = await startMirror(await temporaryFolder(), 'osaka');
  await other.stop();
  const away = `${mirror.rootFolder} away`;
  await rename(mirror.rootFolder, away);
  await rename(other.rootFolder, mirror.rootFolder);
  await writeFile(join(mirror.rootFolder, 'a'), 'of another site');
  await master.put('a', 'new');
  await master.remove('b');
  await expect.poll(trouble).toBe('site.root-other');
  expect(await readTree(mirror.rootFolder)).toEqual({ a: expect.stringContaining('of another site') });
  await rename(mirror.rootFolder, other.rootFolder);
  await rename(away, mirror.rootFolder);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what stands in the way in the tree of a mirror is told, and its file comes by itself when that is gone', async () => {
  const { master, mirror, folder, stop } = await aPair();
  await mkdir(join(mirror.rootFolder, 'd'));
  await writeFile(join(mirror.rootFolder, 'd', 'of somebody'), 'and it stays');
  await master.put('d', 'a file where a folder stands');
  const failing = () =>
    mirror.site.standing(9).map(({ path, error, nextAttemptAt }) => [path, error.code, typeof nextAttemptAt]);
  await expect.poll(failing).toEqual([['d', 'file.is-directory', 'number']]);
  await rm(join(mirror.rootFolder, 'd'), { recursive: true });
  // Its time has come.
  mirror.store.run('UPDATE want SET next_at = 0');
  await stop();
  const again = await aMirror('tokyo', {}, folder);
  again.connect(master);
  await again.inStep(master);
  expect(await readTree(again.rootFolder)).toEqual(await readTree(master.rootFolder));
});

import { mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FileInfo } from '../../electron/engine/master/site-files.ts';
import { releaseSite } from '../support/release-site.ts';
import { at, BY, put } from '../support/site-calls.ts';

async function start() {
  const { site: files, tree: root } = await releaseSite();
  const many = async (count: number): Promise<void> => {
    await mkdir(join(root, 'many'));
    for (let index = 0; index < count; index += 1) await writeFile(join(root, 'many', `f-${index}`), '');
  };
  return { files, root, many };
}

async function namesOf(infos: AsyncIterable<FileInfo>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of infos) names.push(name);
  return names.sort();
}

test('a folder that is changed while it is listed: what stays is there once, what has gone is not', async () => {
  const { files, root, many } = await start();
  await many(100);
  const listing = await files.list(at('many'));
  for (let index = 0; index < 50; index += 1) await unlink(join(root, 'many', `f-${index}`));
  for (let index = 50; index < 60; index += 1) {
    // As an upload replaces it.
    await writeFile(join(root, 'other'), 'new');
    await rename(join(root, 'other'), join(root, 'many', `f-${index}`));
  }
  await rm(join(root, 'many', 'f-60'));
  await symlink('/etc/passwd', join(root, 'many', 'f-60'));
  await writeFile(join(root, 'many', 'late'), '');
  expect(listing.count).toBe(100);
  const left = Array.from({ length: 100 }, (_, index) => `f-${index}`).filter((_, at) => at >= 50 && at !== 60);
  expect(await namesOf(listing)).toEqual(left.sort());
});

test('a folder that has gone, or is another, ends the listing with an error and not as if it were whole', async () => {
  const { files, root, many } = await start();
  await many(1500);
  const listing = await files.list(at('many'));
  await rename(join(root, 'many'), join(root, 'moved'));
  await expect(namesOf(listing)).rejects.toMatchObject({ code: 'file.changed', params: { path: 'many' } });
  await symlink('moved', join(root, 'many'));
  await expect(namesOf(listing)).rejects.toMatchObject({ code: 'file.changed' });
  await expect(files.list(at('moved/f-1'))).rejects.toMatchObject({ code: 'file.not-directory' });
  await expect(files.list(at('gone'))).rejects.toMatchObject({ code: 'file.not-found' });
  await expect(files.list(at('many'))).rejects.toMatchObject({ code: 'path.link' });
});

test('names beyond the most are not read, and those that are not wanted do not count', async () => {
  const { files, many } = await start();
  await many(30);
  expect((await files.list(at('many'), { max: 10 })).count).toBe(11);
  const listing = await files.list(at('many'), { max: 10, wanted: (name) => name.endsWith('9') });
  expect(await namesOf(listing)).toEqual(['f-19', 'f-29', 'f-9']);
});

test('a release lists what it changes over the tree, also when it is committed meanwhile', async () => {
  const { files, many } = await start();
  await many(5);
  const release = files.beginRelease('r', BY);
  await put(release, 'many/f-1', 'replaced');
  await put(release, 'many/new', 'new');
  await release.remove(at('many/f-2'), BY);
  const listing = await release.list(at('many'));
  expect(listing.count).toBe(5);
  const wanted = await release.list(at('many'), { max: 1, wanted: (name) => name !== 'f-1' });
  expect(wanted.count).toBeGreaterThan(1);
  await release.commit();
  expect(await namesOf(listing)).toEqual(['f-0', 'f-1', 'f-3', 'f-4', 'new']);
});

import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { releaseSite } from '../support/release-site.ts';
import { at, BY, put, readSite } from '../support/site-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const options = { by: BY, title: 'dropped' };

async function localFolder(): Promise<string> {
  const local = await temporaryFolder();
  await mkdir(join(local, 'img', 'icons'), { recursive: true });
  for (const name of ['index.html', 'other.html', 'img/logo.svg', 'img/icons/close.svg'])
    await writeFile(join(local, name), name);
  return local;
}

test('of a folder only what was dropped: each under its own name, with what is below it', async () => {
  const { site } = await releaseSite();
  await put(site, 'index.html', 'old');
  await put(site, 'stays.html', 'stays');
  const local = await localFolder();
  const only = { ...options, only: ['index.html', 'img'] };
  const plan = {
    new: ['img', 'img/icons', 'img/icons/close.svg', 'img/logo.svg'],
    changed: ['index.html'],
    unchanged: 0,
    deleted: [],
    refused: [],
  };
  expect(await site.releases.planFolder(local, only)).toEqual(plan);
  expect(await site.releases.publishFolder(local, only)).toEqual({
    plan,
    release: { id: expect.any(Number), changes: 5 },
  });
  expect(await readSite(site)).toEqual({
    'img/': 'dir',
    'img/icons/': 'dir',
    'img/icons/close.svg': 'img/icons/close.svg',
    'img/logo.svg': 'img/logo.svg',
    'index.html': 'index.html',
    'stays.html': 'stays',
  });
});

test('into a folder of the site', async () => {
  const { site } = await releaseSite();
  const local = await localFolder();
  await site.releases.publishFolder(local, { ...options, only: ['other.html'], into: at('news/2026') });
  expect(await readSite(site)).toEqual({ 'news/': 'dir', 'news/2026/': 'dir', 'news/2026/other.html': 'other.html' });
});

test('what is gone meanwhile is refused as a whole, a link is left out', async () => {
  const { site } = await releaseSite();
  const local = await localFolder();
  await symlink(join(local, 'index.html'), join(local, 'link.html'));
  await expect(site.releases.planFolder(local, { ...options, only: ['index.html', 'gone'] })).rejects.toMatchObject({
    code: 'file.not-found',
    params: { path: 'gone' },
  });
  expect(await site.releases.planFolder(local, { ...options, only: ['link.html'] })).toMatchObject({
    new: [],
    refused: [{ path: 'link.html', error: { code: 'path.link' } }],
  });
});

test('a file beside the site may be published, the site and what holds it may not', async () => {
  const { site, home, tree } = await releaseSite();
  await writeFile(join(home, 'beside.html'), 'beside');
  expect(await site.releases.planFolder(home, { ...options, only: ['beside.html'] })).toMatchObject({
    new: ['beside.html'],
  });
  await put(site, 'within', 'x');
  for (const [folder, name] of [
    [home, 'site'],
    [tree, 'within'],
    [join(home, '..'), home.split('/').at(-1) ?? ''],
  ] as const)
    await expect(site.releases.planFolder(folder, { ...options, only: [name] })).rejects.toMatchObject({
      code: 'publish.own-folder',
    });
});

import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { sentence } from '../../shared/errors/sentences.en.ts';
import type { AppError } from '../../shared/errors/app-error.ts';
import { drop, dropMaster, folderOf, HERE, PASSWORD } from '../support/drops.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { readTree } from '../support/tree.ts';

test('a data folder is not published, neither by a drop nor as a folder, wherever it stands', async () => {
  const { engine, root, dataDir } = await dropMaster();
  const data = { 'config.json': '{}', 'identity/key.pem': 'key', 'lockstep.db': '' };
  const files = Object.fromEntries(Object.entries(data).map(([name, content]) => [`home/other/${name}`, content]));
  const folder = await folderOf({ 'home/page.html': 'page', 'home/config.json': '{}', ...files });
  const mine = join(dataDir, 'identity');
  for (const source of [dataDir, mine, join(mine, 'key.pem'), join(folder, 'home', 'other')]) {
    await expect(
      engine.call('publish.start', { to: HERE, sources: [source], name: 'x' }),
      source,
    ).rejects.toMatchObject({ code: 'publish.own-data' });
    if (source.endsWith('.pem')) continue;
    const asFolder = engine.call('release.publish', { folder: source, name: 'x' });
    await expect(asFolder, source).rejects.toMatchObject({ code: 'publish.own-data' });
  }
  const asked = { site: 'www', folder: join(folder, 'home'), name: 'x', dryRun: true };
  const left = { path: 'other', error: { code: 'publish.own-data' } };
  expect(await engine.call('release.publish', asked)).toMatchObject({
    plan: { new: ['config.json', 'page.html'], refused: [left] },
  });
  expect(await drop(engine, { sources: [folder] })).toMatchObject({ state: { is: 'done' }, plan: { refused: 1 } });
  expect(Object.keys(await readTree(root))).toEqual(['home/', 'home/config.json', 'home/page.html']);
});

test('what version control keeps in a folder is left out of a drop and of a release, and said to be, unless it is named', async () => {
  const { engine, root } = await dropMaster();
  const folder = await folderOf({
    'page.html': 'page',
    '.git/config': 'secret',
    'lib/.git': 'gitdir: ..',
    'lib/a.js': 'a',
  });
  const asked = { site: 'www', folder, name: 'x', dryRun: true };
  const refused = ['.git', 'lib/.git'].map((path) => ({ path, error: { code: 'publish.version-control' } }));
  expect(await engine.call('release.publish', asked)).toMatchObject({
    plan: { new: ['lib', 'lib/a.js', 'page.html'], refused },
  });
  expect(await drop(engine, { sources: [folder] })).toMatchObject({ state: { is: 'done' }, plan: { refused: 2 } });
  expect(Object.keys(await readTree(root))).toEqual(['lib/', 'lib/a.js', 'page.html']);
  await drop(engine, { sources: [join(folder, '.git'), join(folder, 'page.html')] });
  expect(Object.keys(await readTree(root))).toContain('.git/config');
});

test('files that an account puts there to look like a data folder keep nobody from publishing: it is said what to do', async () => {
  const { engine, root, port } = await dropMaster();
  await engine.call('account.add', { user: 'editor', site: 'www', password: PASSWORD });
  const client = await ftpLogin({ port, user: 'editor', password: PASSWORD, tls: true });
  await client.send('MKD /x');
  for (const name of ['config.json', 'lockstep.db']) await client.uploadFrom(Readable.from('{}'), `/x/${name}`);
  await engine.call('site.remove', { name: 'www' });
  const add = () => engine.call('site.add', { name: 'www', root });
  const refused = await add().then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({ code: 'site.root-data', params: { root, other: join(root, 'x') } });
  expect(sentence((refused as AppError).toJSON())).toContain('rename the config.json in it');
  await rename(join(root, 'x', 'config.json'), join(root, 'x', 'settings.json'));
  expect(await add()).toEqual({ name: 'www', root });
});

test('a name whose bytes are no text is left out and told, and the rest is published', async ({ skip }) => {
  skip(process.platform !== 'linux', 'other systems have no such names');
  const { engine, root } = await dropMaster();
  const folder = await folderOf({ 'fit.txt': 'fit', 'below/also.txt': 'also', 'caf\ufffd.txt': 'fits too' });
  const odd = (...bytes: number[]) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(bytes)]);
  await writeFile(odd(0x63, 0xe9), 'no text');
  await mkdir(odd(0xff, 0xfe));
  const left = ['c\ufffd', '\ufffd\ufffd'].map((path) => ({
    path,
    error: { code: 'path.invalid', params: { path } },
  }));
  const { plan } = await engine.call('release.publish', { folder, name: 'x', dryRun: true });
  expect(plan.refused.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(left);
  const { refused } = await engine.call('publish.plan', { to: HERE, sources: [folder] });
  expect(refused.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual(left);
  expect(await drop(engine, { sources: [folder] })).toMatchObject({ state: { is: 'done' }, plan: { refused: 2 } });
  expect(Object.keys(await readTree(root))).toEqual(['below/', 'below/also.txt', 'caf\ufffd.txt', 'fit.txt']);
});

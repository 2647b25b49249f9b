import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Client } from 'basic-ftp';
import { expect, test } from 'vitest';
import { ask, inProcess } from '../support/commands.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { type Network, PASSWORD, startNetwork, USER } from '../support/network.ts';
import { until } from '../support/until.ts';

test('a tree is browsed at both ends: who has what, by which route, and what is still on its way', async () => {
  const network = await startNetwork();
  const { master, tokyo, osaka } = network;
  await ask('route add', master.dataDir, 'private/**', 'tokyo');
  await ask('route add', master.dataDir, '**', 'all');
  const client = await connect(network);
  for (const folder of ['img', 'private']) await client.send(`MKD ${folder}`);
  await put(
    client,
    'index.html',
    '<link rel="stylesheet" href="/style.css"><img src="/img/logo.png"><a href="/no-such">x</a>',
  );
  await put(client, 'style.css', 'p {}');
  await put(client, 'img/logo.png', 'png');
  await put(client, 'private/notes.txt', 'mine');
  await master.must('wait');
  expect(await ask('site ls', master.dataDir)).toMatchObject([
    { kind: 'dir', path: 'img', state: 'published' },
    { kind: 'dir', path: 'private', state: 'published' },
    { kind: 'file', path: 'index.html', state: 'published', has: 2, of: 2 },
    { kind: 'file', path: 'style.css', size: 4, state: 'published', has: 2, of: 2 },
  ]);
  expect(await ask('site ls', master.dataDir, 'private')).toMatchObject([{ state: 'published', has: 1, of: 1 }]);
  // A mirror has what it has been told of.
  expect(await ask('site ls', osaka.dataDir, 'private')).toEqual([]);
  expect(await ask('site ls', tokyo.dataDir, 'private')).toMatchObject([
    { path: 'private/notes.txt', state: 'published' },
  ]);
  expect((await ask('site find', master.dataDir, 'LOGO')).map(({ path }) => path)).toEqual(['img/logo.png']);
  expect((await ask('site find', master.dataDir, '**/*.txt')).map(({ path }) => path)).toEqual(['private/notes.txt']);

  // The master gathers what mirrors report before it writes it down.
  await until(async () => {
    const { mirrors } = await ask('site show', master.dataDir, 'index.html');
    return mirrors.every(({ publishedAt }) => publishedAt !== undefined);
  }, 'it is noted when');
  const shown = await ask('site show', master.dataDir, 'index.html');
  expect(shown).toMatchObject({
    kind: 'file',
    by: USER,
    route: { glob: '**', mirrors: 'all' },
    groups: [],
    links: {
      out: [
        { target: 'style.css', missing: false },
        { target: 'img/logo.png', missing: false },
        { target: 'no-such', missing: true },
      ],
      in: [],
      more: false,
    },
    mirrors: [
      { peer: 'osaka', state: 'published', publishedAt: expect.any(Number) },
      { peer: 'tokyo', state: 'published', publishedAt: expect.any(Number) },
    ],
  });
  expect(await ask('site show', master.dataDir, 'private/notes.txt')).toMatchObject({
    route: { glob: 'private/**' },
    mirrors: [
      { peer: 'osaka', state: 'not-wanted' },
      { peer: 'tokyo', state: 'published' },
    ],
  });
  expect((await ask('site show', master.dataDir, 'style.css')).links.in).toEqual(['index.html']);

  // A mirror that is away has what it had, and nothing more.
  await osaka.stop();
  await put(client, 'img/new.png', 'new');
  await until(async () => (await tokyo.tree())['img/new.png'] !== undefined, 'tokyo has it');
  await until(async () => {
    const [, added] = await ask('site ls', master.dataDir, 'img');
    return added?.kind === 'file' && added.state === 'away' && added.has === 1;
  }, 'the master knows both');
  expect(await ask('site ls', master.dataDir, 'img')).toMatchObject([
    { path: 'img/logo.png', state: 'published', has: 2, of: 2 },
    { path: 'img/new.png', state: 'away', has: 1, of: 2 },
  ]);
  expect((await ask('site ls', master.dataDir))[0]).toEqual({ kind: 'dir', path: 'img', state: 'away' });
  const { out } = await inProcess(['site', 'ls', 'img', '--data', master.dataDir]);
  expect(out).toMatch(/img\/new\.png +3 B {2}[-\d]+ [:\d]+ {2}▲ away, at 1 of 2/);
  await osaka.start();
  await master.must('wait');
  expect((await ask('site ls', master.dataDir))[0]).toEqual({ kind: 'dir', path: 'img', state: 'published' });
});

test('what waits, fails and was given up is told file by file, at the mirror and at the master', async () => {
  const network = await startNetwork();
  const { master, tokyo, osaka } = network;
  const client = await connect(network);
  await ask(
    'group add',
    master.dataDir,
    'front',
    '--member',
    'w/*',
    '--member',
    'x.css',
    '--rule',
    'all',
    '--limit',
    'none',
  );
  await client.send('MKD w');
  // Where a folder is to be, somebody at the mirror has put something: the file cannot be placed.
  await client.send('MKD f');
  await network.inStep();
  await rm(join(tokyo.root, 'f'), { recursive: true });
  await writeFile(join(tokyo.root, 'f'), 'in the way');
  await put(client, 'w/a.html', 'a');
  await put(client, 'f/b.txt', 'b');
  const states = async (path: string): Promise<string[]> =>
    (await ask('site show', master.dataDir, path)).mirrors.map(({ peer, state }) => `${peer} ${state}`);
  await until(async () => (await states('w/a.html')).join() === 'osaka waiting,tokyo waiting', 'it waits');
  await until(async () => (await states('f/b.txt')).join() === 'osaka published,tokyo failing', 'it fails');
  expect(await ask('site ls', master.dataDir)).toMatchObject([
    { path: 'f', state: 'failing' },
    { path: 'w', state: 'waiting' },
  ]);
  expect(await ask('site ls', tokyo.dataDir)).toMatchObject([
    { path: 'f', state: 'failing' },
    { path: 'w', state: 'waiting' },
  ]);
  expect((await ask('site show', tokyo.dataDir, 'f/b.txt')).mirrors).toMatchObject([
    { peer: 'tokyo', state: 'failing', error: { code: expect.stringMatching(/^file\./) } },
  ]);
  await ask('waiting discard', tokyo.dataDir, 'www:f/b.txt');
  await until(async () => (await states('f/b.txt')).join() === 'osaka published,tokyo given-up', 'it is given up');
  expect(await ask('site ls', osaka.dataDir, 'f')).toMatchObject([{ path: 'f/b.txt', state: 'published' }]);
});

test('an earlier version is put back as a release, a deleted file too, and mirrors get it', async () => {
  const network = await startNetwork();
  const { master, tokyo } = network;
  const client = await connect(network);
  await client.send('MKD d');
  for (const content of ['one', 'two', 'three']) await put(client, 'd/page.html', content);
  const before = await ask('version list', master.dataDir, 'd/page.html');
  expect(before.map(({ size, current, kept, by }) => ({ size, current, kept, by }))).toEqual([
    { size: 5, current: true, kept: true, by: USER },
    { size: 3, current: false, kept: true, by: USER },
    { size: 3, current: false, kept: true, by: USER },
  ]);
  const first = before[2];
  const restored = await ask('version restore', master.dataDir, 'd/page.html', '--seq', String(first?.seq));
  expect(restored).toMatchObject({ name: 'Back to an earlier “page.html”', changes: 1 });
  await network.inStep();
  expect((await tokyo.tree())['d/page.html']).toContain('one');
  expect(await ask('site show', master.dataDir, 'd/page.html')).toMatchObject({
    sha256: first?.sha256,
    mtime: first?.mtime,
    release: { id: restored.id },
  });

  await client.remove('d/page.html');
  await client.removeDir('d');
  expect(await ask('site show', master.dataDir, 'd/page.html')).toMatchObject({ kind: 'gone' });
  await ask('version restore', master.dataDir, 'd/page.html', '--seq', String(before[0]?.seq), '--name', 'back');
  await network.inStep();
  expect((await tokyo.tree())['d/page.html']).toContain('three');
  await ask('release rollback', master.dataDir, String((await ask('release list', master.dataDir))[0]?.id));
  expect(await ask('site ls', master.dataDir)).toEqual([]);
  expect(
    await inProcess(['version', 'restore', 'd/page.html', '--seq', '4711', '--data', master.dataDir]),
  ).toMatchObject({
    code: 1,
    err: expect.stringContaining('(release.version-missing)'),
  });
});

async function connect({ ftpPort }: Network): Promise<Client> {
  return ftpLogin({ port: ftpPort, user: USER, password: PASSWORD, tls: true });
}

async function put(client: Client, path: string, content: string): Promise<void> {
  await client.uploadFrom(Readable.from([Buffer.from(content)]), path);
}

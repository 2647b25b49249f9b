import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { InstallSites } from '../../electron/engine/install-sites.ts';
import { fileSecrets } from '../../electron/engine/install/file-secrets.ts';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { Node } from '../../electron/engine/install/node.ts';
import { Live } from '../../electron/engine/live/live.ts';
import { OwnLogins } from '../../electron/engine/master/own-logins.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { Publishing } from '../../electron/engine/publishing/publishing.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { drop, dropMaster, folderOf, HERE, reaches, settled } from '../support/drops.ts';

const names = (folder: string): Promise<string[]> => readdir(folder, { recursive: true }).then((all) => all.sort());

test('a drop of many files becomes one release of this master, by its own FTP server', async () => {
  const { engine, root } = await dropMaster();
  const files = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`news/${index}.html`, `story ${index}`]));
  const folder = await folderOf({ 'index.html': 'new', 'empty.txt': '', ...files });
  const job = await drop(engine, { sources: [folder], name: 'Spring' });
  expect(job).toMatchObject({
    name: 'Spring',
    state: { is: 'done', release: expect.any(Number), changes: 63 },
    files: { done: 62, total: 62 },
    plan: { new: 63, changed: 0, unchanged: 0, deleted: 0, refused: 0 },
  });
  expect(job.bytes.done).toBe(job.bytes.total);
  expect(await readFile(join(root, 'news', '59.html'), 'utf8')).toBe('story 59');
  const [release] = await engine.call('release.list', {});
  expect(release).toMatchObject({ id: job.state.is === 'done' ? job.state.release : 0, name: 'Spring', by: 'local' });
  // Who did it is nobody's account.
  expect(await engine.call('account.list', {})).toEqual([]);

  const again = await drop(engine, { sources: [folder], name: 'Spring again' });
  expect(again).toMatchObject({ state: { is: 'done', changes: 0 }, plan: { unchanged: 62 } });
  expect(await engine.call('release.list', {})).toHaveLength(1);
});

test('what somebody has copied into the site itself, and no mirror was told of, is sent all the same', async () => {
  const { engine, root } = await dropMaster();
  const folder = await folderOf({ 'page.html': 'copied' });
  await writeFile(join(root, 'page.html'), 'copied');
  expect(await drop(engine, { sources: [folder] })).toMatchObject({ state: { is: 'done', changes: 1 } });
  expect(await engine.call('version.list', { site: 'www', path: 'page.html', limit: 9 })).toHaveLength(1);
  expect(await drop(engine, { sources: [folder] })).toMatchObject({ state: { is: 'done', changes: 0 } });
});

test('of several things each stands for itself, into the folder that was named', async () => {
  const { engine, root } = await dropMaster();
  const [one, other] = [await folderOf({ 'a.txt': 'a', 'img/x.png': 'x' }), await folderOf({ 'b.txt': 'b' })];
  const sources = [join(one, 'a.txt'), join(one, 'img'), join(other, 'b.txt')];
  const into = 'deep/er';
  const plan = await engine.call('publish.plan', { to: HERE, sources, into });
  expect(plan).toMatchObject({
    new: ['deep', 'deep/er', 'deep/er/img', 'deep/er/a.txt', 'deep/er/b.txt', 'deep/er/img/x.png'],
    bytes: 3,
    sizes: { new: [null, null, null, 1, 1, 1], changed: [] },
    atOnce: true,
    bySizeOnly: false,
  });
  expect(await drop(engine, { sources, into })).toMatchObject({ state: { is: 'done', changes: 6 } });
  expect((await names(join(root, 'deep'))).filter((name) => name.includes('.'))).toEqual([
    'er/a.txt',
    'er/b.txt',
    'er/img/x.png',
  ]);
  const same = [join(one, 'a.txt'), join(await folderOf({ 'a.txt': 'other' }), 'a.txt')];
  await expect(engine.call('publish.plan', { to: HERE, sources: same })).rejects.toMatchObject({
    code: 'publish.same-name',
    params: { name: 'a.txt' },
  });
});

test('deletes and changes of kind are done in an order that works, and many deletes are asked for', async () => {
  const { engine, root } = await dropMaster();
  const before = await folderOf({
    'stays.html': 'stays',
    'a/file.txt': 'in a folder that becomes a file',
    b: 'a file that becomes a folder',
    ...Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`old/${index}.txt`, 'old'])),
  });
  await drop(engine, { sources: [before] });
  const after = await folderOf({ 'stays.html': 'stays', a: 'file', 'b/file.txt': 'in a folder' });
  const stopped = await drop(engine, { sources: [after], delete: true });
  expect(stopped.state).toEqual({ is: 'stopped', error: { code: 'guard.held', params: { count: 32, of: 33 } } });
  expect(await names(join(root, 'old'))).toHaveLength(30);
  await engine.call('publish.resume', { job: stopped.id, allowDeletes: true });
  expect(await settled(engine, stopped.id)).toMatchObject({ state: { is: 'done' } });
  expect((await names(root)).filter((name) => !name.startsWith('.lockstep'))).toEqual([
    'a',
    'b',
    join('b', 'file.txt'),
    'stays.html',
  ]);
});

test('a drop that is cancelled leaves nothing, and the next one of the place waits until then', async () => {
  const { engine, root } = await dropMaster();
  const folder = await folderOf({ 'small.txt': 'small' });
  await writeFile(join(folder, 'big.bin'), '');
  await truncate(join(folder, 'big.bin'), 2 ** 33);
  const { id } = await engine.call('publish.start', { to: HERE, sources: [folder], name: 'too much' });
  const next = await engine.call('publish.start', { to: HERE, sources: [join(folder, 'small.txt')], name: 'next' });
  await reaches(engine, id, ({ state }) => state.is === 'sending');
  expect(next.state).toEqual({ is: 'queued' });
  // It goes on already.
  expect(await engine.call('publish.resume', { job: next.id })).toMatchObject({ state: { is: 'queued' } });
  await reaches(engine, id, ({ files }) => files.done === 1).catch(() => undefined);
  const both = [0, 1].map(() => engine.call('publish.cancel', { job: id }));
  for (const asked of both) expect(await asked).toMatchObject({ state: { is: 'cancelled', kept: 0 } });
  // Asked once more it is still that, whoever asks; it cannot go on.
  expect(await engine.call('publish.cancel', { job: id })).toMatchObject({ state: { is: 'cancelled', kept: 0 } });
  await expect(engine.call('publish.resume', { job: id })).rejects.toMatchObject({ code: 'publish.ended' });
  expect(await settled(engine, next.id)).toMatchObject({ state: { is: 'done' } });
  expect((await names(root)).filter((name) => !name.startsWith('.lockstep'))).toEqual(['small.txt']);
  expect((await engine.call('release.list', {})).map(({ name }) => name)).toEqual(['next']);
  await engine.call('publish.dismiss', { job: id });
  expect((await engine.call('publish.list', {})).map((job) => job.id)).toEqual([next.id]);
});

test('what cannot be published says why before anything is begun', async () => {
  const { engine, root } = await dropMaster();
  const folder = await folderOf({ 'a.txt': 'a' });
  const start = (more: object) => engine.call('publish.start', { to: HERE, sources: [folder], name: 'x', ...more });
  await mkdir(join(root, 'inside'));
  for (const own of [root, join(root, '..'), join(root, 'inside')])
    await expect(start({ sources: [own] })).rejects.toMatchObject({ code: 'publish.own-folder' });
  for (const name of ['', '  ', 'two\nlines', 'x'.repeat(201)])
    await expect(start({ name })).rejects.toMatchObject({ code: 'release.bad-name' });
  await expect(start({ to: { kind: 'target', target: 'nowhere' } })).rejects.toMatchObject({ code: 'target.unknown' });
  await expect(start({ to: { kind: 'site', site: 'other' } })).rejects.toMatchObject({ code: 'site.unknown' });
  await expect(start({ sources: [folder, join(folder, 'a.txt')], delete: true })).rejects.toMatchObject({
    code: 'publish.delete-one-folder',
  });
  await expect(start({ sources: [join(folder, 'gone')] })).rejects.toMatchObject({ code: 'file.not-found' });
  expect(await engine.call('publish.list', {})).toEqual([]);
});

test('what changes while it is sent arrives as it is in the end, whole', async () => {
  const { engine, root } = await dropMaster();
  const folder = await folderOf({ 'a.bin': randomBytes(40_000_000) });
  const { id } = await engine.call('publish.start', { to: HERE, sources: [folder], name: 'moving' });
  await reaches(engine, id, ({ bytes }) => bytes.done > 0);
  const last = randomBytes(1_000_000);
  await writeFile(join(folder, 'a.bin'), last);
  expect(await settled(engine, id)).toMatchObject({ state: { is: 'done' } });
  const there = await readFile(join(root, 'a.bin'));
  // It may have been through before the change; never a mixture.
  expect([40_000_000, 1_000_000]).toContain(there.length);
  if (there.length === last.length) expect(there.equals(last)).toBe(true);
});

test('a file that a build gives the size and the time of the one before is published all the same', async () => {
  const { engine, root } = await dropMaster();
  const folder = await folderOf({});
  const epoch = new Date('2026-01-01');
  const index = join(folder, 'index.html');
  for (const text of ['<script src="app-1.js">', '<script src="app-2.js">']) {
    await writeFile(index, text);
    await utimes(index, epoch, epoch);
    expect(await drop(engine, { sources: [folder] })).toMatchObject({ state: { is: 'done', changes: 1 } });
    expect(await readFile(join(root, 'index.html'), 'utf8')).toBe(text);
  }
});

/** Knows all that it has ever let in. */
class KnownLogins extends OwnLogins {
  readonly granted: string[] = [];

  override grant(own: Parameters<OwnLogins['grant']>[0]): ReturnType<OwnLogins['grant']> {
    const login = super.grant(own);
    this.granted.push(login.user);
    return login;
  }
}

test('no login is left over of a look at what a drop would change, also where that failed', async () => {
  const dataDir = join(await temporaryFolder(), 'data');
  const root = await folderOf({});
  const any = { host: '127.0.0.1', port: 0 };
  await initNode(dataDir, { role: 'master', name: 'origin', ftp: any, link: any, console: any });
  const ports = { clock: systemClock, logger: pino({ level: 'silent' }), secrets: fileSecrets(dataDir) };
  const node = await Node.open(ports, dataDir);
  onTestFinished(() => node.close());
  await node.edit((config) => ({ ...config, sites: [{ name: 'www', root }] }));
  const live = new Live({ clock: systemClock, nameOf: (peer) => peer, isHeard: () => false, tell: () => undefined });
  const sites = new InstallSites(node, live, () => undefined);
  onTestFinished(() => sites.stop());
  await sites.apply();
  const logins = new KnownLogins();
  const listener = (): Promise<never> => Promise.reject(new Error('nobody asks'));
  const publishing = new Publishing({
    node,
    logins,
    site: (name) => sites.published(name),
    listener,
    onChange: () => undefined,
  });
  onTestFinished(() => publishing.stop());
  const site = sites.published('www');
  const folder = await folderOf({ 'a.html': 'a' });
  const order = { to: { kind: 'site' as const, site }, into: undefined, delete: false };

  expect((await publishing.plan({ ...order, sources: [folder] })).found.files).toHaveLength(1);
  await expect(publishing.plan({ ...order, sources: [join(folder, 'gone')] })).rejects.toMatchObject({
    code: 'file.not-found',
  });
  expect(logins.granted).toHaveLength(2);
  expect(logins.granted.filter((user) => logins.has(user))).toEqual([]);
});

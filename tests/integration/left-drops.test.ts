import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { fileSecrets } from '../../electron/engine/install/file-secrets.ts';
import { STORE_FILE } from '../../electron/engine/install/node.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { Connection } from '../../electron/engine/publishing/connection.ts';
import { OpenDrops } from '../../electron/engine/store/open-drops.ts';
import { openStore, type Store } from '../../electron/engine/store/open.ts';
import { JOBS_MAX } from '../../shared/contract/publishing.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { drop, dropMaster, folderOf, HERE, PASSWORD, reaches, settled } from '../support/drops.ts';
import { createFaultProxy } from '../support/fault-proxy.ts';
import { startFtpSrv } from '../support/ftp-srv-server.ts';
import { lockstep } from '../support/lockstep.ts';
import { startOtherServer, whyNoOtherServer } from '../support/other-ftp-server.ts';
import { until } from '../support/until.ts';

/* A drop that had not ended when the Lockstep that had it did: the next start tells it, and it can go on. */

async function startAgain(dataDir: string, onLog: (line: string) => void = () => undefined): Promise<Engine> {
  const ports = {
    clock: systemClock,
    logger: pino({ level: 'error' }, { write: onLog }),
    secrets: fileSecrets(dataDir),
  };
  const engine = await createEngine(ports, dataDir);
  onTestFinished(() => engine.stop());
  return engine;
}

/** A master that knows another server as its target `other`, and reaches it slowly at first. */
async function slowTarget() {
  const server = await startOtherServer();
  const proxy = await createFaultProxy({ to: { host: '127.0.0.1', port: server.port } });
  onTestFinished(() => proxy.stop());
  proxy.throttle(4_000_000);
  const { engine, dataDir } = await dropMaster();
  const { user, password } = server;
  const { port } = proxy.address;
  const target = { name: 'other', host: '127.0.0.1', port, protocol: 'ftp' as const, user, folder: '' };
  await engine.call('target.add', { target, password });
  return { server, proxy, engine, dataDir };
}

const big = randomBytes(40_000_000);

test.skipIf(whyNoOtherServer !== undefined)(
  'to another server: what had arrived stays and is not sent again',
  async () => {
    const { proxy, engine, dataDir } = await slowTarget();
    const sources = [await folderOf({ 'a.txt': 'a', 'big.bin': big })];
    const to = { kind: 'target' as const, target: 'other' };
    const started = await engine.call('publish.start', { to, sources, name: 'Spring' });
    const { id } = started;
    const waits = await engine.call('publish.start', { to, sources, name: 'waits', delete: true });
    await reaches(engine, id, ({ files, bytes }) => files.done === 1 && bytes.done > 1_000_000);
    await engine.stop();

    const again = await startAgain(dataDir);
    const error = (name: string) => ({ code: 'publish.left', params: { name, target: 'other' } });
    const { startedAt } = started;
    expect(await again.call('publish.list', {})).toMatchObject([
      { id, to, name: 'Spring', sources, startedAt, state: { is: 'stopped', error: error('Spring') } },
      { id: waits.id, name: 'waits', state: { is: 'stopped', error: error('waits') } },
    ]);
    await expect(again.call('target.remove', { name: 'other' })).rejects.toMatchObject({ code: 'target.busy' });
    proxy.throttle(Number.POSITIVE_INFINITY);
    await again.call('publish.resume', { job: id });
    expect(await settled(again, id)).toMatchObject({
      state: { is: 'done', changes: 1 },
      files: { done: 1, total: 1 },
      plan: { unchanged: 1 },
    });
    // What has ended is told no more, however it did.
    await again.call('publish.cancel', { job: waits.id });
    await again.stop();
    expect(await (await startAgain(dataDir)).call('publish.list', {})).toEqual([]);
  },
);

test.skipIf(whyNoOtherServer !== undefined)(
  'to another server: of a file that was on its way nothing is left there once it is cancelled',
  async () => {
    const { server, proxy, engine, dataDir } = await slowTarget();
    const sources = [await folderOf({ 'sub/big.bin': big })];
    const to = { kind: 'target' as const, target: 'other' };
    const { id } = await engine.call('publish.start', { to, sources, name: 'Spring' });
    const left = () => readdir(join(server.root, 'sub')).catch(() => []);
    await until(async () => (await left()).length === 1, 'it is on its way');
    await engine.stop();
    expect(await left()).toEqual([expect.stringMatching(/^\.lockstep-.*\.part$/)]);
    proxy.throttle(Number.POSITIVE_INFINITY);
    const again = await startAgain(dataDir);
    expect((await again.call('publish.cancel', { job: id })).state).toMatchObject({ is: 'cancelled' });
    expect(await left()).toEqual([]);
  },
);

describe('to a site of this master', () => {
  test('nothing of it is published, and a command at rest lets it go on as it was asked for', async () => {
    const { engine, dataDir } = await dropMaster();
    const folder = await folderOf({ 'index.html': 'new', 'big.bin': '' });
    await truncate(join(folder, 'big.bin'), 2 ** 33);
    const order = { to: HERE, sources: [folder], name: 'Spring', into: 'news', together: { limit: 5_000 } };
    const { id } = await engine.call('publish.start', order);
    await reaches(engine, id, ({ state }) => state.is === 'sending');
    await engine.stop();
    await truncate(join(folder, 'big.bin'), 3);
    const list = await lockstep(['drop', 'list', '--data', dataDir]);
    expect(list.out).toContain('Lockstep ended before “Spring” was published: none of it is visible.');
    const resumed = await lockstep(['drop', 'resume', id, '--data', dataDir]);
    expect(resumed).toMatchObject({ code: 0, err: '' });
    expect(resumed.out).toContain('“Spring”: 3 changes.');
    const shown = await lockstep(['release', 'list', '--data', dataDir, '--json']);
    expect(JSON.parse(shown.out)).toMatchObject([{ name: 'Spring', drop: id, together: { limit: 5_000 } }]);
  });

  test('one that was published before that is told as done, once', async () => {
    const { engine, dataDir } = await dropMaster();
    const full = vi.spyOn(OpenDrops.prototype, 'remove').mockImplementation(() => {
      throw new AppError('file.disk-full');
    });
    const { id, state } = await drop(engine, { sources: [await folderOf({ 'index.html': 'new' })] });
    expect(state).toMatchObject({ is: 'done', changes: 1 });
    await engine.stop();
    full.mockRestore();
    const again = await startAgain(dataDir);
    const [release] = await again.call('release.list', {});
    expect(await again.call('publish.list', {})).toMatchObject([{ id, state, endedAt: release?.at }]);
    await again.stop();
    expect(await (await startAgain(dataDir)).call('publish.list', {})).toEqual([]);
  });
});

test('that one was published is told by each command, and by the Lockstep that runs next', async () => {
  const { engine, dataDir } = await dropMaster();
  const full = vi.spyOn(OpenDrops.prototype, 'remove').mockImplementation(() => {
    throw new AppError('file.disk-full');
  });
  const { id, state } = await drop(engine, { sources: [await folderOf({ 'index.html': 'new' })] });
  expect(state).toMatchObject({ is: 'done', changes: 1 });
  await engine.stop();
  full.mockRestore();
  await lockstep(['status', '--data', dataDir]);
  for (let time = 0; time < 2; time += 1) {
    const list = await lockstep(['drop', 'list', '--data', dataDir, '--json']);
    expect(JSON.parse(list.out)).toMatchObject([{ id, state }]);
  }
  expect(await (await startAgain(dataDir)).call('publish.list', {})).toMatchObject([{ id, state }]);
});

test('one of which what was noted cannot be read any more is told in the log and forgotten, and keeps nothing from starting', async () => {
  const { engine, dataDir } = await dropMaster();
  await engine.stop();
  const asked = { to: HERE, name: 'sound', sources: [dataDir], into: undefined, delete: false, together: undefined };
  const withRows = async <T>(work: (store: Store) => T): Promise<T> => {
    const store = await openStore(join(dataDir, STORE_FILE));
    try {
      return work(store);
    } finally {
      store.close();
    }
  };
  await withRows((store) => {
    for (const id of ['sound', 'order', 'begun']) new OpenDrops(store).add({ id, startedAt: 1, asked });
    store.run("UPDATE open_drop SET asked = '{' WHERE id = 'order'");
    store.run(`UPDATE open_drop SET begun = '{"aside":1}' WHERE id = 'begun'`);
  });
  const logged: string[] = [];
  const again = await startAgain(dataDir, (line) => logged.push(line));
  expect((await again.call('publish.list', {})).map(({ id }) => id)).toEqual(['sound']);
  const told = logged.filter((line) => line.includes('a drop that had not ended cannot be read'));
  expect(told.map((line) => (JSON.parse(line) as { drop: { id: string } }).drop.id)).toEqual(['order', 'begun']);
  await again.stop();
  expect(await withRows((store) => store.all('SELECT id FROM open_drop'))).toEqual([{ id: 'sound' }]);
});

describe('to another Lockstep master', () => {
  test('one that was published when this Lockstep had ended is found there, and is not published again', async () => {
    const { engine, dataDir, there } = await twoMasters();
    const folder = await folderOf({ 'index.html': 'new' });
    const asked = vi.spyOn(Connection.prototype, 'slowCommand').mockImplementation(async function (
      this: Connection,
      text,
    ) {
      await this.command(text);
      throw new Error('read ECONNRESET');
    });
    const { id } = await engine.call('publish.start', { to: TO_SHOP, sources: [folder], name: 'Spring' });
    await reaches(engine, id, ({ state }) => state.is === 'retrying');
    await engine.stop();
    asked.mockRestore();
    const [release] = await there.call('release.list', {});
    const again = await startAgain(dataDir);
    expect(await again.call('publish.list', {})).toMatchObject([{ id, state: { error: { code: 'publish.left' } } }]);
    await writeFile(join(folder, 'later.html'), 'later');
    await again.call('publish.resume', { job: id });
    const done = await settled(again, id);
    expect(done.state).toEqual({ is: 'done', release: release?.id, changes: 1 });
    expect(await there.call('release.list', {})).toHaveLength(1);
  });

  test('a release that was begun and not published is given up there as this one goes on', async () => {
    const { engine, dataDir, there, root } = await twoMasters();
    const folder = await folderOf({ 'a.txt': 'a', 'big.bin': '' });
    await truncate(join(folder, 'big.bin'), 2 ** 33);
    const { id } = await engine.call('publish.start', { to: TO_SHOP, sources: [folder], name: 'Spring' });
    await reaches(engine, id, ({ files }) => files.done === 1);
    await engine.stop();
    const staged = async () => (await readdir(join(root, '.lockstep', 'incoming'))).length;
    expect(await staged()).toBeGreaterThan(0);
    for (const name of ['a.txt', 'big.bin']) await rm(join(folder, name));
    await writeFile(join(folder, 'b.txt'), 'b');
    const again = await startAgain(dataDir);
    await again.call('publish.resume', { job: id });
    expect((await settled(again, id)).state).toMatchObject({ is: 'done', changes: 1 });
    expect(await there.call('release.list', {})).toMatchObject([{ changes: 1 }]);
    await until(async () => (await staged()) === 0, 'nothing is left of it');
  });
});

test('a page that had made room at a server when Lockstep ended comes back as its drop is cancelled', async () => {
  const server = await startFtpSrv('onto-nothing', () => engine.stop());
  await writeFile(join(server.root, 'index.html'), 'before');
  const { engine, dataDir } = await dropMaster();
  const trust = { by: 'fingerprint' as const, fingerprint: server.fingerprint };
  const target = { name: 'plain', host: '127.0.0.1', port: server.port, user: 'any', trust };
  await engine.call('target.add', { target, password: 'any' });
  const to = { kind: 'target' as const, target: 'plain' };
  const { id } = await engine.call('publish.start', {
    to,
    sources: [await folderOf({ 'index.html': 'new' })],
    name: 'x',
  });
  await until(async () => !(await readdir(server.root)).includes('index.html'), 'it has made room');
  await engine.stop();
  const again = await startAgain(dataDir);
  expect((await again.call('publish.cancel', { job: id })).state).toEqual({ is: 'cancelled', kept: 0 });
  expect(await readFile(join(server.root, 'index.html'), 'utf8')).toBe('before');
});

test('where too many have stopped, it is said that they are to be seen to before there can be another', async () => {
  const { engine, dataDir } = await dropMaster();
  await engine.stop();
  const store = await openStore(join(dataDir, STORE_FILE));
  const asked = { to: HERE, name: 'nightly', sources: [dataDir], into: undefined, delete: false, together: undefined };
  for (let at = 0; at < JOBS_MAX; at += 1) new OpenDrops(store).add({ id: `left${at}`, startedAt: at, asked });
  store.close();
  const again = await startAgain(dataDir);
  const order = { to: HERE, sources: [await folderOf({ 'index.html': 'new' })], name: 'Spring' };
  const refused = again.call('publish.start', order);
  await expect(refused).rejects.toMatchObject({ code: 'publish.too-many', params: { count: JOBS_MAX } });
  await again.call('publish.cancel', { job: 'left0' });
  expect((await drop(again, order)).state).toMatchObject({ is: 'done' });
});

test('one that cannot be cancelled, as its server is no more, goes with the target', async () => {
  const { engine, dataDir, there } = await twoMasters();
  const asked = vi.spyOn(Connection.prototype, 'slowCommand').mockRejectedValue(new Error('read ECONNRESET'));
  const sources = [await folderOf({ 'index.html': 'new' })];
  const { id } = await engine.call('publish.start', { to: TO_SHOP, sources, name: 'Spring' });
  await reaches(engine, id, ({ state }) => state.is === 'retrying');
  await engine.stop();
  asked.mockRestore();
  await there.stop();
  const again = await startAgain(dataDir);
  await expect(again.call('target.remove', { name: 'shop' })).rejects.toMatchObject({ code: 'target.busy' });
  await expect(again.call('publish.cancel', { job: id })).rejects.toMatchObject({ code: 'publish.unreachable' });
  expect(await again.call('publish.list', {})).toMatchObject([{ id, state: { is: 'stopped' } }]);
  await again.call('target.remove', { name: 'shop' });
  expect(await again.call('publish.list', {})).toEqual([]);
  await again.stop();
  expect(await (await startAgain(dataDir)).call('publish.list', {})).toEqual([]);
});

test('a drop that has stopped goes on with another password of its target, and not to another place', async () => {
  const { engine, there, proxy } = await twoMasters();
  const target = await shopAt(there, proxy.address.port);
  await engine.call('target.add', { target, password: 'another word', replace: true });
  const { id, state } = await drop(engine, { to: TO_SHOP, sources: [await folderOf({ 'index.html': 'new' })] });
  expect(state).toMatchObject({ is: 'stopped', error: { code: 'publish.login-refused' } });
  const elsewhere = { ...target, folder: 'elsewhere' };
  await expect(
    engine.call('target.add', { target: elsewhere, password: PASSWORD, replace: true }),
  ).rejects.toMatchObject({ code: 'target.busy' });
  await engine.call('target.add', { target, password: PASSWORD, replace: true });
  await engine.call('publish.resume', { job: id });
  expect((await settled(engine, id)).state).toMatchObject({ is: 'done', changes: 1 });
});

const TO_SHOP = { kind: 'target' as const, target: 'shop' };

async function shopAt(there: Engine, port: number) {
  const { id: fingerprint } = (await there.call('node.status', {})).node;
  return { name: 'shop', host: '127.0.0.1', port, user: 'editor', trust: { by: 'fingerprint' as const, fingerprint } };
}

/** A master that publishes to another one. */
async function twoMasters() {
  const [{ engine, dataDir }, { engine: there, port, root }] = [await dropMaster(), await dropMaster()];
  await there.call('account.add', { user: 'editor', site: 'www', password: PASSWORD });
  const proxy = await createFaultProxy({ to: { host: '127.0.0.1', port } });
  onTestFinished(() => proxy.stop());
  await engine.call('target.add', { target: await shopAt(there, proxy.address.port), password: PASSWORD });
  return { engine, dataDir, there, proxy, root };
}

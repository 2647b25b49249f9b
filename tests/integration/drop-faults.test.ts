import { createHash, randomBytes } from 'node:crypto';
import { open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Engine } from '../../electron/engine/engine.ts';
import { hashFile } from '../../electron/engine/tree/hash.ts';
import { drop, dropMaster, folderOf, PASSWORD, reaches, settled } from '../support/drops.ts';
import { createFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { lockstep } from '../support/lockstep.ts';

/** A master that publishes to another one, through a network that fails. */
async function twoMasters(): Promise<{
  engine: Engine;
  dataDir: string;
  there: { engine: Engine; root: string };
  proxy: FaultProxy;
}> {
  const [here, there] = [await dropMaster(), await dropMaster()];
  await there.engine.call('account.add', { user: 'editor', site: 'www', password: PASSWORD });
  const passive = await passiveProxies(there.port);
  await addTarget(here.engine, passive.control.address.port, (await there.engine.call('node.status', {})).node.id);
  return { engine: here.engine, dataDir: here.dataDir, there, proxy: passive.control };
}

async function passiveProxies(port: number): Promise<{ control: FaultProxy }> {
  const control = await createFaultProxy({ to: { host: '127.0.0.1', port } });
  onTestFinished(() => control.stop());
  return { control };
}

function addTarget(engine: Engine, port: number, fingerprint: string) {
  const target = {
    name: 'shop',
    host: '127.0.0.1',
    port,
    user: 'editor',
    trust: { by: 'fingerprint' as const, fingerprint },
  };
  return engine.call('target.add', { target, password: PASSWORD });
}

const TO_SHOP = { kind: 'target' as const, target: 'shop' };
const served = async (root: string): Promise<string[]> =>
  (await readdir(root, { recursive: true })).filter((name) => !name.startsWith('.lockstep')).sort();

test('a lost connection is opened again, the file goes on where it stopped, and nothing is seen before the commit', async () => {
  const { engine, there, proxy } = await twoMasters();
  const big = randomBytes(60_000_000);
  const folder = await folderOf({ 'index.html': 'new', 'big.bin': big });
  const { id } = await engine.call('publish.start', { to: TO_SHOP, sources: [folder], name: 'over there' });
  let lost = false;
  const again: number[] = [];
  const unsubscribe = engine.subscribe((event) => {
    if (event.type !== 'publishing') return;
    const job = event.jobs.find((each) => each.id === id);
    lost ||= job?.state.is === 'retrying';
    if (lost && job?.state.is === 'sending' && job.bytes.done > 0) again.push(job.bytes.done);
  });
  onTestFinished(() => unsubscribe());
  await reaches(engine, id, ({ bytes }) => bytes.done > 8_000_000);
  proxy.cut();
  await reaches(engine, id, ({ state }) => state.is === 'retrying');
  expect(await served(there.root)).toEqual([]);
  const done = await settled(engine, id);
  expect(done).toMatchObject({ state: { is: 'done', changes: 2 }, files: { done: 2, total: 2 } });
  expect((await readFile(join(there.root, 'big.bin'))).equals(big)).toBe(true);
  const [release] = await there.engine.call('release.list', {});
  expect(release).toMatchObject({ name: 'over there', by: 'editor' });
  // What had arrived was not sent again: one read is 256 KiB.
  expect(again[0] ?? Number.POSITIVE_INFINITY).toBeGreaterThan(1_000_000);
});

test('where the network does not come back it stops, says why, and goes on when a person says so', async () => {
  const { engine, there, proxy } = await twoMasters();
  const folder = await folderOf({ 'a.bin': randomBytes(30_000_000) });
  const { id } = await engine.call('publish.start', { to: TO_SHOP, sources: [folder], name: 'later' });
  await reaches(engine, id, ({ bytes }) => bytes.done > 1_000_000);
  proxy.refuse(true);
  proxy.cut();
  const stopped = await settled(engine, id);
  expect(stopped.state).toMatchObject({ is: 'stopped', error: { code: 'publish.unreachable' } });
  expect(await served(there.root)).toEqual([]);
  proxy.refuse(false);
  await engine.call('publish.resume', { job: id });
  expect(await settled(engine, id)).toMatchObject({ state: { is: 'done', changes: 1 } });
  expect(await served(there.root)).toEqual(['a.bin']);
});

test('cancelled in mid-file: nothing of it is at the other master, and the target can be removed then only', async () => {
  const { engine, there, proxy } = await twoMasters();
  proxy.throttle(400_000);
  const folder = await folderOf({ 'a.bin': randomBytes(200_000_000) });
  const { id } = await engine.call('publish.start', { to: TO_SHOP, sources: [folder], name: 'no' });
  await reaches(engine, id, ({ state }) => state.is === 'sending');
  await expect(engine.call('target.remove', { name: 'shop' })).rejects.toMatchObject({ code: 'target.busy' });
  proxy.throttle(Number.POSITIVE_INFINITY);
  const cancelled = await engine.call('publish.cancel', { job: id }).catch(() => settled(engine, id));
  expect(cancelled.state.is).toBe('cancelled');
  expect(await served(there.root)).toEqual([]);
  expect(await there.engine.call('release.list', {})).toEqual([]);
  await engine.call('target.remove', { name: 'shop' });
});

test('the other certificate, or the wrong password: nothing is sent, and the drop says so', async () => {
  const { engine, dataDir, there, proxy } = await twoMasters();
  const { id: fingerprint } = (await there.engine.call('node.status', {})).node;
  const { port } = proxy.address;
  const target = { name: 'shop', host: '127.0.0.1', port, user: 'editor' };
  const asked = await engine.call('target.test', { target, password: PASSWORD });
  expect(asked).toMatchObject({ is: 'confirm', certificate: { fingerprint } });
  const trust = { by: 'fingerprint' as const, fingerprint };
  const ready = await engine.call('target.test', { target: { ...target, trust }, password: PASSWORD });
  expect(ready).toMatchObject({ is: 'ready', lockstep: true, proof: 'hash', folderMissing: false });
  await expect(engine.call('target.test', { target: { ...target, trust }, password: 'wrong' })).rejects.toMatchObject({
    code: 'publish.login-refused',
  });
  // The saved password is for the server that it was given for.
  const elsewhere = { ...target, host: 'localhost', trust };
  await expect(engine.call('target.test', { target: elsewhere })).rejects.toMatchObject({ code: 'target.no-password' });
  await engine.call('target.add', {
    target: { ...target, trust: { by: 'fingerprint', fingerprint: '0'.repeat(64) } },
    password: PASSWORD,
    replace: true,
  });
  const folder = await folderOf({ 'a.txt': 'a' });
  expect((await drop(engine, { to: TO_SHOP, sources: [folder] })).state).toMatchObject({
    is: 'stopped',
    error: { code: 'publish.certificate' },
  });
  // The password stands nowhere in what is stored.
  for (const file of await readdir(dataDir, { recursive: true })) {
    const path = join(dataDir, file);
    if ((await stat(path)).isFile()) expect((await readFile(path)).includes(PASSWORD)).toBe(false);
  }
});

test('a file of 300 MB goes over with flat memory', async () => {
  const { engine, root } = await dropMaster();
  const folder = await folderOf({});
  const file = join(folder, 'sparse.bin');
  await writeFile(file, 'begins');
  await truncate(file, 300_000_000);
  const handle = await open(file, 'r+');
  await handle.write(Buffer.from('ends'), 0, 4, 299_999_996);
  await handle.close();
  globalThis.gc?.();
  const before = process.memoryUsage().rss;
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss - before);
  }, 20);
  const job = await drop(engine, { sources: [file] });
  clearInterval(watch);
  expect(job.state.is).toBe('done');
  expect(await hashFile(join(root, 'sparse.bin'))).toMatchObject({ sha256: (await hashFile(file)).sha256 });
  // Both ends are in this process, with their buffers; the file is twice as large as what is allowed.
  expect(most).toBeLessThan(150_000_000);
  await rm(file);
});

test('a file that is sent with another hash than it has is refused, and the one of before stays', async () => {
  const { engine, root, port } = await dropMaster();
  await engine.call('account.add', { user: 'editor', site: 'www', password: PASSWORD });
  await drop(engine, { sources: [join(await folderOf({ 'a.txt': 'before' }), 'a.txt')] });
  const client = await ftpLogin({ port, user: 'editor', password: PASSWORD, tls: true });
  await client.send(`SITE EXPECT 5 ${createHash('sha256').update('after').digest('hex')}`);
  const { Readable } = await import('node:stream');
  await expect(client.uploadFrom(Readable.from(['other']), 'a.txt')).rejects.toMatchObject({ code: 550 });
  expect(await readFile(join(root, 'a.txt'), 'utf8')).toBe('before');
});

test('from the command line: to a site of an install at rest, and to a target of a running one', async () => {
  const { dataDir, engine, there } = await twoMasters();
  const folder = await folderOf({ 'index.html': 'one', 'img/a.png': 'two' });
  const sent = await lockstep(['publish', folder, '--to', 'shop', '--name', 'From the shell', '--data', dataDir]);
  expect(sent).toMatchObject({ code: 0, err: '' });
  expect(sent.out).toMatch(/^Published to shop as release \d+ “From the shell”: 3 changes\.\n$/);
  expect(await served(there.root)).toEqual(['img', join('img', 'a.png'), 'index.html']);
  const plan = await lockstep(['publish', folder, '--dry-run', '--data', dataDir]);
  expect(plan.out).toContain('Nothing is published yet: 3 new');
  const list = await lockstep(['target', 'list', '--data', dataDir]);
  expect(list.out).toMatch(/^shop +editor@127\.0\.0\.1:\d+ +~ +TLS, certificate confirmed by hand +password kept\n$/);
  await engine.stop();
  const atRest = await lockstep(['publish', join(folder, 'index.html'), '--data', dataDir, '--json']);
  expect(atRest).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(atRest.out)).toMatchObject({ state: { is: 'done', changes: 1 }, name: 'index.html' });
  const own = await lockstep(['publish', dataDir.replace(/data$/, 'www'), '--data', dataDir]);
  expect(own.code).toBe(1);
  expect(own.err).toContain('is the folder of the site “www” itself');
});

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'basic-ftp';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { type Config, config as configSchema } from '../../shared/contract/config.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { startMaster } from '../support/master-and-mirror.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { noSecrets } from '../support/no-secrets.ts';

const ports = {
  clock: systemClock,
  logger: pino({ level: process.env['LOCKSTEP_TEST_LOG'] ?? 'silent' }),
  secrets: noSecrets,
};
const PASSWORD = 'a password of a test';

const files = async (folder: string): Promise<string[]> =>
  Object.keys(await readTree(folder)).filter((path) => !path.endsWith('/'));

const LOOPBACK = { host: '127.0.0.1', port: 0 };

interface Running {
  readonly engine: Engine;
  readonly dataDir: string;
  /** A master's site `www`. */
  readonly root: string;
}

async function run(dataDir: string): Promise<Engine> {
  const engine = await createEngine(ports, dataDir);
  onTestFinished(() => engine.stop());
  return engine;
}

async function masterEngine(): Promise<Running> {
  const [dataDir, root] = [await temporaryFolder(), await temporaryFolder()];
  await initNode(dataDir, { role: 'master', name: 'origin', ftp: LOOPBACK, link: LOOPBACK, plainFtp: true });
  const engine = await run(dataDir);
  await engine.call('site.add', { name: 'www', root });
  await engine.call('account.add', { user: 'editor', site: 'www', password: PASSWORD });
  return { engine, dataDir, root };
}

async function mirrorEngine(): Promise<{ engine: Engine; dataDir: string }> {
  const dataDir = await temporaryFolder();
  await initNode(dataDir, { role: 'mirror', name: 'tokyo' });
  return { engine: await run(dataDir), dataDir };
}

async function login(engine: Engine, user = 'editor', password = PASSWORD): Promise<Client> {
  return ftpLogin({ port: engine.listeners().ftp?.port ?? 0, user, password });
}

const put = (client: Client, path: string): Promise<unknown> =>
  client.uploadFrom(Readable.from([Buffer.from(`content of ${path}`)]), path);

async function editConfig(dataDir: string, change: (config: Config) => Config): Promise<void> {
  const file = join(dataDir, 'config.json');
  await writeFile(file, JSON.stringify(change(configSchema.parse(JSON.parse(await readFile(file, 'utf8'))))));
}

const invite = async (master: Engine): Promise<string> => (await master.call('pairing.invite', {})).code;

async function inStep(mirror: Engine, master: Engine): Promise<void> {
  await until(async () => {
    const [here, there] = [await mirror.call('node.status', {}), await master.call('node.status', {})];
    const peers = [...here.sites, ...there.sites].flatMap((site) => site.peers);
    return (
      peers.length === 2 && peers.every((peer) => peer.inStep) && here.sites[0]?.headSeq === there.sites[0]?.headSeq
    );
  }, 'in step');
}

test('an account, a pairing and a site that are removed end their FTP sessions at once', async () => {
  const { engine } = await masterEngine();
  const mirror = await mirrorEngine();
  await mirror.engine.call('pairing.join', { code: await invite(engine), root: join(await temporaryFolder(), 'copy') });
  await inStep(mirror.engine, engine);
  const db = new DatabaseSync(join(mirror.dataDir, 'lockstep.db'), { readOnly: true });
  const logins = JSON.parse(String(db.prepare('SELECT ftp FROM peer').get()?.['ftp'])) as {
    www: { user: string; password: string };
  };
  db.close();
  expect(logins.www.user.length).toBeLessThanOrEqual(64);
  const reader = await login(engine, logins.www.user, logins.www.password);
  await engine.call('account.add', { user: 'other', site: 'www', password: PASSWORD });
  const [editor, other] = [await login(engine), await login(engine, 'other')];
  for (const client of [reader, editor, other]) await client.list();

  await engine.call('account.remove', { user: 'editor' });
  await expect(put(editor, 'late')).rejects.toThrow(/421|closed/);
  await put(other, 'in time');
  await reader.list();
  await engine.call('peer.remove', { peer: 'tokyo' });
  await expect(reader.list()).rejects.toThrow(/421|closed/);
  await put(other, 'in time too');
  await engine.call('site.remove', { name: 'www' });
  await expect(put(other, 'too late')).rejects.toThrow(/421|closed/);
});

test.each([
  [
    'has another password',
    (engine: Engine) => engine.call('account.password', { user: 'editor', password: 'another one of it' }),
  ],
  ['is removed', (engine: Engine) => engine.call('account.remove', { user: 'editor' })],
] as const)('an upload whose account %s meanwhile breaks off, and the history says why', async (_, change) => {
  const { engine, root } = await masterEngine();
  const client = await RawFtp.connect(engine.listeners().ftp?.port ?? 0);
  for (const line of ['USER editor', `PASS ${PASSWORD}`]) await client.command(line);
  const data = await client.data();
  expect(await client.command('STOR late')).toMatch(/^150 /);
  data.write('begun');
  await until(async () => (await readdir(join(root, '.lockstep', 'incoming'))).length > 0, 'the upload has begun');
  await change(engine);
  expect(await client.reply()).toBe('421 The account or its site was changed or removed: log in again.');
  expect(await files(root)).toEqual([]);
  expect((await engine.call('history.list', {}))[0]).toMatchObject({
    path: 'late',
    error: { code: 'upload.aborted', params: { path: 'late', reason: 'ended' } },
  });
});

test("a site's root that is edited: the old sessions end, and nothing of them reaches the journal", async () => {
  const { engine, dataDir, root } = await masterEngine();
  const client = await login(engine);
  await put(client, 'a');
  const elsewhere = await temporaryFolder();
  await mkdir(join(elsewhere, '.lockstep'));
  await writeFile(join(elsewhere, 'a'), 'another');
  await editConfig(dataDir, (config) => ({
    ...config,
    sites: config.sites.map((site) => ({ ...site, root: elsewhere })),
  }));
  await until(async () => (await engine.call('node.status', {})).sites[0]?.root === elsewhere, 'the root is the other');
  await expect(put(client, 'b')).rejects.toThrow(/421|closed/);
  expect(await files(root)).toEqual(['a']);
  const again = await login(engine);
  await put(again, 'c');
  await put(again, 'd');
  expect(await files(elsewhere)).toEqual(['a', 'c', 'd']);
});

test('a site that is closed refuses what comes after', async () => {
  const master = await startMaster(await temporaryFolder());
  const upload = await master.site.beginUpload('late' as SitePath, { by: { account: 'test' } });
  await upload.write(Buffer.from('x'));
  const broken = await master.site.beginUpload('broken' as SitePath, { by: { account: 'test' } });
  await broken.write(Buffer.from('x'));
  await master.site.stop();
  const refused = { code: 'site.unknown' };
  await expect(upload.commit()).rejects.toMatchObject(refused);
  await expect(master.mkdir('d')).rejects.toMatchObject(refused);
  await expect(master.put('a', 'a')).rejects.toMatchObject(refused);
  await expect(master.site.record(async () => [], { account: 'test' })).rejects.toMatchObject(refused);
  await broken.breakOff('reset');
  expect([master.journal.head, master.store.get('SELECT count(*) AS n FROM aborted')]).toEqual([0, { n: 0 }]);
  await master.stop();
});

test('a folder that is gone, and a folder that cannot be made, are told and end nothing', async () => {
  const { engine, dataDir, root } = await masterEngine();
  await engine.stop();
  await editConfig(dataDir, (config) => ({
    ...config,
    sites: config.sites.map((site) => ({ ...site, watch: false })),
  }));
  const real = globalThis.setInterval;
  globalThis.setInterval = ((work: () => void, millis: number) =>
    real(work, Math.min(millis, 50))) as typeof setInterval;
  const again = await run(dataDir);
  globalThis.setInterval = real;
  await rm(root, { recursive: true });
  await sleep(300);
  expect((await again.call('node.status', {})).sites).toHaveLength(1);

  const mirror = await mirrorEngine();
  const follow = { site: 'www', master: 'f'.repeat(64), root: join(dataDir, 'config.json', 'x') };
  await editConfig(mirror.dataDir, (config) => configSchema.parse({ ...config, follows: [follow] }));
  const told = async (engine: Engine): Promise<unknown> => (await engine.call('waiting.list', {}))[0];
  const fault = { id: 'www:site', error: { code: 'file.not-directory' } };
  await until(async () => (await told(mirror.engine)) !== undefined, 'the fault is told');
  expect(await told(mirror.engine)).toMatchObject(fault);
  await mirror.engine.stop();
  expect(await told(await run(mirror.dataDir))).toMatchObject(fault);
});

test('a database that was damaged is never followed by an empty one unless a person says so', async () => {
  const { engine, dataDir, root } = await masterEngine();
  await put(await login(engine), 'a');
  await engine.stop();
  await writeFile(join(dataDir, 'lockstep.db'), 'not a database at all'.repeat(500));
  for (const suffix of ['-wal', '-shm']) await rm(join(dataDir, `lockstep.db${suffix}`), { force: true });
  for (let start = 0; start < 3; start += 1)
    await expect(createEngine(ports, dataDir)).rejects.toMatchObject({ code: 'store.corrupt' });
  expect(await files(root)).toEqual(['a']);
  for (const name of await readdir(dataDir)) if (name.includes('.corrupt-')) await rm(join(dataDir, name));
  await editConfig(dataDir, (config) => ({
    ...config,
    sites: config.sites.map((site) => ({ ...site, watch: false })),
  }));
  const anew = await run(dataDir);
  await until(async () => (await anew.call('node.status', {})).sites[0]?.files === 1, 'the site is read');
});

test('a mirror that its master has removed says so in its checks; when it joins again it dials at once', async () => {
  const [{ engine: master }, { engine: mirror }] = [await masterEngine(), await mirrorEngine()];
  const root = join(await temporaryFolder(), 'copy');
  await mirror.call('pairing.join', { code: await invite(master), root });
  await inStep(mirror, master);
  await master.call('peer.remove', { peer: 'tokyo' });
  const state = async () => (await mirror.call('node.status', {})).sites[0]?.peers[0];
  // A while later its tries are seconds apart.
  await until(async () => ((await state())?.nextAttemptAt ?? 0) > systemClock.now() + 2_000, 'it tries less often');
  const { findings } = await mirror.call('node.doctor', {});
  expect(findings.filter(({ check, level }) => check === 'peer' && level !== 'ok')).toMatchObject([
    { level: 'problem', code: 'link.unknown-peer', subject: 'origin' },
  ]);

  const next = (await state())?.nextAttemptAt;
  await mirror.call('peer.remove', { peer: 'origin' });
  await mirror.call('pairing.join', { code: await invite(master), root });
  expect((await state())?.nextAttemptAt).not.toBe(next);
  await inStep(mirror, master);
});

test('a mirror that leaves and joins again begins anew: in another folder, and in the old one', async () => {
  const { engine, root } = await masterEngine();
  const client = await login(engine);
  await put(client, 'a');
  const mirror = await mirrorEngine();
  const [first, second] = [await temporaryFolder(), await temporaryFolder()];
  const join1 = async (folder: string): Promise<void> => {
    await mirror.engine.call('pairing.join', { code: await invite(engine), root: folder });
    await inStep(mirror.engine, engine);
    expect(await files(folder)).toEqual(await files(root));
  };
  const leave = async (): Promise<void> => {
    await mirror.engine.call('peer.remove', { peer: 'origin' });
    await until(async () => (await engine.call('peer.list', {})).length === 0, 'the master has heard of it');
  };
  await join1(first);
  await leave();
  await put(client, 'b');
  await join1(second);
  await leave();
  await rm(join(first, 'a'));
  await join1(first);
});

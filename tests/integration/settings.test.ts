import { mkdir, readFile, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Client } from 'basic-ftp';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { readBackup } from '../../electron/engine/install/backup.ts';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { readRunFile } from '../../electron/engine/console/run-file.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { fileSecrets } from '../../electron/engine/install/file-secrets.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { readListening, toListening } from '../../renderer/features/settings/listening-draft.ts';
import { config } from '../../shared/contract/config.ts';
import { configChanges } from '../../shared/contract/config-changes.ts';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { freePort } from '../support/free-port.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PASSWORD = 'a good password';

async function startMaster(): Promise<{ engine: Engine; dataDir: string; root: string }> {
  const folder = await temporaryFolder();
  const [dataDir, root] = [join(folder, 'master'), join(folder, 'www')];
  await mkdir(root);
  const listen = { host: '127.0.0.1', port: 0 };
  await initNode(dataDir, { role: 'master', name: 'origin', ftp: listen, link: listen, plainFtp: true });
  const engine = await start(dataDir);
  await engine.call('site.add', { name: 'www', root });
  await engine.call('account.add', { user: 'alice', site: 'www', password: PASSWORD });
  return { engine, dataDir, root };
}

async function start(dataDir: string): Promise<Engine> {
  const logger = pino({ level: process.env['LOCKSTEP_TEST_LOG'] ?? 'silent' });
  const engine = await createEngine({ clock: systemClock, logger, secrets: fileSecrets(dataDir) }, dataDir);
  onTestFinished(() => engine.stop());
  return engine;
}

async function login(port: number, password = PASSWORD): Promise<Client> {
  return ftpLogin({ port, user: 'alice', password });
}

const ftpPort = (engine: Engine): number => engine.listeners().ftp?.port ?? 0;

test('a path that a person types without saying from where it counts is refused, and nothing is written anywhere', async () => {
  const { engine } = await startMaster();
  const before = await readdir('.');
  const relative = { code: 'file.relative', params: { path: 'backup.db' } };
  await expect(engine.call('node.backup', { file: 'backup.db' })).rejects.toMatchObject(relative);
  const order = { to: { kind: 'site' as const }, sources: ['docs'] };
  const root = 'docs';
  const asks = [
    () => engine.call('site.add', { name: 'docs', root }),
    () => engine.call('site.set', { name: 'www', root }),
    () => engine.call('folder.check', { root, use: 'publish' }),
    () => engine.call('publish.plan', order),
    () => engine.call('publish.start', { ...order, name: 'docs' }),
  ];
  for (const asked of asks)
    await expect(asked()).rejects.toMatchObject({ code: 'file.relative', params: { path: 'docs' } });
  expect(await readdir('.')).toEqual(before);
});

test('a site whose folder was moved goes on at its new place, also after a start without it; another folder is refused', async () => {
  const { engine, dataDir, root } = await startMaster();
  await writeFile(join(root, 'index.html'), 'here');
  await engine.call('site.rescan', { name: 'www' });
  const place = async (of: Engine): Promise<unknown[]> => {
    const [site] = (await of.call('node.status', {})).sites;
    return [site?.root, site?.files, site?.headSeq, site?.error?.code];
  };
  const [other, moved] = [`${root}-other`, `${root}-moved`];
  await mkdir(other);
  await rename(root, moved);
  const refused = async (to: string): Promise<unknown> =>
    engine.call('site.set', { name: 'www', root: to }).catch((error: { code?: unknown }) => error.code);
  expect(await refused(other)).toBe('site.root-elsewhere');
  expect(await refused(`${root}-nowhere`)).toBe('site.no-folder');
  expect(await refused(join(dataDir, 'identity'))).toBe('site.root-clash');
  expect((await place(engine))[0]).toBe(root);
  await engine.call('site.set', { name: 'www', root: moved });
  expect(await place(engine)).toEqual([moved, 1, 1, undefined]);
  const client = await login(ftpPort(engine));
  await client.uploadFrom(Readable.from(['new']), 'new.html');
  client.close();
  expect(await readFile(join(moved, 'new.html'), 'utf8')).toBe('new');

  await engine.stop();
  await rename(moved, root);
  const again = await start(dataDir);
  expect(await place(again)).toEqual([moved, 2, 2, 'site.root-missing']);
  await again.call('site.set', { name: 'www', root, keepDays: 7 });
  expect(await place(again)).toEqual([root, 2, 2, undefined]);
  expect(config.parse(JSON.parse(await readFile(join(dataDir, 'config.json'), 'utf8'))).sites).toMatchObject([
    { root, keepDays: 7 },
  ]);
});

test('a running install tells its certificates, and saves a backup that makes the same install again', async () => {
  const { engine, dataDir, root } = await startMaster();
  const { node } = await engine.call('node.status', {});
  const { own, ftp } = await engine.call('node.certificates', {});
  expect([own.fingerprint, ftp]).toEqual([node.id, undefined]);
  expect(own.until - own.from).toBeGreaterThan(40 * 365 * 86_400_000);

  const folder = await temporaryFolder();
  const file = join(folder, 'saved.db');
  const save = async (to: string): Promise<unknown> =>
    engine.call('node.backup', { file: to }).catch((error: { code?: unknown }) => error.code);
  expect(await save(file)).toEqual({ file, bytes: (await stat(file)).size, notSaved: [] });
  expect(await save(file)).toBe('backup.exists');
  expect(await save(join(root, 'in-the-site.db'))).toBe('backup.in-site');
  expect(await save(join(folder, 'nowhere', 'saved.db'))).toBe('file.not-found');
  expect(await readdir(folder)).toEqual(['saved.db']);

  // A certificate of one's own that cannot be read says so, by its file.
  const named = { cert: join(folder, 'mine.pem'), key: join(folder, 'mine.key') };
  const text = JSON.parse(await readFile(join(dataDir, 'config.json'), 'utf8')) as { ftp: object };
  await engine.stop();
  await writeFile(join(dataDir, 'config.json'), JSON.stringify({ ...text, ftp: { ...text.ftp, certificate: named } }));
  const again = await start(dataDir);
  expect((await again.call('node.certificates', {})).ftp).toMatchObject({
    file: named.cert,
    error: { code: 'certificate.unreadable' },
  });
  await again.stop();

  const restored = join(folder, 'restored');
  await readBackup(file, restored);
  const other = await start(restored);
  expect((await other.call('node.status', {})).node.id).toBe(node.id);
});

test('where it listens is changed while it runs, and mirrors follow', async () => {
  const { engine, root } = await startMaster();
  const [mirrorDir, followed] = [join(await temporaryFolder(), 'mirror'), join(await temporaryFolder(), 'files')];
  await initNode(mirrorDir, { role: 'mirror', name: 'osaka' });
  const mirror = await start(mirrorDir);
  const { code } = await engine.call('pairing.invite', {});
  await mirror.call('pairing.join', { code, root: followed });
  const inStep = async (): Promise<boolean> =>
    (await engine.call('node.status', {})).sites[0]?.peers[0]?.inStep ?? false;
  await until(inStep, 'in step');

  const old = ftpPort(engine);
  const [first, second] = [await freePort(), await freePort()];
  await login(old);
  const changes = { ftp: { port: first, limits: { idleSeconds: 77 } } };
  const view = await engine.call('config.set', { changes });
  expect(view.config.ftp).toMatchObject({
    port: first,
    host: '127.0.0.1',
    limits: { idleSeconds: 77, stallSeconds: 60 },
  });
  expect(ftpPort(engine)).toBe(first);
  await expect(login(old)).rejects.toThrow();
  await login(first);
  await writeFile(join(root, 'a.html'), 'a');
  await engine.call('site.rescan', { name: 'www' });
  await until(
    async () =>
      readFile(join(followed, 'a.html'), 'utf8').then(
        (text) => text === 'a',
        () => false,
      ),
    'the mirror fetches from there',
  );

  const link = { host: '127.0.0.1', port: second };
  await engine.call('config.set', { changes: { link } });
  expect(engine.listeners().link).toEqual(link);
  // The link that is open stays; the next one would be dialled at another place.
  expect((await engine.call('node.status', {})).sites[0]?.peers[0]?.connected).toBe(true);
  expect((await engine.call('config.set', { changes: { link: null } })).config).not.toHaveProperty('link');
  expect(engine.listeners().link).toBeNull();
});

test('what cannot be listened at changes nothing, in the file neither', async () => {
  const { engine, dataDir } = await startMaster();
  const busy = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void busy.close());
  await until(() => busy.listening, 'it is taken');
  const taken = (busy.address() as { port: number }).port;
  const before = await readFile(join(dataDir, 'config.json'), 'utf8');
  const port = ftpPort(engine);
  for (const changes of [
    { ftp: { port: taken } },
    { link: { host: '127.0.0.1', port: taken } },
    { console: { host: '127.0.0.1', port: taken } },
  ]) {
    await expect(engine.call('config.set', { changes })).rejects.toMatchObject({ code: 'port.busy' });
    expect(await readFile(join(dataDir, 'config.json'), 'utf8')).toBe(before);
  }
  expect(ftpPort(engine)).toBe(port);
  await login(port);
  expect(engine.listeners().link).not.toBeNull();
});

test('what somebody has just written into the file stays there, where a change of another key fails', async () => {
  const { engine, dataDir } = await startMaster();
  const file = join(dataDir, 'config.json');
  const busy = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void busy.close());
  await until(() => busy.listening, 'it is taken');
  const taken = (busy.address() as { port: number }).port;
  const edited = (await readFile(file, 'utf8'))
    .replace('"historyDays": 90', '"historyDays": 30')
    .replace('"idleSeconds": 300', '"idleSeconds": 77');
  await writeFile(file, edited);
  const console = { host: '127.0.0.1', port: taken };
  await expect(engine.call('config.set', { changes: { console } })).rejects.toMatchObject({ code: 'port.busy' });
  expect(await readFile(file, 'utf8')).toBe(edited);
  expect((await engine.call('config.get', {})).config).toMatchObject({
    historyDays: 30,
    ftp: { limits: { idleSeconds: 77 } },
  });
});

test('a role that somebody has written into the file is not taken over by the next change', async () => {
  const { engine, dataDir } = await startMaster();
  const file = join(dataDir, 'config.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace('"role": "master"', '"role": "mirror"'));
  const refused = { code: 'config.invalid', params: { key: 'node.role', values: 'master' } };
  const changed = engine.call('config.set', { changes: { historyDays: 30 } });
  await expect(changed).rejects.toMatchObject(refused);
  expect((await engine.call('config.get', {})).config).toMatchObject({ node: { role: 'master' }, historyDays: 90 });
});

test('a port that another listener of the install has is said to be its own', async () => {
  const { engine } = await startMaster();
  const { ftp, link } = engine.listeners();
  for (const changes of [
    { ftp: { port: link?.port ?? 0 } },
    { link: { host: '127.0.0.1', port: ftp?.port ?? 0 } },
    { console: { host: '127.0.0.1', port: ftp?.port ?? 0 } },
  ])
    await expect(engine.call('config.set', { changes })).rejects.toMatchObject({ code: 'port.own' });
  expect(engine.listeners().ftp).toEqual(ftp);
});

test('other limits of FTP hold at once, and sessions go on', async () => {
  const { engine } = await startMaster();
  const port = ftpPort(engine);
  const client = await login(port);
  await client.uploadFrom(Readable.from('a'), 'a');
  const changes = { ftp: { limits: { listingEntries: 1, sessionsPerAddress: 2 } } };
  await engine.call('config.set', { changes });
  expect(ftpPort(engine)).toBe(port);
  expect((await client.list()).map(({ name }) => name)).toEqual(['a']);
  await client.uploadFrom(Readable.from('b'), 'b');
  await expect(client.list()).rejects.toThrow(/more than 1 entries/);
  await login(port);
  await expect(login(port)).rejects.toThrow(/421 Your address has 2 sessions/);
  for (const ftp of [{ closeNotify: false }, { resumeTls: true }]) {
    await engine.call('config.set', { changes: { ftp } });
    await client.uploadFrom(Readable.from('c'), 'c');
  }
  // What TLS and address have to do with is begun anew.
  await engine.call('config.set', { changes: { ftp: { tls: 'required' } } });
  await expect(client.list()).rejects.toThrow();
});

test('all of FTP that is set by a key can be set by the command line and in the app, and holds at once', async () => {
  const { engine, dataDir } = await startMaster();
  const { ftp } = (await engine.call('config.get', {})).config;
  // Of the files of a certificate one is of no use without the other.
  const keys = Object.keys(config.shape.ftp.unwrap().shape).filter((key) => key !== 'certificate');
  expect(Object.keys(configChanges.shape.ftp.unwrap().shape).toSorted()).toEqual(keys.toSorted());
  const view = await engine.call('config.get', {});
  expect(Object.keys(toListening(readListening(view)).ftp ?? {}).toSorted()).toEqual(keys.toSorted());
  for (const [key, value] of [
    ['closeNotify', false],
    ['resumeTls', true],
  ] as const) {
    expect(ftp?.[key]).toBe(!value);
    expect(await ask('config set', dataDir, `ftp.${key}`, String(value))).toMatchObject({
      config: { ftp: { [key]: value } },
    });
  }
});

test('the console moves, and whoever asked for it gets the answer', async () => {
  const { engine, dataDir } = await startMaster();
  const port = await freePort();
  const before = await readRunFile(dataDir);
  expect(await ask('config set', dataDir, 'console', `127.0.0.1:${port}`)).toMatchObject({
    config: { console: { host: '127.0.0.1', port } },
  });
  const after = await readRunFile(dataDir);
  expect(after?.port).toBe(port);
  expect(after?.token).not.toBe(before?.token);
  expect(await engine.call('console.address', {})).toEqual({ url: `https://127.0.0.1:${port}/#token=${after?.token}` });
  expect((await ask('status', dataDir)).listeners.console?.url).toBe(`https://127.0.0.1:${port}/`);
});

test('the console moves to another address on the port that it has', async () => {
  const { engine, dataDir } = await startMaster();
  const port = await freePort();
  await engine.call('config.set', { changes: { console: { host: '127.0.0.1', port } } });
  expect(await ask('config set', dataDir, 'console', `0.0.0.0:${port}`)).toMatchObject({
    config: { console: { host: '0.0.0.0', port } },
  });
  expect(engine.listeners().console).toMatchObject({ host: '0.0.0.0', port });
  // An address that this machine does not have: the console is where it was, and answers.
  await expect(engine.call('config.set', { changes: { console: { host: '192.0.2.1', port } } })).rejects.toMatchObject({
    code: expect.stringMatching(/^port\./),
  });
  expect((await ask('status', dataDir)).listeners.console).toMatchObject({ port });
});

test('what may be a secret in the address of a hook, or among the arguments of its program, is shown to nobody', async () => {
  const { engine, dataDir } = await startMaster();
  const file = join(dataDir, 'config.json');
  const config = JSON.parse(await readFile(file, 'utf8')) as object;
  const hooks = [
    { on: 'release-everywhere', url: 'https://127.0.0.1:9/services/HIDDEN?key=hidden' },
    { on: 'release-everywhere', command: ['/usr/bin/curl', '--header', 'Authorization: hidden'] },
    { on: 'release-everywhere', command: ['/usr/bin/true'] },
  ];
  await writeFile(file, JSON.stringify({ ...config, hooks }));
  await until(async () => (await engine.call('config.get', {})).config.hooks.length === 3, 'it is in force');
  const view = await engine.call('config.set', { changes: { historyDays: 30 } });
  expect(JSON.stringify([view, await engine.call('node.status', {})]).toLowerCase()).not.toContain('hidden');
  expect(view.config.hooks).toMatchObject([
    { url: 'https://127.0.0.1:9/…' },
    { command: ['/usr/bin/curl', '…'] },
    { command: ['/usr/bin/true'] },
  ]);
  expect(await readFile(file, 'utf8')).toContain('key=hidden');
});

test('a change is checked, and does not write over what somebody else has changed', async () => {
  const { engine, dataDir } = await startMaster();
  const file = join(dataDir, 'config.json');
  const { revision } = await engine.call('config.get', {});
  for (const changes of [
    { ftp: { prot: 21 } },
    { ftp: { port: 70_000 } },
    { node: { name: '../x' } },
    { historyDays: 0 },
    { version: 2 },
  ])
    await expect(engine.call('config.set', { changes: changes })).rejects.toMatchObject({
      code: 'call.invalid',
    });
  await expect(
    engine.call('config.set', { changes: { ftp: { passive: { min: 5000, max: 4000 } } } }),
  ).rejects.toMatchObject({ code: 'config.invalid' });
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('"historyDays": 90', '"historyDays": 30'));
  await expect(engine.call('config.set', { revision, changes: { historyDays: 10 } })).rejects.toMatchObject({
    code: 'config.changed',
  });
  await until(async () => (await engine.call('config.get', {})).config.historyDays === 30, 'the file is in force');
  const now = await engine.call('config.get', {});
  const view = await engine.call('config.set', { revision: now.revision, changes: { node: { name: 'kyoto' } } });
  expect(view.config).toMatchObject({ node: { name: 'kyoto', role: 'master' }, historyDays: 30 });
  expect((await engine.call('node.status', {})).node.name).toBe('kyoto');

  const port = await freePort();
  await writeFile(file, (await readFile(file, 'utf8')).replace('"port": 0,\n    "tls"', `"port": ${port},\n    "tls"`));
  await until(() => ftpPort(engine) === port, 'a change by hand is in force too');
});

test('a listener that cannot go where config.json was made to say keeps nobody from setting anything else', async () => {
  const { engine, dataDir } = await startMaster();
  const before = engine.listeners().link;
  const other = createServer();
  other.listen(0, '127.0.0.1');
  onTestFinished(() => void other.close());
  await until(() => other.listening, 'another program listens');
  const address = other.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const file = join(dataDir, 'config.json');
  const written = JSON.parse(await readFile(file, 'utf8')) as object;
  await writeFile(file, JSON.stringify({ ...written, link: { host: '127.0.0.1', port } }));
  await until(async () => (await engine.call('config.get', {})).config.link?.port === port, 'the file is read');

  const root = await temporaryFolder();
  expect(await engine.call('site.add', { name: 'docs', root })).toMatchObject({ name: 'docs' });
  await engine.call('account.add', { user: 'bob', site: 'docs', password: PASSWORD });
  await engine.call('site.set', { name: 'docs', watch: true });
  await engine.call('config.set', { changes: { historyDays: 30 } });
  await engine.call('site.remove', { name: 'docs' });
  expect((await engine.call('account.list', {})).map(({ user }) => user)).toEqual(['alice']);
  expect(engine.listeners().link).toEqual(before);
  expect((await engine.call('node.status', {})).configFault).toMatchObject({ code: 'port.busy', params: { port } });
  expect((await inProcess(['status', '--data', dataDir])).out).toContain(
    '▲ not everything listens where config.json says',
  );
  const link = { host: '127.0.0.1', port };
  await expect(engine.call('config.set', { changes: { link } })).rejects.toMatchObject({ code: 'port.busy' });

  other.close();
  await until(() => !other.listening, 'the other program has ended');
  await engine.call('config.set', { changes: { link } });
  expect(engine.listeners().link).toEqual(link);
  expect(await engine.call('node.status', {})).not.toHaveProperty('configFault');
});

test('another password lets the old one out; a site is set; at rest too', async () => {
  const { engine, dataDir } = await startMaster();
  const client = await login(ftpPort(engine));
  await engine.call('account.password', { user: 'alice', password: 'another password' });
  await expect(client.send('NOOP')).rejects.toThrow();
  await expect(login(ftpPort(engine))).rejects.toThrow();
  await login(ftpPort(engine), 'another password');
  await expect(engine.call('account.password', { user: 'bob', password: 'another password' })).rejects.toMatchObject({
    code: 'account.unknown',
  });

  const set = ['--watch', 'on', '--version-days', '7', '--link-missing', '3s', '--url', 'https://example.org/'];
  expect(await ask('site set', dataDir, 'www', ...set, '--multicast', '239.1.2.3:7000')).toEqual({ name: 'www' });
  const [site] = (await ask('config get', dataDir)).config.sites;
  expect(site).toMatchObject({
    watch: true,
    versions: { days: 7, count: 10_000 },
    links: { missing: 3000, urls: ['https://example.org/'], wait: true },
    multicast: { group: '239.1.2.3', port: 7000, ttl: 1 },
  });
  await ask('site set', dataDir, 'www', '--multicast', 'off');
  expect((await ask('config get', dataDir)).config.sites[0]).not.toHaveProperty('multicast');
  expect(await engine.call('site.remove', { name: 'www', dryRun: true })).toEqual({
    name: 'www',
    files: 0,
    mirrors: [],
    accounts: 1,
  });
  expect((await engine.call('node.status', {})).sites).toHaveLength(1);

  const { dataDir: resting } = await newMaster();
  expect(await ask('config set', resting, 'ftp.passive.min', '0')).toMatchObject({
    config: { ftp: { passive: { min: 0 } } },
  });
  const { out } = await inProcess(['config', 'get', '--data', resting]);
  expect(out).toMatch(/^ftp\.tls +optional$/m);
  expect(out).toMatch(/^link +127\.0\.0\.1:0$/m);
  expect(await inProcess(['config', 'set', 'ftp.prot', '21', '--data', resting])).toMatchObject({
    code: 2,
    err: expect.stringContaining('ftp.prot is not a known key'),
  });
});

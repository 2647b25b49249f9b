import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { Client } from 'basic-ftp';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { readConfig } from '../../electron/engine/config/config-file.ts';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { writeAtomically } from '../../electron/engine/tree/replace-file.ts';
import { readRunFile } from '../../electron/engine/console/run-file.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { fileSecrets } from '../../electron/engine/install/file-secrets.ts';
import { decodePairingCode } from '../../electron/engine/link/pairing-code.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { CLI, runLockstep, runUntilReady } from '../support/lockstep.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const PASSWORD = 'planted publisher password 7Q';
const WRONG = 'planted wrong password 8R';
const MISPLACED = 'planted password in the place of a name 9S';
const at = { host: '127.0.0.1', port: 0 };

/**
 * A whole life at the finest level of the log, without the redaction that stands before the real one: what is not
 * written need not be hidden.
 */
test('secrets that are planted stand in no log, no answer, no address and no file that others read', async () => {
  const folder = await temporaryFolder();
  const log: string[] = [];
  const told: string[] = [];
  const sent = watchLinks();
  const ports = (dataDir: string) => ({
    clock: systemClock,
    logger: pino({ level: 'trace' }, { write: (line: string) => void log.push(line) }),
    secrets: fileSecrets(dataDir),
  });
  const start = async (dataDir: string): Promise<Engine> => {
    const engine = await createEngine(ports(dataDir), dataDir);
    onTestFinished(() => engine.stop());
    engine.subscribe((event) => told.push(JSON.stringify(event)));
    return engine;
  };

  // A master that announces by multicast too, a publisher, and a mirror.
  const [masterData, mirrorData, root, copy] = ['master', 'mirror', 'www', 'copy'].map((name) =>
    join(folder, name),
  ) as [string, string, string, string];
  await mkdir(root);
  await initNode(masterData, { role: 'master', name: 'tokyo', ftp: at, link: at, console: at, plainFtp: true });
  await initNode(mirrorData, { role: 'mirror', name: 'osaka', console: at });
  let master = await start(masterData);
  await master.call('site.add', { name: 'www', root, watch: false });
  await addMulticast(masterData);
  await master.stop();
  master = await start(masterData);
  await master.call('account.add', { user: 'alice', site: 'www', password: PASSWORD });
  const { code } = await master.call('pairing.invite', { site: 'www', expiresSeconds: 600 });
  const mirror = await start(mirrorData);
  await mirror.call('pairing.join', { code, root: copy, dial: 'mirror' });
  await expect(mirror.call('pairing.join', { code, root: `${copy}2`, dial: 'mirror' })).rejects.toThrow();

  // Logins that are right and wrong, and one that is mistyped; transfers, one that fails, one that is broken off.
  const ftp = master.listeners().ftp ?? at;
  for (const line of [
    `USER alice\r\nPASS ${WRONG}\r\n`,
    `USER ${MISPLACED}\r\nPASS x\r\nUSER\r\n`,
    `USER alice\r\nPASSW ${WRONG}\r\nPASS\t${WRONG}\r\n`,
  ])
    await say(ftp.port, line);
  const client = new Client();
  await client.access({ host: '127.0.0.1', port: ftp.port, user: 'alice', password: PASSWORD });
  await client.uploadFrom(Readable.from(['content'], { objectMode: false }), 'a.txt');
  await expect(client.remove('nowhere')).rejects.toThrow();
  const broken = client.uploadFrom(new Readable({ read() {} }), 'b.txt').catch(() => undefined);
  setTimeout(() => client.close(), 200);
  await broken;
  await expect.poll(() => readFile(join(copy, 'a.txt'), 'utf8').catch(() => '')).toBe('content');

  // What the console answers, with its token and without.
  const runFile = await readRunFile(masterData);
  const token = runFile?.token ?? '';
  for (const path of ['/metrics', '/healthz', '/', '/api/call', '/nowhere', `/?token=wrong`]) {
    for (const authorization of [undefined, `Bearer ${token}`, 'Bearer wrong'])
      told.push(await get(runFile?.port ?? 0, path, authorization));
  }
  for (const engine of [master, mirror]) {
    told.push(JSON.stringify(await engine.call('node.status', {})));
    told.push(JSON.stringify(await engine.call('peer.list', {})));
    told.push(JSON.stringify(engine.listeners()));
  }
  told.push(JSON.stringify(await master.call('account.list', {})));

  const secrets = {
    password: PASSWORD,
    'wrong password': WRONG,
    'misplaced password': MISPLACED,
    'pairing secret': decodePairingCode(code).secret,
    'console token': token,
    'key of the master': await keyOf(masterData),
    'key of the mirror': await keyOf(mirrorData),
    "mirror's account": await mirrorPassword(mirrorData, () => mirror.stop()),
    'secret of the multicast': sent.secret(),
  };
  for (const [name, secret] of Object.entries(secrets))
    expect([name, secret.length]).toEqual([name, expect.toSatisfy((length: number) => length >= 20)]);
  const found = (texts: readonly string[]): string[] =>
    Object.entries(secrets).flatMap(([name, secret]) =>
      texts.filter((text) => text.includes(secret)).map((text) => `${name}: ${text.slice(0, 300)}`),
    );
  expect(log.length).toBeGreaterThan(50);
  // Whose account is guessed at is told all the same.
  expect(log.some((line) => line.includes('a login was refused') && line.includes('"user":"alice"'))).toBe(true);
  expect(found(log)).toEqual([]);
  expect(found(told)).toEqual([]);
  await master.stop();
  expect(await readableByOthers(folder, ['www', 'copy'])).toEqual([]);
  expect(found(await textsBelow(root))).toEqual([]);
  expect(found(await textsBelow(copy))).toEqual([]);
});

test.skipIf(process.platform === 'win32')(
  'a process that is ended by force leaves no secret in what it wrote',
  async () => {
    const folder = await temporaryFolder();
    const [dataDir, root] = [join(folder, 'data'), join(folder, 'www')];
    await mkdir(root);
    await initNode(dataDir, { role: 'master', ftp: at, link: at, console: at, plainFtp: true });
    const running = await runLockstep(dataDir, '--log', 'debug');
    const token = (await readRunFile(dataDir))?.token ?? '';
    const { out, err } = await running.end('SIGABRT');
    const key = await keyOf(dataDir);
    expect(token.length).toBeGreaterThan(20);
    for (const secret of [token, key]) expect(out + err).not.toContain(secret);
    expect(await readableByOthers(folder, ['www'])).toEqual([]);
  },
);

test.runIf(process.platform === 'linux')(
  'what the system keeps of the memory of a process that crashes holds no secret',
  async () => {
    const [dataDir, cwd] = [join(await temporaryFolder(), 'data'), await temporaryFolder()];
    await initNode(dataDir, { role: 'master', ftp: at, link: at, console: at });
    const dumping = ['sh', '-c', 'cd "$0" && ulimit -c unlimited && exec "$@"', cwd];
    const running = await runUntilReady([...dumping, process.execPath, CLI, 'run', '--data', dataDir]);
    const filter = await readFile(`/proc/${running.process.pid}/coredump_filter`, 'latin1');
    await running.end('SIGSEGV');
    const key = await keyOf(dataDir);
    expect(key.length).toBeGreaterThan(20);
    // Where the system hands dumps to a program there is none to look at; the filter holds for it too.
    expect(parseInt(filter, 16)).toBe(0);
    expect((await textsBelow(cwd)).filter((dump) => dump.includes(key))).toEqual([]);
  },
);

/** The master tells its mirrors the secret of announcements over the link: what it sends is watched. */
function watchLinks(): { secret(): string } {
  const messages: string[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- it is called with its `this` below
  const send = WebSocket.prototype.send;
  const spy = vi.spyOn(WebSocket.prototype, 'send').mockImplementation(function (this: WebSocket, ...args: unknown[]) {
    if (String(args[0]).includes('"multicast"')) messages.push(String(args[0]));
    return Reflect.apply(send, this, args) as void;
  });
  onTestFinished(() => spy.mockRestore());
  return { secret: () => /"secret":"([^"]+)"/.exec(messages.join('\n'))?.[1] ?? '' };
}

async function addMulticast(dataDir: string): Promise<void> {
  const config = await readConfig(dataDir);
  const sites = config.sites.map((site) => ({ ...site, multicast: { group: '239.255.77.7', port: 47_777, ttl: 0 } }));
  await writeAtomically(join(dataDir, 'config.json'), JSON.stringify({ ...config, sites }));
}

/** A long line of the key in PEM. */
async function keyOf(dataDir: string): Promise<string> {
  return (await readFile(join(dataDir, 'identity', 'key.pem'), 'utf8')).split('\n')[1] ?? '';
}

async function mirrorPassword(dataDir: string, stop: () => Promise<void>): Promise<string> {
  await stop();
  const store = await openStore(join(dataDir, 'lockstep.db'));
  const stored = String(store.get('SELECT ftp FROM peer')?.['ftp']);
  store.close();
  return /"password":"([^"]+)"/.exec(stored)?.[1] ?? '';
}

/** Sends lines as they are, and waits for the server to have read them. */
async function say(port: number, lines: string): Promise<void> {
  const { connect } = await import('node:net');
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  socket.resume();
  socket.end(lines);
  await new Promise((resolve) => socket.once('close', resolve));
}

function get(port: number, path: string, authorization?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { host: `127.0.0.1:${port}`, ...(authorization && { authorization }) };
    const asked = request({ host: '127.0.0.1', port, path, headers, rejectUnauthorized: false }, (response) => {
      let text = JSON.stringify(response.headers);
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve(text));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Files of data folders that others than their owner may read; the folders of sites are for everybody. */
async function readableByOthers(folder: string, except: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const name of await readdir(folder)) {
    if (except.includes(name)) continue;
    const top = join(folder, name);
    // Whoever may not enter the folder reads nothing in it.
    if (((await stat(top)).mode & 0o077) !== 0) found.push(top);
    for (const secret of ['identity', 'run.json', 'lockstep.db']) {
      const info = await stat(join(top, secret)).catch(() => undefined);
      if (info && (info.mode & 0o077) !== 0) found.push(join(top, secret));
    }
  }
  return found;
}

async function textsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
  );
}

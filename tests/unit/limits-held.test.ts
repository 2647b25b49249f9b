import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readConfig } from '../../electron/engine/config/config-file.ts';
import { CONFIG_BYTES_MAX } from '../../electron/engine/config/parse-config.ts';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { CODE_CHARACTERS_MAX, decodePairingCode, encodePairingCode } from '../../electron/engine/link/pairing-code.ts';
import {
  DATA_CONNECT_MILLIS,
  DATA_LINGER_MILLIS,
  LOGIN_MILLIS,
  PASSIVE_OPEN_MILLIS,
  TLS_HANDSHAKE_MILLIS,
} from '../../electron/engine/master/ftp-server/limits.ts';
import { readLocalTree } from '../../electron/engine/publishing/local-tree.ts';
import { DROP_ENTRIES_MAX } from '../../shared/contract/publishing.ts';
import { findBelow, NESTED_FOLDERS_MAX } from '../../electron/engine/tree/nested-roots.ts';
import { config, ROUTES_MAX } from '../../shared/contract/config.ts';
import { HOOKS_MAX } from '../../shared/contract/hooks.ts';
import { GROUP_MEMBERS_MAX, GROUPS_MAX, SET_LINKS_MAX } from '../../shared/contract/rules.ts';
import { ROOT } from '../../shared/domain/site-path.ts';
import { open, RawFtp } from '../support/ftp-raw-client.ts';
import { startFtp } from '../support/ftp-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const many = <T>(count: number, each: (at: number) => T): T[] => Array.from({ length: count }, (_, at) => each(at));
const group = (at: number, members = ['a']) => ({ name: `g${at}`, members, rule: 'all' });

test.each([
  ['hooks', HOOKS_MAX, (count: number) => ({ hooks: many(count, () => ({ on: 'published', command: ['true'] })) })],
  [
    'routes',
    ROUTES_MAX,
    (count: number) => inSite({ routes: many(count, (at) => ({ glob: `d${at}/**`, mirrors: 'all' })) }),
  ],
  ['groups', GROUPS_MAX, (count: number) => inSite({ groups: many(count, (at) => group(at)) })],
  [
    'members',
    GROUP_MEMBERS_MAX,
    (count: number) =>
      inSite({
        groups: [
          group(
            0,
            many(count, (at) => `m${at}`),
          ),
        ],
      }),
  ],
  [
    'links',
    SET_LINKS_MAX,
    (count: number) => inSite({ links: { set: many(count, (at) => ({ glob: `p${at}`, target: 't' })) } }),
  ],
])('a config has so many %s and no more', (_what, limit, having) => {
  const head = {
    version: 1,
    node: { name: 'origin', role: 'master' },
    ftp: { host: '127.0.0.1', port: 0, tls: 'required' },
  };
  expect(config.safeParse({ ...head, ...having(limit) }).success).toBe(true);
  expect(config.safeParse({ ...head, ...having(limit + 1) }).success).toBe(false);
});

function inSite(rest: object): object {
  return { sites: [{ name: 'www', root: '/srv/www', ...rest }] };
}

test('a config.json has so many bytes and no more', async () => {
  const dataDir = await temporaryFolder();
  const text = JSON.stringify(await initNode(dataDir, { role: 'master' }));
  await writeFile(join(dataDir, 'config.json'), text.padEnd(CONFIG_BYTES_MAX));
  await readConfig(dataDir);
  await writeFile(join(dataDir, 'config.json'), text.padEnd(CONFIG_BYTES_MAX + 1));
  await expect(readConfig(dataDir)).rejects.toMatchObject({ code: 'config.invalid', params: { issue: 'too-large' } });
});

test('a pairing code has so many characters and no more', () => {
  const code = {
    addresses: ['origin:2122'],
    fingerprint: 'a'.repeat(64),
    secret: 's'.repeat(22),
    expiresAt: 1,
    site: 'www',
  };
  const text = encodePairingCode(code);
  expect(decodePairingCode(text.padEnd(CODE_CHARACTERS_MAX))).toEqual(code);
  expect(() => decodePairingCode(text.padEnd(CODE_CHARACTERS_MAX + 1))).toThrow('pair.bad-code');
});

test('who does not log in in time is told so, and goes', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const { port } = await startFtp();
  const client = await RawFtp.connect(port);
  await client.command('USER publisher');
  await vi.advanceTimersByTimeAsync(LOGIN_MILLIS - 1);
  expect(await client.command('NOOP')).toMatch(/^200 /);
  await vi.advanceTimersByTimeAsync(1);
  expect(await client.closed()).toMatch(/^421 /);
});

test('so many folders are looked at for roots of others, and what lies below is not found', async () => {
  const folder = await temporaryFolder();
  for (const at of many(NESTED_FOLDERS_MAX - 1, (each) => each)) await mkdir(join(folder, `d${at}`));
  const mark = async (name: string): Promise<void> => {
    await mkdir(join(folder, name, '.lockstep'), { recursive: true });
    await writeFile(join(folder, name, '.lockstep', 'mark'), '');
  };
  await mark('d7');
  await mark('d7/below');
  expect(await findBelow(folder)).toEqual([{ is: 'root', folder: join(folder, 'd7') }]);
});

test('a drop has so many files and folders and no more', async () => {
  const [folder, links] = [await temporaryFolder(), await temporaryFolder()];
  await Promise.all(many(99, (at) => writeFile(join(folder, String(at)), '')));
  // What is named may be a link: that is what is meant.
  const sources = many(DROP_ENTRIES_MAX / 100, (at) => join(links, `d${at}`));
  await Promise.all(sources.map((source) => symlink(folder, source, 'junction')));
  const { signal } = new AbortController();
  const tree = await readLocalTree(sources, ROOT, signal);
  expect(tree.files.length + tree.folders.length).toBe(DROP_ENTRIES_MAX);
  await writeFile(join(links, 'one-more'), '');
  await expect(readLocalTree([...sources, join(links, 'one-more')], ROOT, signal)).rejects.toMatchObject({
    code: 'release.too-large',
    params: { limit: DROP_ENTRIES_MAX },
  });
});

/** Timers stand still, and sockets go on. Time passes by `pass`, and then what has come of it is known to all. */
async function stillTime(port: number): Promise<(millis: number) => Promise<void>> {
  const other = await RawFtp.connect(port);
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  return async (millis) => {
    await vi.advanceTimersByTimeAsync(millis);
    for (let turn = 0; turn < 20; turn += 1) await other.command('NOOP');
  };
}

test('who does not begin the handshake of TLS in time goes', async () => {
  const { port, server } = await startFtp();
  const pass = await stillTime(port);
  const client = await RawFtp.connect(port);
  expect(await client.command('AUTH TLS')).toMatch(/^234 /);
  await pass(TLS_HANDSHAKE_MILLIS - 1);
  expect(server.sessions().length).toBe(2);
  await pass(1);
  expect(await client.closed()).toBe('');
});

test('a transfer waits so long for its data connection', async () => {
  const { port, root } = await startFtp();
  await writeFile(join(root, 'a'), 'x');
  const client = await RawFtp.login(port);
  const pass = await stillTime(port);
  await client.passive();
  await client.command('RETR a');
  let answer = '';
  const answered = client.reply().then((text) => (answer = text));
  await pass(DATA_CONNECT_MILLIS - 1);
  expect(answer).toBe('');
  await pass(1);
  expect(await answered).toMatch(/^425 /);
});

test('a port that nobody uses is closed in time', async () => {
  const { port } = await startFtp();
  const clients = [await RawFtp.login(port), await RawFtp.login(port)];
  const pass = await stillTime(port);
  const [one = 0, two = 0] = [await clients[0]?.passive(), await clients[1]?.passive()];
  await pass(PASSIVE_OPEN_MILLIS - 1);
  await open(one);
  await pass(1);
  await expect(open(two)).rejects.toThrow('ECONNREFUSED');
});

test('who does not close a data connection after the last byte has so long for it', async () => {
  const { port, root } = await startFtp();
  await writeFile(join(root, 'a'), 'x');
  const client = await RawFtp.login(port);
  const pass = await stillTime(port);
  const data = connect({ port: await client.passive(), host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void data.destroy());
  await once(data, 'connect');
  const ended = once(data.resume(), 'end');
  await client.command('RETR a');
  expect(await client.reply()).toMatch(/^226 /);
  await ended;
  const isTaken = async (): Promise<boolean> => {
    const lost = new Promise((resolve) => data.once('error', () => resolve(false)));
    data.write('x');
    await pass(0);
    data.write('x');
    await pass(0);
    return Promise.race([lost, Promise.resolve(true)]) as Promise<boolean>;
  };
  await pass(DATA_LINGER_MILLIS - 1);
  expect(await isTaken()).toBe(true);
  await pass(1);
  expect(await isTaken()).toBe(false);
});

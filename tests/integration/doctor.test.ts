import { chmod, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Config, config as configSchema, type SiteConfig } from '../../shared/contract/config.ts';
import { finding } from '../../shared/contract/doctor.ts';
import type { Status, WaitingItem } from '../../shared/contract/status.ts';
import { VERSION } from '../../shared/version.ts';
import { findingTexts as en } from '../../shared/doctor/findings.en.ts';
import { findingTexts as ja } from '../../shared/doctor/findings.ja.ts';
import { type FindingCode, tellFinding } from '../../shared/doctor/findings.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { type Examined, examine, watchFinding } from '../../electron/engine/doctor/doctor.ts';
import { loadOrCreateIdentity } from '../../electron/engine/link/identity.ts';
import { ask } from '../support/commands.ts';
import { startNetwork } from '../support/network.ts';
import { isWindows } from '../support/rights.ts';
import { freePort } from '../support/free-port.ts';
import { siteConfig } from '../support/site-config.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const NOW = Date.now();
const ID = 'a'.repeat(64);

async function install(
  change: (config: Config) => Config = (config) => config,
): Promise<{ dataDir: string; config: Config }> {
  const dataDir = join(await temporaryFolder(), 'data');
  const made = await initNode(dataDir, {
    role: 'master',
    name: 'tokyo',
    ftp: { host: '127.0.0.1', port: 0 },
    link: { host: '127.0.0.1', port: 0 },
  });
  await loadOrCreateIdentity(join(dataDir, 'identity'));
  return { dataDir, config: change(made) };
}

function stateOf(config: Config, over: Partial<NonNullable<Examined['state']>> = {}): NonNullable<Examined['state']> {
  const status: Status = {
    node: { id: ID, ...config.node, pid: null, version: '0.1.0' },
    running: false,
    listeners: { ftp: null, link: null, console: null },
    sites: [],
    waiting: [],
  };
  return { status, peers: [], unflushed: [], ...over };
}

/** Findings that are not well, as `check level sentence`. */
async function troubles(examined: Omit<Examined, 'probe' | 'now'> & Partial<Examined>): Promise<string[]> {
  const findings = await examine({ probe: () => Promise.resolve(), now: NOW, ...examined });
  for (const { level, mend } of findings) expect(mend === undefined).toBe(level === 'ok');
  return findings
    .filter(({ level }) => level !== 'ok')
    .map(({ check, level, sentence }) => `${check} ${level}: ${sentence}`);
}

test('an install that is well has nothing to do', async () => {
  const root = await temporaryFolder();
  const { dataDir, config } = await install((made) => ({
    ...made,
    sites: [siteConfig('www', root)],
  }));
  const findings = await examine({ dataDir, config, state: stateOf(config), now: NOW, probe: () => Promise.resolve() });
  expect(findings.map(({ check, subject, level }) => [check, subject, level].filter(Boolean).join(' '))).toEqual([
    'config ok',
    'database ok',
    'clock ok',
    'passive-ports ok',
    'data-folder ok',
    'identity ok',
    'listener ftp ok',
    'listener link ok',
    'listener console ok',
    'disk ok',
    'folder www ok',
    'disk www ok',
  ]);
});

test('names a site whose disk has failed to flush, until the machine is started anew', async () => {
  const { dataDir, config } = await install();
  expect(await troubles({ dataDir, config, state: stateOf(config, { unflushed: ['www'] }) })).toEqual([
    'disk problem: The disk has failed to write changes of the site “www”. Nobody knows which of them it holds until this machine restarts.',
  ]);
});

test('names a port that is taken, and an address that this machine has not', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  const address = taken.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const { dataDir, config } = await install((made) => ({
    ...made,
    link: { host: '127.0.0.1', port },
    console: { host: '192.0.2.1', port: 0 },
  }));
  expect(
    (await troubles({ dataDir, config, state: stateOf(config) })).filter((line) => line.startsWith('listener')),
  ).toEqual([
    // On Linux it is seen by which.
    expect.stringMatching(
      new RegExp(
        `^listener problem: Port ${port} at 127\\.0\\.0\\.1 is in use by (another program|“.+” \\(process \\d+\\))\\.$`,
      ),
    ),
    'listener problem: “192.0.2.1” is not an address of this machine.',
  ]);
});

if (isWindows)
  process.stderr.write('The mode says nothing of others on Windows: open folders are not looked for there\n');
test.skipIf(isWindows)('names folders and files that others can read', async () => {
  const { dataDir, config } = await install();
  await chmod(dataDir, 0o755);
  await chmod(join(dataDir, 'identity', 'key.pem'), 0o644);
  const found = await troubles({ dataDir, config, state: stateOf(config) });
  expect(found).toContain('data-folder warning: Other users of this machine can read the data folder.');
  expect(found).toContain('identity problem: Other users of this machine can read identity/key.pem.');
});

test('names an expired certificate, and an identity that is not whole', async () => {
  const { dataDir, config } = await install();
  expect(await troubles({ dataDir, config, state: stateOf(config), now: NOW + 51 * 366 * 86_400_000 })).toContain(
    'identity problem: The certificate has expired.',
  );
  await writeFile(join(dataDir, 'identity', 'cert.pem'), '');
  expect(await troubles({ dataDir, config, state: stateOf(config) })).toContain(
    'identity problem: The identity is incomplete: there is no readable certificate.',
  );
});

test('names a link that takes another port at each start, where a mirror dials it', async () => {
  const { dataDir, config } = await install();
  const mirror = { id: 'b'.repeat(64), name: 'osaka', role: 'mirror', address: null, sites: ['www'] } as const;
  const told = async (dial: 'master' | 'mirror', port: number) =>
    (
      await troubles({
        dataDir,
        config: { ...config, link: { host: '127.0.0.1', port } },
        state: stateOf(config, { peers: [{ ...mirror, sites: ['www'], dial }] }),
      })
    ).filter((line) => line.startsWith('listener '));
  expect(await told('mirror', 0)).toEqual([
    'listener warning: The link uses a different port at each start, but osaka dials the port from its pairing.',
  ]);
  expect([await told('master', 0), await told('mirror', await freePort())]).toEqual([[], []]);
});

test('names a site whose folder is gone', async () => {
  const root = join(await temporaryFolder(), 'gone');
  const { dataDir, config } = await install((made) => ({
    ...made,
    sites: [siteConfig('www', root)],
  }));
  expect(await troubles({ dataDir, config, state: stateOf(config) })).toContain(
    `folder problem: The folder “${root}” is not there, or is not a folder that Lockstep can use.`,
  );
});

test('names a database that does not open', async () => {
  const { dataDir, config } = await install();
  expect(await troubles({ dataDir, config, stateError: new AppError('store.newer', { version: 9 }) })).toContain(
    'database problem: The database was written by a newer Lockstep (9).',
  );
});

test('tries to reach the peers that this install dials, and says of the others what is known', async () => {
  const { dataDir, config } = await install();
  const peers = [
    { id: ID, name: 'osaka', role: 'mirror', address: '127.0.0.1:1', dial: 'master', sites: ['www'] },
    { id: ID, name: 'berlin', role: 'mirror', address: null, dial: 'mirror', sites: ['www'] },
  ] as const;
  const state = stateOf(config, { peers: peers.map((peer) => ({ ...peer, sites: [...peer.sites] })) });
  const probe = (address: string): Promise<void> => Promise.reject(new AppError('link.unreachable', { address }));
  expect((await troubles({ dataDir, config, state, probe })).filter((line) => line.startsWith('peer'))).toEqual([
    'peer problem: The other install cannot be reached at 127.0.0.1:1.',
  ]);
  const running = { ...state, status: { ...state.status, running: true } };
  expect(
    (await troubles({ dataDir, config, state: running, probe })).filter((line) => line.startsWith('peer')),
  ).toEqual([
    'peer problem: The other install cannot be reached at 127.0.0.1:1.',
    'peer warning: berlin should dial this install, but has not.',
  ]);
});

test('a change from the future tells of clocks that differ', async () => {
  const { dataDir, config } = await install();
  const latestChange = {
    site: 'www',
    seq: 1,
    op: 'put',
    path: 'a' as never,
    at: NOW + 600_000,
    deliveries: [],
  } as const;
  expect(
    await troubles({ dataDir, config, state: stateOf(config, { latestChange: { ...latestChange, deliveries: [] } }) }),
  ).toContain("clock warning: The latest change is dated 600 s ahead of this machine's clock.");
});

test("compares each peer's clock as its hello told it", async () => {
  const { dataDir, config } = await install();
  const state = stateOf(config);
  const counts = { receivedSeq: 1, publishedSeq: 1, inStep: true, waiting: 0, failing: 0, held: 0 };
  const at = (clockAheadMillis: number) => {
    const peers = [{ name: 'osaka', id: ID, connected: true, clockAheadMillis, ...counts }];
    const sites = [{ name: 'www', root: dataDir, journal: null, headSeq: 1, files: 1, peers }];
    return { dataDir, config, state: { ...state, status: { ...state.status, sites } } };
  };
  expect(await troubles(at(-600_000))).toContain("clock warning: The clock of osaka is 600 s behind this machine's.");
  const [hours, days] = [5 * 3_600_000, 3 * 86_400_000];
  expect(await troubles(at(hours))).toContain("clock warning: The clock of osaka is 5 hours ahead of this machine's.");
  expect(await troubles(at(-days))).toContain("clock warning: The clock of osaka is 3 days behind this machine's.");
  expect((await troubles(at(20))).filter((line) => line.startsWith('clock'))).toEqual([]);
});

test('names peers of another version, and names that a mirror cannot hold', async () => {
  const { dataDir, config } = await install();
  const state = stateOf(config);
  const counts = { receivedSeq: 1, publishedSeq: 1, inStep: false, waiting: 3, failing: 3, held: 0 };
  const peers = [
    { name: 'osaka', id: ID, connected: true, version: '0.0.9', ...counts },
    { name: 'tokyo', id: 'b'.repeat(64), connected: true, version: VERSION, ...counts },
  ];
  const sites = ['www', 'shop'].map((name) => ({ name, root: dataDir, journal: null, headSeq: 1, files: 1, peers }));
  const item = (id: string, path: string, error: WaitingItem['error']): WaitingItem => {
    return { id, kind: 'failing', site: 'www', peer: 'osaka', path, error, since: NOW };
  };
  const clash = { code: 'path.case-clash', params: { path: 'img/Logo.svg', other: 'img/logo.svg' } } as const;
  const waiting = [
    item('www:1', 'img/Logo.svg', clash),
    item('www:2', 'A.html', { code: 'path.case-clash', params: {} }),
    item('www:3', 'what?.html', { code: 'path.unsupported-name', params: {} }),
    item('www:4', 'index.html', { code: 'fetch.stalled', params: {} }),
  ];
  const examined = { dataDir, config, state: { ...state, status: { ...state.status, sites, waiting } } };
  const found = (await troubles(examined)).filter((line) => /^(version|names) /.test(line));
  expect(found).toEqual([
    `version warning: osaka runs Lockstep 0.0.9, and this machine ${VERSION}.`,
    'names warning: osaka does not distinguish upper and lower case, so 2 of the names are waiting: “img/Logo.svg” next to “img/logo.svg”, for example.',
    'names warning: The file system of osaka cannot hold 1 of the names: “what?.html”, for example.',
  ]);
});

test('names a multicast group that no program may use, and an interface that is not there', async () => {
  const root = await temporaryFolder();
  const announced = (multicast: SiteConfig['multicast']) =>
    install((made) => ({ ...made, sites: [siteConfig('www', root, { multicast })] }));
  const about = async ({ dataDir, config }: Awaited<ReturnType<typeof install>>): Promise<string[]> =>
    (await troubles({ dataDir, config, state: stateOf(config) })).filter((line) => line.startsWith('multicast'));
  const group = { group: '239.255.0.1', port: 4711, ttl: 1 };
  expect(await about(await announced(group))).toEqual([]);
  expect(await about(await announced({ ...group, group: '224.0.0.1' }))).toEqual([
    expect.stringMatching(/^multicast problem: .*224\.0\.0\.1/),
  ]);
  expect(await about(await announced({ ...group, interface: 'nowhere0' }))).toEqual([
    expect.stringMatching(/^multicast problem: .*nowhere0/),
  ]);
  const follow = { site: 'www', master: ID, root, multicast: { interface: 'nowhere0' } };
  const mirror = await install((made) => configSchema.parse({ ...made, follows: [follow] }));
  expect(await about(mirror)).toEqual([expect.stringMatching(/^multicast problem: .*nowhere0/)]);
});

test.each([
  ['', 'watch-unknown', {}],
  ['no number\n', 'watch-unknown', {}],
  ['8192\n', 'watch-few', { limit: 8192 }],
  ['524288\n', 'watch-allows', { limit: 524_288 }],
])('what the system says of its limit of watched folders, %j, is %s', (told, code, params) => {
  expect(watchFinding(told)).toMatchObject({ check: 'watch', code, params });
  expect(finding.safeParse(watchFinding(told)).success).toBe(true);
});

test('every finding has sentences in both languages; what is not well says what to do', () => {
  expect(Object.keys(ja).sort()).toEqual(Object.keys(en).sort());
  for (const [code, texts] of Object.entries(en)) {
    const other = ja[code as FindingCode];
    expect(other[1] === undefined, code).toBe(texts[1] === undefined);
    for (const place of ['shell', 'app'] as const) {
      const told = tellFinding({ code, params: {} }, en, () => ({ what: '', mend: '' }), place);
      expect(told?.what).toMatch(/\.$/);
      expect(told?.what).not.toMatch(/[{}|]/);
      if (place === 'app') expect(told?.mend ?? '').not.toContain('lockstep doctor');
    }
    expect(tellFinding({ code, params: {} }, ja, () => ({ what: '', mend: '' }), 'app')?.what).toMatch(/。$/);
  }
});

test('a running install, and the link of a mirror to its master, are looked at by a call', async () => {
  const { master, tokyo, osaka } = await startNetwork();
  await master.must('wait');
  const codes = async (dataDir: string, ...args: string[]): Promise<string[]> =>
    (await ask('doctor', dataDir, ...args)).findings.map(({ check, code }) => `${check} ${code}`);
  expect(await codes(master.dataDir)).toEqual(
    expect.arrayContaining(['listener listens', 'peer peer-open', 'folder folder-writable', 'clock clock-agrees']),
  );
  expect(await codes(tokyo.dataDir, '--peer', 'origin')).toEqual([
    'peer peer-open',
    'clock clock-agrees',
    'version version-same',
    'ftp ftp-hands-out',
  ]);
  expect(await codes(master.dataDir, '--peer', 'osaka')).toEqual([
    'peer peer-open',
    'clock clock-agrees',
    'version version-same',
    'ftp mirror-fetches',
    'passive-ports passive-loopback',
  ]);
  await master.must('peer pause', ['osaka']);
  expect(await codes(master.dataDir, '--peer', 'osaka')).toContain('peer peer-paused');
  await master.stop();
  const away = await osaka.run('doctor', ['--peer', 'origin', '--json']);
  expect(away.code).toBe(1);
  expect(away.out).toContain('"code":"fetch.unreachable"');
  // At rest the same.
  expect(await codes(master.dataDir, '--peer', 'tokyo')).toContain('version version-unknown');
  expect((await master.run('doctor', ['--peer', 'nobody'])).err).toContain('(peer.unknown)');
});

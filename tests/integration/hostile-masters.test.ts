import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import type { Peer } from '../../electron/engine/core/peer.ts';
import type { LinkSession } from '../../electron/engine/link/link-session.ts';
import { encodePairingCode } from '../../electron/engine/link/pairing-code.ts';
import { Live } from '../../electron/engine/live/live.ts';
import { Mirror } from '../../electron/engine/mirror/mirror.ts';
import { probeFtp } from '../../electron/engine/mirror/retriever/ftp-probe.ts';
import { Node } from '../../electron/engine/install/node.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { type LinkMessage, type LinkMessageOf } from '../../shared/contract/link.ts';
import { siteRules } from '../../shared/contract/rules.ts';
import { type SitePath } from '../../shared/domain/site-path.ts';
import { makeCertificate } from '../support/certificate.ts';
import { PASSWORD, startFtp } from '../support/ftp-server.ts';
import { endpoint, hello, makeIdentity, makeInstall } from '../support/link-install.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';
import { readTree } from '../support/tree.ts';
import { noSecrets } from '../support/no-secrets.ts';
import { aSession } from '../support/scripted-session.ts';
import { TOKYO } from '../support/tokyo.ts';

const ports = { clock: systemClock, logger: pino({ level: 'silent' }), secrets: noSecrets };
const LOOPBACK = { host: '127.0.0.1', port: 0 };

const ORIGIN = { ...TOKYO, name: 'origin', role: 'master' } as const;
const HEAD = { site: 'www', journal: '0'.repeat(32) };

/** A mirror that follows `www` of origin, and has taken its snapshot: the folder `kept`. */
async function aMirror() {
  const [dataDir, root] = [await temporaryFolder(), await temporaryFolder()];
  await initNode(dataDir, { role: 'mirror', name: 'tokyo' });
  const node = await Node.open(ports, dataDir);
  node.peers.save(ORIGIN, 1);
  const follows = [{ site: 'www', master: ORIGIN.id, root, multicast: false as const }];
  await node.edit((config) => ({ ...config, follows }));
  const live = new Live({ clock: systemClock, nameOf: (peer) => peer, isHeard: () => false, tell: () => undefined });
  const mirror = new Mirror(
    node,
    live,
    () => undefined,
    (error) => expect.fail(String(error)),
  );
  onTestFinished(async () => {
    await mirror.stop();
    node.close();
  });
  await mirror.apply(node.config.follows);
  const linkTo = (peer: Peer) => {
    const told: LinkMessage[] = [];
    const ends: string[] = [];
    const close: LinkSession['close'] = ({ code }) => void ends.push(code);
    const handlers = mirror.open(aSession((message) => told.push(message), { peer, close }));
    const say = (message: LinkMessage): void => handlers.onMessage(message);
    say({ ...hello(), understands: ['check'], node: { name: peer.name, role: 'master', version: '0' } });
    return { told, ends, say, close: () => handlers.onClose() };
  };
  const { told, say } = linkTo(ORIGIN);
  say({ type: 'snapshotNeeded', ...HEAD, seq: 1 });
  const entries = [{ kind: 'dir' as const, path: 'kept' as SitePath, seq: 1 }];
  say({ type: 'snapshotPage', ...HEAD, after: '', through: '', entries, last: true });
  await until(() => told.some(({ type }) => type === 'received'), 'the snapshot is taken');
  await until(async () => 'kept/' in (await readTree(root)), 'it is shown');
  return { node, mirror, root, told, say, linkTo };
}

test('a check that a master asks for again and again is told of once a second, and once at its end', async () => {
  const { told, say } = await aMirror();
  const states = () => told.flatMap((message) => (message.type === 'checkState' ? [message.state] : []));
  // It goes on until the master has answered, which it never does.
  for (let times = 0; times < 1000; times += 1) say({ type: 'checkWanted', ...HEAD, how: 'look' });
  expect(states()).toEqual(['running']);
  say({ type: 'checkWanted', ...HEAD, how: 'stop' });
  await until(() => states().includes('cancelled'), 'it has ended');
  expect(states().filter((state) => state === 'cancelled')).toEqual(['cancelled']);
  say({ type: 'checkWanted', ...HEAD, how: 'look' });
  expect(states().at(-1)).toBe('running');
});

test('a master greets once', async () => {
  const { node, linkTo } = await aMirror();
  const { ends, say } = linkTo(ORIGIN);
  const greet = (port: number): void => say({ ...hello(), ftp: { port, tls: 'required', host: '192.0.2.1' } });
  greet(1);
  expect(ends).toEqual(['link.malformed']);
  expect(node.peers.ftpLogin(ORIGIN.id, 'www')?.port).not.toBe(1);
});

test('what a master asks of a mirror again and again is written now and then, and the last of it counts', async () => {
  const { node, mirror, say, linkTo } = await aMirror();
  const written = vi.spyOn(node.peers, 'setConditions');
  for (let times = 1; times <= 1000; times += 1)
    say({ type: 'conditions', conditions: { bytesPerSecond: 4096 + times } });
  expect(written.mock.calls.length).toBeLessThan(3);
  await until(() => mirror.site('www').conditions.bytesPerSecond === 5096, 'the last of it is in force');
  expect(node.peers.conditions(ORIGIN.id)).toEqual({ bytesPerSecond: 5096 });
  // Also where the link is gone before its turn.
  const { say: sayMore, close } = linkTo(ORIGIN);
  sayMore({ type: 'conditions', conditions: { pausedAt: 1 } });
  close();
  expect(node.peers.conditions(ORIGIN.id)).toEqual({ pausedAt: 1 });
});

test.each([
  ['as the name is longer', 'kept', (deep: string) => `${deep}/kept`],
  ['as it is deeper, by a name that is shorter', 'k'.repeat(200), (deep: string) => `${deep}/k`],
])(
  'a folder that a master renames to where what is in it has too long a path stays, and the mirror starts again: %s',
  async (_, folder, into) => {
    const { node, mirror, root, linkTo } = await aMirror();
    const { ends, say } = linkTo(ORIGIN);
    const deep = (name: string, depth: number) => [name, ...Array<string>(depth).fill('a')].join('/') as SitePath;
    const made = (name: string, depth: number, first: number): LinkMessageOf<'notify'>['items'] =>
      Array.from({ length: depth }, (_, at) => ({ op: 'mkdir', path: deep(name, at), seq: first + at, at: 1 }));
    const items = [...made(folder, 100, 2), ...made('other', 60, 102)];
    say({ type: 'notify', ...HEAD, mode: 'live', items, through: 161, headSeq: 161 });
    await until(async () => `${deep('other', 59)}/` in (await readTree(root)), 'they are shown');
    const before = await readTree(root);
    const path = into(deep('other', 59)) as SitePath;
    const rename = { op: 'rename', kind: 'dir', from: folder as SitePath, path, seq: 162, at: 1 } as const;
    say({ type: 'notify', ...HEAD, mode: 'live', items: [rename], through: 162, headSeq: 162 });
    await until(() => ends.includes('link.malformed'), 'the link is closed');
    await mirror.apply([]);
    await mirror.apply(node.config.follows);
    expect([mirror.site('www').state.cursor, await readTree(root)]).toEqual([161, before]);
    linkTo(ORIGIN).say({
      type: 'notify',
      ...HEAD,
      mode: 'live',
      items: [{ ...rename, path: 'short' as SitePath }],
      through: 162,
      headSeq: 162,
    });
    await until(async () => 'short/' in (await readTree(root)), 'another one is shown');
  },
);

// ---- a second master --------------------------------------------------------------------------------------------

test("what a second master says of another one's site is not heard", async () => {
  const { node, mirror, root, told, say, linkTo } = await aMirror();
  const rogue = { ...ORIGIN, id: 'f'.repeat(64), name: 'rogue' };
  node.peers.save(rogue, 1);
  node.peers.leave(ORIGIN.id, ['gone'], false, 1);
  const second = linkTo(rogue);
  const stands = async () => ({
    tree: Object.keys(await readTree(root)),
    rows: node.store
      .all("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .map(({ name }) => [name, node.store.all(`SELECT * FROM "${String(name)}"`)]),
    head: mirror.headSeq(mirror.site('www')),
    checks: mirror.checks.list().length,
    // How it stands, and what waits, it tells its own master by and by.
    told: [told.filter(({ type }) => type !== 'states' && type !== 'waiting'), second.told],
  });
  await until(() => mirror.site('www').state.publishedSeq() === 1, 'all is shown');
  await until(() => node.store.all('SELECT 1 FROM plan').length === 0, 'it is on the disk');
  const before = await stands();
  const [through, pages] = [9, { after: '', through: '' } as const];
  const items: LinkMessageOf<'notify'>['items'] = [
    { op: 'rmdir', path: 'kept' as SitePath, seq: 8, at: 1 },
    { op: 'mkdir', path: 'evil' as SitePath, seq: 9, at: 1 },
  ];
  const rules = siteRules.parse({ links: { wait: false } });
  for (const journal of [HEAD.journal, 'e'.repeat(32)]) {
    const head = { site: 'www', journal };
    const messages: LinkMessage[] = [
      { type: 'notify', ...head, mode: 'live', items, through, headSeq: through },
      { type: 'notify', ...head, mode: 'catch-up', items, through, headSeq: through },
      { type: 'rules', ...head, seq: 1, rules },
      { type: 'releaseGo', ...head, release: 1 },
      { type: 'resolve', site: 'www', id: 'kept', how: 'discard' },
      { type: 'multicast', ...head, offer: null },
      { type: 'snapshotNeeded', ...head, seq: through },
      { type: 'snapshotPage', ...head, ...pages, entries: [], last: true },
      { type: 'digestPage', ...head, ...pages, seq: 1, last: true, digest: '0'.repeat(64) },
      { type: 'entriesPage', ...head, ...pages, seq: 1, entries: [], last: true },
      { type: 'checkWanted', ...head, how: 'mend' },
      { type: 'left', site: 'gone' },
      { type: 'conditions', conditions: {} },
    ];
    messages.forEach(second.say);
  }
  // What had been taken in before this would have been done by then.
  const resolve = vi.spyOn(mirror.site('www'), 'resolve');
  say({ type: 'resolve', site: 'www', id: 'nothing', how: 'discard' });
  await until(() => resolve.mock.calls.length > 0, 'the own master is heard');
  expect(await stands()).toEqual(before);
  // And what the site's own master says of it is done.
  say({ type: 'notify', ...HEAD, mode: 'live', items, through, headSeq: through });
  await until(async () => 'evil/' in (await readTree(root)), 'it is shown');
});

async function run(dataDir: string): Promise<Engine> {
  const engine = await createEngine(ports, dataDir);
  onTestFinished(() => engine.stop());
  return engine;
}

test("a second master does not get at another one's site by its name", async () => {
  const [masterData, mirrorData, root, copy] = await Promise.all(Array.from({ length: 4 }, () => temporaryFolder()));
  if (!masterData || !mirrorData || !root || !copy) throw new Error('no folders');
  await initNode(masterData, { role: 'master', name: 'origin', ftp: LOOPBACK, link: LOOPBACK });
  await initNode(mirrorData, { role: 'mirror', name: 'tokyo' });
  const [master, mirror] = [await run(masterData), await run(mirrorData)];
  await master.call('site.add', { name: 'www', root });
  await mirror.call('pairing.join', { code: (await master.call('pairing.invite', {})).code, root: copy });
  const identity = await makeIdentity();
  let offered = 'www';
  const rogue = await makeInstall('rogue', {
    identity,
    checkInvitation: () => undefined,
    pair: () =>
      Promise.resolve({
        ok: true,
        node: { id: identity.id, name: 'rogue' },
        site: { name: offered, journal: '0'.repeat(32) },
        ftp: { port: 9, tls: 'required', user: 'mirror', password: 'p'.repeat(43) },
        dial: 'mirror',
      }),
  });
  await rogue.hub.start();
  const code = encodePairingCode({
    addresses: [endpoint(rogue)],
    fingerprint: identity.id,
    secret: 'Zm9vYmFyYmF6cXV4MTIzNA',
    expiresAt: Date.now() + 600_000,
    site: 'news',
  });
  const before = await mirror.call('node.status', {});
  const elsewhere = join(await temporaryFolder(), 'news');
  const joined = () => mirror.call('pairing.join', { code, root: elsewhere });
  await expect(joined()).rejects.toMatchObject({ code: 'pair.other-site', params: { site: 'news', theirs: 'www' } });
  // By its own name it would be followed; where that cannot be written nothing of it stays.
  offered = 'news';
  const file = join(mirrorData, 'config.json');
  const config = await readFile(file, 'utf8');
  await writeFile(file, 'not a config');
  await expect(joined()).rejects.toMatchObject({ code: 'config.invalid' });
  await writeFile(file, config);
  expect((await mirror.call('peer.list', {})).map(({ name }) => name)).toEqual(['origin']);
  expect((await mirror.call('node.status', {})).sites.map(({ name, journal }) => [name, journal])).toEqual(
    before.sites.map(({ name, journal }) => [name, journal]),
  );
  await mkdir(join(root, 'new'));
  await master.call('site.rescan', { name: 'www' });
  await until(async () => Object.keys(await readTree(copy)).includes('new/'), 'the mirror follows as before');
});

test('to a server that cannot show the certificate of the master a mirror says neither user nor password', async () => {
  const { port, events } = await startFtp();
  const { cert: certificate } = await makeCertificate();
  // A master can name any address as that of its FTP server.
  const source = { host: '127.0.0.1', port, user: 'mirror', password: PASSWORD, certificate };
  await expect(probeFtp(source)).rejects.toMatchObject({ code: 'fetch.certificate' });
  await until(() => events.some(({ type }) => type === 'sessionClosed'), 'it has gone');
  expect(events.map(({ type }) => type)).toEqual(['sessionOpened', 'sessionClosed']);
});

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import type { Peer } from '../../electron/engine/core/peer.ts';
import type { LinkSession } from '../../electron/engine/link/link-session.ts';
import { encodePairingCode } from '../../electron/engine/link/pairing-code.ts';
import { Live } from '../../electron/engine/live/live.ts';
import { Master } from '../../electron/engine/master/master.ts';
import { Feed } from '../../electron/engine/master/notifier/feed.ts';
import { IndexAnswers } from '../../electron/engine/master/notifier/index-answers.ts';
import { Mirror } from '../../electron/engine/mirror/mirror.ts';
import { Node } from '../../electron/engine/install/node.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { Deliveries } from '../../electron/engine/store/deliveries.ts';
import { readStatus } from '../../electron/engine/status/status.ts';
import { summarise } from '../../electron/entry/desktop-summary.ts';
import { PeerStore } from '../../electron/engine/store/peers.ts';
import { engineSummary } from '../../shared/contract/desktop.ts';
import {
  LINK_ITEMS_MAX,
  LINK_PROTOCOL,
  linkMessage,
  type LinkMessage,
  type LinkMessageOf,
} from '../../shared/contract/link.ts';
import { status as statusSchema } from '../../shared/contract/status.ts';
import { siteRules } from '../../shared/contract/rules.ts';
import { ROOT, type SitePath } from '../../shared/domain/site-path.ts';
import { sentence } from '../../shared/errors/sentences.en.ts';
import { endpoint, hello, makeIdentity, makeInstall } from '../support/link-install.ts';
import { startMaster, type TestMaster } from '../support/master-and-mirror.ts';
import { loopbackGroup } from '../support/multicast-sites.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TOKYO } from '../support/tokyo.ts';
import { until } from '../support/until.ts';
import { readTree } from '../support/tree.ts';
import { noSecrets } from '../support/no-secrets.ts';

const ports = { clock: systemClock, logger: pino({ level: 'silent' }), secrets: noSecrets };
const LOOPBACK = { host: '127.0.0.1', port: 0 };
// ---- what a mirror says, to a master without its listeners ------------------------------------------------------

/** A master of `www` and `other`, both announced by multicast, and tokyo, which follows `www`. */
async function aMaster() {
  const dataDir = await temporaryFolder();
  await initNode(dataDir, { role: 'master', name: 'origin' });
  const node = await Node.open(ports, dataDir);
  const { address, port } = loopbackGroup();
  const multicast = { group: address, port, interface: '127.0.0.1' };
  const roots = [await temporaryFolder(), await temporaryFolder()];
  const sites = ['www', 'other'].map((name, at) => ({ name, root: roots[at] ?? '', multicast }));
  await node.edit((config) => ({ ...config, sites }));
  const bugs: unknown[] = [];
  const live = new Live({ clock: systemClock, nameOf: (peer) => peer, isHeard: () => false, tell: () => undefined });
  const master = new Master(
    node,
    live,
    () => undefined,
    (error) => bugs.push(error),
  );
  onTestFinished(async () => {
    await master.stop();
    node.close();
  });
  await master.apply(node.config.sites);
  master.startWatching();
  await until(() => master.sites().every(({ announcer }) => announcer), 'the sites are announced');
  node.peers.save(TOKYO, 1);
  const account = { user: 'mirror-tokyo', site: 'www', folder: ROOT, kind: 'mirror', releasesOnly: false } as const;
  await node.accounts.add({ ...account, peer: TOKYO.id }, 'a password of a test');
  master.site('www').deliveries.subscribe(TOKYO.id);
  const secrets = () => master.sites().map(({ announcer }) => announcer?.secret.toString('hex'));
  return { node, master, bugs, secrets };
}

/** A link to tokyo as the master sees it; `say` is what tokyo says. */
function connect(master: Pick<Master, 'open'>) {
  const told: LinkMessage[] = [];
  const ends: string[] = [];
  const session = aSession((message) => told.push(message), {
    close: ({ code }) => void ends.push(code),
    get closed() {
      return ends.length > 0;
    },
  });
  const handlers = master.open(session);
  const say = (message: LinkMessage): void => handlers.onMessage(message);
  return { told, ends, say, count: (type: LinkMessage['type']) => told.filter((each) => each.type === type).length };
}

function aSession(send: (message: LinkMessage) => void, more: Partial<LinkSession> = {}): LinkSession {
  const nothing = (): void => undefined;
  const none = { backlog: 0, drained: () => Promise.resolve(), hold: nothing, letGo: nothing, close: nothing };
  const session = { peer: TOKYO, remoteAddress: '127.0.0.1', send, closed: false, ...none };
  return Object.defineProperties(session, Object.getOwnPropertyDescriptors(more));
}

test('a mirror that leaves while the disk of the database is full loses its link, and is heard the next time', async () => {
  const { node, master, bugs } = await aMaster();
  node.store.run('CREATE TABLE filler (bytes BLOB)');
  node.store.run(
    'CREATE TRIGGER fill BEFORE DELETE ON account BEGIN INSERT INTO filler VALUES (zeroblob(1000000)); END',
  );
  const limitPages = (pages: number) => node.store.get(`PRAGMA max_page_count = ${pages}`);
  limitPages(Number(node.store.get('PRAGMA page_count')?.['page_count']));
  const first = connect(master);
  first.say({ type: 'leave', site: 'www' });
  await until(() => first.ends.length > 0 || bugs.length > 0, 'it is refused');
  expect([first.ends, bugs, first.count('left')]).toEqual([['file.disk-full'], [], 0]);
  limitPages(2 ** 30);
  const second = connect(master);
  second.say({ type: 'leave', site: 'www' });
  await until(() => node.peers.get(TOKYO.id) === undefined, 'it is forgotten');
  expect([second.ends, bugs, second.count('left'), node.accounts.list()]).toEqual([[], [], 1, []]);
});

test('a mirror greets once, and each site counts once', async () => {
  const { master } = await aMaster();
  const { count, say, ends } = connect(master);
  const site = { site: 'www', journal: null, seq: 0 };
  say({ ...hello(), sites: Array.from({ length: 1000 }, () => site) });
  expect([count('snapshotNeeded'), ends]).toEqual([1, []]);
  say({ ...hello(), sites: [site] });
  expect([count('snapshotNeeded'), ends]).toEqual([1, ['link.malformed']]);
});

test('a mirror that leaves what it never followed is answered, and nothing else happens', async () => {
  const { node, master, secrets } = await aMaster();
  const before = secrets();
  const { say, count } = connect(master);
  for (const site of ['nothing', 'other', 'other']) say({ type: 'leave', site });
  await until(() => count('left') === 3, 'it is answered');
  // Another secret would be there by then.
  await sleep(200);
  expect([node.peers.get(TOKYO.id)?.name, node.accounts.list().length, secrets()]).toEqual(['tokyo', 1, before]);
  say({ type: 'leave', site: 'www' });
  await until(() => node.peers.get(TOKYO.id) === undefined && count('left') === 4, 'it is forgotten');
  // Only now does it know secrets that are not for it any more.
  await until(() => secrets().every((secret, at) => secret !== before[at]), 'the secrets are others');
  const after = secrets();
  for (let times = 0; times < 20; times += 1) say({ type: 'leave', site: 'other' });
  await until(() => count('left') === 24, 'it is answered');
  await sleep(200);
  expect(secrets()).toEqual(after);
});

test('a mirror that leaves one of two sites knows the secret of the other one, and no more of the one that it has left', async () => {
  const { node, master, secrets } = await aMaster();
  master.site('other').deliveries.subscribe(TOKYO.id);
  const names = master.sites().map(({ name }) => name);
  const before = secrets();
  const { say, count } = connect(master);
  say({ type: 'leave', site: 'www' });
  await until(() => count('left') === 1, 'it is answered');
  await until(() => secrets()[names.indexOf('www')] !== before[names.indexOf('www')], 'the secret is another one');
  expect(secrets()[names.indexOf('other')]).toBe(before[names.indexOf('other')]);
  expect(node.peers.get(TOKYO.id)?.name).toBe('tokyo');
});

test('whatever a mirror says of what waits there, the status of its master can be read', async () => {
  const { node, master } = await aMaster();
  const site = master.site('www');
  const here = { site: 'www', journal: site.journal.id, seq: site.journal.head };
  const { say, ends } = connect(master);
  say({ ...hello(), sites: [here] });
  const time = { since: -8.64e15, until: 8.64e15, nextAttemptAt: 8.64e15 };
  const error = {
    code: 'file.io',
    params: Object.fromEntries(['path', 'reason'].map((key) => [key, 'x'.repeat(4096)])),
  };
  const items = ['', '\0', 'x'.repeat(4200)].map((id) => ({ id, kind: 'failing', path: '', error, ...time }));
  say(linkMessage.parse({ type: 'waiting', ...here, items, total: Number.MAX_SAFE_INTEGER }));
  const none = { ftp: null, link: null, console: null };
  const faults = { siteFaults: new Map(), lostRoots: new Map() };
  const link = { listeners: none, running: true, live: undefined, link: () => undefined };
  const told = statusSchema.parse(readStatus({ node, master, mirror: undefined, ...link, ...faults }));
  expect([told.waiting.length, ends]).toEqual([3, []]);
  expect(engineSummary.parse(summarise(told, []))).toMatchObject({ state: 'needs-person', needCount: 3 });
});

test('nothing that a mirror says is shown as a command to be typed at its master', async () => {
  const { node, master } = await aMaster();
  const site = master.site('www');
  const here = { site: 'www', journal: site.journal.id, seq: site.journal.head };
  const { say } = connect(master);
  say({ ...hello(), sites: [here] });
  const params = { path: 'x', flag: 'x; reboot', rescan: 'www; reboot' };
  const items = (['guard.held', 'unfit.bytes'] as const).map((code) => ({
    id: code,
    kind: 'failing' as const,
    error: { code, params },
    since: 0,
  }));
  say(linkMessage.parse({ type: 'waiting', ...here, items, total: 2 }));
  const none = { ftp: null, link: null, console: null };
  const faults = { siteFaults: new Map(), lostRoots: new Map() };
  const link = { listeners: none, running: true, live: undefined, link: () => undefined };
  const { waiting } = readStatus({ node, master, mirror: undefined, ...link, ...faults });
  expect(waiting.map(({ error }) => error.code)).toEqual(['guard.held', 'unfit.bytes']);
  expect(waiting.map(({ error }) => sentence(error)).join()).not.toContain('reboot');
  expect(linkMessage.parse({ type: 'bye', error: { code: 'guard.held', params } })).toMatchObject({
    error: { params: { path: 'x' } },
  });
});

test('what a mirror says of an earlier pairing neither ends the next one, nor counts for it', async () => {
  const { node, master } = await aMaster();
  const site = master.site('www');
  const here = { site: 'www', journal: site.journal.id, seq: site.journal.head };
  const pair = async (pairing?: string) => {
    const secret = pairing ?? 'unnamed';
    node.peers.invite(secret, 'www', node.now() + 60_000);
    const request = {
      protocol: LINK_PROTOCOL,
      secret,
      node: { name: 'tokyo', role: 'mirror', version: '1' },
      pairing,
    } as const;
    await master.pair(request, { id: TOKYO.id, pem: '', remoteAddress: '127.0.0.1' });
  };
  await pair('first');
  const { say, told } = connect(master);
  const states = { waiting: 0, failing: 0, held: 0, items: [] };
  const tellAll = (): void => {
    say({ type: 'received', ...here });
    say({ type: 'states', site: here.site, journal: here.journal, publishedSeq: here.seq, ...states });
  };
  say({ ...hello(), sites: [here] });
  tellAll();
  expect(site.deliveries.subscription(TOKYO.id)).toMatchObject({ journal: here.journal, receivedSeq: here.seq });

  // The farewell is on its way, over a connection of its own, and so is all else that was said before it.
  await pair('second');
  tellAll();
  const anew = { journal: null, receivedSeq: 0, publishedSeq: 0, pairing: 'second' };
  expect(site.deliveries.subscription(TOKYO.id)).toMatchObject(anew);
  // Nor does what was to be written of it reach the row.
  site.deliveries.flush();
  const written = new Deliveries(node.store, site.journal.site);
  expect(written.subscription(TOKYO.id)).toMatchObject(anew);
  written.close();
  for (const pairing of ['first', undefined]) say({ type: 'leave', site: 'www', ...(pairing && { pairing }) });
  const left = () => told.flatMap((message) => (message.type === 'left' ? [message.pairing] : []));
  await until(() => left().length === 2, 'both are answered');
  expect([node.peers.get(TOKYO.id)?.name, node.accounts.list().length]).toEqual(['tokyo', 1]);
  say({ type: 'leave', site: 'www', pairing: 'second' });
  await until(() => node.peers.get(TOKYO.id) === undefined, 'the pairing is over');
  expect([left(), node.accounts.list()]).toEqual([['first', undefined, 'second'], []]);

  // An older version names none, at either end.
  await pair();
  say({ type: 'leave', site: 'www', pairing: 'third' });
  await until(() => node.peers.get(TOKYO.id) === undefined, 'that pairing is over too');
});

test('a farewell that the master has answered for an earlier pairing is still to be said for this one', async () => {
  const { node } = await aMaster();
  const { peers } = node;
  peers.saveFtpLogin(TOKYO.id, 'www', { host: '', port: 1, user: '', password: '', pairing: 'second' });
  peers.leave(TOKYO.id, ['www'], true, 1);
  expect(peers.endFarewell(TOKYO.id, { site: 'www', pairing: 'first' })).toBe(false);
  expect(peers.farewells(TOKYO.id)).toEqual([{ site: 'www', pairing: 'second' }]);
  expect(peers.endFarewell(TOKYO.id, { site: 'www', pairing: 'second' })).toBe(true);
  expect(peers.get(TOKYO.id)).toBe(undefined);
});

// ---- what a mirror does not read --------------------------------------------------------------------------------

async function aTestMaster(): Promise<TestMaster> {
  const master = await startMaster(await temporaryFolder());
  onTestFinished(() => master.stop());
  new PeerStore(master.store).save(TOKYO, 1);
  master.deliveries.subscribe(TOKYO.id);
  return master;
}

/** A link that takes nothing before `drain`. */
function aSlowLink() {
  const told: LinkMessage[] = [];
  const state = { backlog: 0, drain: (): void => {} };
  const session = aSession((message) => told.push(message), {
    get backlog() {
      return state.backlog;
    },
    drained: () => (state.backlog === 0 ? Promise.resolve() : new Promise((resolve) => (state.drain = resolve))),
  });
  return { told, session, state };
}

test('a folder with much in it that is told entry by entry goes as fast as the mirror reads', async () => {
  const master = await aTestMaster();
  const { journal, deliveries } = master;
  const append = (...changes: Parameters<typeof journal.append>[0]): void => {
    journal.append(changes, { account: 'test' }, 1);
    journal.confirm();
  };
  const dirs = Array.from({ length: 3 * LINK_ITEMS_MAX }, (_, at) => `d/${at}` as SitePath);
  append({ op: 'mkdir', path: 'd' as SitePath }, ...dirs.map((path) => ({ op: 'mkdir' as const, path })));
  const { told, session, state } = aSlowLink();
  const own = { site: 'www', journal, deliveries, session, clock: systemClock, routes: [], router: undefined };
  const feed = new Feed({ ...own, filtered: true, announcer: () => undefined });
  state.backlog = 2 ** 30;
  feed.begin(null, 0);
  expect(told.map(({ type }) => type)).toEqual(['rules', 'snapshotNeeded']);
  state.backlog = 0;
  for (let after = ''; told.at(-1)?.type !== 'snapshotPage' || after !== ''; ) {
    feed.page({ type: 'snapshotWanted', site: 'www', journal: journal.id, after: after as SitePath });
    const page = told.at(-1);
    after = page?.type === 'snapshotPage' && !page.last ? page.through : '';
  }
  feed.received({ type: 'received', site: 'www', journal: journal.id, seq: journal.head });
  told.length = 0;
  append({ op: 'rename', from: 'd' as SitePath, path: 'e' as SitePath, kind: 'dir' });
  const send = session.send.bind(session);
  session.send = (message) => {
    send(message);
    state.backlog = 2 ** 30;
  };
  feed.wake();
  expect(told).toHaveLength(1);
  const items = () => told.flatMap((message) => (message.type === 'notify' ? message.items : []));
  for (let parts = 1; items().length < 2 * (dirs.length + 1); parts += 1) {
    expect(told).toHaveLength(parts);
    state.backlog = 0;
    state.drain();
    await until(() => told.length > parts, 'the next part is told');
  }
  const last = told.at(-1);
  expect(last).toMatchObject({ type: 'notify', mode: 'live', through: journal.head });
  expect(new Set(items().map(({ op, path }) => `${op} ${path}`)).size).toBe(2 * (dirs.length + 1));
});

test('questions about the index are answered as fast as the mirror reads', async () => {
  const { journal, deliveries } = await aTestMaster();
  const { told, session, state } = aSlowLink();
  const site = { name: 'www', journal, deliveries, router: undefined };
  const answers = new IndexAnswers(
    session,
    () => site as unknown as ReturnType<ConstructorParameters<typeof IndexAnswers>[1]>,
  );
  onTestFinished(() => answers.stop());
  state.backlog = 2 ** 20;
  let asked = 0;
  const drained = session.drained.bind(session);
  session.drained = () => {
    asked += 1;
    return drained();
  };
  const ask = (): void => answers.ask({ type: 'digestWanted', site: 'www', journal: journal.id, after: '' });
  ask();
  await until(() => asked === 1 || told.length > 0, 'it would answer');
  for (let times = 0; times < 100; times += 1) ask();
  expect(told).toEqual([]);
  state.backlog = 0;
  state.drain();
  await until(() => told.length > 0, 'it is answered');
  expect([asked, told.length]).toEqual([1, 1]);
});

// ---- what a master says, to a mirror without its listeners ------------------------------------------------------

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
    return { told, ends, say };
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

import { link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { listHistory } from '../../electron/engine/history/history.ts';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { Live } from '../../electron/engine/live/live.ts';
import { createFtpServer } from '../../electron/engine/master/ftp-server/ftp-server.ts';
import { Master } from '../../electron/engine/master/master.ts';
import { Node } from '../../electron/engine/install/node.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { Deliveries } from '../../electron/engine/store/deliveries.ts';
import { removeSite } from '../../electron/engine/store/sites.ts';
import { readStatus } from '../../electron/engine/status/status.ts';
import { summarise } from '../../electron/entry/desktop-summary.ts';
import { engineSummary } from '../../shared/contract/desktop.ts';
import { LINK_PROTOCOL, linkMessage, type LinkMessage } from '../../shared/contract/link.ts';
import { status as statusSchema } from '../../shared/contract/status.ts';
import { ROOT, type SitePath } from '../../shared/domain/site-path.ts';
import { sentence } from '../../shared/errors/sentences.en.ts';
import { makeCertificate } from '../support/certificate.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { ftpConfig } from '../support/ftp-server.ts';
import { siteConfig } from '../support/site-config.ts';
import { loopbackGroup } from '../support/multicast-sites.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TOKYO } from '../support/tokyo.ts';
import { until } from '../support/until.ts';
import { noSecrets } from '../support/no-secrets.ts';
import { aSession } from '../support/scripted-session.ts';
import { hello } from '../support/link-install.ts';

const MIRROR_PASSWORD = 'a password of a test';
const ports = { clock: systemClock, logger: pino({ level: 'silent' }), secrets: noSecrets };

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
  await node.accounts.add({ ...account, peer: TOKYO.id }, MIRROR_PASSWORD);
  master.site('www').deliveries.subscribe(TOKYO.id);
  const secrets = () => master.sites().map(({ announcer }) => announcer?.secret.toString('hex'));
  return { node, master, bugs, secrets };
}

async function startFtpOf(accounts: Master): Promise<number> {
  const server = createFtpServer({ ...ports, config: ftpConfig(), tls: await makeCertificate(), accounts });
  onTestFinished(() => server.stop());
  return (await server.listen()).port;
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

test('whatever a mirror says of its clock and of a release, its master can read it, also when it is started again', async () => {
  const { node, master } = await aMaster();
  const { journal, releases } = master.site('www');
  const told = { name: 'spring', at: 1, account: 'ana', together: { limit: 60_000 }, before: [], peers: [TOKYO.id] };
  const last = journal.head;
  releases.add({ ...told, first: last, last });
  const { say, ends } = connect(master);
  const here = { site: 'www', journal: journal.id };
  say({ ...hello(8.64e15), sites: [{ ...here, seq: 0 }] });
  for (const state of ['ready', 'published'])
    say(linkMessage.parse({ type: 'releaseState', ...here, release: last, state, at: -8.64e15 }));
  expect(releases.list(1)[0]?.peers[0]?.readyAt).toBe(0);
  await master.apply([]);
  await master.apply(node.config.sites);
  expect([master.site('www').releases.list(1).length, ends]).toEqual([1, []]);
});

test('whatever numbers a mirror says, the status of its master can be read', async () => {
  const { node, master } = await aMaster();
  const site = master.site('www');
  const here = { site: 'www', journal: site.journal.id };
  const { say, ends } = connect(master);
  say({ ...hello(-8.64e15), sites: [{ ...here, seq: site.journal.head }] });
  const most = Number.MAX_SAFE_INTEGER;
  const items = (['delete-guard', 'drift', 'group', 'group'] as const).map((kind, at) => ({
    id: `${at}`,
    kind,
    files: most,
    error: { code: 'wait.held', params: { count: most } },
    since: 8.64e15,
  }));
  say(linkMessage.parse({ type: 'waiting', ...here, items, total: most }));
  const counts = { publishedSeq: most, waiting: most, failing: most, held: most };
  say(linkMessage.parse({ type: 'states', ...here, ...counts, items: [] }));
  const none = { ftp: null, link: null, console: null };
  const faults = { siteFaults: new Map(), lostRoots: new Map() };
  const link = { listeners: none, running: true, live: undefined, link: () => undefined };
  const told = statusSchema.parse(readStatus({ node, master, mirror: undefined, ...link, ...faults }));
  expect(engineSummary.parse(summarise(told, []))).toMatchObject({ state: 'needs-person' });
  expect(ends).toEqual([]);
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

test('a mirror is told nothing more of a site that is gone, nor of the one that has come after it', async () => {
  const { node, master } = await aMaster();
  master.site('other').deliveries.subscribe(TOKYO.id);
  const journal = master.site('other').journal.id;
  const { say, told } = connect(master);
  say({ ...hello(), sites: [{ site: 'other', journal: null, seq: 0 }] });
  expect(told.at(-1)).toMatchObject({ type: 'snapshotNeeded', site: 'other', journal });
  const config = await node.edit((before) => ({ ...before, sites: before.sites.filter(({ name }) => name === 'www') }));
  await master.apply(config.sites);
  removeSite(node.store, 'other');
  const root = await temporaryFolder();
  await writeFile(join(root, 'secret.txt'), 'for others');
  await master.apply([...config.sites, siteConfig('hidden', root)]);
  await master.rescan('hidden');
  const before = told.length;
  say({ type: 'snapshotWanted', site: 'other', journal, after: '' });
  expect(told.slice(before)).toEqual([]);
});

test('a mirror that goes on while a site is closed is told of it when it is open again', async () => {
  const { node, master } = await aMaster();
  const here = { site: 'www', journal: master.site('www').journal.id, seq: 0 };
  const { say, count } = connect(master);
  say({ ...hello(), sites: [{ ...here, conditions: { pausedAt: 1 } }] });
  expect(count('snapshotNeeded')).toBe(0);
  await master.apply([]);
  say({ type: 'ownConditions', site: 'www', conditions: {} });
  await master.apply(node.config.sites);
  expect(count('snapshotNeeded')).toBe(1);
});

test('what an install says of an error is short, whatever it has to say', async () => {
  const { node, master } = await aMaster();
  const site = master.site('www');
  await writeFile(join(site.files.root.folder, 'a.html'), 'a');
  await master.rescan('www');
  const params = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`key${at}`, 'x'.repeat(4096)]));
  const named = { path: 'a.html', reason: 'EIO', ...params, ['k'.repeat(1_000_000)]: 1 };
  const here = { site: 'www', journal: site.journal.id };
  const { say } = connect(master);
  say({ ...hello(), sites: [{ ...here, seq: 0 }] });
  const item = { seq: site.journal.head, path: 'a.html', state: 'failed', error: { code: 'file.io', params: named } };
  const counts = { publishedSeq: 0, waiting: 1, failing: 1, held: 0 };
  say(linkMessage.parse({ type: 'states', ...here, ...counts, items: [item] }));
  site.deliveries.flush();
  const [row] = listHistory(node, { limit: 1 });
  const error = row?.deliveries[0]?.error;
  expect(error).toMatchObject({ code: 'file.io', params: { path: 'a.html', reason: 'EIO' } });
  expect(JSON.stringify(error).length).toBeLessThan(20_000);
});

test('of a folder that was renamed a mirror tells of what was in it, and of nothing else', async () => {
  const { node, master } = await aMaster();
  const { files, journal, deliveries } = master.site('www');
  await mkdir(join(files.root.folder, 'old'));
  for (const name of ['old/a.html', 'b.html']) await writeFile(join(files.root.folder, name), name);
  await master.rescan('www');
  await files.rename('old' as SitePath, 'new' as SitePath, { account: 'ana' });
  const here = { site: 'www', journal: journal.id };
  const { say } = connect(master);
  say({ ...hello(), sites: [{ ...here, seq: 0 }] });
  const seq = journal.head;
  const items = ['old/a.html', 'old', 'new', 'new/a.html', 'b.html'].map((path) => ({ seq, path, state: 'published' }));
  const counts = { publishedSeq: 0, waiting: 1, failing: 1, held: 0 };
  say(linkMessage.parse({ type: 'states', ...here, ...counts, items }));
  deliveries.flush();
  const rows = node.store.all('SELECT path FROM delivery WHERE seq = ? ORDER BY path', seq);
  expect(rows.map(({ path }) => path)).toEqual(['new', 'new/a.html', 'old', 'old/a.html']);
});

test('a mirror that is removed while a site is closed is not waited for when it is open again', async () => {
  const { node, master } = await aMaster();
  const { releases } = master.site('www');
  const together = { limit: 60_000 };
  releases.add({ first: 1, last: 1, name: 'spring', at: 1, account: 'ana', together, before: [], peers: [TOKYO.id] });
  await master.apply([]);
  await master.forget(TOKYO);
  await master.apply(node.config.sites);
  expect(master.site('www').releases.get(1)?.peers).toEqual([]);
});

test('a code is not used up where the site cannot be followed just now', async () => {
  const { node, master } = await aMaster();
  const secret = 'of a test of 16 bytes';
  node.peers.invite(secret, 'www', node.now() + 60_000);
  const request = { protocol: LINK_PROTOCOL, secret, node: { name: 'osaka', role: 'mirror', version: '1' } } as const;
  const pair = () => master.pair(request, { id: 'c'.repeat(64), pem: '', remoteAddress: '127.0.0.1' });
  await master.apply([]);
  await expect(pair()).rejects.toMatchObject({ code: 'site.unknown' });
  await master.apply(node.config.sites);
  expect(await pair()).toMatchObject({ ok: true });
  await expect(pair()).rejects.toMatchObject({ code: 'pair.used' });
});

test('a mirror has the name that it pairs by, with what routes give to that, unless a paired one has it', async () => {
  const { node, master } = await aMaster();
  const pairAs = async (name: string, id: string) => {
    const secret = name + id.slice(0, 8);
    node.peers.invite(secret, 'www', node.now() + 60_000);
    const asked = { protocol: LINK_PROTOCOL, secret, node: { name, role: 'mirror', version: '1' } } as const;
    await master.pair(asked, { id, pem: '', remoteAddress: '127.0.0.1' });
    return node.peers.get(id)?.name;
  };
  expect(await pairAs('osaka', 'd'.repeat(64))).toBe('osaka');
  for (const taken of ['tokyo', 'osaka']) expect(await pairAs(taken, 'e'.repeat(64))).toBe(`${taken}-2`);
  // Nor by pairing anew.
  expect(await pairAs('tokyo', 'd'.repeat(64))).toBe('tokyo-2');
});

test('a mirror reads by FTP what its routes give it, and nothing else of the site is there for it', async () => {
  const { node, master } = await aMaster();
  const { root } = master.site('www').config;
  await mkdir(join(root, 'plans'));
  for (const file of ['plans/a.html', 'plans/b.txt', 'c.html', 'd.txt']) await writeFile(join(root, file), file);
  await master.rescan('www');
  const client = await RawFtp.login(await startFtpOf(master), 'mirror-tokyo', MIRROR_PASSWORD);
  const codes = async (path: string): Promise<string[]> => {
    const retrieved = client.download(`RETR ${path}`).then(
      () => '226',
      ({ message }: Error) => message.slice(0, 3),
    );
    const answers = [await retrieved];
    for (const verb of ['SIZE', 'MDTM', 'HASH', 'MLST', 'STAT', 'SITE CHMOD 644'])
      answers.push((await client.command(`${verb} ${path}`)).slice(0, 3));
    await client.command('RANG 0 1');
    return [...answers, (await client.command(`HASH ${path}`)).slice(0, 3)];
  };
  const all = ['226', '213', '213', '213', '250', '213', '202', '213'];
  const none = all.map(() => '550');
  const lists = async () => [await client.listing('NLST'), await client.listing('NLST plans')];
  for (const path of ['plans/a.html', 'plans/b.txt', 'c.html', 'd.txt']) expect(await codes(path)).toEqual(all);
  expect(await lists()).toEqual([
    ['c.html', 'd.txt', 'plans'],
    ['plans/a.html', 'plans/b.txt'],
  ]);
  const routes = [{ glob: '**/*.html', mirrors: ['tokyo'] }];
  await master.apply(node.config.sites.map((site) => ({ ...site, routes })));
  for (const path of ['plans/a.html', 'c.html']) expect(await codes(path)).toEqual(all);
  for (const path of ['plans/b.txt', 'd.txt']) expect(await codes(path)).toEqual(none);
  // What is below a folder may be the mirror's, so it can be entered.
  expect(await lists()).toEqual([['c.html'], ['plans/a.html']]);
  await client.command('CWD plans');
  expect([await codes('a.html'), await codes('b.txt'), await codes('../d.txt')]).toEqual([all, none, none]);
});

test('a file that a route keeps from a mirror is not there for it by another name either, as a disk has it that folds case or knows short names', async () => {
  const { node, master } = await aMaster();
  const { root } = master.site('www').config;
  for (const file of ['key.txt', 'page.html']) await writeFile(join(root, file), file);
  await master.rescan('www');
  // Such a disk answers to these names with that file.
  for (const other of ['key.TXT', 'KEY~1']) await link(join(root, 'key.txt'), join(root, other));
  const routes = [
    { glob: '**/*.txt', mirrors: ['osaka'] },
    { glob: '**', mirrors: 'all' as const },
  ];
  await master.apply(node.config.sites.map((site) => ({ ...site, routes })));
  const client = await RawFtp.login(await startFtpOf(master), 'mirror-tokyo', MIRROR_PASSWORD);
  for (const name of ['key.txt', 'key.TXT', 'KEY~1']) {
    await expect(client.download(`RETR ${name}`)).rejects.toThrow(/^550/);
    for (const verb of ['SIZE', 'HASH']) expect(await client.command(`${verb} ${name}`)).toMatch(/^550/);
  }
  expect(String(await client.download('RETR page.html'))).toBe('page.html');
});

import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { LinkSession } from '../../electron/engine/link/link-session.ts';
import { Feed } from '../../electron/engine/master/notifier/feed.ts';
import { systemClock } from '../../electron/engine/ports.ts';
import { PeerStore } from '../../electron/engine/store/peers.ts';
import type { SiteConfig } from '../../shared/contract/config.ts';
import { LINK_ITEMS_MAX, type LinkMessage, type LinkMessageOf } from '../../shared/contract/link.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { hello } from '../support/link-install.ts';
import { startMaster, type TestMaster } from '../support/master-and-mirror.ts';
import { until } from '../support/until.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TOKYO } from '../support/tokyo.ts';
import { readTree } from '../support/tree.ts';

type Routes = SiteConfig['routes'];

const files = async (folder: string): Promise<string[]> =>
  Object.keys(await readTree(folder)).filter((path) => !path.endsWith('/'));

test('routes that changed while a mirror was away: it compares, and once only', async () => {
  const folder = await temporaryFolder();
  const mirror = await aMirror();
  const before = await startMaster(folder, [{ glob: 'a/**', mirrors: 'all' }]);
  mirror.connect(before);
  for (const name of ['a', 'b']) {
    await before.mkdir(name);
    await before.put(`${name}/file`, name);
  }
  await mirror.inStep(before);
  expect(await files(mirror.rootFolder)).toEqual(['a/file']);
  mirror.cut();
  await before.stop();

  const master = await aMaster([{ glob: 'b/**', mirrors: 'all' }], folder);
  mirror.connect(master);
  await until(
    async () => (await files(mirror.rootFolder)).every((path) => path === 'b/file'),
    'the mirror holds what is routed to it now',
  );
  await mirror.inStep(master);
  expect(await files(mirror.rootFolder)).toEqual(['b/file']);

  const told: string[] = [];
  const session = aSession((message) => told.push(message.type), { peer: mirror.peer });
  const feed = aFeed(master, [{ glob: 'b/**', mirrors: 'all' }], session);
  feed.begin(master.journal.id, master.journal.head);
  expect(told).toEqual(['notify']);
});

test('a snapshot that broke off is begun again, whatever the routes are then', async () => {
  const master = await aMaster();
  await master.put('file', 'content');
  const { id, head } = master.journal;
  const told: LinkMessage[] = [];
  const session = aSession((message) => told.push(message));
  const wanted = { type: 'snapshotWanted', site: 'www', journal: id, after: '' } as const;
  const received = { journal: id, seq: head };
  subscribe(master);
  const types = (): string[] => told.splice(0).map(({ type }) => type);

  const first = aFeed(master, [], session);
  first.begin(null, 0);
  first.page(wanted);
  // Not an answer to the last page: it was sent before.
  expect(types()).toEqual(['snapshotNeeded', 'snapshotPage']);
  const second = aFeed(master, [], session);
  second.begin(id, head);
  second.received(received);
  expect(types()).toEqual(['snapshotNeeded']);
  second.page(wanted);
  second.received(received);
  expect(types()).toEqual(['snapshotPage', 'notify']);
  aFeed(master, [], session).begin(id, head);
  expect(types()).toEqual(['notify']);
  const other = aFeed(master, [{ glob: 'x/**', mirrors: 'all' }], session);
  other.begin(id, head);
  other.page(wanted);
  expect(types()).toEqual(['snapshotNeeded', 'snapshotPage']);
  aFeed(master, [], session).begin(id, head);
  expect(types()).toEqual(['snapshotNeeded']);
});

test('pages that are asked for and not read cost one page', async () => {
  const master = await aMaster();
  const changes = Array.from({ length: LINK_ITEMS_MAX + 1 }, (_, index) => ({
    op: 'mkdir' as const,
    path: `d${index}` as SitePath,
  }));
  master.journal.append(changes, { account: 'test' }, 1);
  master.journal.confirm();
  subscribe(master);
  const told: LinkMessage[] = [];
  let backlog = 0;
  let drain = (): void => {};
  const session = aSession((message) => told.push(message), {
    get backlog() {
      return backlog;
    },
    drained: () => new Promise((resolve) => (drain = resolve)),
  });
  const feed = aFeed(master, [], session);
  feed.begin(null, 0);
  const ask = (after: string): void =>
    feed.page({ type: 'snapshotWanted', site: 'www', journal: master.journal.id, after: after as SitePath });
  backlog = 2 ** 30;
  for (let times = 0; times < 1000; times += 1) ask('');
  expect(told.map(({ type }) => type)).toEqual(['snapshotNeeded']);
  backlog = 0;
  drain();
  await sleep(0);
  for (let times = 0; times < 1000; times += 1) ask('');
  const pages = (): LinkMessageOf<'snapshotPage'>[] => told.filter((message) => message.type === 'snapshotPage');
  expect(pages().map(({ last }) => last)).toEqual([false]);
  for (let times = 0; times < 1000; times += 1) ask(pages()[0]?.through ?? '');
  expect(pages().map(({ last, entries }) => [last, entries.length])).toEqual([
    [false, LINK_ITEMS_MAX],
    [true, 1],
  ]);
});

test('a mirror that leaves paths out is told a rename entry by entry; others get the content of a file with it', async () => {
  const master = await aMaster();
  subscribe(master);
  await master.put('a', 'content');
  await master.mkdir('d');
  await master.put('d/x', 'content');
  const follow = (filtered: boolean): LinkMessage[] => {
    const told: LinkMessage[] = [];
    const feed = aFeed(
      master,
      [],
      aSession((message) => told.push(message)),
      filtered,
    );
    const { id, head } = master.journal;
    feed.begin(id, head);
    feed.page({ type: 'snapshotWanted', site: 'www', journal: id, after: '' });
    feed.received({ journal: id, seq: head });
    feeds.push(feed);
    told.length = 0;
    return told;
  };
  const feeds: Feed[] = [];
  const plain = follow(false);
  const filtered = follow(true);
  await master.rename('a', 'b');
  await master.rename('d', 'e');
  for (const feed of feeds) feed.wake();
  const items = (told: LinkMessage[]) => told.flatMap((message) => (message.type === 'notify' ? message.items : []));
  const entry = master.journal.index.entry('b' as SitePath);
  if (entry?.kind !== 'file') throw new Error('b is no file');
  const { size, mtime, sha256 } = entry;
  expect(items(plain)).toEqual([
    {
      op: 'rename',
      seq: 4,
      at: expect.any(Number),
      from: 'a',
      path: 'b',
      kind: 'file',
      content: { size, mtime, sha256 },
    },
    { op: 'rename', seq: 5, at: expect.any(Number), from: 'd', path: 'e', kind: 'dir' },
  ]);
  expect(items(filtered).map(({ op, path }) => `${op} ${path}`)).toEqual([
    'delete a',
    'put b',
    'delete d',
    'delete d/x',
    'mkdir e',
    'put e/x',
  ]);
});

test('what a mirror reports of changes that never were is not written', async () => {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  await master.mkdir('d');
  await master.put('d/file', 'content');
  await master.rename('d', 'e');
  await mirror.inStep(master);
  const { head } = master.journal;
  const state = (seq: number, path: string) => ({ seq, path: path as SitePath, state: 'published' as const });
  master.deliveries.reported(mirror.peer.id, [state(head, 'e/file'), state(head, 'invented'), state(2, 'other')]);
  const handlers = master.notifier.open(aSession(() => {}, { peer: mirror.peer }));
  handlers.onMessage({ ...hello(), sites: [{ site: 'www', journal: master.journal.id, seq: head }] });
  handlers.onMessage({
    type: 'states',
    site: 'www',
    journal: master.journal.id,
    publishedSeq: head + 100,
    waiting: 0,
    failing: 0,
    held: 0,
    items: [state(head + 1, 'future')],
  });
  handlers.onClose();
  master.deliveries.flush();
  const rows = master.store.all('SELECT DISTINCT path FROM delivery ORDER BY path').map(({ path }) => path);
  expect(rows).toEqual(expect.arrayContaining(['e/file']));
  expect(rows).not.toEqual(expect.arrayContaining(['invented']));
  expect(rows).not.toEqual(expect.arrayContaining(['other']));
  expect(rows).not.toEqual(expect.arrayContaining(['future']));
  expect(master.deliveries.subscription(mirror.peer.id)?.publishedSeq).toBe(head);
});

/** Makes the next step on the tree fail, as a folder that is not writable does. */
function refuseSteps(master: TestMaster): () => void {
  const { root } = master.site;
  const resolve = root.resolve.bind(root);
  const makeParents = root.makeParents.bind(root);
  const refuse = (): never => {
    throw Object.assign(new Error('EACCES'), { code: 'EACCES', syscall: 'rename', errno: -13 });
  };
  const journal = master.journal;
  root.resolve = (path) => (journal.settled ? resolve(path) : refuse());
  root.makeParents = (path) => (journal.settled ? makeParents(path) : refuse());
  return () => Object.assign(root, { resolve, makeParents });
}

test('a change that the tree refuses leaves no trace, and the mirror stays in step', async () => {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  await master.mkdir('d');
  await master.put('d/a', 'a');
  await master.put('d/b', 'b');
  await master.put('old', 'old');
  await master.remove('old');
  await mirror.inStep(master);
  const rows = () => ({
    head: master.journal.head,
    site: master.store.get('SELECT seq FROM site'),
    entries: master.store.all('SELECT * FROM entry ORDER BY path'),
    journal: master.store.all('SELECT seq, op, path FROM journal ORDER BY seq'),
    plans: master.store.get('SELECT count(*) AS n FROM plan WHERE done = 0 AND id > ?', lastPlan),
  });
  const lastPlan = Number(master.store.get('SELECT coalesce(max(id), 0) AS id FROM plan')?.['id']);
  const before = rows();
  const again = refuseSteps(master);
  const refused = { code: 'file.denied' };
  await expect(master.put('d/a', 'other')).rejects.toMatchObject(refused);
  await expect(master.put('old', 'new')).rejects.toMatchObject(refused);
  await expect(master.remove('d/a')).rejects.toMatchObject(refused);
  await expect(master.mkdir('new')).rejects.toMatchObject(refused);
  await expect(master.rename('d', 'e')).rejects.toMatchObject(refused);
  await expect(master.rename('d/a', 'd/b')).rejects.toMatchObject(refused);
  again();
  expect(rows()).toEqual(before);
  expect(await master.put('d/c', 'c')).toMatchObject({ seq: before.head + 1 });
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a full disk: the change is refused, nothing of it stays, and it goes on when there is room', async () => {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  await master.put('a', 'a');
  await mirror.inStep(master);
  const head = master.journal.head;
  const client = await ftpLogin({ port: master.port, user: 'up', password: 'a mirror in a test' });
  const put = (path: string): Promise<{ code: number }> =>
    client.uploadFrom(Readable.from([Buffer.from('content')]), path);
  await sleep(1000);
  limitPages(master, true);
  const big = 'x'.repeat(200);
  const folders = Array.from({ length: 200 }, (_, index) => master.mkdir(`${big}${index}`).catch((error) => error));
  const outcomes = await Promise.all(folders);
  expect(outcomes.at(-1)).toMatchObject({ code: 'file.disk-full' });
  await expect(put(`${big}.html`)).rejects.toMatchObject({ code: 552 });
  expect(await files(master.rootFolder)).toEqual(['a']);
  await sleep(1000);
  limitPages(master, false);
  expect(await put('b')).toMatchObject({ code: 226 });
  expect(master.journal.head).toBe(head + outcomes.filter((each) => !(each instanceof Error)).length + 1);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

/** SQLite's own limit of the file's size: what it throws beyond it is what it throws on a full disk. */
function limitPages(master: TestMaster, full: boolean): void {
  const pages = full ? Number(master.store.get('PRAGMA page_count')?.['page_count']) : 2 ** 30;
  master.store.get(`PRAGMA max_page_count = ${pages}`);
}

function subscribe(master: TestMaster): void {
  new PeerStore(master.store).save(TOKYO, 1);
  master.deliveries.subscribe(TOKYO.id);
}

function aSession(say: (message: LinkMessage) => void, more: Partial<LinkSession> = {}): LinkSession {
  const session: LinkSession = {
    hold: () => undefined,
    letGo: () => undefined,
    peer: TOKYO,
    remoteAddress: '127.0.0.1',
    // What belongs together is told first of all, and is of no interest here.
    send: (message) => (message.type === 'rules' ? undefined : say(message)),
    backlog: 0,
    drained: () => Promise.resolve(),
    close: () => {},
    closed: false,
  };
  return Object.defineProperties(session, Object.getOwnPropertyDescriptors(more));
}

function aFeed({ journal, deliveries }: TestMaster, routes: Routes, session: LinkSession, filtered = false): Feed {
  const options = {
    site: 'www',
    journal,
    deliveries,
    session,
    clock: systemClock,
    routes,
    router: undefined,
    filtered,
    announcer: () => undefined,
  };
  return new Feed(options);
}

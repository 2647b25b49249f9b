import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { LinkMessage } from '../../shared/contract/link.ts';
import { PeerStore } from '../../electron/engine/store/peers.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMaster, aMirror, aPair } from '../support/a-pair.ts';
import { startMirror, type TestMirror } from '../support/master-and-mirror.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

const LONG = 3_600_000;
/** Links wait as long as it takes, so that a test that ends has seen what it waits for. */
const PATIENT = { wait: true, missing: LONG, late: LONG, deleted: LONG };

const names = async (mirror: TestMirror): Promise<string[]> => Object.keys(await readTree(mirror.rootFolder));
const text = (mirror: TestMirror, path: string): Promise<string> => readFile(join(mirror.rootFolder, path), 'utf8');

test('a page waits for what it links to, and appears with it', async () => {
  const { master, mirror } = await aPair();
  await master.rules({ links: PATIENT });
  await master.put(
    'index.html',
    '<link rel="stylesheet" href="style.css"><img src="https://www.example.org/logo.svg">',
  );
  await until(() => mirror.site.waits().length === 1);
  expect(mirror.site.waits()).toMatchObject([
    { id: 'index.html', kind: 'link', path: 'index.html', files: 1, error: { code: 'wait.missing-target' } },
  ]);
  expect(mirror.site.waits()[0]?.waitsFor).toEqual(['style.css', 'logo.svg']);
  await master.put('style.css', 'body { background: url(bg.png) }');
  await master.put('logo.svg', '<svg/>');
  await until(() => mirror.site.waits().length === 2);
  await until(async () => (await names(mirror)).length > 0);
  expect(await names(mirror)).toEqual(['logo.svg']);
  await master.put('bg.png', 'png');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect(mirror.site.waits()).toEqual([]);
});

test('pages that link to each other appear together', async () => {
  const { master, mirror } = await aPair();
  await master.rules({ links: PATIENT });
  await master.put('a.html', '<a href="b.html">b</a>');
  await master.put('b.html', '<a href="c.html">c</a>');
  await sleep(100);
  expect(await names(mirror)).toEqual([]);
  await master.put('c.html', '<a href="a.html">a</a>');
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['a.html', 'b.html', 'c.html']);
});

test('a link that leads nowhere is waited for up to its limit, and not again', async () => {
  const { master, mirror } = await aPair();
  await master.rules({ links: { ...PATIENT, missing: 300 } });
  await master.put('a.html', '<a href="nowhere.html">old</a>');
  await until(() => mirror.site.waits().length === 1);
  await mirror.inStep(master);
  await master.rules({ links: PATIENT });
  await master.put('a.html', '<a href="nowhere.html">new</a>');
  await mirror.inStep(master);
  expect(await text(mirror, 'a.html')).toContain('new');
});

test('a delete waits while a published page links to what goes', async () => {
  const { master, mirror } = await aPair();
  await master.rules({ links: PATIENT });
  await master.put('a.png', 'a');
  await master.put('a.html', '<img src="a.png">');
  await mirror.inStep(master);
  await master.remove('a.png');
  await until(() => mirror.site.waits().length === 1);
  expect(mirror.site.waits()).toMatchObject([{ id: 'a.png', error: { code: 'wait.linked' }, waitsFor: ['a.html'] }]);
  expect(await names(mirror)).toEqual(['a.html', 'a.png']);
  await master.put('a.html', 'no image');
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['a.html']);
});

test('a file that pages link to is renamed at the mirror when no page needs its old name any more', async () => {
  const { master, mirror } = await aPair();
  await master.rules({ links: PATIENT });
  await master.put('old.png', 'a');
  await master.put('a.html', '<img src="old.png">');
  await mirror.inStep(master);
  await master.rename('old.png', 'new.png');
  await until(async () => (await names(mirror)).includes('new.png'));
  expect(await names(mirror)).toEqual(['a.html', 'new.png', 'old.png']);
  await master.put('a.html', '<img src="new.png">');
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['a.html', 'new.png']);
});

test('the members of a group appear together: all', async () => {
  const { master, mirror } = await aPair();
  const group = { name: 'front', members: ['index.txt', 'data/*.json'], rule: 'all' as const };
  await master.mkdir('data');
  await master.rules({ groups: [group] });
  await master.put('data/a.json', '1');
  await master.put('other', 'not a member');
  await until(() => mirror.site.waits().length === 1);
  await until(async () => (await names(mirror)).includes('other'));
  expect(mirror.site.waits()).toMatchObject([
    {
      id: 'group:front',
      kind: 'group',
      error: { code: 'wait.group', params: { group: 'front', missing: 'index.txt' } },
    },
  ]);
  expect(await names(mirror)).toEqual(['data/', 'other']);
  await master.put('index.txt', '1');
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['data/', 'data/a.json', 'index.txt', 'other']);
  // The next round.
  await master.put('index.txt', '2');
  await until(() => mirror.site.waits().length === 1);
  expect(await text(mirror, 'index.txt')).toBe('1');
  await master.remove('data/a.json');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('the members of a group appear together: settle', async () => {
  const { master, mirror } = await aPair();
  const group = { name: 'set', members: ['*.txt'], rule: 'settle' as const };
  // However long an upload takes here, it is no pause that ends the round.
  await master.rules({ groups: [{ ...group, settle: LONG }] });
  for (const name of ['a.txt', 'b.txt', 'c.txt']) await master.put(name, name);
  await until(() => mirror.site.state.wants.inState('ready', 9).length === 3);
  expect(mirror.site.waits()).toMatchObject([{ id: 'group:set', files: 3, error: { code: 'wait.settling' } }]);
  expect(await names(mirror)).toEqual([]);
  await master.rules({ groups: [{ ...group, settle: 300 }] });
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['a.txt', 'b.txt', 'c.txt']);
  // The next round ends by itself.
  for (const name of ['a.txt', 'b.txt']) await master.put(name, `${name} again`);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a group that waits for its publisher appears with the commit', async () => {
  const { master, mirror } = await aPair();
  const group = { name: 'shop', members: ['shop/**'], rule: 'release' as const };
  await master.mkdir('shop');
  await master.rules({ groups: [group] });
  await master.put('shop/a', '1');
  await master.put('shop/b', '2');
  await until(() => mirror.site.waits()[0]?.files === 2);
  expect(mirror.site.waits()).toMatchObject([{ id: 'group:shop', error: { code: 'wait.commit' } }]);
  expect(await names(mirror)).toEqual(['shop/']);
  await master.site.setRules(
    (before, seq) => ({ ...before, groups: before.groups.map((each) => ({ ...each, committed: seq })) }),
    { account: 'tester' },
  );
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['shop/', 'shop/a', 'shop/b']);
});

test('a group that is late is published, or held for a person, as its rule says', async () => {
  const { master, mirror } = await aPair();
  const group = { members: ['a', 'b'], rule: 'all' as const, limit: 300 };
  await master.rules({
    groups: [
      { ...group, name: 'soft' },
      { ...group, name: 'hard', members: ['c', 'd'], atLimit: 'hold' },
    ],
  });
  await master.put('a', 'a');
  await master.put('c', 'c');
  await until(() => mirror.site.waits().some(({ error }) => error.code === 'wait.held'));
  await until(async () => (await names(mirror)).includes('a'));
  expect(await names(mirror)).toEqual(['a']);
  expect(mirror.site.held()).toBe(1);
  expect(await mirror.site.resolve('group:hard', 'publish', 'osaka')).toBe(true);
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['a', 'c']);
});

test('what waits can be given up', async () => {
  const { master, mirror } = await aPair();
  await master.rules({ groups: [{ name: 'g', members: ['a', 'b'], rule: 'all' }] });
  await master.put('a', 'a');
  await until(() => mirror.site.waits().length === 1);
  expect(await mirror.site.resolve('group:g', 'discard', 'osaka')).toBe(true);
  expect(await mirror.site.resolve('group:g', 'discard', 'osaka')).toBe(false);
  expect(mirror.site.waits()).toEqual([]);
  expect(await names(mirror)).toEqual([]);
  // The history of both ends says so.
  const error = { code: 'change.given-up', params: { by: 'osaka', at: expect.any(Number) } };
  expect(mirror.site.state.transfers.latest().slice(-1)).toMatchObject([{ path: 'a', state: 'skipped', error }]);
  await until(() => {
    const row = master.store.get("SELECT state, error FROM delivery WHERE path = 'a'");
    return row?.['state'] === 'skipped' && String(row['error']).includes('change.given-up');
  });
});

test('what waits is there after a restart, without a second transfer', async () => {
  const master = await aMaster();
  const folder = await temporaryFolder();
  const first = await startMirror(folder, 'tokyo');
  first.connect(master);
  await first.inStep(master);
  await master.rules({
    groups: [
      { name: 'g', members: ['*'], rule: 'all' },
      { name: 'h', members: ['a', 'z'], rule: 'all' },
    ],
  });
  const same = Buffer.alloc(100_000, 7);
  await master.put('a', same);
  await master.put('b', same);
  await until(() => first.site.state.wants.inState('ready', 9).length === 2);
  await first.stop();
  const again = await aMirror('tokyo', {}, folder);
  expect(again.site.waits()).toMatchObject([{ kind: 'group', files: 2 }]);
  again.connect(master);
  await master.put('z', 'z');
  await again.inStep(master);
  expect(await readTree(again.rootFolder)).toEqual(await readTree(master.rootFolder));
  const transfers = again.site.state.transfers
    .latest()
    .slice(-10)
    .filter(({ path }) => path !== 'z');
  expect(transfers.map(({ path, state, verdict }) => ({ path, state, verdict }))).toEqual([
    { path: 'a', state: 'published', verdict: 'fetch' },
    { path: 'b', state: 'published', verdict: 'copy' },
  ]);
});

test('a newer change of what waits takes its place', async () => {
  const { master, mirror } = await aPair();
  await master.rules({ groups: [{ name: 'g', members: ['a', 'b'], rule: 'all' }] });
  await master.put('a', 'first');
  await until(() => mirror.site.state.wants.inState('ready', 9).length === 1);
  await master.put('a', 'second');
  await master.put('b', 'b');
  await mirror.inStep(master);
  expect(await text(mirror, 'a')).toBe('second');
  await master.put('a', 'third');
  await until(() => mirror.site.state.wants.inState('ready', 9).length === 1);
  await master.remove('a');
  await master.put('b', 'b2');
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['b']);
});

test('a release appears as one, and the master hears how far it is', async () => {
  const { master, mirror } = await aPair();
  await master.put('old', 'old');
  await mirror.inStep(master);
  const release = master.site.beginRelease('spring', { account: 'tester' });
  for (let i = 0; i < 30; i += 1) {
    const upload = await release.beginUpload(`f${i}` as SitePath, { by: { account: 'tester' } });
    await upload.write(Buffer.from(`${i}`));
    await upload.commit();
  }
  await release.remove('old' as SitePath, { account: 'tester' });
  expect(await names(mirror)).toEqual(['old']);
  expect(Object.keys(await readTree(master.rootFolder))).toEqual(['old']);
  const { id } = await release.commit({});
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  await until(() => master.site.releases.records.get(id)?.convergedAfter !== undefined);
});

test('a release of before the mirror was there appears as one, too', async () => {
  const master = await aMaster();
  const by = { account: 'tester' };
  const release = master.site.beginRelease('first', by);
  for (let i = 0; i < 20; i += 1) {
    const upload = await release.beginUpload(`f${i}` as SitePath, { by });
    await upload.write(Buffer.alloc(50_000, i));
    await upload.commit();
  }
  await release.commit({});
  const mirror = await aMirror('tokyo', { connections: 2 });
  const seen = new Set<number>();
  const watching = setInterval(() => seen.add(readdirSync(mirror.rootFolder).length), 1);
  onTestFinished(() => clearInterval(watching));
  mirror.connect(master);
  await mirror.inStep(master);
  await until(() => seen.has(21));
  // The reserved folder, and then all of it.
  expect([...seen].toSorted((a, b) => a - b)).toEqual([1, 21]);
});

test('a rollback needs no transfer where the mirror still has what was there before', async () => {
  const { master, mirror } = await aPair();
  const by = { account: 'tester' };
  await master.put('a', 'first a');
  await master.put('b', 'first b');
  await mirror.inStep(master);
  const before = await readTree(mirror.rootFolder);
  const release = master.site.beginRelease('second', by);
  const upload = await release.beginUpload('a' as SitePath, { by });
  await upload.write(Buffer.from('second a'));
  await upload.commit();
  await release.remove('b' as SitePath, by);
  const { id } = await release.commit({});
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['a']);
  await master.site.releases.rollback(id, { by });
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(before);
  const verdicts = mirror.site.state.transfers
    .latest()
    .slice(-2)
    .map(({ path, verdict }) => `${path} ${verdict}`);
  expect(verdicts).toEqual(['a copy', 'b copy']);
});

test('a release for all mirrors together waits for the word', async () => {
  const { master, mirror } = await aPair();
  const late = await aMirror('osaka');
  late.connect(master);
  await late.inStep(master);
  late.cut();
  const release = master.site.beginRelease('together', { account: 'tester' });
  const upload = await release.beginUpload('a' as SitePath, { by: { account: 'tester' } });
  await upload.write(Buffer.from('a'));
  await upload.commit();
  const { id } = await release.commit({ together: { limit: LONG } });
  await until(() => mirror.site.waits().some(({ error }) => error.code === 'wait.word'));
  expect(await names(mirror)).toEqual([]);
  late.connect(master);
  await mirror.inStep(master);
  await late.inStep(master);
  expect([await names(mirror), await names(late)]).toEqual([['a'], ['a']]);
  await until(() => master.site.releases.records.get(id)?.skew !== undefined);
});

test('nothing of what a mirror says about waiting is believed beyond its site', async () => {
  const { master, mirror } = await aPair();
  const messages: LinkMessage[] = [];
  master.notifier
    .open({
      peer: { ...mirror.peer, id: 'f'.repeat(64), name: 'stranger' },
      remoteAddress: '',
      send: (message) => void messages.push(message),
      backlog: 0,
      drained: () => Promise.resolve(),
      hold: () => undefined,
      letGo: () => undefined,
      close: () => undefined,
      closed: false,
    })
    .onMessage({ type: 'waiting', site: 'www', journal: master.journal.id, items: [], total: 3 });
  expect(master.notifier.waiting('www').has('f'.repeat(64))).toBe(false);
  expect(messages).toEqual([]);
});

test('that nothing waits any more is heard although the journal has got another name meanwhile', async () => {
  const { master } = await aPair();
  const id = 'e'.repeat(64);
  const peer = { id, name: 'kyoto', role: 'mirror', certificate: '', address: null, dial: 'them' } as const;
  new PeerStore(master.store).save(peer, Date.now());
  master.deliveries.subscribe(id);
  const journal = master.journal.id;
  const link = master.notifier.open({
    peer,
    remoteAddress: '',
    send: () => undefined,
    backlog: 0,
    drained: () => Promise.resolve(),
    hold: () => undefined,
    letGo: () => undefined,
    close: () => undefined,
    closed: false,
  });
  const node = { name: 'kyoto', role: 'mirror' as const, version: '0.1.0' };
  const sites = [{ site: 'www', journal, seq: master.journal.head }];
  link.onMessage({ type: 'hello', protocol: 1, node, now: Date.now(), sites });
  const item = {
    id: 'a.html',
    kind: 'link' as const,
    path: 'a.html',
    since: Date.now(),
    error: { code: 'wait.content' as const, params: {} },
  };
  const told = () =>
    master.notifier
      .waiting('www')
      .get(id)
      ?.items.map((each) => each.id);
  link.onMessage({ type: 'waiting', site: 'www', journal, items: [item], total: 1 });
  expect(told()).toEqual(['a.html']);
  master.notifier.renew('www');
  // The mirror has said so before it heard of that, and has nothing new to say afterwards.
  link.onMessage({ type: 'waiting', site: 'www', journal, items: [], total: 0 });
  expect(told() ?? []).toEqual([]);
  link.onClose();
});

test('the files of a folder that is renamed into a group are kept apart while they wait', async () => {
  const { master, mirror } = await aPair();
  await master.mkdir('b');
  await master.put('b/one.txt', 'one');
  await master.put('b/two.txt', 'two');
  await mirror.inStep(master);
  const group = { name: 'news', members: ['c/**'], rule: 'release' as const };
  await master.rules({ groups: [group] });
  await master.rename('b', 'c');
  const kept = "SELECT path FROM want WHERE state = 'ready' AND kind = 'file' ORDER BY path";
  await until(() => mirror.store.all(kept).length === 2);
  await sleep(50);
  await master.rules({ groups: [{ ...group, committed: master.journal.head }] });
  await mirror.inStep(master);
  expect(await text(mirror, 'c/one.txt')).toBe('one');
  expect(await text(mirror, 'c/two.txt')).toBe('two');
});

test('a file that waits, and gets another time meanwhile, is shown with that time', async () => {
  const { master, mirror } = await aPair();
  const group = { name: 'news', members: ['c.txt'], rule: 'release' as const };
  await master.rules({ groups: [group] });
  await master.put('c.txt', 'the content');
  await until(() => mirror.store.all("SELECT path FROM want WHERE state = 'ready'").length === 1);
  await sleep(50);
  await master.touch('c.txt', 1_700_000_000_000);
  await until(() => mirror.site.state.cursor === master.journal.head);
  await master.rules({ groups: [{ ...group, committed: master.journal.head }] });
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

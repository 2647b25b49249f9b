import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Journal } from '../../electron/engine/store/journal.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { fittingWaits } from '../../electron/engine/mirror/waiting.ts';
import { config } from '../../shared/contract/config.ts';
import { LINK_MESSAGE_BYTES_MAX } from '../../shared/contract/link.ts';
import { DEFAULT_RULES, siteRules } from '../../shared/contract/rules.ts';
import type { WaitingAtMirror } from '../../shared/contract/status.ts';
import type { Reference } from '../../shared/domain/reference.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { startMaster, startMirror, type TestMaster, type TestMirror } from '../support/master-and-mirror.ts';
import { startPair } from '../support/memory-pair.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

const LONG = 3_600_000;
const PATIENT = { wait: true, missing: LONG, late: LONG, deleted: LONG };
const BY = { account: 'tester' };
/** As long as one of two mirrors is away, the word is given by a person only. */
const BOTH = { limit: LONG, quorum: 2 };
/** Files, and those that one message tells are fewer. */
const MANY = 260;
/** Nobody listens there: what is wanted cannot be fetched. */
const NOWHERE = 1;

/** With a second mirror, which has gone. */
async function aPairAndOneAway(): Promise<{ master: TestMaster; mirror: TestMirror }> {
  const pair = await startPair();
  const away = await startMirror(await temporaryFolder(), 'osaka');
  onTestFinished(() => away.stop());
  away.connect(pair.master);
  await away.inStep(pair.master);
  away.cut();
  return pair;
}

const names = async (mirror: TestMirror): Promise<string[]> => Object.keys(await readTree(mirror.rootFolder));

async function release(master: TestMaster, files: Readonly<Record<string, string>>, removed: readonly string[] = []) {
  const open = master.site.beginRelease('spring', BY);
  for (const [path, content] of Object.entries(files)) {
    const upload = await open.beginUpload(path as SitePath, { by: BY });
    await upload.write(Buffer.from(content));
    await upload.commit();
  }
  for (const path of removed) await open.remove(path as SitePath, BY);
  return open;
}

/** The link breaks as soon as the mirror has heard the next message of this type. */
function cutAfterNext(mirror: TestMirror, type: 'notify' | 'rules'): void {
  const before = mirror.heard[type] ?? 0;
  Object.defineProperty(mirror.heard, type, {
    configurable: true,
    get: () => before,
    set: (value: number) => {
      Object.defineProperty(mirror.heard, type, { value, writable: true, configurable: true });
      mirror.cut();
    },
  });
}

test('a release of which a mirror had heard a part before the link broke is not seen in parts', async () => {
  const { master, mirror } = await startPair();
  const files = Object.fromEntries(Array.from({ length: 400 }, (_, i) => [`f${i}`, `${i}`]));
  const open = await release(master, files);
  cutAfterNext(mirror, 'notify');
  const { id } = await open.commit({});
  await until(() => mirror.site.state.wants.inState('ready', 500).length === 250);
  // Something else is changed before the link is back: what is told then is merged up to there.
  await master.put('later', 'later');
  mirror.connect(master, NOWHERE);
  await until(() => mirror.site.state.cursor === master.journal.head);
  await sleep(200);
  expect(await names(mirror)).toEqual([]);
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  await until(() => master.site.releases.records.get(id)?.convergedAfter !== undefined);
});

test('a snapshot tells of all that a release was, also of what was changed since: a mirror that is new shows no part of it', async () => {
  const master = await startMaster(await temporaryFolder());
  onTestFinished(() => master.stop());
  const { id } = await (await release(master, { a: 'a1', b: 'b1' })).commit({});
  await master.put('b', 'b2');
  await master.put('c', 'c');
  const told = master.site.journal.taggedPage('', 10).map((entry) => [entry.path, entry.release?.last]);
  expect(told).toEqual([
    ['a', id],
    ['b', id],
    ['c', undefined],
  ]);
});

test('what is left of a release of which a newer one has overtaken a part appears with that one', async () => {
  const { master, mirror } = await startPair();
  mirror.connect(master, NOWHERE);
  await mirror.inStep(master);
  // Their contents are here: what is fetched is what the second release has more.
  await writeFile(join(mirror.rootFolder, 'a'), 'a1');
  await writeFile(join(mirror.rootFolder, 'b'), 'b1');
  await (await release(master, { a: 'a1', b: 'b1', z: 'z1' })).commit({});
  await until(() => mirror.site.state.wants.inState('ready', 9).length === 2);
  await (await release(master, { z: 'z2', y: 'y2' })).commit({});
  await until(() => mirror.site.state.cursor === master.journal.head);
  await until(() => mirror.site.waits()[0]?.files === 4);
  expect(mirror.site.waits()).toMatchObject([{ kind: 'release', files: 4 }]);
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test.each([
  ['told as one', 'live', []],
  ['told by its two names, as routes are set', 'live', [{ glob: '**', mirrors: 'all' as const }]],
  ['missed', 'missed', []],
] as const)(
  'what a rename moves of a release that waits here waits under its new name, be it %s',
  async (_, how, routes) => {
    const { master, mirror } = await startPair([...routes]);
    await master.put('known', 'a1');
    await mirror.inStep(master);
    mirror.connect(master, NOWHERE);
    // Its content is here, and that of the other one is not.
    await (await release(master, { a: 'a1', z: 'z1' })).commit({});
    await until(() => mirror.site.state.wants.inState('ready', 9).length === 1);
    if (how === 'missed') mirror.cut();
    await master.rename('a', 'b');
    if (how === 'missed') mirror.connect(master, NOWHERE);
    await until(() => mirror.site.state.cursor === master.journal.head);
    await until(() => mirror.site.state.wants.of('b' as SitePath)?.state !== 'queued');
    expect(await names(mirror)).toEqual(['known']);
    await until(() => mirror.site.waits()[0]?.files === 2);
    mirror.connect(master);
    await mirror.inStep(master);
    expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  },
);

test('what is left of a release that waited for its word, and was overtaken in part while a mirror was away, appears with the newer one', async () => {
  const { master, mirror } = await aPairAndOneAway();
  mirror.cut();
  await (await release(master, { a: 'a1', b: 'b1' })).commit({ together: BOTH });
  await (await release(master, { a: 'a2', c: 'c2' })).commit({});
  mirror.connect(master);
  // Nobody has given the word.
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what is left of a release of which one that waits for its word has overtaken a part waits with that one', async () => {
  const { master, mirror } = await aPairAndOneAway();
  mirror.cut();
  await (await release(master, { a: 'a1', b: 'b1' })).commit({});
  const { id } = await (await release(master, { b: 'b2', c: 'c2' })).commit({ together: BOTH });
  await (await release(master, { d: 'd3' })).commit({});
  await master.put('b', 'b4');
  mirror.connect(master);
  await until(() => mirror.site.waits().some(({ error }) => error.code === 'wait.word'));
  await until(() => mirror.site.state.belonging.openReleases().length === 1);
  expect(mirror.site.waits()).toMatchObject([{ id: `release:${id}`, files: 3 }]);
  expect(await names(mirror)).toEqual(['d']);
  master.word.give(id);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what was missed of a release that waits for no word, and is renamed onto one that waits for its word, waits with that one', async () => {
  const { master, mirror } = await aPairAndOneAway();
  mirror.cut();
  await (await release(master, { a: 'a1' })).commit({});
  const { id } = await (await release(master, { b: 'b2', c: 'c2' })).commit({ together: BOTH });
  // The other release has the number of this change in the catch-up.
  await master.put('d', 'd3');
  mirror.connect(master, NOWHERE);
  await until(() => mirror.site.state.cursor === master.journal.head);
  await master.rename('a', 'b');
  await until(() => mirror.site.state.cursor === master.journal.head);
  mirror.connect(master);
  await until(() => mirror.site.waits()[0]?.error.code === 'wait.word');
  expect(mirror.site.waits()).toMatchObject([{ id: `release:${id}`, files: 2 }]);
  await until(async () => (await names(mirror)).includes('d'));
  expect(await names(mirror)).toEqual(['d']);
  master.word.give(id);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

/** A release of more files than one message tells of which the mirror has heard as many when its link breaks, and one of those that it has not heard. */
async function halfHeard(master: TestMaster, mirror: TestMirror, how: { readonly together?: typeof BOTH }) {
  const names = Array.from({ length: MANY }, (_, i) => `f${i}`);
  const open = await release(master, Object.fromEntries(names.map((name) => [name, name])));
  cutAfterNext(mirror, 'notify');
  const { id } = await open.commit(how);
  await until(() => mirror.site.state.wants.inState('ready', 500).length === 250);
  const unheard = names.find((name) => !mirror.site.state.wants.of(name as SitePath));
  return { id, unheard: unheard ?? '' };
}

test('a release that waits for its word, half heard, appears with one that has overtaken what was not heard', async () => {
  const { master, mirror } = await aPairAndOneAway();
  const { unheard } = await halfHeard(master, mirror, { together: BOTH });
  await (await release(master, { [unheard]: 'newer', c: 'c' })).commit({});
  mirror.connect(master);
  // Nobody has given the word.
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a release, half heard, waits for the word of one that has overtaken what was not heard', async () => {
  const { master, mirror } = await aPairAndOneAway();
  const { unheard } = await halfHeard(master, mirror, {});
  const { id } = await (await release(master, { [unheard]: 'newer', c: 'c' })).commit({ together: BOTH });
  await master.put('d', 'd');
  mirror.connect(master);
  await until(
    async () =>
      (await names(mirror)).includes('d') && mirror.site.state.wants.inState('ready', 500).length === MANY + 1,
  );
  expect(await names(mirror)).toEqual(['d']);
  master.word.give(id);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('so it does where a part was heard in a catch-up that broke off', async () => {
  const { master, mirror } = await aPairAndOneAway();
  mirror.cut();
  const files = Array.from({ length: MANY }, (_, i) => `f${i}`);
  await (await release(master, Object.fromEntries(files.map((name) => [name, name])))).commit({});
  cutAfterNext(mirror, 'notify');
  mirror.connect(master);
  await until(() => mirror.site.state.wants.inState('ready', 500).length === 250);
  const unheard = files.find((name) => !mirror.site.state.wants.of(name as SitePath)) ?? '';
  const { id } = await (await release(master, { [unheard]: 'newer', c: 'c' })).commit({ together: BOTH });
  mirror.connect(master);
  await until(() => mirror.site.state.wants.inState('ready', 500).length === MANY + 1);
  expect(await names(mirror)).toEqual([]);
  master.word.give(id);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('so it does where that one is committed between two pages of a snapshot', async () => {
  const { master, mirror } = await aPairAndOneAway();
  mirror.cut();
  const files = Array.from({ length: MANY }, (_, i) => `f${i}`);
  await (await release(master, Object.fromEntries(files.map((name) => [name, name])))).commit({ together: BOTH });
  const late = await release(master, { f99: 'newer', c: 'c' });
  master.deliveries.toldBy(mirror.peer.id, null);
  mirror.connect(master);
  await until(() => (mirror.heard.snapshotPage ?? 0) > 0);
  await late.commit({});
  // Nobody has given the word.
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what is told of a release goes where the rest of it went', async () => {
  const { master, mirror } = await aPairAndOneAway();
  await (await release(master, { x: 'x0', y: 'y0' })).commit({ together: BOTH });
  await until(() => mirror.site.state.wants.inState('ready', 9).length === 2);
  mirror.cut();
  await (await release(master, { a: 'a1', b: 'b1', x: 'x1' })).commit({ together: BOTH });
  const { id } = await (await release(master, { y: 'y2' })).commit({ together: BOTH });
  await master.put('b', 'after both');
  mirror.connect(master);
  await until(() => mirror.site.state.wants.inState('ready', 9).length === 4);
  expect(await names(mirror)).toEqual([]);
  // By way of the first the second has taken over what was left of the others.
  master.word.give(id);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a mirror that is new waits for the word of a release with what that has overtaken, and with nothing else', async () => {
  const { master } = await aPairAndOneAway();
  await (await release(master, { a: 'a1', x: 'x1' })).commit({});
  await (await release(master, { b: 'b2', c: 'c2' })).commit({});
  const { id } = await (await release(master, { a: 'a3' })).commit({ together: BOTH });
  await master.put('d', 'd4');
  const joining = await startMirror(await temporaryFolder(), 'kyoto');
  onTestFinished(() => joining.stop());
  joining.connect(master);
  await until(() => joining.site.waits()[0]?.error.code === 'wait.word');
  await until(async () => (await names(joining)).length > 1);
  expect(await names(joining)).toEqual(['b', 'c', 'd']);
  master.word.give(id);
  await joining.inStep(master);
  expect(await readTree(joining.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what a snapshot deletes appears with the releases that it tells of', async () => {
  const { master, mirror } = await startPair();
  for (const name of ['old', 'kept']) await master.put(name, name);
  await mirror.inStep(master);
  mirror.cut();
  await (await release(master, { a: 'a', b: 'b' }, ['old'])).commit({});
  master.deliveries.toldBy(mirror.peer.id, null);
  mirror.connect(master, NOWHERE);
  await until(() => mirror.site.state.cursor === master.journal.head);
  await until(() => mirror.site.state.wants.inState('ready', 9).length === 1);
  await sleep(100);
  expect(await names(mirror)).toEqual(['kept', 'old']);
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['a', 'b', 'kept']);
});

test('a delete that was wanted before goes with the release that has put the file anew since, where a mirror compares', async () => {
  const { master, mirror } = await aPairAndOneAway();
  await master.rules({ links: PATIENT });
  await master.put('one', 'one');
  await master.put('page.html', '<a href="one">');
  await mirror.inStep(master);
  await master.remove('one');
  await until(() => mirror.site.waits().some(({ kind }) => kind === 'link'));
  mirror.cut();
  const { id } = await (await release(master, { a: 'a', one: 'anew' })).commit({ together: BOTH });
  await master.remove('one');
  await master.put('page.html', 'no link');
  master.deliveries.toldBy(mirror.peer.id, null);
  mirror.connect(master);
  await until(() => mirror.site.state.wants.of('page.html' as SitePath) === undefined);
  await until(() => mirror.site.waits().some(({ error }) => error.code === 'wait.word'));
  await sleep(100);
  expect(await names(mirror)).toEqual(['one', 'page.html']);
  master.word.give(id);
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['a', 'page.html']);
});

test('what a release has deleted goes with it where a mirror compares, and not with another one', async () => {
  const { master, mirror } = await aPairAndOneAway();
  for (const name of ['one', 'two', 'three', 'kept']) await master.put(name, name);
  await mirror.inStep(master);
  mirror.cut();
  const { id } = await (await release(master, { a: 'a' }, ['one'])).commit({ together: BOTH });
  await (await release(master, { b: 'b' }, ['two'])).commit({});
  await master.remove('three');
  master.deliveries.toldBy(mirror.peer.id, null);
  mirror.connect(master);
  await until(async () => (await names(mirror)).includes('b'));
  await sleep(100);
  expect(await names(mirror)).toEqual(['b', 'kept', 'one']);
  master.word.give(id);
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['a', 'b', 'kept']);
});

test('a mirror hears the word of a release that was given while it was away, however many have come since', async () => {
  const { master, mirror } = await aPairAndOneAway();
  const { id } = await (await release(master, { a: 'a', b: 'b' })).commit({ together: BOTH });
  await until(() => mirror.site.state.wants.inState('ready', 9).length === 2);
  mirror.cut();
  master.word.give(id);
  for (let i = 0; i < 55; i += 1) await (await release(master, { c: `${i}` })).commit({});
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a mirror that joins while a release waits hears its word also where that is given while it is away', async () => {
  const { master } = await aPairAndOneAway();
  const { id } = await (await release(master, { a: 'a', b: 'b' })).commit({ together: BOTH });
  const joined = await startMirror(await temporaryFolder(), 'oslo');
  onTestFinished(() => joined.stop());
  joined.connect(master);
  await until(() => joined.site.state.wants.inState('ready', 9).length === 2);
  joined.cut();
  master.word.give(id);
  joined.connect(master);
  await joined.inStep(master);
  expect(await readTree(joined.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a mirror that joins while a release waits hears its word also where that is given while it is told of it', async () => {
  const { master } = await aPairAndOneAway();
  const files = Object.fromEntries(Array.from({ length: MANY }, (_, i) => [`f${i}`, `${i}`]));
  const { id } = await (await release(master, files)).commit({ together: BOTH });
  const joined = await startMirror(await temporaryFolder(), 'oslo');
  onTestFinished(() => joined.stop());
  // After the first page of two.
  Object.defineProperty(joined.heard, 'snapshotPage', {
    get: () => 0,
    set: () => {
      master.word.give(id);
    },
  });
  joined.connect(master);
  await joined.inStep(master);
  expect(await readTree(joined.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('the master hears of a release that a mirror has got together with what came after it', async () => {
  const { master, mirror } = await startPair();
  mirror.cut();
  const { id } = await (await release(master, { a: 'a', b: 'b' })).commit({});
  await master.put('c', 'c');
  mirror.connect(master);
  await mirror.inStep(master);
  await until(() => master.site.releases.records.get(id)?.convergedAfter !== undefined);
});

test('a release of which nothing is left to do at a mirror counts as shown there', async () => {
  const { master, mirror } = await startPair();
  await master.mkdir('folder');
  await master.put('folder/a', 'a');
  await mirror.inStep(master);
  await writeFile(join(mirror.rootFolder, 'folder', 'mine'), 'somebody else has put it there');
  const open = await release(master, {}, ['folder/a']);
  await open.removeDir('folder' as SitePath, BY);
  const { id } = await open.commit({});
  await until(() => mirror.site.state.belonging.release(id)?.publishedAt !== undefined);
});

test('a file of a release that is given up is not waited for any more', async () => {
  const { master, mirror } = await startPair();
  mirror.cut();
  await (await release(master, { a: 'a', b: 'b' })).commit({});
  await unlink(join(master.rootFolder, 'a'));
  mirror.connect(master);
  await until(() => mirror.site.state.wants.inState('failed', 9).length === 1);
  await until(() => mirror.site.state.wants.inState('ready', 9).length === 1);
  expect(await mirror.site.resolve('a', 'discard', 'osaka')).toBe(true);
  await until(async () => (await names(mirror)).includes('b'));
  expect(mirror.site.waits()).toEqual([]);
});

test('a round of which nothing is pending any more does not use up the time of what comes later', async () => {
  const { master, mirror } = await startPair();
  await master.rules({ groups: [{ name: 'g', members: ['a', 'b', 'c'], rule: 'all', limit: 60_000 }] });
  await master.put('a', 'a');
  await until(() => mirror.site.waits().length === 1);
  await master.remove('a');
  await until(() => mirror.site.state.counts().waiting === 0);
  mirror.store.run('UPDATE round SET first_at = first_at - 3600000, last_at = last_at - 3600000');
  await master.put('b', 'b');
  await until(() => mirror.site.state.wants.inState('ready', 9).length === 1);
  expect(await names(mirror)).toEqual([]);
  expect(mirror.site.waits()).toMatchObject([{ id: 'group:g', waitsFor: ['c'] }]);
  await master.put('c', 'c');
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['b', 'c']);
});

test('what somebody has removed at a mirror is put back without waiting for anything', async () => {
  const { master, mirror } = await startPair();
  await master.rules({ links: PATIENT, groups: [{ name: 'g', members: ['a', 'b.html'], rule: 'all' }] });
  await master.put('a', 'a');
  await master.put('b.html', '<img src="a">');
  await mirror.inStep(master);
  await unlink(join(mirror.rootFolder, 'b.html'));
  await mirror.site.rescan();
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['a', 'b.html']);
  expect(mirror.site.state.links.of('b.html' as SitePath)).toEqual(['a']);
});

test('a release is not seen in parts where a delete that waits is in the way of one of its files', async () => {
  const { master, mirror } = await startPair();
  await master.rules({ links: PATIENT });
  await master.mkdir('a');
  await master.put('a/y', 'y');
  await master.put('p.html', '<img src="a/y">');
  await mirror.inStep(master);
  await master.remove('a/y');
  await until(() => mirror.site.waits().length === 1);
  const open = master.site.beginRelease('spring', BY);
  await open.removeDir('a' as SitePath, BY);
  for (const path of ['a', 'b'] as SitePath[]) {
    const upload = await open.beginUpload(path, { by: BY });
    await upload.write(Buffer.from(path));
    await upload.commit();
  }
  await open.commit({});
  await until(() => mirror.site.state.cursor === master.journal.head);
  await until(() => mirror.site.state.wants.of('b' as SitePath)?.state !== 'queued');
  expect(await names(mirror)).toEqual(['a/', 'a/y', 'p.html']);
  await master.put('p.html', 'no image');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what waits is told in one message, however long the names are', () => {
  const wait: WaitingAtMirror = {
    id: 'p.html',
    kind: 'link',
    error: { code: 'wait.content', params: {} },
    waitsFor: Array.from({ length: 20 }, () => 'x'.repeat(4096)),
    since: 0,
  };
  const told = fittingWaits(Array.from({ length: 100 }, () => wait));
  expect(told.length).toBeGreaterThan(5);
  expect(JSON.stringify(told).length * 3).toBeLessThan(LINK_MESSAGE_BYTES_MAX);
});

test('rules that no message would hold are refused', () => {
  const group = { rule: 'all' as const, members: Array.from({ length: 200 }, (_, i) => `${i}/${'x'.repeat(1000)}`) };
  const groups = (count: number) => Array.from({ length: count }, (_, i) => ({ ...group, name: `g${i}` }));
  expect(siteRules.safeParse({ groups: groups(2) }).success).toBe(true);
  expect(siteRules.safeParse({ groups: groups(3) }).success).toBe(false);
  expect(JSON.stringify(siteRules.parse({ groups: groups(2) })).length * 3).toBeLessThan(LINK_MESSAGE_BYTES_MAX);
  const site = (count: number) => ({ name: 'www', root: '/srv/www', groups: groups(count) });
  const ftp = { host: '127.0.0.1', port: 0, tls: 'required' };
  const configured = (count: number) =>
    config.safeParse({ version: 1, node: { name: 'm', role: 'master' }, ftp, sites: [site(count)] }).success;
  expect([configured(2), configured(3)]).toEqual([true, false]);
});

test('a group is not seen in parts where its commit is known before all that it covers', async () => {
  const { master, mirror } = await startPair();
  await master.rules({ groups: [{ name: 'g', members: ['a', 'b'], rule: 'release' }] });
  await master.put('a', 'a');
  await until(() => mirror.site.waits().length === 1);
  await until(() => mirror.site.state.wants.inState('ready', 9).length === 1);
  mirror.cut();
  await master.put('b', 'b');
  await master.site.setRules(
    (before, seq) => ({ ...before, groups: before.groups.map((each) => ({ ...each, committed: seq })) }),
    BY,
  );
  cutAfterNext(mirror, 'rules');
  mirror.connect(master);
  await until(() => (mirror.site.state.belonging.rules.groups[0]?.committed ?? 0) > 0);
  await sleep(200);
  expect(await names(mirror)).toEqual([]);
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['a', 'b']);
});

test('what a transaction that failed had set is not believed', async () => {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const state = new MirrorState(store, 'www');
  state.belonging.noteRelease({ last: 7 });
  const failing = () =>
    store.transaction(() => {
      state.belonging.setRules(9, { ...DEFAULT_RULES, links: { ...DEFAULT_RULES.links, wait: false } });
      state.belonging.forget();
      throw new Error('the disk is full');
    });
  expect(failing).toThrow('the disk is full');
  state.reload();
  expect(state.belonging.rules).toEqual(DEFAULT_RULES);
  expect(state.belonging.openReleases()).toMatchObject([{ id: 7 }]);
});

test('a folder with very many links in it is renamed', async () => {
  const store = await openStore(join(await temporaryFolder(), 'lockstep.db'));
  onTestFinished(() => store.close());
  const journal = new Journal(store, 'www');
  const refs = Array.from({ length: 1000 }, (_, i) => `d/t${i}` as Reference);
  const page = (i: number) =>
    ({ op: 'put', path: `d/p${i}.html` as SitePath, size: 1, mtime: 1, sha256: '0'.repeat(64), refs }) as const;
  journal.append([{ op: 'mkdir', path: 'd' as SitePath }, ...Array.from({ length: 140 }, (_, i) => page(i))], BY, 1);
  journal.confirm();
  journal.append([{ op: 'rename', from: 'd' as SitePath, path: 'e' as SitePath, kind: 'dir' }], BY, 2);
  journal.confirm();
  expect(journal.index.links.of('e/p7.html' as SitePath).slice(0, 2)).toEqual(['e/t0', 'e/t1']);
});

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { masterPeer, type TestMaster, type TestMirror } from '../support/master-and-mirror.ts';
import { startPair } from '../support/memory-pair.ts';
import { sha256 } from '../support/site-calls.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';
import { aPairAndOneAway, BOTH, cutAfterNext, MANY, names, NOWHERE, release } from '../support/pair-with-releases.ts';

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
  const master = await aMaster();
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
  await until(async () => (await names(mirror)).includes('d'));
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
  const joining = await aMirror('kyoto');
  joining.connect(master);
  await until(() => joining.site.waits()[0]?.error.code === 'wait.word');
  await until(async () => (await names(joining)).length > 2);
  expect(await names(joining)).toEqual(['b', 'c', 'd']);
  master.word.give(id);
  await joining.inStep(master);
  expect(await readTree(joining.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a release of which a newer one overtook a part before it was heard of is told of as shown once that one is', async () => {
  const { master, mirror } = await aPairAndOneAway();
  await master.put('b', 'b');
  await mirror.inStep(master);
  mirror.cut();
  const { id } = await (await release(master, { a: 'a1', b: 'b1' })).commit({ together: BOTH });
  await (await release(master, { a: 'a2', c: 'c2' })).commit({});
  await master.put('b', 'b');
  mirror.connect(master, NOWHERE);
  await until(() => mirror.site.state.cursor === master.journal.head);
  mirror.cut();
  // It is told of as a part of the first release, and here already.
  await master.rename('b', 'd');
  await master.rename('d', 'b');
  mirror.connect(master, NOWHERE);
  await until(() => mirror.site.state.cursor === master.journal.head);
  await sleep(100);
  const shownAt = (): number | undefined =>
    master.site.releases.records.get(id)?.peers.find(({ peer }) => peer === mirror.peer.id)?.publishedAt;
  expect({ names: await names(mirror), shownAt: shownAt() }).toEqual({ names: ['b'], shownAt: undefined });
  mirror.connect(master);
  await until(() => shownAt() !== undefined);
  expect(await names(mirror)).toEqual(['a', 'b', 'c']);
});

test('what went on in a release that has gone on here in a newer one itself goes on in that one, as where a link tells once more what was announced', async () => {
  const { master, mirror } = await startPair();
  await master.put('known', 'known');
  await mirror.inStep(master);
  mirror.cut();
  const { journal, cursor } = mirror.site.state;
  const [older, together, newest] = [cursor + 2, cursor + 4, cursor + 6];
  const session = { peer: masterPeer, send: () => undefined, closed: false, close: () => undefined };
  const tell = (through: number, more: object): void => {
    const message = {
      type: 'notify',
      site: 'www',
      journal,
      mode: 'live',
      items: [],
      through,
      headSeq: newest,
      ...more,
    };
    mirror.site.receive(session as never, message as never);
  };
  const put = (path: string, seq: number, release: object) => ({
    ...{ op: 'put', at: 7, size: 3, mtime: 7, sha256: sha256(`${path} ${seq}`) },
    ...{ path, seq, release },
  });
  // Each has overtaken a part of the one before it.
  tell(older, { items: [put('a', cursor + 1, { last: older }), put('b', older, { last: older })] });
  const waiting = { last: together, together: true };
  tell(together, { items: [put('b', cursor + 3, waiting), put('c', together, waiting)] });
  tell(newest, { items: [put('c', cursor + 5, { last: newest }), put('d', newest, { last: newest })] });
  const waits = () => mirror.site.waits().map(({ id, files }) => [id, files]);
  await until(() => String(waits()) === `release:${newest},4`);
  tell(newest, { mode: 'catch-up', joined: [{ release: cursor, into: waiting, paths: ['a', 'b'] }] });
  tell(newest, { items: [] });
  await sleep(300);
  expect(waits()).toEqual([[`release:${newest}`, 4]]);
});

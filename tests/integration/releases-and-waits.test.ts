import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { Journal } from '../../electron/engine/store/journal.ts';
import { MirrorState } from '../../electron/engine/store/mirror-state.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { fittingWaits } from '../../electron/engine/mirror/waiting.ts';
import { config } from '../../shared/contract/config.ts';
import { LINK_MESSAGE_BYTES_MAX, WAITING_ITEMS_MAX } from '../../shared/contract/link.ts';
import { DEFAULT_RULES, siteRules } from '../../shared/contract/rules.ts';
import type { WaitingAtMirror } from '../../shared/contract/status.ts';
import type { Reference } from '../../shared/domain/reference.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMirror } from '../support/a-pair.ts';
import { startPair } from '../support/memory-pair.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';
import {
  aPairAndOneAway,
  BOTH,
  BY,
  cutAfterNext,
  MANY,
  names,
  NOWHERE,
  PATIENT,
  release,
} from '../support/pair-with-releases.ts';

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
  // What goes by itself, or with the other one, has its own time.
  await until(async () => isDeepStrictEqual(await names(mirror), ['b', 'kept', 'one']));
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
  const joined = await aMirror('oslo');
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
  const joined = await aMirror('oslo');
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
  await mirror.inStep(master);
  expect(await names(mirror)).toEqual(['b']);
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

test('nor where a person is asked about that delete', async () => {
  const { master, mirror } = await startPair();
  await master.mkdir('a');
  await master.put('a/y', 'y');
  await mirror.inStep(master);
  mirror.set({ deleteGuard: 0 });
  mirror.cut();
  await master.remove('a/y');
  const open = await release(master, { b: 'b' });
  await open.removeDir('a' as SitePath, BY);
  const upload = await open.beginUpload('a' as SitePath, { by: BY });
  await upload.write(Buffer.from('a'));
  await upload.commit();
  await open.commit({});
  mirror.connect(master);
  await until(() => mirror.site.waits().length === 1);
  await until(() => mirror.store.all("SELECT path FROM want WHERE state = 'ready'").length === 2);
  expect(await names(mirror)).toEqual(['a/', 'a/y']);
  expect(mirror.site.standing(10)).toMatchObject([
    { id: 'deletes' },
    { id: `release:${master.journal.head}`, waitsFor: ['a/y'] },
  ]);
  expect(await mirror.site.resolve('deletes', 'publish', 'tokyo')).toBe(true);
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
  const short = Array.from({ length: WAITING_ITEMS_MAX + 1 }, () => ({ ...wait, waitsFor: [] }));
  expect(fittingWaits(short)).toEqual(short.slice(1));
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

import { mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { Deliveries } from '../../electron/engine/store/deliveries.ts';
import { PeerStore } from '../../electron/engine/store/peers.ts';
import { claimRoot } from '../../electron/engine/claim/root-mark.ts';
import { LATE_REMOVALS_MAX } from '../../electron/engine/mirror/late-removals.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { masterPeer, startMirror, type TestMirror } from '../support/master-and-mirror.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

async function pair() {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  await master.put('before.txt', 'before');
  await mirror.inStep(master);
  return { master, mirror, names: async () => Object.keys(await readTree(mirror.rootFolder)).toSorted() };
}

test('a file that is renamed at the master is the master’s under its new name, also where a newer one was given up here', async () => {
  const { master, mirror } = await pair();
  mirror.pause();
  await until(() => master.notifier.isPaused('www', mirror.peer.id), 'it stands');
  await master.put('before.txt', 'newer!');
  const file = join(master.rootFolder, 'before.txt');
  const { atime, mtime } = await stat(file);
  const becomes = async (content: string): Promise<void> => {
    await writeFile(file, content);
    await utimes(file, atime, mtime);
  };
  await becomes('wrong!');
  mirror.resume();
  await until(() => mirror.site.state.counts().failing === 1, 'what comes is not what was announced');
  expect(await mirror.site.resolve('before.txt', 'discard', 'tokyo')).toBe(true);
  await becomes('newer!');
  await master.rename('before.txt', 'after.txt');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test.each(['paused', 'without a way to the master', 'without a link'] as const)(
  'the master hears that a file is not being fetched any more: %s',
  async (how) => {
    const { master, mirror } = await pair();
    mirror.set({ bytesPerSecond: 128 * 1024 });
    await master.put('large.bin', Buffer.alloc(1024 * 1024, 'x'));
    const told = () => master.store.get("SELECT state FROM delivery WHERE path = 'large.bin'")?.['state'];
    await until(() => told() === 'fetching', 'it is being fetched');
    if (how === 'paused') mirror.pause();
    else if (how === 'without a link') mirror.cut();
    // Nothing listens there.
    else mirror.site.fetchFrom({ host: '127.0.0.1', port: 1, user: 'tokyo', password: '', certificate: null });
    await until(() => told() === 'queued', 'it waits');
  },
);

test('after its own end a master does not say that a mirror is fetching what it was fetching before', async () => {
  const { master, mirror } = await pair();
  mirror.set({ bytesPerSecond: 128 * 1024 });
  await master.put('large.bin', Buffer.alloc(1024 * 1024, 'x'));
  const told = () => master.store.get("SELECT state FROM delivery WHERE path = 'large.bin'")?.['state'];
  await until(() => told() === 'fetching', 'it is being fetched');
  new Deliveries(master.store, master.journal.site).close();
  expect(told()).toBe('queued');
});

test('in hours in which nothing is fetched, what a page shows stays until the page is another one', async () => {
  const { master, mirror, names } = await pair();
  await master.rules({ links: { deleted: 100 } });
  await master.put('old.css', 'old');
  await master.put('index.html', '<link rel=stylesheet href=old.css>');
  await mirror.inStep(master);
  const hour = new Date().getHours();
  mirror.set({ hours: { from: (hour + 2) % 24, to: (hour + 3) % 24 } });
  await master.put('new.css', 'new');
  await master.put('index.html', '<link rel=stylesheet href=new.css>');
  await master.remove('old.css');
  await master.remove('before.txt');
  await until(async () => !(await names()).includes('before.txt'), 'what nobody needs is gone');
  await sleep(500);
  expect(await names()).toEqual(['index.html', 'old.css']);
  mirror.set({ hours: undefined });
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what waits, and whose content was lost with the folder, is fetched again by itself', async () => {
  const { master, mirror } = await pair();
  await master.rules({ groups: [{ name: 'g', members: ['a.txt', 'b.txt'], rule: 'all', limit: 3_600_000 }] });
  await master.put('a.txt', 'a');
  await until(
    () => mirror.store.get("SELECT 1 FROM want WHERE path = 'a.txt' AND state = 'ready'") !== undefined,
    'a waits',
  );
  await rm(mirror.rootFolder, { recursive: true });
  // As when a person says that the folder is gone for good.
  await mkdir(mirror.rootFolder);
  await SiteRoot.open(mirror.rootFolder, true);
  await claimRoot(mirror.store, 'www', mirror.site.root, true);
  await mirror.site.rescan(true);
  await master.put('b.txt', 'b');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what is left out from now on is not waited for any more, nor brought after all', async () => {
  const { master, mirror } = await pair();
  mirror.pause();
  await until(() => master.notifier.isPaused('www', mirror.peer.id), 'it stands');
  await master.put('large.iso', 'large');
  await writeFile(join(master.rootFolder, 'large.iso'), 'other');
  mirror.resume();
  await until(() => mirror.site.state.counts().failing === 1, 'it does not come');
  await mirror.stop();
  await writeFile(join(master.rootFolder, 'large.iso'), 'large');
  const again = await startMirror(dirname(mirror.rootFolder), 'tokyo', { exclude: ['*.iso'] });
  onTestFinished(() => again.stop());
  again.connect(master);
  await master.put('after.txt', 'after');
  await again.inStep(master);
  expect(Object.keys(await readTree(again.rootFolder)).toSorted()).toEqual(['after.txt', 'before.txt']);
});

test('nor what a loss of power has taken of it: the master may have it no more', async () => {
  const { master, mirror } = await pair();
  await master.put('large.iso', 'large');
  await mirror.inStep(master);
  await mirror.stop();
  const follow = { exclude: ['*.iso'] };
  const without = await startMirror(dirname(mirror.rootFolder), 'tokyo', follow);
  without.connect(master);
  await without.inStep(master);
  await master.remove('large.iso');
  await without.inStep(master);
  // It was done when a flush failed, and was lost with the power.
  const plan = JSON.stringify([{ do: 'place', from: 'staging', staged: 'r-1', path: 'large.iso' }]);
  const { store } = without;
  const { state } = without.site;
  store.run('INSERT INTO plan (site, steps, done) VALUES (?, ?, 1)', state.site, plan);
  store.run("UPDATE site SET boot = 'another', flush_failed = 'another'");
  await without.stop();
  await rm(join(mirror.rootFolder, 'large.iso'));
  const again = await startMirror(dirname(mirror.rootFolder), 'tokyo', follow);
  onTestFinished(() => again.stop());
  again.connect(master);
  await again.inStep(master);
  expect(again.site.standing(9)).toEqual([]);
});

test('a folder that its master has deleted stays with what is left out in it, and does not come back when somebody has removed both', async () => {
  const { master, mirror } = await pair();
  await master.mkdir('old');
  await master.put('old/large.iso', 'large');
  await master.put('old/page.html', 'page');
  await mirror.inStep(master);
  await mirror.stop();
  const again = await startMirror(dirname(mirror.rootFolder), 'tokyo', { exclude: ['**/*.iso'] });
  onTestFinished(() => again.stop());
  again.connect(master);
  await again.inStep(master);
  for (const name of ['old/large.iso', 'old/page.html']) await master.remove(name);
  await master.rmdir('old');
  await again.inStep(master);
  expect(Object.keys(await readTree(again.rootFolder)).toSorted()).toEqual(['before.txt', 'old/', 'old/large.iso']);
  await rm(join(again.rootFolder, 'old'), { recursive: true });
  expect(await again.site.rescan()).toMatchObject({ changed: 0 });
  await again.inStep(master);
  expect(Object.keys(await readTree(again.rootFolder))).toEqual(['before.txt']);
});

/** What another install than its master would say, which has taken that one's place. */
function snapshotOf(mirror: TestMirror, journal: string, entries: readonly object[]): void {
  const session = { peer: masterPeer, send: () => undefined, closed: false, close: () => undefined };
  const say = (message: object): void => mirror.site.receive(session as never, message as never);
  say({ type: 'snapshotNeeded', site: 'www', journal, seq: 50 });
  say({ type: 'snapshotPage', site: 'www', journal, after: '', through: 'm', entries, last: false });
}

test('that all has to be compared, told by a link that has ended since, counts for nothing on the next one, which tells it anew', async () => {
  const { master, mirror } = await pair();
  const { id: journal, head: seq, term } = master.journal;
  const ended = { peer: masterPeer, send: () => undefined, closed: true, close: () => undefined };
  const message = { type: 'snapshotNeeded' as const, site: 'www', journal, seq, term };
  mirror.site.receive(ended as never, message);
  mirror.connect(master);
  await master.put('a.txt', 'a');
  await mirror.inStep(master);
  // Else it would wait for an index that nobody tells, with all that belongs together.
  expect([mirror.site.journal, mirror.site.state.compared]).toEqual([journal, undefined]);
});

test('a part of another index is none of the own: where the master is the old one again, all is compared', async () => {
  const { master, mirror } = await pair();
  await master.put('a.txt', 'a');
  await mirror.inStep(master);
  // The content of one file under the name of the other.
  const entry = { ...mirror.site.state.entry('a.txt' as SitePath), path: 'before.txt', seq: 7 };
  mirror.cut();
  snapshotOf(mirror, '2'.repeat(32), [entry]);
  await until(
    async () => (await readTree(mirror.rootFolder))['before.txt']?.startsWith('a ') === true,
    'a part of it is here',
  );
  mirror.connect(master);
  const tree = await readTree(master.rootFolder);
  await expect.poll(() => readTree(mirror.rootFolder)).toEqual(tree);
});

test.each([
  ['stand still', 'm', 'm'],
  ['go back', 'm', 'a'],
])('a snapshot whose pages %s ends the link, and nothing is asked for any more', async (_what, first, second) => {
  const { mirror } = await pair();
  mirror.cut();
  const journal = '2'.repeat(32);
  const asked: string[] = [];
  const ends: string[] = [];
  const session = {
    peer: masterPeer,
    send: (message: { type: string; after?: string }) => {
      if (message.type === 'snapshotWanted' && asked.length < 100)
        say({
          type: 'snapshotPage',
          after: message.after,
          through: asked.length === 0 ? first : second,
          entries: [],
          last: false,
        });
      if (message.type === 'snapshotWanted') asked.push(message.after ?? '');
    },
    closed: false,
    close: ({ code }: { code: string }) => void ends.push(code),
  };
  const say = (message: object): void =>
    mirror.site.receive(session as never, { site: 'www', journal, ...message } as never);
  say({ type: 'snapshotNeeded', seq: 50 });
  await until(
    () => ends.length > 0 || asked.length >= 100,
    () => asked,
  );
  expect([asked, ends]).toEqual([['', 'm'], ['link.malformed']]);
});

test('so many deletes of a change that is told in parts wait for its end, and no more', async () => {
  const { master, mirror, names } = await pair();
  await master.put('other.txt', 'other');
  await mirror.inStep(master);
  mirror.cut();
  const { journal, cursor } = mirror.site.state;
  const nothing = (): void => undefined;
  const session = { peer: masterPeer, send: nothing, closed: false, close: nothing, hold: nothing, letGo: nothing };
  const head = { type: 'notify', site: 'www', journal, mode: 'live', through: cursor, headSeq: cursor + 1 };
  const tell = (paths: readonly string[], more: object = {}): void => {
    const items = paths.map((path) => ({ op: 'delete', seq: cursor + 1, at: 7, path }));
    mirror.site.receive(session as never, { ...head, items, ...more } as never);
  };
  tell(['before.txt']);
  for (let told = 1; told < LATE_REMOVALS_MAX; told += 250)
    tell(Array.from({ length: Math.min(250, LATE_REMOVALS_MAX - told) }, (_, index) => `gone/${told + index}`));
  tell(['other.txt']);
  await until(async () => (await names()).length === 1, 'one more is done at once');
  expect(await names()).toEqual(['before.txt']);
  tell([], { through: cursor + 1 });
  await until(async () => (await names()).length === 0, 'its end has come');
});

test('what an index tells of a release is not shown before all is known: between its pages, and while newer changes are on their way', async () => {
  const { master, mirror } = await pair();
  await master.put('a.txt', 'a');
  await mirror.inStep(master);
  mirror.cut();
  const journal = '2'.repeat(32);
  const content = mirror.site.state.entry('a.txt' as SitePath);
  const entry = (path: string) => ({ ...content, path, seq: 7 });
  const session = { peer: masterPeer, send: () => undefined, closed: false, close: () => undefined };
  const say = (message: object): void =>
    mirror.site.receive(session as never, { site: 'www', journal, ...message } as never);
  const isShown = async (path: string): Promise<boolean> =>
    (await readTree(mirror.rootFolder))[path]?.startsWith('a ') === true;
  const ofRelease = { ...entry('before.txt'), release: { last: 1 } };
  say({ type: 'snapshotNeeded', seq: 50 });
  say({
    type: 'snapshotPage',
    after: '',
    through: 'm',
    entries: [entry('a.txt'), ofRelease, entry('c.txt')],
    last: false,
  });
  await until(() => isShown('c.txt'), 'what belongs to nothing is there');
  expect(await isShown('before.txt')).toBe(false);
  say({ type: 'snapshotPage', after: 'm', through: 'z.txt', entries: [entry('z.txt')], last: true, headSeq: 51 });
  await until(() => isShown('z.txt'), 'the second page is there');
  expect(await isShown('before.txt')).toBe(false);
  say({ type: 'notify', mode: 'catch-up', items: [], through: 51, headSeq: 51 });
  await until(() => isShown('before.txt'), 'the release is there');
});

test('the half of a release that is here is not shown where another index takes the place of its own', async () => {
  const { master, mirror, names } = await pair();
  const by = { account: 'tester' };
  const release = master.site.beginRelease('spring', by);
  for (const name of ['one.txt', 'two.txt']) {
    const upload = await release.beginUpload(name as SitePath, { by });
    await upload.write(Buffer.from(name));
    await upload.commit();
  }
  // One that is away: the word is not given.
  const away = { ...mirror.peer, id: 'f'.repeat(64), name: 'away' };
  new PeerStore(master.store).save(away, Date.now());
  master.deliveries.subscribe(away.id);
  await release.commit({ together: { limit: 3_600_000 } });
  const waits = () => mirror.store.get("SELECT count(*) AS n FROM want WHERE state = 'ready'")?.['n'] === 2;
  await until(waits, 'it waits');
  await sleep(300);
  expect([waits(), await names()]).toEqual([true, ['before.txt']]);
  mirror.cut();
  snapshotOf(mirror, '2'.repeat(32), []);
  await sleep(500);
  expect(await names()).toEqual(['before.txt']);
});

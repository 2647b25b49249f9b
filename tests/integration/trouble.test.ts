import { mkdir, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { AppError } from '../../shared/errors/app-error.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { createFaultProxy } from '../support/fault-proxy.ts';
import { startMaster, startMirror, type TestMirror } from '../support/master-and-mirror.ts';
import { remount, smallDisk } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

const MIB = 1024 * 1024;

async function start(
  options: { masterFolder?: string; mirrorFolder?: string; follow?: Parameters<typeof startMirror>[2] } = {},
) {
  const master = await startMaster(options.masterFolder ?? (await temporaryFolder()));
  onTestFinished(() => master.stop());
  const mirror = await startMirror(options.mirrorFolder ?? (await temporaryFolder()), 'tokyo', options.follow);
  onTestFinished(() => mirror.stop());
  const proxy = await createFaultProxy({ to: { host: '127.0.0.1', port: master.port } });
  onTestFinished(() => proxy.stop());
  return { master, mirror, proxy };
}

const failing = (mirror: TestMirror) => mirror.site.state.wants.inState('failed', 10);

test('a transfer that is cut goes on where it was', async () => {
  const { master, mirror, proxy } = await start();
  // FTP's data connections go to a port of their own: it is the control connection that is lost here.
  mirror.connect(master, Number(proxy.address.port));
  const content = Buffer.alloc(24 * MIB, 'some content that is long');
  await master.put('big.bin', content);
  const staging = join(mirror.rootFolder, '.lockstep', 'staging');
  await until(async () => (await readdir(staging)).length > 0 || mirror.site.state.counts().waiting === 0, 'staging');
  proxy.cut();
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a master that cannot be reached is named as the reason, and is tried again', async () => {
  const { master, mirror, proxy } = await start();
  proxy.refuse(true);
  mirror.connect(master, proxy.address.port);
  await master.put('a.txt', 'a');
  await until(() => mirror.site.trouble !== undefined, 'trouble');
  expect(mirror.site.trouble?.error.code).toBe('fetch.unreachable');
  expect(mirror.site.state.counts()).toMatchObject({ waiting: 1, failing: 0 });
  proxy.refuse(false);
  await mirror.inStep(master);
  expect(mirror.site.trouble).toBeUndefined();
});

test('a mirror that is slow or away does not delay another', async () => {
  const { master, mirror, proxy } = await start();
  const other = await aMirror('osaka');
  mirror.connect(master, proxy.address.port);
  other.connect(master);
  await master.put('first.txt', '1');
  await mirror.inStep(master);
  proxy.stall();
  for (let i = 0; i < 20; i += 1) await master.put(`file-${i}.txt`, `${i}`);
  await other.inStep(master);
  expect(await readTree(other.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect(mirror.site.state.counts().waiting).toBeGreaterThan(0);
  proxy.resume();
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a mirror that was away for 1,000 changes gets the latest of each path', async () => {
  const { master, mirror } = await start();
  mirror.connect(master);
  await master.put('old.txt', 'old');
  await mirror.inStep(master);
  mirror.cut();
  for (let i = 0; i < 1000; i += 1) await master.put(`page-${i % 250}.html`, `version ${i}`);
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect(mirror.store.all("SELECT count(*) AS n FROM transfer WHERE op = 'put'")[0]).toMatchObject({ n: 251 });
});

test('a foreign journal is compared, not believed: what is the same is not fetched again', async () => {
  const { master, mirror } = await start({ follow: { deleteGuard: 1 } });
  mirror.connect(master);
  await master.put('same.txt', 'same');
  await master.put('gone.txt', 'will be gone');
  await mirror.inStep(master);
  mirror.cut();
  const again = await aMaster();
  await again.put('same.txt', 'same');
  await again.put('new.txt', 'new');
  mirror.connect(again);
  await mirror.inStep(again);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(again.rootFolder));
  // Those of the first journal have no seq any more.
  const told = mirror.store.all("SELECT path, verdict FROM transfer WHERE seq > 0 AND op = 'put' ORDER BY id");
  expect(told.map((row) => ({ ...row }))).toEqual([
    { path: 'new.txt', verdict: 'fetch' },
    { path: 'same.txt', verdict: 'touch' },
  ]);
});

test('deletes that would empty the mirror wait for a person', async () => {
  const { master, mirror } = await start({ follow: { deleteGuard: 0.5 } });
  mirror.connect(master);
  for (let i = 0; i < 30; i += 1) await master.put(`page-${i}.html`, `${i}`);
  await mirror.inStep(master);
  const before = await readTree(mirror.rootFolder);
  mirror.cut();
  for (let i = 0; i < 30; i += 1) await master.remove(`page-${i}.html`);
  await master.put('new.html', 'new');
  mirror.connect(master);
  await until(() => mirror.site.state.counts().held === 30, 'held');
  await until(() => mirror.site.state.counts().waiting === 30, 'the rest is published');
  expect(Object.keys(await readTree(mirror.rootFolder))).toEqual([...Object.keys(before), 'new.html'].sort());
  mirror.pause();
  expect(await mirror.site.resolve('deletes', 'publish', 'osaka')).toBe(true);
  // What goes on by the word of a person does not fail.
  expect(mirror.site.state.counts()).toEqual({ waiting: 30, failing: 0, held: 0 });
  expect(mirror.site.standing(10)).toEqual([]);
  mirror.resume();
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('who was asked about some deletes at the master has said nothing of those that came since', async () => {
  const { master, mirror } = await start({ follow: { deleteGuard: 0 } });
  mirror.connect(master);
  for (const path of ['a', 'b', 'c', 'd']) await master.put(path, path);
  await mirror.inStep(master);
  const removeWhileAway = async (path: string): Promise<void> => {
    mirror.cut();
    await master.remove(path);
    mirror.connect(master);
  };
  const asked = () => [...master.notifier.waiting('www').values()].flatMap(({ items }) => items)[0];
  const askedAbout = (count: number) => until(() => asked()?.error.params['count'] === count, `asked about ${count}`);
  await removeWhileAway('a');
  await askedAbout(1);
  const first = asked();
  await removeWhileAway('b');
  await askedAbout(2);
  const second = asked();
  if (!first || !second) throw new Error('nobody is asked');
  const heard = mirror.heard.resolve ?? 0;
  expect(master.notifier.resolve('www', mirror.peer.id, first, 'publish')).toBe(true);
  await until(() => (mirror.heard.resolve ?? 0) > heard);
  await sleep(50);
  expect(mirror.site.state.counts().held).toBe(2);
  expect(master.notifier.resolve('www', mirror.peer.id, second, 'publish')).toBe(true);
  await mirror.inStep(master);
  expect(Object.keys(await readTree(mirror.rootFolder))).toEqual(['c', 'd']);
});

test('files that only got other names while a mirror was away are no loss that a person is asked about', async () => {
  const { master, mirror } = await start({ follow: { deleteGuard: 0.5 } });
  mirror.connect(master);
  // Copies of one content, too: as many of them are lost as have no other name.
  const content = (i: number): string => `${Math.min(i, 20)}`;
  await master.mkdir('old');
  for (let i = 0; i < 30; i += 1) await master.put(`old/${i}.html`, content(i));
  await mirror.inStep(master);
  // As a watch or a rescan of the master tells that a folder was renamed.
  const renameWithoutFtp = async (from: string, to: string, share: number): Promise<void> => {
    await master.mkdir(to);
    for (let i = 0; i < 30 * share; i += 1) await master.put(`${to}/${i}.html`, content(i));
    for (let i = 0; i < 30; i += 1) await master.remove(`${from}/${i}.html`);
    await master.rmdir(from);
  };
  mirror.cut();
  await renameWithoutFtp('old', 'new', 1);
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  // Most of them do not come back.
  mirror.cut();
  await renameWithoutFtp('new', 'newer', 0.4);
  mirror.connect(master);
  await until(() => mirror.site.state.counts().held === 31, 'held');
});

test('many deletes are looked up a portion at a time, not all of them again with each', async () => {
  const { master, mirror } = await start({ follow: { deleteGuard: 1 } });
  mirror.connect(master);
  const COUNT = 1_500;
  for (let i = 0; i < COUNT; i += 1) await master.put(`${i}.txt`, `${i}`);
  await mirror.inStep(master);
  mirror.cut();
  for (let i = 0; i < COUNT; i += 1) await master.remove(`${i}.txt`);
  const { wants } = mirror.site.state;
  const ask = wants.queuedDeletes.bind(wants);
  let lookedUp = 0;
  vi.spyOn(wants, 'queuedDeletes').mockImplementation((limit) => {
    const found = ask(limit);
    lookedUp += found.length;
    return found;
  });
  mirror.connect(master);
  await mirror.inStep(master);
  expect(lookedUp).toBeGreaterThanOrEqual(COUNT);
  expect(lookedUp).toBeLessThan(COUNT ** 2 / 20);
});

test('what a person keeps here though the master has deleted it belongs to this mirror from then on', async () => {
  const { master, mirror } = await start({ follow: { deleteGuard: 0 } });
  mirror.connect(master);
  for (const path of ['a', 'b', 'c']) await master.put(path, 'the first');
  await mirror.inStep(master);
  mirror.cut();
  for (const path of ['a', 'b', 'c']) await master.remove(path);
  mirror.connect(master);
  await until(() => mirror.site.state.counts().held === 3, 'held');
  expect(await mirror.site.resolve('deletes', 'discard', 'osaka')).toBe(true);
  await mirror.inStep(master);
  await writeFile(join(mirror.rootFolder, 'a'), 'of this mirror');
  await rm(join(mirror.rootFolder, 'b'));
  // Nobody asks the master for what it does not have.
  expect(await mirror.site.rescan(true)).toEqual({ found: 0, changed: 0 });
  await mirror.inStep(master);
  expect(Object.keys(await readTree(mirror.rootFolder))).toEqual(['a', 'c']);
  await master.put('a', 'the second');
  await mirror.inStep(master);
  expect(await readFile(join(mirror.rootFolder, 'a'), 'utf8')).toBe('the second');
});

test('the master is told of deletes that wait for a person at a mirror', async () => {
  const { master, mirror } = await start({ follow: { deleteGuard: 0.5 } });
  mirror.connect(master);
  for (let i = 0; i < 3; i += 1) await master.put(`page-${i}.html`, `${i}`);
  await mirror.inStep(master);
  // The link stays open, so that nothing is told because it opens.
  master.ask(mirror, { pausedAt: Date.now() });
  for (let i = 0; i < 3; i += 1) await master.remove(`page-${i}.html`);
  master.ask(mirror, {});
  const told = () => [...master.notifier.waiting('www').values()].flatMap(({ items }) => items.map(({ kind }) => kind));
  await until(() => told().includes('delete-guard'), 'the master is told');
  expect(await mirror.site.resolve('deletes', 'publish', 'osaka')).toBe(true);
  await mirror.inStep(master);
  await until(() => told().length === 0, 'the master is told that nothing waits');
});

test('a mirror that has all of it is not said to wait for a part of it any more', async () => {
  const { master, mirror } = await start();
  mirror.connect(master);
  await master.rules({ groups: [{ name: 'g', members: ['a', 'b'], rule: 'all' }] });
  const told = () => [...master.notifier.waiting('www').values()].flatMap(({ items }) => items.map(({ kind }) => kind));
  const known = () => [...master.deliveries.subscriptions()];
  for (let round = 0; round < 3; round += 1) {
    await master.put('a', `a ${round}`);
    await until(() => told().includes('group'), 'the master is told of the group');
    await master.put('b', `b ${round}`);
    const { head } = master.journal;
    await until(
      () => known().every(({ publishedSeq }) => publishedSeq >= head),
      'the master knows that all is there',
      1,
    );
    expect(told()).toEqual([]);
  }
});

test('what fails stands among what waits also while it is tried again, and can be given up then', async () => {
  const { master, mirror, proxy } = await start();
  proxy.refuse(true);
  mirror.connect(master, proxy.address.port);
  await master.put('page.html', 'new');
  const { site } = mirror;
  await until(() => site.state.wants.of('page.html' as SitePath) !== undefined, 'it is wanted');
  const want = site.state.wants.of('page.html' as SitePath);
  if (!want) throw new Error('it is wanted no more');
  const error = { code: 'file.disk-full', params: { path: 'page.html' } } as const;
  const standing = () =>
    site.standing(10).flatMap(({ id, kind, path, error: { code } }) => (path === undefined ? [] : [[id, kind, code]]));
  for (const state of ['failed', 'queued'] as const) {
    site.state.wants.set({ ...want, state, attempts: 1, nextAt: Date.now() + 60_000, error });
    expect([standing(), site.state.counts()]).toEqual([
      [['page.html', 'failing', 'file.disk-full']],
      { waiting: 1, failing: 1, held: 0 },
    ]);
  }
  expect(await site.resolve('page.html', 'discard', 'tokyo')).toBe(true);
  expect([standing(), site.state.counts()]).toEqual([[], { waiting: 0, failing: 0, held: 0 }]);
});

test('a full disk at the mirror is a reason that shows, and goes by itself', async () => {
  const disk = await smallDisk(3 * MIB);
  if (!disk) return;
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'mirror'));
  await symlink(disk, join(folder, 'mirror', 'site'));
  const { master, mirror } = await start({ mirrorFolder: join(folder, 'mirror') });
  mirror.connect(master);
  await master.put('small.txt', 'small');
  await mirror.inStep(master);
  await master.put('small.txt', Buffer.alloc(5 * MIB, 1));
  await until(() => failing(mirror).length === 1, 'a failure');
  expect(failing(mirror)[0]).toMatchObject({ path: 'small.txt', error: { code: 'file.disk-full' } });
  expect((await readTree(mirror.rootFolder))['small.txt']).toMatch(/^small @/);
  // What has no room takes none: there is some for everything else.
  await master.put('other.txt', 'other');
  await until(async () => (await readTree(mirror.rootFolder))['other.txt'] !== undefined, 'the other file');
  await remount(disk, 'size=64M');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a full disk at the master refuses the upload and leaves the old file', async () => {
  const disk = await smallDisk(3 * MIB);
  if (!disk) return;
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'master'));
  await symlink(disk, join(folder, 'master', 'site'));
  const { master, mirror } = await start({ masterFolder: join(folder, 'master') });
  mirror.connect(master);
  await master.put('page.html', 'old');
  const upload = await master.site.beginUpload('page.html' as SitePath, { by: { account: 'tester' } });
  const error = await upload.write(Buffer.alloc(5 * MIB)).then(
    () => undefined,
    (failure: unknown) => failure,
  );
  expect(error).toBeInstanceOf(AppError);
  expect((error as AppError).code).toBe('file.disk-full');
  await upload.breakOff('disk-full');
  await master.put('other.html', Buffer.alloc(MIB));
  await mirror.inStep(master);
  expect((await readTree(mirror.rootFolder))['page.html']).toMatch(/^old @/);
  expect(master.store.all('SELECT path, reason FROM aborted').map((row) => ({ ...row }))).toEqual([
    { path: 'page.html', reason: 'disk-full' },
  ]);
  await master.put('other.html', 'there is room for others');
});

test('a site on a disk that can only be read refuses an upload, and says why', async () => {
  const disk = await smallDisk(3 * MIB);
  if (!disk) return;
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'master'));
  await symlink(disk, join(folder, 'master', 'site'));
  const { master } = await start({ masterFolder: join(folder, 'master') });
  await remount(disk, 'ro');
  const begun = master.site.beginUpload('page.html' as SitePath, { by: { account: 'tester' } });
  await expect(begun).rejects.toMatchObject({ code: 'file.read-only' });
  await remount(disk, 'rw');
  await master.put('page.html', 'new');
});

test('a tree that is there already is taken over without fetching it', async () => {
  const { master, mirror } = await start();
  const there = join(mirror.rootFolder, 'a.txt');
  await master.put('a.txt', 'the same at both');
  await writeFile(there, 'the same at both');
  // Of the same moment it would leave no trace in the history; two files that are written one after the other may be that.
  await utimes(there, new Date(), new Date(1_700_000_000_000));
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect(mirror.store.all('SELECT verdict FROM transfer').map((row) => ({ ...row }))).toEqual([
    { verdict: 'already-here' },
  ]);
});

test('one that is there already, with its times, is taken over without a trace of each file', async () => {
  const { master, mirror } = await start();
  const there = join(mirror.rootFolder, 'a.txt');
  await master.put('a.txt', 'the same at both');
  await writeFile(there, 'the same at both');
  await master.touch('a.txt', 1_700_000_000_000);
  await utimes(there, new Date(), new Date(1_700_000_000_000));
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect([mirror.store.all('SELECT verdict FROM transfer'), mirror.site.state.files()]).toEqual([[], 1]);
});

test('names and folders that are in the way of the tree are refused, not followed', async () => {
  const { master, mirror } = await start();
  const outside = await temporaryFolder();
  await symlink(outside, join(mirror.rootFolder, 'linked'));
  mirror.connect(master);
  await master.mkdir('linked');
  await master.put('linked/file.txt', 'must not leave the folder');
  await until(() => failing(mirror).length > 0, 'a failure');
  expect(await readdir(outside)).toEqual([]);
});

test('a full disk of the master ends the link of a mirror that has to compare, and the others compare', async () => {
  const master = await aMaster();
  const [first, second] = [
    await startMirror(await temporaryFolder(), 'tokyo'),
    await startMirror(await temporaryFolder(), 'osaka'),
  ];
  for (const mirror of [first, second]) {
    onTestFinished(() => mirror.stop());
    mirror.connect(master);
    await mirror.inStep(master);
  }
  vi.spyOn(master.deliveries, 'toldBy').mockImplementationOnce(() => {
    throw new AppError('file.disk-full');
  });
  master.notifier.restart('www');
  await master.put('a', 'a');
  await second.inStep(master);
  expect(await readTree(first.rootFolder)).toEqual({});
  first.connect(master);
  await first.inStep(master);
  expect(await readTree(first.rootFolder)).toEqual(await readTree(master.rootFolder));
});

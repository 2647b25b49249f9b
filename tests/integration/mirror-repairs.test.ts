import { createHash } from 'node:crypto';
import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Planner } from '../../electron/engine/tree/planner.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { aMaster, aMirror, aPair } from '../support/a-pair.ts';
import { createFaultProxy } from '../support/fault-proxy.ts';
import { holdBack } from '../support/hold-back.ts';
import { startMirror, type TestMaster } from '../support/master-and-mirror.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

test('a file that is renamed out of what a mirror leaves out is fetched under its new name', async () => {
  const { master, mirror } = await aPair({ exclude: ['**/*.tmp', 'private/**'] });
  await master.put('page.html.tmp', 'uploaded under a temporary name');
  await master.rename('page.html.tmp', 'page.html');
  await master.mkdir('private');
  await master.put('private/a.txt', 'a');
  await master.rename('private', 'public');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what a mirror no longer leaves out comes when it is started again', async () => {
  const master = await aMaster();
  const folder = await temporaryFolder();
  const mirror = await startMirror(folder, 'tokyo', { exclude: ['**/*.pdf'] });
  mirror.connect(master);
  await master.put('a.pdf', 'a');
  await master.put('b.html', 'b');
  await mirror.inStep(master);
  expect(Object.keys(await readTree(mirror.rootFolder))).toEqual(['b.html']);
  await mirror.stop();
  const again = await aMirror('tokyo', {}, folder);
  again.connect(master);
  await until(async () => Object.keys(await readTree(again.rootFolder)).length === 2);
  expect(await readTree(again.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('files that were removed or changed by hand are fetched again by a rescan, others are left alone', async () => {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  await master.mkdir('d');
  for (const name of ['a', 'b', 'd/c', 'same']) await master.put(name, `content of ${name}`);
  await mirror.inStep(master);
  await rm(join(mirror.rootFolder, 'd'), { recursive: true });
  await writeFile(join(mirror.rootFolder, 'b'), 'somebody else');
  await writeFile(join(mirror.rootFolder, 'own.txt'), 'not of the master');
  expect(await mirror.site.rescan()).toEqual({ found: 5, changed: 3 });
  await mirror.inStep(master);
  const { 'own.txt': own, ...rest } = await readTree(mirror.rootFolder);
  expect(own).toMatch(/^not of the master/);
  expect(rest).toEqual(await readTree(master.rootFolder));
});

test('what is fetched again by a rescan keeps the delay that it had first in the history of its master', async () => {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  const delivery = (path: string) => {
    master.deliveries.flush();
    return master.store.get('SELECT * FROM delivery WHERE path = ?', path);
  };
  const putAndShown = async (path: string): Promise<void> => {
    await master.put(path, `content of ${path}`);
    await until(() => delivery(path)?.['state'] === 'published');
  };
  await putAndShown('a');
  const first = delivery('a');
  await rm(join(mirror.rootFolder, 'a'));
  expect(await mirror.site.rescan()).toEqual({ found: 1, changed: 1 });
  await mirror.inStep(master);
  // Told after all that has become of the other one.
  await putAndShown('b');
  expect(delivery('a')).toEqual(first);
  master.deliveries.reported(mirror.peer.id, [
    { seq: 1, path: 'a' as SitePath, state: 'failed', error: { code: 'file.disk-full', params: {} } },
  ]);
  expect(delivery('a')).toMatchObject({ state: 'failed', published_at: first?.['published_at'] });
});

test('after another journal its changes count, whatever the numbers of the one before were', async () => {
  const master = await aMaster();
  const mirror = await aMirror('tokyo', { deleteGuard: 0 });
  mirror.connect(master);
  for (let i = 0; i < 30; i += 1) await master.put(`f${i}`, `${i}`);
  await mirror.inStep(master);
  const other = await aMaster();
  await other.put('first', '1');
  mirror.connect(other);
  await until(() => mirror.site.state.counts().held === 30);
  await other.put('f29', 'new at the new master');
  await until(() => mirror.site.state.counts().waiting === 29);
  expect((await readTree(mirror.rootFolder))['f29']).toMatch(/^new at the new master/);
  await mirror.site.resolve('deletes', 'publish', 'osaka');
  await mirror.inStep(other);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(other.rootFolder));
});

test('a folder that still holds what the mirror leaves out does not block it', async () => {
  const master = await aMaster();
  const folder = await temporaryFolder();
  const mirror = await startMirror(folder, 'tokyo');
  mirror.connect(master);
  await master.mkdir('d');
  await master.put('d/a.log', 'a');
  await mirror.inStep(master);
  await mirror.stop();
  const again = await aMirror('tokyo', { exclude: ['**/*.log'] }, folder);
  again.connect(master);
  await master.remove('d/a.log');
  await master.rmdir('d');
  await again.inStep(master);
  expect(Object.keys(await readTree(again.rootFolder))).toEqual(['d/', 'd/a.log']);
});

test('the folder of a mirror is gone while it runs: that is the reason that shows', async () => {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  await master.put('a', 'a');
  await mirror.inStep(master);
  await rm(mirror.rootFolder, { recursive: true });
  await master.put('b', 'b');
  await until(() => mirror.site.trouble !== undefined);
  expect(mirror.site.trouble?.error.code).toBe('site.root-missing');
});

test('a transfer that is overtaken before it got a connection is not carried out', async () => {
  const { master, mirror } = await aPair({ connections: 1 });
  for (let i = 0; i < 5; i += 1) {
    await master.put('big', Buffer.alloc(4_000_000, i));
    await master.put('small', `${i}`);
  }
  await mirror.inStep(master);
  expect(mirror.site.state.entry('big' as SitePath)).toMatchObject({ size: 4_000_000 });
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what is left in staging of a transfer that broke off goes when nothing wants it any more', async () => {
  const master = await aMaster();
  const proxy = await createFaultProxy({ to: { host: '127.0.0.1', port: master.port } });
  onTestFinished(() => proxy.stop());
  // Files do not go through the proxy: without a limit the whole of one may be there before the cut.
  const mirror = await aMirror('tokyo', { bytesPerSecond: 500_000 });
  mirror.connect(master, proxy.address.port);
  await mirror.inStep(master);
  const staging = mirror.site.root.staging;
  await master.put('big', Buffer.alloc(4_000_000, 1));
  await until(async () => (await readdir(staging)).length > 0);
  proxy.refuse(true);
  proxy.cut();
  await until(() => mirror.site.trouble !== undefined);
  expect(await readdir(staging)).toHaveLength(1);
  await master.put('big', 'small by now');
  await until(async () => (await readdir(staging)).length === 0);
});

test.each([
  ['is deleted', (master: TestMaster) => master.remove('page.html')],
  ['is another one', (master: TestMaster) => master.put('page.html', 'newer')],
])('a file that was in its place when the crash came, and had not been noted, goes when it %s', async (_, change) => {
  const master = await aMaster();
  const folder = await temporaryFolder();
  const mirror = await startMirror(folder, 'tokyo');
  // Its source is out of reach: the file is wanted, and does not come.
  mirror.connect(master, 1);
  await master.put('page.html', 'content');
  await until(() => mirror.site.state.wants.of('page.html' as SitePath) !== undefined);
  await mirror.stop();
  const { mtimeMs } = await stat(join(master.rootFolder, 'page.html'));
  await writeFile(join(mirror.rootFolder, 'page.html'), 'content');
  await utimes(join(mirror.rootFolder, 'page.html'), Math.round(mtimeMs) / 1000, Math.round(mtimeMs) / 1000);
  await change(master);
  const again = await aMirror('tokyo', {}, folder);
  again.connect(master);
  await again.inStep(master);
  await until(async () => isDeepStrictEqual(await readTree(again.rootFolder), await readTree(master.rootFolder)));
  expect(again.site.drift.list(10)).toEqual([]);
});

test('a database that takes nothing for a while stops nobody', async () => {
  const { master, mirror } = await aPair();
  const run = mirror.store.run.bind(mirror.store);
  const refused = { releases: 0, failures: 0 };
  let isFull = true;
  Object.assign(mirror.store, {
    run: (sql: string, ...values: Parameters<typeof run> extends [string, ...infer V] ? V : never) => {
      const [, , , , , , , , , state] = values;
      const what = sql.includes('followed_release SET') ? 'releases' : state === 'failed' ? 'failures' : undefined;
      if (!isFull || what === undefined) return run(sql, ...values);
      refused[what] += 1;
      throw new AppError('file.disk-full');
    },
  });
  const by = { account: 'tester' };
  const release = master.site.beginRelease('spring', by);
  const upload = await release.beginUpload('a' as SitePath, { by });
  await upload.write(Buffer.from('of a release'));
  await upload.commit();
  await release.commit({});
  await until(() => refused.releases > 0);
  await master.put('b', 'b');
  await until(() => mirror.site.state.entry('b' as SitePath) !== undefined);
  // It is not there any more when it is asked for.
  await writeFile(join(master.rootFolder, 'c'), 'c');
  const content = { size: 1, mtime: 1_700_000_000_000, sha256: createHash('sha256').update('c').digest('hex') };
  await rm(join(master.rootFolder, 'c'));
  master.journal.append([{ op: 'put', path: 'c' as SitePath, ...content } as never], by, Date.now());
  master.journal.confirm();
  master.notifier.wake('www');
  await until(() => refused.failures > 0);
  expect(mirror.site.trouble?.error.code).toBe('file.disk-full');
  isFull = false;
  await writeFile(join(master.rootFolder, 'c'), 'c');
  await mirror.inStep(master);
  expect(Object.keys(await readTree(mirror.rootFolder))).toEqual(['a', 'b', 'c']);
  await until(() => mirror.site.state.belonging.openReleases().length === 0);
});

test('what a link that has ended told last cannot be stored: what the next one tells is taken in', async () => {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  await master.put('first', 'first');
  await mirror.inStep(master);
  const { held, letGo } = holdBack(mirror);
  await master.put('a', 'a');
  await expect.poll(held).toBe(1);
  // The link is made anew before that has been looked at.
  mirror.connect(master);
  await expect.poll(held).toBeGreaterThan(2);
  const transaction = mirror.store.transaction.bind(mirror.store);
  mirror.store.transaction = () => {
    mirror.store.transaction = transaction;
    throw new AppError('file.disk-full');
  };
  letGo();
  await until(() => mirror.store.transaction === transaction);
  await master.put('b', 'b');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a folder that is left to whoever has put files into it waits for nothing, as the master is told', async () => {
  const master = await aMaster();
  const mirror = await aMirror();
  mirror.connect(master);
  await master.mkdir('folder');
  await mirror.inStep(master);
  await writeFile(join(mirror.rootFolder, 'folder', 'of somebody'), 'else');
  // On a slow disk: that it is about to go is told before it has been tried.
  const carryOut = Reflect.get(Planner.prototype, 'carryOut');
  const slow = vi.spyOn(Planner.prototype, 'carryOut').mockImplementation(async function (this: Planner, ...args) {
    await sleep(100);
    return Reflect.apply(carryOut, this, args);
  });
  onTestFinished(() => slow.mockRestore());
  await master.rmdir('folder');
  await expect
    .poll(() => master.deliveries.subscription(mirror.peer.id))
    .toMatchObject({ waiting: 0, publishedSeq: master.journal.head });
});

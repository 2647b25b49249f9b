import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { rescan } from '../../electron/engine/master/rescan.ts';
import type { MasterSite } from '../../electron/engine/master/site.ts';
import { Planner } from '../../electron/engine/tree/planner.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { releaseSite } from '../support/release-site.ts';
import { type TestMaster, startMirror } from '../support/master-and-mirror.ts';
import { readTree } from '../support/tree.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

const FILE = 'd/page' as SitePath;
const BY = { account: 'publisher' };
const NOW = Date.UTC(2026, 10, 1);

/** What a crash leaves between the commit of what `change` does to a site with `d/page`, and the first change of its tree. */
async function killedBeforeTree(change: (site: MasterSite) => Promise<unknown>): Promise<string> {
  const { home, tree, site, stop } = await releaseSite({ clock: { now: () => NOW } });
  await mkdir(join(tree, 'd'));
  await writeFile(join(tree, FILE), 'old');
  // That of what is uploaded, too.
  await utimes(join(tree, FILE), NOW / 1000, NOW / 1000);
  await rescan(site);
  const copy = await temporaryFolder();
  const spy = vi.spyOn(Planner.prototype, 'carryOut').mockImplementationOnce(async () => {
    await cp(home, copy, { recursive: true, preserveTimestamps: true });
    throw new Error('killed');
  });
  await expect(change(site)).rejects.toThrow('killed');
  spy.mockRestore();
  await stop();
  await putBack(home, copy);
  return home;
}

/** The files of the site stay the very ones that the plan names. */
async function putBack(home: string, copy: string): Promise<void> {
  for (const name of ['lockstep.db', 'lockstep.db-wal', 'lockstep.db-shm', 'site/.lockstep/incoming']) {
    await rm(join(home, name), { recursive: true, force: true });
    if (existsSync(join(copy, name)))
      await cp(join(copy, name), join(home, name), { recursive: true, preserveTimestamps: true });
  }
}

async function put(site: MasterSite, content: string): Promise<void> {
  const upload = await site.beginUpload(FILE, { by: BY });
  await upload.write(Buffer.from(content));
  await upload.commit();
}

/** Nobody may change what is in the folder. False, with the reason said: this cannot be had here. */
async function lock(folder: string): Promise<boolean> {
  if (process.platform === 'win32') {
    process.stdout.write('skipped: Windows has no folder that may not be written to by its owner\n');
    return false;
  }
  if (process.getuid?.() !== 0) {
    await chmod(folder, 0o555);
    return true;
  }
  const { status, stderr } = spawnSync('chattr', ['+i', folder], { encoding: 'utf8' });
  if (status === 0) onTestFinished(() => unlock(folder));
  else process.stdout.write(`skipped: root may write everywhere, and there is no immutable folder (${stderr})\n`);
  return status === 0;
}

async function unlock(folder: string): Promise<void> {
  if (process.getuid?.() === 0) spawnSync('chattr', ['-i', folder]);
  else await chmod(folder, 0o755);
}

test('an upload that was answered, and that a start cannot put in place, waits until it can: the site stays closed', async () => {
  const home = await killedBeforeTree((site) => put(site, 'new content'));
  const folder = join(home, 'site', 'd');
  if (!(await lock(folder))) return;
  for (let start = 0; start < 2; start += 1)
    await expect(releaseSite({}, home)).rejects.toMatchObject({ code: 'file.denied', params: { path: FILE } });
  await unlock(folder);
  const { site, tree, started, store } = await releaseSite({}, home);
  expect(started).toEqual({ complete: true });
  expect(await readFile(join(tree, FILE), 'utf8')).toBe('new content');
  expect(await rescan(site)).toMatchObject({ changed: 0 });
  expect(site.journal.index.entry(FILE)).toMatchObject({ kind: 'file', size: 11 });
  await site.stop();
  expect(store.all('SELECT id FROM plan')).toEqual([]);
});

test('so does one of the same size and time as the file that is there', async () => {
  const home = await killedBeforeTree((site) => put(site, 'new'));
  const folder = join(home, 'site', 'd');
  const incoming = join(home, 'site', '.lockstep', 'incoming');
  const [staged = ''] = await readdir(incoming);
  const files = await Promise.all([join(incoming, staged), join(home, 'site', FILE)].map((file) => stat(file)));
  expect(files).toMatchObject([
    { size: 3, mtimeMs: NOW },
    { size: 3, mtimeMs: NOW },
  ]);
  if (!(await lock(folder))) return;
  await expect(releaseSite({}, home)).rejects.toMatchObject({ code: 'file.denied' });
  await unlock(folder);
  const { tree } = await releaseSite({}, home);
  expect(await readFile(join(tree, FILE), 'utf8')).toBe('new');
});

test('and a delete', async () => {
  const home = await killedBeforeTree((site) => site.remove(FILE, BY));
  const folder = join(home, 'site', 'd');
  if (!(await lock(folder))) return;
  await expect(releaseSite({}, home)).rejects.toMatchObject({ code: 'file.denied' });
  await unlock(folder);
  const { tree } = await releaseSite({}, home);
  expect(existsSync(join(tree, FILE))).toBe(false);
});

test('and a folder that gets another name', async () => {
  const home = await killedBeforeTree((site) => site.rename('d' as SitePath, 'e' as SitePath, BY));
  const tree = join(home, 'site');
  if (!(await lock(join(tree, 'd')))) return;
  await expect(releaseSite({}, home)).rejects.toMatchObject({ code: 'file.denied' });
  await unlock(join(tree, 'd'));
  const { site, started } = await releaseSite({}, home);
  expect(started).toEqual({ complete: true });
  expect([existsSync(join(tree, 'd')), await readFile(join(tree, 'e/page'), 'utf8')]).toEqual([false, 'old']);
  expect(await rescan(site)).toMatchObject({ changed: 0 });
});

test('what somebody has put in the way since is newer, and keeps no site closed', async () => {
  const home = await killedBeforeTree((site) => put(site, 'new content'));
  const there = join(home, 'site', FILE);
  await rm(there);
  await mkdir(there);
  await writeFile(join(there, 'below'), 'by somebody else');
  const { site, started } = await releaseSite({}, home);
  expect(started).toEqual({ complete: false });
  await rescan(site);
  expect(site.journal.index.entry('d/page/below' as SitePath)).toMatchObject({ kind: 'file' });
  expect(await readdir(there)).toEqual(['below']);
});

/** The same at a mirror, of a change of `d/page` at its master. Its folder. */
async function mirrorKilledBeforeTree(master: TestMaster, change: () => Promise<unknown>): Promise<string> {
  const [home, copy] = [await temporaryFolder(), await temporaryFolder()];
  const killed = await startMirror(home, 'tokyo');
  killed.connect(master);
  await master.mkdir('d');
  await master.put('d/page', 'content');
  await killed.inStep(master);
  // With it the plans before it are known to be done: a rename stays one.
  await master.put('later', 'later');
  await killed.inStep(master);
  // oxlint-disable-next-line typescript/unbound-method -- the master's call is let through, on its own planner
  const { carryOut } = Planner.prototype;
  const spy = vi.spyOn(Planner.prototype, 'carryOut').mockImplementationOnce(carryOut);
  const copied = Promise.withResolvers<void>();
  const dead = Promise.withResolvers<never>();
  spy.mockImplementationOnce(async () => {
    await cp(home, copy, { recursive: true, preserveTimestamps: true });
    copied.resolve();
    return dead.promise;
  });
  await change();
  await copied.promise;
  killed.cut();
  spy.mockRestore();
  // It does nothing any more until all of this is over.
  onTestFinished(async () => {
    dead.reject(new Error('killed'));
    await killed.stop();
  });
  await putBack(home, copy);
  return home;
}

test.each([
  ['a folder that gets another name', (master: TestMaster) => master.rename('d', 'e')],
  ['a file that gets another name', (master: TestMaster) => master.rename('d/page', 'page')],
  ['a delete', (master: TestMaster) => master.remove('d/page')],
])('at a mirror too: %s waits for what is in the way, and is not forgotten', async (_, change) => {
  const master = await aMaster();
  const home = await mirrorKilledBeforeTree(master, () => change(master));
  expect(await readFile(join(home, 'site', 'd', 'page'), 'utf8')).toBe('content');
  const folder = join(home, 'site', 'd');
  if (!(await lock(folder))) return;
  await expect(startMirror(home, 'tokyo')).rejects.toMatchObject({ code: 'file.denied' });
  await unlock(folder);
  const mirror = await aMirror('tokyo', {}, home);
  mirror.connect(master);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('but a time that cannot be set keeps no mirror closed: it is tried again', async () => {
  const master = await aMaster();
  const home = await mirrorKilledBeforeTree(master, () => master.touch('d/page', 5000));
  const file = join(home, 'site', 'd', 'page');
  if (process.getuid?.() !== 0) {
    process.stdout.write('skipped: only root can make a file immutable\n');
    return;
  }
  if (!(await lock(file))) return;
  const mirror = await aMirror('tokyo', {}, home);
  mirror.connect(master);
  await master.put('more', 'more');
  await until(async () => 'more' in (await readTree(mirror.rootFolder)), 'all else goes on');
  await until(() => mirror.site.state.wants.of(FILE)?.state === 'failed', 'it is tried again, and later once more');
  expect(mirror.site.state.wants.of(FILE)).toMatchObject({ target: { mtime: 5000 }, error: { code: 'file.denied' } });
});

import { appendFileSync } from 'node:fs';
import { chmod, chown, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { FollowConfig } from '../../shared/contract/config.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { DeepCheck } from '../../electron/engine/deep/deep-check.ts';
import { rescan } from '../../electron/engine/master/rescan.ts';
import { openStore } from '../../electron/engine/store/open.ts';
import { Versions } from '../../electron/engine/tree/versions.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import { startMirror } from '../support/master-and-mirror.ts';
import { readTree } from '../support/tree.ts';

async function aPair(drift: FollowConfig['drift'] = 'report', more: Partial<FollowConfig> = {}) {
  const master = await aMaster();
  const mirror = await aMirror('tokyo', { drift, ...more });
  mirror.connect(master);
  for (const name of ['a', 'b', 'c']) await master.put(name, `content of ${name}`);
  await mirror.inStep(master);
  const at = (name: string): string => join(mirror.rootFolder, name);
  return {
    master,
    mirror,
    at,
    read: (name: string) => readFile(at(name), 'utf8'),
    check: async (mend = false) => {
      const check = new DeepCheck('www', mirror.site.checkPlan('origin'), mend, Date.now);
      await check.ended;
      const { counts, mended } = check.report();
      return { counts, mended };
    },
    waits: () => mirror.site.standing(100).map(({ id, kind, error }) => `${kind} ${id} ${error.code}`),
    drifted: () => mirror.site.drift.list(100).map(({ state, path }) => `${state} ${path}`),
    /** Contents that were replaced, as they are kept. */
    kept: async () => {
      const { versions } = mirror.site.root;
      return (
        await Promise.all((await readdir(versions)).map((name) => readFile(join(versions, name), 'utf8')))
      ).toSorted();
    },
  };
}

test('what somebody else has changed is told, and a person brings it back or leaves it', async () => {
  const { master, mirror, at, read, check, waits, drifted } = await aPair();
  await writeFile(at('a'), 'by hand');
  await rm(at('b'));
  await writeFile(at('c'), 'by hand too');
  expect(await check()).toEqual({ counts: { changed: 2, missing: 1 }, mended: 0 });
  expect(waits()).toEqual([
    'drift /drift/a drift.changed',
    'drift /drift/b drift.missing',
    'drift /drift/c drift.changed',
  ]);
  expect(await mirror.site.resolve('/drift/b', 'publish', 'tokyo')).toBe(true);
  expect(await mirror.site.resolve('/drift/c', 'discard', 'tokyo')).toBe(true);
  expect(await mirror.site.resolve('/drift/nothing', 'discard', 'tokyo')).toBe(false);
  await mirror.inStep(master);
  expect([await read('a'), await read('b'), await read('c')]).toEqual(['by hand', 'content of b', 'by hand too']);
  expect(waits()).toEqual(['drift /drift/a drift.changed']);
  // What a person has left is no difference any more, until it is changed once more.
  expect(await check()).toEqual({ counts: { changed: 1, kept: 1 }, mended: 0 });
  await writeFile(at('c'), 'by hand, and again');
  expect(await check()).toEqual({ counts: { changed: 2 }, mended: 0 });
  expect(drifted()).toEqual(['found a', 'found c']);
  expect(await check(true)).toEqual({ counts: { changed: 2 }, mended: 2 });
  await mirror.inStep(master);
  expect([await read('a'), await read('c')]).toEqual(['content of a', 'content of c']);
  expect(waits()).toEqual([]);
});

test('where what was removed is to stay away, a folder that is lost is filled all the same', async () => {
  const { master, mirror, at } = await aPair('keep');
  for (const name of ['a', 'b', 'c']) await rm(at(name));
  expect(await mirror.site.rescan()).toEqual({ found: 3, changed: 0 });
  expect(await mirror.site.rescan(true)).toEqual({ found: 3, changed: 3 });
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('the file of the master takes the place of what was changed, and of what was put there, and neither is lost', async () => {
  const { master, mirror, at, read, drifted, kept } = await aPair();
  await writeFile(at('a'), 'by hand');
  await writeFile(at('new'), 'put there by somebody');
  await writeFile(at('b'), 'by hand, and then deleted at the master');
  await master.put('a', 'new at the master');
  await master.put('new', 'the same name at the master');
  await master.remove('b');
  await mirror.inStep(master);
  expect([await read('a'), await read('new')]).toEqual(['new at the master', 'the same name at the master']);
  expect((await readdir(mirror.rootFolder)).toSorted()).toEqual(['.lockstep', 'a', 'c', 'new']);
  expect(drifted()).toEqual(['replaced a', 'replaced b', 'replaced new']);
  expect(await kept()).toEqual(['by hand', 'by hand, and then deleted at the master', 'put there by somebody']);
});

test('a folder of the master takes the place of a file that somebody has put there, which is kept', async () => {
  const { master, mirror, at, drifted, kept } = await aPair();
  await writeFile(at('new'), 'put there by somebody');
  await master.mkdir('new');
  await master.put('new/d', 'content of d');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect([drifted(), await kept()]).toEqual([['replaced new'], ['put there by somebody']]);
});

test('what somebody else has changed does not travel with a rename, nor is it lost', async () => {
  const { master, mirror, at, read, drifted, kept } = await aPair();
  await master.mkdir('folder');
  for (const name of ['d', 'folder/e', 'folder/f']) await master.put(name, `content of ${name}`);
  await mirror.inStep(master);
  for (const name of ['a', 'folder/e', 'c']) await writeFile(at(name), `${name} by hand`);
  await rm(at('folder/f'));
  await master.rename('a', 'a2');
  await master.rename('folder', 'folder2');
  // What is replaced was changed, or is kept for a rollback.
  await master.rename('b', 'c');
  await master.put('g', 'content of g');
  await master.rename('g', 'd');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect(await read('a2')).toBe('content of a');
  expect(drifted()).toEqual(['replaced a', 'replaced c', 'replaced folder/e']);
  expect(await kept()).toEqual(['a by hand', 'c by hand', 'content of b', 'content of d', 'folder/e by hand']);
});

test('a file that nobody knows does not travel with its folder, which is renamed around it', async () => {
  const { master, mirror, at } = await aPair();
  await master.mkdir('folder');
  await master.mkdir('folder/below');
  for (const name of ['folder/d', 'folder/below/e']) await master.put(name, `content of ${name}`);
  await mirror.inStep(master);
  // By then the folder could be renamed as such.
  await expect.poll(() => mirror.store.all('SELECT 1 FROM plan')).toEqual([]);
  await writeFile(at('folder/below/of somebody'), 'put there by somebody');
  await master.rename('folder', 'folder2');
  await mirror.inStep(master);
  const {
    'folder/': _,
    'folder/below/': __,
    'folder/below/of somebody': left,
    ...others
  } = await readTree(mirror.rootFolder);
  expect(others).toEqual(await readTree(master.rootFolder));
  expect(left).toMatch(/^put there by somebody/);
});

test('a file takes the place of folders that nobody knows, where nothing is in them; else a person is told, and sees to it', async () => {
  const { master, mirror, at, read, waits } = await aPair();
  await mkdir(at('hollow/one/two'), { recursive: true });
  await mkdir(at('hollow/three'));
  await mkdir(at('full/one'), { recursive: true });
  await writeFile(at('full/one/of somebody'), 'put there by somebody');
  await master.put('hollow', 'a file at the master');
  await master.put('full', 'a file at the master, too');
  await expect.poll(waits).toEqual(['failing full file.is-directory']);
  await expect.poll(() => read('hollow').catch(() => undefined)).toBe('a file at the master');
  expect(await read('full/one/of somebody')).toBe('put there by somebody');
  await rm(at('full'), { recursive: true });
  expect(await mirror.site.resolve('full', 'publish', 'tokyo')).toBe(true);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('where a folder that was kept here is removed, a file of the master takes its place, and nothing below it is known any more', async () => {
  const { master, mirror, at, waits } = await aPair();
  await master.mkdir('folder');
  await master.put('folder/d', 'content of d');
  await mirror.inStep(master);
  mirror.cut();
  mirror.set({ deleteGuard: 0 });
  await master.remove('folder/d');
  await master.rmdir('folder');
  mirror.connect(master);
  await expect.poll(() => mirror.site.state.wants.countInState('held')).toBe(2);
  expect(await mirror.site.resolve('deletes', 'discard', 'tokyo')).toBe(true);
  await master.put('folder', 'a file at the master');
  await expect.poll(waits).toEqual(['failing folder file.is-directory']);
  await rm(at('folder'), { recursive: true });
  await mkdir(at('folder'));
  expect(await mirror.site.resolve('folder', 'publish', 'tokyo')).toBe(true);
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect(mirror.site.state.entry('folder/d' as SitePath)).toBe(undefined);
});

test('where somebody has put a file in the place of a folder, the folder is back when something comes into it, and the file is kept', async () => {
  const { master, mirror, at, kept, drifted } = await aPair();
  await master.mkdir('folder');
  await master.mkdir('folder/below');
  await mirror.inStep(master);
  await rm(at('folder'), { recursive: true });
  await writeFile(at('folder'), 'put there by somebody');
  await master.put('folder/below/d', 'content of d');
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect(await kept()).toEqual(['put there by somebody']);
  expect(drifted()).toEqual(['replaced folder']);
});

test('restore: a check fetches again what was changed, and one that is to mend removes what the master does not have', async () => {
  const { master, mirror, at, read, check, waits, kept } = await aPair('restore');
  await writeFile(at('a'), 'by hand');
  await writeFile(at('extra'), 'not of the master');
  expect(await check()).toEqual({ counts: { changed: 1, extra: 1 }, mended: 1 });
  await mirror.inStep(master);
  expect([await read('a'), await read('extra'), waits()]).toEqual(['content of a', 'not of the master', []]);
  await mkdir(at('old/deep/er'), { recursive: true });
  await writeFile(at('old/deep/extra'), 'nor this');
  await mkdir(at('other/hollow'), { recursive: true });
  await symlink(at('a'), at('other/link'));
  // A link nobody takes away, nor the folder that it is in.
  expect(await check(true)).toEqual({ counts: { extra: 5 }, mended: 4 });
  expect(await readdir(at('other'))).toEqual(['link']);
  await rm(at('other'), { recursive: true });
  expect((await readdir(mirror.rootFolder)).toSorted()).toEqual(['.lockstep', 'a', 'b', 'c']);
  expect(await kept()).toEqual(['by hand', 'nor this', 'not of the master']);
  // So many that the folder may hold something else as well.
  mirror.set({ deleteGuard: 0.5 });
  for (let i = 0; i < 10; i += 1) await writeFile(at(`another ${i}`), `${i}`);
  expect(await check(true)).toEqual({ counts: { extra: 10 }, mended: 0 });
});

test('a check removes no more than is kept of it', async () => {
  const { mirror, at, check, kept } = await aPair('restore', { versions: { days: 30, count: 3, bytes: 25 } });
  for (let i = 0; i < 5; i += 1) await writeFile(at(`extra ${i}`), `10 bytes ${i}`);
  expect(await check(true)).toEqual({ counts: { extra: 5 }, mended: 2 });
  await mirror.site.sweep(0);
  expect(await kept()).toEqual(['10 bytes 0', '10 bytes 1']);
  for (let i = 2; i < 5; i += 1) await writeFile(at(`extra ${i}`), `${i}`);
  await writeFile(at('extra 5'), '5');
  expect(await check(true)).toEqual({ counts: { extra: 4 }, mended: 3 });
});

test.runIf(process.getuid?.() === 0)(
  'what may not be read or removed stays, and stops no other removal (as root, who becomes somebody else for it)',
  async () => {
    const { mirror, at, check, drifted } = await aPair('restore');
    await mkdir(at('closed'));
    await mkdir(at('shut'));
    for (const name of ['extra 1', 'extra 2', 'secret', 'closed/extra']) await writeFile(at(name), 'extra');
    const nobody = 65_534;
    const { rootFolder } = mirror;
    const own = join(rootFolder, '.lockstep');
    await chmod(dirname(rootFolder), 0o755);
    for (const path of [rootFolder, own, ...(await readdir(own)).map((name) => join(own, name))])
      await chown(path, nobody, nobody);
    for (const name of ['a', 'b', 'c', 'extra 1', 'extra 2']) await chown(at(name), nobody, nobody);
    await chmod(at('secret'), 0o600);
    await chmod(at('shut'), 0o700);
    process.seteuid?.(nobody);
    try {
      expect(await check(true)).toEqual({ counts: { extra: 4, unreadable: 1 }, mended: 2 });
    } finally {
      process.seteuid?.(0);
    }
    expect((await readdir(rootFolder)).toSorted()).toEqual(['.lockstep', 'a', 'b', 'c', 'closed', 'secret', 'shut']);
    expect(drifted()).toEqual(['replaced extra 1', 'replaced extra 2']);
  },
);

test('a check leaves alone what somebody is writing to', async () => {
  const { at, read, check, kept } = await aPair('restore');
  await writeFile(at('log'), 'one line\n');
  await writeFile(at('extra'), 'nobody writes to it');
  const seen = vi.spyOn(Versions.prototype, 'fits').mockImplementation(({ size }) => {
    // It has just been hashed.
    if (size === 9) appendFileSync(at('log'), 'and another one\n');
    return true;
  });
  onTestFinished(() => seen.mockRestore());
  expect(await check(true)).toEqual({ counts: { extra: 2 }, mended: 1 });
  expect([await read('log'), (await kept()).includes('nobody writes to it')]).toEqual([
    'one line\nand another one\n',
    true,
  ]);
});

test('what a check is to remove is judged all together, however much it is', async () => {
  const { master, mirror, check } = await aPair('restore');
  // So many that half of them are more than is seen to at once.
  for (let i = 0; i < 500; i += 1) await writeFile(join(master.rootFolder, `many ${i}`), '');
  await rescan(master.site);
  await mirror.inStep(master);
  mirror.set({ deleteGuard: 0.5 });
  for (let i = 0; i < 260; i += 1) await writeFile(join(mirror.rootFolder, `extra ${i}`), `${i}`);
  expect(await check(true)).toEqual({ counts: { extra: 260 }, mended: 0 });
  for (let i = 0; i < 20; i += 1) await rm(join(mirror.rootFolder, `extra ${i}`));
  // The master may have had them since.
  mirror.cut();
  expect(await check(true)).toEqual({ counts: { extra: 240 }, mended: 0 });
  mirror.connect(master);
  await mirror.inStep(master);
  await expect.poll(() => check(true)).toEqual({ counts: { extra: 240 }, mended: 240 });
});

test.each(['rescan', 'check', 'person'] as const)(
  'what was changed goes with a delete of the master, too, that comes before the file is back: by a %s',
  async (by) => {
    const { master, mirror, at, check, drifted, kept } = await aPair(by === 'person' ? 'report' : 'restore');
    await writeFile(at('a'), 'by hand');
    await writeFile(at('b'), 'by hand, and then new');
    // Nothing is fetched at this hour, and what is deleted goes.
    const hour = new Date().getHours();
    mirror.set({ hours: { from: (hour + 2) % 24, to: (hour + 3) % 24 } });
    if (by === 'rescan') expect(await mirror.site.rescan()).toEqual({ found: 3, changed: 2 });
    else expect((await check()).mended).toBe(by === 'check' ? 2 : 0);
    if (by === 'person') expect(await mirror.site.resolve('/drift', 'publish', 'tokyo')).toBe(true);
    await master.put('b', 'new at the master');
    await master.remove('a');
    await master.remove('b');
    await mirror.inStep(master);
    expect((await readdir(mirror.rootFolder)).toSorted()).toEqual(['.lockstep', 'c']);
    expect(drifted()).toEqual(['replaced a', 'replaced b']);
    expect(await kept()).toEqual(['by hand', 'by hand, and then new']);
  },
);

test('what was changed is not lost where the master has a folder instead', async () => {
  const { master, mirror, at } = await aPair();
  await writeFile(at('a'), 'by hand');
  // Told in one: the folder takes the place of the delete.
  await mirror.stop();
  await master.remove('a');
  await master.mkdir('a');
  const again = await startMirror(join(mirror.rootFolder, '..'), 'tokyo');
  onTestFinished(() => again.stop());
  again.connect(master);
  await again.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
  expect(again.site.drift.list(100).map(({ state, path }) => `${state} ${path}`)).toEqual(['replaced a']);
  const { versions } = again.site.root;
  const kept = await Promise.all((await readdir(versions)).map((name) => readFile(join(versions, name), 'utf8')));
  expect(kept).toEqual(['by hand']);
});

test.each(['in its place', 'by a file of its own', 'by removing it'] as const)(
  'what somebody has changed (%s) while a mirror that was killed was away stays as it is, also where it had just come',
  async (how) => {
    const { master, mirror, at } = await aPair();
    await master.put('page.html', 'the master’s');
    await mirror.inStep(master);
    // What a kill leaves: that it was put there is still to be flushed.
    const plans = mirror.store.all('SELECT * FROM plan');
    expect(plans.map((row) => String(row['steps'])).join()).toContain('page.html');
    await mirror.stop();
    const store = await openStore(join(dirname(mirror.rootFolder), 'lockstep.db'));
    for (const { steps = null } of plans) store.run('INSERT INTO plan (site, steps) VALUES (1, ?)', steps);
    store.close();
    if (how !== 'in its place') await rm(at('page.html'));
    if (how !== 'by removing it') await writeFile(at('page.html'), 'mine');
    const again = await startMirror(dirname(mirror.rootFolder), 'tokyo', { drift: 'report' });
    onTestFinished(() => again.stop());
    again.connect(master);
    await master.put('other.html', 'after it');
    await again.inStep(master);
    const { 'page.html': page } = await readTree(again.rootFolder);
    expect(page?.split(' @')[0]).toBe(how === 'by removing it' ? undefined : 'mine');
    await new DeepCheck('www', again.site.checkPlan('origin'), false, Date.now).ended;
    expect(again.site.drift.waits()).toMatchObject([{ kind: 'drift', path: 'page.html' }]);
  },
);

test('keep: nothing touches what was changed, until the master changes it', async () => {
  const { master, mirror, at, read, check, waits, kept } = await aPair('keep');
  await writeFile(at('a'), 'by hand');
  await rm(at('b'));
  expect(await check(true)).toEqual({ counts: { kept: 2 }, mended: 0 });
  expect(await mirror.site.rescan()).toEqual({ found: 3, changed: 0 });
  expect([await read('a'), waits()]).toEqual(['by hand', []]);
  await master.put('a', 'new at the master');
  await master.put('b', 'also new');
  await mirror.inStep(master);
  expect([await read('a'), await read('b'), await kept()]).toEqual(['new at the master', 'also new', ['by hand']]);
  expect(await check()).toEqual({ counts: {}, mended: 0 });
});

test('beyond twenty files a person can decide about all of them at once', async () => {
  const { master, mirror, at, check, waits } = await aPair();
  for (let i = 0; i < 25; i += 1) await master.put(`page ${i}`, `${i}`);
  await mirror.inStep(master);
  for (let i = 0; i < 25; i += 1) await writeFile(at(`page ${i}`), 'by hand');
  expect(await check()).toEqual({ counts: { changed: 25 }, mended: 0 });
  expect([waits().length, waits()[0]]).toEqual([21, 'drift /drift drift.many']);
  expect(await mirror.site.resolve('/drift', 'publish', 'tokyo')).toBe(true);
  await mirror.inStep(master);
  expect([waits(), await check()]).toEqual([[], { counts: {}, mended: 0 }]);
});

test('a master is told what was changed at its mirror, and decides; one of an older version is not told', async () => {
  const { master, mirror, at, read, check } = await aPair();
  await writeFile(at('a'), 'by hand');
  await check();
  const items = () => master.notifier.waiting('www').get(mirror.peer.id)?.items ?? [];
  const told = () => items().map(({ id, kind }) => [id, kind]);
  await expect.poll(told).toEqual([['/drift/a', 'drift']]);
  const [drift] = items();
  expect(drift && master.notifier.resolve('www', mirror.peer.id, drift, 'publish')).toBe(true);
  await expect.poll(() => read('a')).toBe('content of a');
  await expect.poll(told).toEqual([]);
  await writeFile(at('a'), 'by hand');
  mirror.connect(master, master.port, ['check']);
  await mirror.inStep(master);
  await check();
  await master.put('later', 'later');
  await mirror.inStep(master);
  expect([mirror.site.drift.waits().length, told()]).toEqual([1, []]);
});

test('what stands here in the place of a version that was given up nobody fetches again: the master has it no more', async () => {
  const { master, mirror, at, read, check, waits } = await aPair('restore');
  await master.rules({ groups: [{ name: 'g', members: ['a', 'later'], rule: 'all' }] });
  await master.put('a', 'a version that nobody wants here');
  await expect.poll(() => mirror.site.waits().length).toBe(1);
  expect(await mirror.site.resolve('group:g', 'discard', 'tokyo')).toBe(true);
  await writeFile(at('a'), 'by hand');
  expect(await mirror.site.rescan()).toMatchObject({ changed: 0 });
  expect(await check()).toEqual({ counts: { changed: 1, other: 1 }, mended: 0 });
  expect([waits(), await read('a')]).toEqual([[], 'by hand']);
  // Whoever wants it as the master has it gets that.
  await master.rules({ groups: [] });
  await mirror.inStep(master);
  await check(true);
  await mirror.inStep(master);
  expect([waits(), await read('a')]).toEqual([[], 'a version that nobody wants here']);
});

test('what a mirror leaves out by now is not fetched again, whatever somebody makes of it', async () => {
  const { master, mirror, at } = await aPair('restore');
  await mirror.stop();
  await master.put('a', 'new');
  const again = await startMirror(dirname(mirror.rootFolder), 'tokyo', { drift: 'restore', exclude: ['a'] });
  onTestFinished(() => again.stop());
  again.connect(master);
  await again.inStep(master);
  await rm(at('a'));
  expect(await again.site.rescan()).toMatchObject({ changed: 0 });
});

test('of a set that fails the folders stay that were made for it, in the tree and in the index alike, and nothing is in its way later', async () => {
  const all = ['a/deep/x', 'b'].map((glob) => ({ glob, mirrors: 'all' as const }));
  // Of the folders this mirror is not told.
  const master = await aMaster([...all, { glob: '**', mirrors: [] }]);
  const mirror = await aMirror();
  mirror.connect(master);
  await master.rules({ groups: [{ name: 'both', members: ['a/deep/x', 'b'], rule: 'all' }] });
  await mirror.inStep(master);
  // Somebody else's: a file does not take the place of a folder with something in it.
  const own = join(mirror.rootFolder, 'b');
  await mkdir(own);
  await writeFile(join(own, 'own'), 'own');
  for (const folder of ['a', 'a/deep']) await master.mkdir(folder);
  await master.put('a/deep/x', 'x');
  await master.put('b', 'b');
  await expect.poll(() => mirror.site.state.counts().failing).toBeGreaterThan(0);
  const known = ['a', 'a/deep', 'a/deep/x', 'b'].filter((path) => mirror.site.state.entry(path as SitePath));
  const { 'b/': _folder, 'b/own': _own, ...tree } = await readTree(mirror.rootFolder);
  expect(known.map((path) => `${path}/`)).toEqual(Object.keys(tree));
  await rm(own, { recursive: true });
  for (const path of ['a/deep/x', 'b']) await mirror.site.resolve(path, 'publish', 'tokyo');
  await mirror.inStep(master);
  expect(Object.keys(await readTree(mirror.rootFolder))).toEqual(['a/', 'a/deep/', 'a/deep/x', 'b']);
});

import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { DeepReport } from '../../shared/contract/deep.ts';
import { deepLines, isSound } from '../../electron/entry/cli/deep-text.ts';
import { DeepCheck } from '../../electron/engine/deep/deep-check.ts';
import { masterPlan } from '../../electron/engine/master/check-plan.ts';
import type { SiteWatch } from '../../electron/engine/master/watch/site-watch.ts';
import { rescan } from '../../electron/engine/master/rescan.ts';
import { aMaster, aMirror } from '../support/a-pair.ts';
import type { startMirror, TestMaster } from '../support/master-and-mirror.ts';
import { startPair } from '../support/memory-pair.ts';
import { until } from '../support/until.ts';
import { watchSite } from '../support/watched-site.ts';
import { readTree } from '../support/tree.ts';

const alone = () => Promise.resolve();

async function withFiles() {
  const master = await aMaster();
  const mirror = await aMirror('tokyo', { exclude: ['own/**'] });
  mirror.connect(master);
  await master.mkdir('d');
  for (const name of ['a', 'b', 'c', 'd/e', 'd/f']) await master.put(name, `content of ${name}`);
  await mirror.inStep(master);
  return { master, mirror };
}

async function checkMaster({ store, site }: TestMaster, mend = false, watch?: SiteWatch): Promise<DeepReport> {
  const check = new DeepCheck(
    'www',
    masterPlan(store, site, alone, () => watch),
    mend,
    Date.now,
  );
  await check.ended;
  return check.report();
}

async function checkMirror({ site }: Awaited<ReturnType<typeof startMirror>>, mend = false): Promise<DeepReport> {
  const check = new DeepCheck('www', site.checkPlan('origin'), mend, Date.now);
  await check.ended;
  return check.report();
}

const found = ({ state, counts, differences }: DeepReport) => ({
  state,
  counts,
  differences: differences.map(({ kind, path }) => `${kind} ${path}`).toSorted(),
});
const nothing = { state: 'done', counts: {}, differences: [] };

/** Other content, of the same size, with the same time: what a bad disk does. */
async function damage(file: string, mtime: Date, content: string): Promise<void> {
  await writeFile(file, content);
  await utimes(file, mtime, mtime);
}

test('a sound mirror has nothing to tell; what was done to its folder is told, and mended by fetching', async () => {
  const { master, mirror } = await withFiles();
  expect(found(await checkMirror(mirror))).toEqual(nothing);
  const at = (name: string): string => join(mirror.rootFolder, name);
  const entry = master.journal.index.entry('b' as never);
  const mtime = new Date(entry?.kind === 'file' ? entry.mtime : 0);
  await rm(at('a'));
  await damage(at('b'), mtime, 'CONTENT of b');
  await writeFile(at('c'), 'somebody else');
  await utimes(at('d/e'), 0, 0);
  await mkdir(at('own'));
  await writeFile(at('own/left out'), 'of no concern');
  await writeFile(at('extra'), 'not of the master');
  await symlink('/etc/hostname', at('d/link'));
  const differences = ['changed c', 'damaged b', 'extra d/link', 'extra extra', 'missing a', 'time d/e'];
  const counts = { changed: 1, damaged: 1, extra: 2, missing: 1, time: 1 };
  expect(found(await checkMirror(mirror))).toEqual({ state: 'done', counts, differences });
  expect(await checkMirror(mirror, true)).toMatchObject({ counts, mended: 4 });
  await mirror.inStep(master);
  const left = await checkMirror(mirror);
  expect(found(left).differences).toEqual(['extra d/link', 'extra extra']);
  expect(left.peers).toEqual([{ name: 'origin', state: 'done' }]);
  await rm(at('d/link'));
  await rm(at('extra'));
  await rm(at('own'), { recursive: true });
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('what is still being written at a master is told as left to the watch, not as mended', async () => {
  const { master } = await withFiles();
  const { watch } = await watchSite(master);
  const writer = await open(join(master.rootFolder, 'half'), 'w');
  onTestFinished(() => writer.close());
  await writer.write('the first half');
  const report = await checkMaster(master, true, watch);
  expect(report).toMatchObject({ state: 'done', counts: { extra: 1 }, mended: 0, toWatch: 1 });
  expect(isSound(report, 'master')).toBe(true);
  const lines = deepLines(report, 'master');
  expect(lines[0]).toMatch(/: 1 difference$/);
  expect(lines).toContain('    1 file left to the watch, which publishes it once nobody is writing');
});

test.runIf(process.platform !== 'win32')(
  'links and special files at a master are told, and nothing is wrong with them',
  async () => {
    const { master } = await withFiles();
    await symlink('a', join(master.rootFolder, 'link'));
    await symlink('/etc', join(master.rootFolder, 'd', 'far'));
    const report = await checkMaster(master, true);
    expect(found(report)).toEqual({
      state: 'done',
      counts: { special: 2 },
      differences: ['special d/far', 'special link'],
    });
    expect([report.mended, isSound(report, 'master')]).toEqual([0, true]);
    expect(deepLines(report, 'master').slice(0, 3)).toEqual([
      expect.stringMatching(/^● www: .*: everything is as it should be$/),
      '    link: a link or special file: not published',
      '    d/far: a link or special file: not published',
    ]);
  },
);

test.runIf(process.platform !== 'win32')(
  'where a link has taken the place of a published file its delete is journalled, and nothing is left to mend',
  async () => {
    const { master, mirror } = await withFiles();
    await rm(join(master.rootFolder, 'a'));
    await symlink('b', join(master.rootFolder, 'a'));
    expect(found(await checkMaster(master))).toMatchObject({ counts: { missing: 1 }, differences: ['missing a'] });
    expect(await checkMaster(master, true)).toMatchObject({ counts: { missing: 1 }, mended: 1 });
    const left = await checkMaster(master);
    expect(found(left)).toMatchObject({ counts: { special: 1 }, differences: ['special a'] });
    expect(deepLines(left, 'master').join()).not.toContain('--mend');
    await mirror.inStep(master);
    expect(Object.keys(await readTree(mirror.rootFolder))).not.toContain('a');
  },
);

test('a master journals what stands otherwise in its folder; damage is told, and never handed on', async () => {
  const { master, mirror } = await withFiles();
  const at = (name: string): string => join(master.rootFolder, name);
  expect(found(await checkMaster(master))).toEqual(nothing);
  const entry = master.journal.index.entry('b' as never);
  await damage(at('b'), new Date(entry?.kind === 'file' ? entry.mtime : 0), 'CONTENT of b');
  await rm(at('a'));
  await writeFile(at('new'), 'by hand');
  const told = { counts: { damaged: 1, extra: 1, missing: 1 }, differences: ['damaged b', 'extra new', 'missing a'] };
  expect(found(await checkMaster(master, true))).toEqual({ state: 'done', ...told });
  await mirror.inStep(master);
  const { b, ...rest } = await readTree(mirror.rootFolder);
  const { b: bad, ...here } = await readTree(master.rootFolder);
  expect(rest).toEqual(here);
  expect([b?.startsWith('content of b'), bad?.startsWith('CONTENT of b')]).toEqual([true, true]);
  expect(found(await checkMaster(master))).toMatchObject({ differences: ['damaged b'] });
});

test('a master does not journal most of its files as deleted by a check, before somebody has said so', async () => {
  const master = await aMaster();
  for (const folder of ['d0', 'd1']) await master.mkdir(folder);
  for (let file = 0; file < 30; file += 1) await master.put(`d${file % 2}/${file}`, `${file}`);
  const before = master.journal.head;
  for (const folder of ['d0', 'd1'])
    for (const name of (await readdir(join(master.rootFolder, folder))).slice(1))
      await rm(join(master.rootFolder, folder, name));
  const report = await checkMaster(master, true);
  const flag = 'lockstep site rescan www --allow-deletes';
  expect(report).toMatchObject({ state: 'failed', counts: { missing: 28 }, mended: 0 });
  expect(report.error).toEqual({ code: 'guard.held', params: { count: 28, of: 30, flag } });
  expect(master.journal.head).toBe(before);
  await rescan(master.site, { allowedDeletes: Infinity });
  expect(found(await checkMaster(master, true))).toEqual(nothing);
});

test.runIf(process.platform === 'linux')('a name whose bytes are no text is told, and stays', async () => {
  const { master } = await withFiles();
  const name = Buffer.concat([Buffer.from(`${master.rootFolder}/caf`), Buffer.from([0xe9])]);
  await writeFile(name, 'coffee');
  const told = { state: 'done', counts: { extra: 1 }, differences: ['extra caf\\xe9'] };
  expect(found(await checkMaster(master))).toEqual(told);
  expect(found(await checkMaster(master, true))).toEqual(told);
  expect(await readFile(name, 'utf8')).toBe('coffee');
});

test('journal and index agree whatever was done, and where they do not, it is told', async () => {
  const { master } = await withFiles();
  await master.put('d/e', 'again');
  await master.touch('d/e', 5000);
  await master.rename('d', 'there');
  await master.rename('there/e', 'b');
  await master.remove('a');
  await master.mkdir('d');
  await master.rename('there/f', 'd/f');
  await master.rmdir('there');
  expect(found(await checkMaster(master))).toEqual(nothing);
  master.journal.trim(Date.now() + 1000);
  await master.put('later', 'later');
  expect(found(await checkMaster(master))).toEqual(nothing);
  master.store.run("UPDATE journal SET sha256 = ? WHERE path = 'later'", '0'.repeat(64));
  expect(found(await checkMaster(master)).differences).toEqual(['journal later']);
});

test('a kept version that is not what its name says is told, and dropped where it is to be mended', async () => {
  const { master } = await withFiles();
  const old = master.journal.index.entry('a' as never);
  await master.put('a', 'another');
  const sha256 = old?.kind === 'file' ? old.sha256 : '';
  await writeFile(join(master.site.root.versions, sha256), 'rotten');
  expect(found(await checkMaster(master)).differences).toEqual([`version ${sha256}`]);
  expect(await checkMaster(master, true)).toMatchObject({ mended: 1 });
  expect(found(await checkMaster(master))).toEqual(nothing);
});

test('without its folder nothing of a site is missing, and a check that is broken off ends at once', async () => {
  const { mirror } = await withFiles();
  await rename(mirror.rootFolder, `${mirror.rootFolder} away`);
  const gone = await checkMirror(mirror, true);
  expect(gone).toMatchObject({ state: 'failed', error: { code: 'site.root-missing' }, mended: 0, counts: {} });
  await rename(`${mirror.rootFolder} away`, mirror.rootFolder);
  const check = new DeepCheck('www', mirror.site.checkPlan('origin'), true, Date.now);
  await check.cancel();
  expect(check.report()).toMatchObject({ state: 'cancelled', mended: 0 });
  expect(found(await checkMirror(mirror))).toEqual(nothing);
});

test('nothing is taken for different while the tree is changed under the check', async () => {
  const { master, mirror } = await withFiles();
  let isOver = false;
  const writing = (async () => {
    for (let round = 0; !isOver; round += 1) {
      for (const name of ['a', 'b', 'd/e']) await master.put(name, `${round} of ${name}`);
      await master.rename('d', 'other');
      await master.rename('other', 'd');
      await sleep(200);
    }
  })();
  const [here, there] = await Promise.all([checkMaster(master), checkMirror(mirror)]);
  isOver = true;
  await writing;
  expect([found(here), found(there)]).toEqual([nothing, nothing]);
});

test('what the two ends do not agree on is found by a digest a page, whatever is left out or never told, and mended', async () => {
  const { master, mirror } = await withFiles();
  for (let i = 0; i < 30; i += 1) await master.put(`d/page ${i}.html`, `${i}`);
  await master.mkdir('own');
  await master.put('own/x', 'left out by the mirror');
  await master.mkdir('empty');
  await mirror.inStep(master);
  const { state } = mirror.site;
  const asked = () => [mirror.heard.digestPage ?? 0, mirror.heard.entriesPage ?? 0];
  expect(found(await checkMirror(mirror))).toEqual(nothing);
  // What this mirror leaves out is not the same at both ends: that page is read entry by entry.
  expect(asked()).toEqual([1, 1]);
  // As if it had been told otherwise: nothing here shows it.
  state.dropEntry('a' as never);
  await rm(join(mirror.rootFolder, 'a'));
  state.setEntry('b' as never, { kind: 'file', size: 5, mtime: 1000, sha256: hashOf('other') }, 900);
  await damage(join(mirror.rootFolder, 'b'), new Date(1000), 'other');
  state.setEntry('nowhere' as never, { kind: 'file', size: 2, mtime: 1000, sha256: hashOf('no') }, 5);
  await damage(join(mirror.rootFolder, 'nowhere'), new Date(1000), 'no');
  state.dropEntry('empty' as never);
  await rmdir(join(mirror.rootFolder, 'empty'));
  const differences = ['not-there nowhere', 'not-told a', 'not-told empty', 'other b'];
  expect(found(await checkMirror(mirror)).differences).toEqual(differences);
  expect(await checkMirror(mirror, true)).toMatchObject({ mended: 4 });
  await mirror.inStep(master);
  expect(found(await checkMirror(mirror))).toEqual(nothing);
  const { 'own/x': _x, ...tree } = await readTree(master.rootFolder);
  expect(await readTree(mirror.rootFolder)).toEqual(tree);
});

test('what a check has found to differ is left alone where the master has told of it since, however long the check takes', async () => {
  const { master, mirror } = await startPair();
  const { state } = mirror.site;
  await master.mkdir('d');
  for (const path of ['a', 'b', 'd/e', 'd/f']) await master.put(path, `content of ${path}`);
  await mirror.inStep(master);
  const puts = async (path: string, content: string, mtime: number, seq: number): Promise<void> => {
    state.setEntry(path as never, { kind: 'file', size: content.length, mtime, sha256: hashOf(content) }, seq);
    await damage(join(mirror.rootFolder, path), new Date(mtime), content);
  };
  // As if it had been told otherwise.
  for (const path of ['nowhere', 'd/nowhere']) await puts(path, 'no', 1000, 5);
  await puts('b', 'other', 1000, 3);
  for (const path of ['a', 'd/f']) {
    state.dropEntry(path as never);
    await rm(join(mirror.rootFolder, path));
  }
  let compared = false;
  const plan = mirror.site.checkPlan('origin');
  const check = new DeepCheck(
    'www',
    {
      ...plan,
      peers: (options, mend, tell) => plan.peers(options, mend, tell).then(() => void (compared = true)),
      // Meanwhile the tree is still being read.
      journal: async () => {
        await until(() => compared, 'the indexes are compared');
        await master.put('nowhere', 'there by now');
        await master.put('b', 'newer');
        await master.remove('a');
        await master.rename('d', 'e');
        await mirror.inStep(master);
      },
    },
    true,
    Date.now,
  );
  await check.ended;
  expect(found(check.report()).differences).toHaveLength(5);
  await mirror.inStep(master);
  const [here, there] = await Promise.all([mirror, master].map(({ rootFolder }) => readTree(rootFolder)));
  expect([here?.['nowhere'], here?.['b'], here?.['a']]).toEqual([there?.['nowhere'], there?.['b'], undefined]);
  expect(await checkMirror(mirror, true)).toMatchObject({ state: 'done' });
  await mirror.inStep(master);
  expect(await readTree(mirror.rootFolder)).toEqual(await readTree(master.rootFolder));
});

test('a mirror asks before it loses most of its files by a check, however many are seen to at once', async () => {
  const { master, mirror } = await withFiles();
  for (let i = 0; i < 450; i += 1) await master.put(`many ${i}`, '');
  await mirror.inStep(master);
  mirror.set({ deleteGuard: 0.5 });
  // As if it had never been told of most of them.
  master.store.run("DELETE FROM entry WHERE path LIKE 'many %' AND path NOT LIKE 'many 1%'");
  const report = await checkMirror(mirror, true);
  expect(report.counts).toEqual({ 'not-there': 339 });
  expect(mirror.site.state.counts()).toMatchObject({ held: 339 });
  expect(await readdir(mirror.rootFolder)).toHaveLength(455);
});

test.each([false, true])(
  'a check lets nothing go that a catch-up has not been judged by, mending or not: %s',
  async (mend) => {
    const { master, mirror } = await withFiles();
    const { state } = mirror.site;
    mirror.pause();
    await master.remove('a');
    await until(() => state.wants.of('a' as never) !== undefined, 'the delete is known');
    state.store.run("UPDATE want SET state = 'guarded'");
    await rm(join(mirror.rootFolder, 'b'));
    await checkMirror(mirror, mend);
    expect(state.wants.of('a' as never)).toMatchObject({ state: 'guarded' });
  },
);

test('a mirror of a part of the site is compared with its part', async () => {
  const master = await aMaster([
    { glob: 'img/**', mirrors: ['tokyo'] },
    { glob: '*', mirrors: [] },
  ]);
  const mirror = await aMirror();
  mirror.connect(master);
  await master.mkdir('img');
  await master.mkdir('img/deep');
  for (const path of ['img/a', 'img/deep/b', 'not for tokyo']) await master.put(path, path);
  await mirror.inStep(master);
  const report = await checkMirror(mirror);
  expect([found(report), report.peers]).toEqual([nothing, [{ name: 'origin', state: 'done' }]]);
});

test('a master that is away, or of an older version, is not asked, and that is told', async () => {
  const { master, mirror } = await withFiles();
  mirror.connect(master, master.port, []);
  await mirror.inStep(master);
  expect((await checkMirror(mirror)).peers).toEqual([{ name: 'origin', state: 'old' }]);
  mirror.cut();
  expect((await checkMirror(mirror)).peers).toEqual([{ name: 'origin', state: 'away' }]);
  expect(mirror.heard).not.toHaveProperty('digestPage');
});

function hashOf(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

import { chmod, mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../electron/engine/engine.ts';
import { unfitIn } from '../../electron/engine/tree/unfit-names.ts';
import { UNFIT_MAX, UnfitRecord } from '../../electron/engine/master/unfit.ts';
import { showPath } from '../../electron/engine/tree/show-path.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import { doctorReport } from '../../shared/contract/doctor.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { aMaster } from '../support/a-pair.ts';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { until } from '../support/until.ts';

/* What somebody puts into a site's folder by hand and no site can hold is told, as long as it stands there. */

const silent = pino({ level: 'silent' });
const isLinux = process.platform === 'linux';
/** `caf\xe9.txt`, as a program of the nineties writes it. */
const latin1 = (root: string): Buffer =>
  Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9]), Buffer.from('.txt')]);

async function start(dataDir: string) {
  const engine = await createEngine(quietPorts(dataDir), dataDir);
  onTestFinished(() => engine.stop());
  const told = async () =>
    (await engine.call('waiting.list', {})).map(({ id, kind, path, error }) => ({ id, kind, path, code: error.code }));
  return { engine, told };
}

const item = (path: string, code: string) => ({
  id: `www:unfit:${path}`,
  kind: 'failing',
  path,
  code: `unfit.${code}`,
});

test.runIf(isLinux)(
  'names that no site can hold are told by the commands, and no longer once they are renamed',
  async () => {
    const { dataDir, root } = await newMaster();
    await writeFile(join(root, 'index.html'), 'Hello');
    await writeFile(join(root, 'a\nb.txt'), 'two lines');
    await writeFile(latin1(root), 'coffee');
    await writeFile(join(root, 'e\u0301.txt'), 'an accent apart');
    await mkdir(join(root, '.LockStep'));
    await mkdir(join(root, 'deep', 'back\\slash'), { recursive: true });
    await writeFile(join(root, 'deep', 'back\\slash', 'inside.txt'), 'it is not published either');
    const added = await inProcess(['site', 'add', 'www', root, '--data', dataDir]);
    expect(added.out).toContain(`▲ 5 names cannot be published: lockstep waiting list --data ${dataDir}\n`);
    // At rest, and what was found is not forgotten in between.
    expect(await ask('site rescan', dataDir, 'www')).toMatchObject({ found: 2, unfit: 5 });
    expect((await ask('waiting list', dataDir)).map(({ path, error }) => [path, error])).toEqual([
      ['.LockStep', { code: 'unfit.reserved', params: { path: '.LockStep', rescan: 'www' } }],
      ['a\\nb.txt', { code: 'unfit.characters', params: { path: 'a\\nb.txt', rescan: 'www' } }],
      ['caf\\xe9.txt', { code: 'unfit.bytes', params: { path: 'caf\\xe9.txt', rescan: 'www' } }],
      ['deep/back\\\\slash', { code: 'unfit.characters', params: { path: 'deep/back\\\\slash', rescan: 'www' } }],
      ['e\u0301.txt', { code: 'unfit.decomposed', params: { path: 'e\u0301.txt', rescan: 'www' } }],
    ]);
    const { out } = await inProcess(['status', '--data', dataDir]);
    expect(out).toContain('▲ “.LockStep” is not published: ');
    expect(out).toContain('4 more names are not published either.\n');

    // Of each kind the first.
    const checked = await inProcess(['doctor', '--data', dataDir, '--json']);
    const { findings } = doctorReport.parse(JSON.parse(checked.out));
    expect(findings.flatMap((each) => (each.check === 'names' ? [[each.subject, each.level, each.code]] : []))).toEqual(
      expect.arrayContaining(
        ['decomposed', 'characters', 'bytes', 'reserved'].map((code) => ['www', 'warning', `unfit.${code}`]),
      ),
    );

    const { engine, told } = await start(dataDir);
    expect(await told()).toHaveLength(5);
    const again = { id: 'www:unfit:a\\nb.txt', how: 'publish' as const };
    await expect(engine.call('waiting.resolve', again)).rejects.toMatchObject({ code: 'unfit.characters' });
    await rename(join(root, 'a\nb.txt'), join(root, 'a-b.txt'));
    await engine.call('waiting.resolve', again);
    expect((await engine.call('site.file', { path: 'a-b.txt' })).kind).toBe('file');
    // Nobody has to ask: what is there no more is looked after by itself.
    await rm(latin1(root));
    await rm(join(root, '.LockStep'), { recursive: true });
    await rm(join(root, 'deep'), { recursive: true });
    await until(async () => (await told()).length === 1, told);
    expect(await told()).toEqual([item('e\u0301.txt', 'decomposed')]);
  },
);

test.runIf(isLinux)('the watch sees such a name come and go', async () => {
  const { dataDir, root } = await newMaster();
  await ask('site add', dataDir, 'www', root, '--watch');
  await mkdir(join(root, 'folder'));
  const { engine, told } = await start(dataDir);
  await until(async () => (await engine.call('node.status', {})).sites[0]?.headSeq === 1, 'the folder is watched');
  await writeFile(join(root, 'folder', 'tab\there.txt'), 'x');
  await writeFile(latin1(join(root, 'folder')), 'coffee');
  await until(async () => (await told()).length === 2, told);
  expect(await told()).toEqual([item('folder/caf\\xe9.txt', 'bytes'), item('folder/tab\\there.txt', 'characters')]);
  await rename(join(root, 'folder', 'tab\there.txt'), join(root, 'folder', 'space here.txt'));
  await rename(latin1(join(root, 'folder')), join(root, 'folder', 'café.txt'));
  await until(async () => (await told()).length === 0, told);
  await until(async () => (await engine.call('site.find', { part: 'e' })).rows.length === 3, 'they are published');
});

test.runIf(isLinux)('symbolic links are told where somebody looks, and wait for nobody', async () => {
  const { dataDir, root } = await newMaster();
  await mkdir(join(root, 'releases'));
  await symlink('releases', join(root, 'current'));
  await symlink('nowhere', join(root, 'releases', 'next'));
  await symlink('/etc', join(root, '.lockstep2'));
  await writeFile(join(root, 'e\u0301.txt'), 'an accent apart');
  const added = await inProcess(['site', 'add', 'www', root, '--data', dataDir, '--watch']);
  expect(added.out).toContain(`▲ 1 name cannot be published: lockstep waiting list --data ${dataDir}\n`);
  expect(added.out).toContain(`▲ 3 symbolic links are not published: lockstep doctor --data ${dataDir}\n`);
  expect(await ask('site rescan', dataDir, 'www')).toMatchObject({ unfit: 1, links: 3 });

  const { engine, told } = await start(dataDir);
  const links = async () =>
    (await engine.call('node.doctor', {})).findings.flatMap((each) => (each.code === 'unfit.link' ? [each] : []));
  expect(await links()).toMatchObject([
    { check: 'names', level: 'warning', subject: 'www', params: { path: '.lockstep2', more: 2 } },
  ]);
  await until(async () => (await engine.call('node.status', {})).sites[0]?.headSeq === 1, 'the folder is watched');
  await rm(join(root, '.lockstep2'));
  await rm(join(root, 'releases', 'next'));
  await rm(join(root, 'current'));
  await until(async () => (await links()).length === 0, links);
  await symlink('releases', join(root, 'again'));
  await until(async () => (await links()).length === 1, links);
  expect((await links())[0]?.params).toEqual({ path: 'again' });
  await mkdir(join(root, 'new'));
  await symlink('releases', join(root, 'new', 'link'));
  await until(async () => (await links())[0]?.params['more'] === 1, links);
  expect(await told()).toEqual([item('e\u0301.txt', 'decomposed')]);
});

test('a symbolic link is in the log once, and takes no place from what a person should mend', async () => {
  const master = await aMaster();
  const { store, journal, site } = master;
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line) => void lines.push(line) });
  const own = { store, site: journal.site, root: site.root, now: () => 7, logger, onChange: () => undefined };
  const record = new UnfitRecord(own);
  const links = Array.from({ length: UNFIT_MAX }, (_, index) => ({
    path: Buffer.from(`${index}`),
    code: 'unfit.link' as const,
  }));
  record.found(links.slice(0, 1));
  record.found([...links, { path: Buffer.from('x\n'), code: 'unfit.characters' }]);
  const again = new UnfitRecord(own);
  again.found([...links, { path: Buffer.from('x\n'), code: 'unfit.characters' }]);
  expect([again.all.length, again.links.length, lines.length]).toEqual([1, UNFIT_MAX - 1, UNFIT_MAX - 1]);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ path: '0', msg: 'a symbolic link is not published' });
});

test('of names that cannot be published so many are remembered', async () => {
  const master = await aMaster();
  const { store, journal, site } = master;
  const { root } = site;
  let news = 0;
  const own = { store, site: journal.site, root, now: () => 7, logger: silent, onChange: () => void (news += 1) };
  const record = new UnfitRecord(own);
  const found = Array.from({ length: UNFIT_MAX + 1 }, (_, index) => ({
    path: Buffer.from(`${index}\n`),
    code: 'unfit.characters' as const,
  }));
  record.found(found);
  record.found(found);
  expect([record.all.length, news]).toEqual([UNFIT_MAX, 1]);
  expect(new UnfitRecord(own).all).toEqual(record.all);
  record.look();
  expect([record.all, new UnfitRecord(own).all, news]).toEqual([[], [], 2]);
});

test('what stood in a folder in whose place a file is now is forgotten, without a rescan', async () => {
  const master = await aMaster();
  const { store, journal, site, rootFolder } = master;
  const record = new UnfitRecord({
    store,
    site: journal.site,
    root: site.root,
    now: () => 7,
    logger: silent,
    onChange: () => undefined,
  });
  await mkdir(join(rootFolder, 'folder'));
  await writeFile(join(rootFolder, 'folder', 'a\nb'), '');
  record.found([{ path: Buffer.from('folder/a\nb'), code: 'unfit.characters' }]);
  record.look();
  expect(record.all).toHaveLength(1);
  await rm(join(rootFolder, 'folder'), { recursive: true });
  await writeFile(join(rootFolder, 'folder'), 'a file');
  record.look();
  expect(record.all).toEqual([]);
});

test('a path is told so that no two read alike and no terminal is steered', () => {
  const shown = (...parts: (string | number[])[]): string =>
    showPath(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part)))));
  expect(shown('a\nb')).toBe('a\\nb');
  expect(shown('a\\nb')).toBe('a\\\\nb');
  expect(shown('\u001b[31m\u202eгод')).toBe('\\x1b[31m\\u202eгод');
  expect(shown('日本', [0xff], '/x')).toBe('\\xe6\\x97\\xa5\\xe6\\x9c\\xac\\xff/x');
  expect(shown('x'.repeat(3000))).toHaveLength(1001);
});

test.runIf(isLinux && process.getuid?.() === 0)(
  'a folder whose names alone can be read stops nothing: what stands in it is told as far as it is seen',
  async () => {
    const master = await aMaster();
    const { rootFolder, site } = master;
    const folder = join(rootFolder, 'folder');
    await mkdir(folder);
    await writeFile(join(folder, 'e\u0301'), '');
    await chmod(folder, 0o444);
    // With those that the run and the test have made for themselves.
    for (const each of [dirname(dirname(rootFolder)), dirname(rootFolder), rootFolder])
      if (((await stat(each)).mode & 0o001) === 0) await chmod(each, 0o755);
    const nobody = 65_534;
    process.seteuid?.(nobody);
    try {
      expect(unfitIn(site.root, 'folder' as SitePath).map(({ code }) => code)).toEqual(['unfit.decomposed']);
    } finally {
      process.seteuid?.(0);
    }
  },
);

test('a folder that is gone holds nothing', async () => {
  const master = await aMaster();
  expect(unfitIn(master.site.root, 'nowhere' as SitePath)).toEqual([]);
});

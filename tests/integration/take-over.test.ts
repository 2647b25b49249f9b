import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { claimFolder } from '../../electron/engine/claim/claim-folder.ts';
import { readMark } from '../../electron/engine/tree/read-mark.ts';
import type { Claimant } from '../../electron/engine/claim/root-owner.ts';
import { SiteRoot } from '../../electron/engine/tree/site-root.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/* Whoever has a folder keeps it where another install's take-over comes to nothing; and nothing is claimed through a link. */

/** A disk that becomes full, or fails, at a given step; all else is real. */
const disk = vi.hoisted(() => ({ link: 0, rm: '' }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const fault = (code: string) => Object.assign(new Error(code), { code, syscall: 'link' });
  const link: typeof real.link = async (...args) => {
    if (disk.link === 0) return real.link(...args);
    disk.link -= 1;
    throw fault('ENOSPC');
  };
  const rm: typeof real.rm = async (path, options) => {
    if (disk.rm === '' || !String(path).endsWith(disk.rm)) return real.rm(path, options);
    disk.rm = '';
    throw fault('EIO');
  };
  return { ...real, link, rm };
});
beforeEach(() => {
  Object.assign(disk, { link: 0, rm: '' });
});

async function start(dataDir: string): Promise<Engine> {
  const engine = await createEngine(quietPorts(dataDir), dataDir);
  onTestFinished(() => engine.stop());
  return engine;
}

/** A master that runs, and the mirrors tokyo and osaka, of which the first has joined it and runs. */
async function followed() {
  const { dataDir, root } = await newMaster();
  await writeFile(join(root, 'index.html'), 'Hello');
  await ask('site add', dataDir, 'www', root);
  const master = await start(dataDir);
  const folder = await temporaryFolder();
  const [tokyo, osaka, copy] = ['tokyo', 'osaka', 'copy'].map((name) => join(folder, name)) as [string, string, string];
  await Promise.all([tokyo, osaka].map((data) => ask('init', data, '--role', 'mirror')));
  const code = async () => (await master.call('pairing.invite', {})).code;
  const used = await code();
  expect(await inProcess(['join', used, '--data', tokyo, '--root', copy])).toMatchObject({ code: 0 });
  const mirror = await start(tokyo);
  const fault = async () => (await mirror.call('node.status', {})).sites[0]?.error?.code;
  return { master, folder, osaka, copy, code, used, mirror, fault };
}

/** As it looks from another machine, where nobody can say whether the install is still there. */
async function moveOwner(root: string): Promise<void> {
  const owner = join(root, '.lockstep', 'owner.json');
  await writeFile(owner, (await readFile(owner, 'utf8')).replace(/"machine":"[^"]*"/, '"machine":"another"'));
}

async function claims(root: string): Promise<unknown> {
  const at = (name: string) => readFile(join(root, '.lockstep', name), 'utf8').catch(() => undefined);
  const names = (await readdir(join(root, '.lockstep'))).filter((name) => /^(owner|mark)/.test(name));
  return { names: names.toSorted(), owner: await at('owner.json'), mark: await at('mark') };
}

const other: Claimant = { id: 'e'.repeat(64), name: 'other', dataDir: '/nowhere', knows: () => false };

test('a join that fails leaves the folder to the mirror that has it', async () => {
  const { master, folder, osaka, copy, code, used, mirror, fault } = await followed();
  await moveOwner(copy);
  const before = await claims(copy);
  const joining = async (one: string, into = copy) => {
    const { code: exit, err } = await inProcess(['join', one, '--data', osaka, '--root', into, '--take-over']);
    return [exit, err.match(/\(([a-z.-]+)\)\n$/)?.[1]];
  };
  expect(await joining(used)).toEqual([1, 'pair.used']);
  expect(await claims(copy)).toEqual(before);
  // Nor is a folder made for nothing.
  expect(await joining(used, join(folder, 'new'))).toEqual([1, 'pair.used']);
  expect(await readdir(folder)).not.toContain('new');
  const good = await code();
  disk.link = 1;
  expect(await joining(good)).toEqual([1, 'file.disk-full']);
  expect(await claims(copy)).toEqual(before);
  disk.rm = 'mark';
  expect(await joining(good)).toEqual([1, 'file.io']);
  expect(await claims(copy)).toEqual(before);
  await master.stop();
  expect(await joining(good)).toEqual([1, 'link.unreachable']);
  expect(await claims(copy)).toEqual(before);
  await mirror.call('site.rescan', { name: 'www' });
  expect(await fault()).toBe(undefined);
});

test('what could not be published is given back to whoever had it, and they go on', async () => {
  const { copy, mirror, fault } = await followed();
  const { dataDir } = await newMaster();
  const second = await start(dataDir);
  await moveOwner(copy);
  const before = await claims(copy);
  const file = join(dataDir, 'config.json');
  const config = await readFile(file, 'utf8');
  await writeFile(file, 'not a config');
  const add = () => second.call('site.add', { name: 'mine', root: copy, watch: false, takeOver: true });
  await expect(add()).rejects.toMatchObject({ code: 'config.invalid' });
  expect(await claims(copy)).toEqual(before);
  await mirror.call('site.rescan', { name: 'www' });
  expect(await fault()).toBe(undefined);
  await writeFile(file, config);
  await add();
  await until(async () => (await fault()) === 'site.root-other', 'it sees so');
});

test('a claim is undone to the letter, whatever stood there', async () => {
  for (const stood of ['nothing', 'a reserved folder', 'a mark', 'an owner', 'both']) {
    const folder = await temporaryFolder();
    const reserved = join(folder, '.lockstep');
    if (stood !== 'nothing') await mkdir(reserved);
    if (/mark|both/.test(stood)) await writeFile(join(reserved, 'mark'), `${'a'.repeat(32)}\n`);
    if (/owner|both/.test(stood)) await writeFile(join(reserved, 'owner.json'), 'of an install that nobody knows');
    const before = stood === 'nothing' ? [] : await claims(folder);
    const claim = await claimFolder(folder, 'www', { claimant: other, takeOver: true });
    await writeFile(join(reserved, 'mark'), `${'b'.repeat(32)}\n`);
    await claim.undo();
    expect([stood, stood === 'nothing' ? await readdir(folder) : await claims(folder)]).toEqual([stood, before]);
  }
});

test('a take-over that was broken off between its steps is ended by the next one', async () => {
  const folder = await temporaryFolder();
  await claimFolder(folder, 'www', { claimant: other });
  // Of whoever had it before.
  await writeFile(join(folder, '.lockstep', 'mark'), `${'a'.repeat(32)}\n`);
  await claimFolder(folder, 'www', { claimant: { ...other, knows: () => true } });
  expect(readMark(folder)).toBe('a'.repeat(32));
  await claimFolder(folder, 'www', { claimant: other });
  expect(readMark(folder)).toBe(undefined);
});

test('a reserved folder that is a link, or holds one, is refused before anything is done', async () => {
  const { folder, osaka, code } = await followed();
  const { dataDir } = await newMaster();
  const [victim, roots] = [join(folder, 'victim'), join(folder, 'roots')];
  await mkdir(victim);
  for (const name of ['mark', 'owner.json.keep']) await writeFile(join(victim, name), 'precious');
  const good = await code();
  for (const own of ['.lockstep', '.lockstep/incoming', '.lockstep/staging', '.lockstep/versions']) {
    const root = join(roots, own.replace('/', '-'));
    await mkdir(own === '.lockstep' ? root : join(root, '.lockstep'), { recursive: true });
    await symlink(victim, join(root, own));
    for (const command of [
      ['join', good, '--data', osaka, '--root', root, '--dry-run'],
      ['join', good, '--data', osaka, '--root', root],
      ['site', 'add', 'mine', root, '--data', dataDir],
    ]) {
      const { code: exit, err } = await inProcess(command);
      expect([own, exit, err]).toEqual([own, 1, expect.stringContaining('(site.reserved-taken)')]);
    }
    await expect(SiteRoot.open(root, true)).rejects.toMatchObject({
      code: 'site.reserved-taken',
      params: { path: own },
    });
    if (own !== '.lockstep') expect(await readdir(join(root, '.lockstep'))).toEqual([own.slice('.lockstep/'.length)]);
  }
  expect((await readdir(victim)).toSorted()).toEqual(['mark', 'owner.json.keep']);
  expect(await readFile(join(victim, 'mark'), 'utf8')).toBe('precious');
  // What was refused has used nothing up.
  expect(await inProcess(['join', good, '--data', osaka, '--root', join(folder, 'other')])).toMatchObject({ code: 0 });
});

test('a mark is not written through a link in the place of its part', async () => {
  const { dataDir, root } = await newMaster();
  const victim = join(root, '..', 'victim');
  await writeFile(victim, 'precious');
  await mkdir(join(root, '.lockstep'));
  await symlink(victim, join(root, '.lockstep', 'mark.part'));
  await ask('site add', dataDir, 'www', root);
  expect(await readFile(victim, 'utf8')).toBe('precious');
});

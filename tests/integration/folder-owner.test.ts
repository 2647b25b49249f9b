import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine } from '../../electron/engine/engine.ts';
import { claimFolder } from '../../electron/engine/claim/claim-folder.ts';
import { readMark } from '../../electron/engine/tree/read-mark.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import { CLI } from '../support/lockstep.ts';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { PATIENCE_MILLIS, until } from '../support/until.ts';

const run = promisify(execFile);

/* A folder has one install: no other publishes it, or follows into it, or into a part of it. */

/** A master that runs and publishes `www`, and how to make mirrors of it. */
async function published() {
  const { dataDir, root } = await newMaster();
  await writeFile(join(root, 'index.html'), 'Hello');
  await ask('site add', dataDir, 'www', root);
  const master = await createEngine(quietPorts(dataDir), dataDir);
  onTestFinished(() => master.stop());
  const folder = await temporaryFolder();
  const code = async () => (await master.call('pairing.invite', {})).code;
  const mirror = async (name: string): Promise<string> => {
    await ask('init', join(folder, name), '--role', 'mirror', '--name', name);
    return join(folder, name);
  };
  const follow =
    (mirrorDir: string, into: string, ...more: string[]) =>
    async () =>
      inProcess(['join', await code(), '--data', mirrorDir, '--root', into, ...more]);
  return { master, root, folder, code, mirror, follow };
}

test('no mirror fills the folder of a master, or that of another mirror, nor a part of one or what holds one', async () => {
  const { root, folder, code, mirror, follow } = await published();
  const [tokyo, osaka] = [await mirror('tokyo'), await mirror('osaka')];
  const copy = join(folder, 'copy');
  expect(await follow(tokyo, copy)()).toMatchObject({ code: 0 });
  const link = join(folder, 'link');
  await symlink(copy, link);
  const before = [await readTree(root), await readdir(join(copy, '.lockstep'))];
  const one = await code();
  for (const into of [root, copy, link, join(copy, 'deep', 'below'), folder, tokyo, join(tokyo, 'below')]) {
    const { code: exit, err } = await inProcess(['join', one, '--data', osaka, '--root', into]);
    expect([into, exit, err]).toEqual([into, 1, expect.stringMatching(/\(site\.root-(used|clash|data)\)/)]);
    const dry = await inProcess(['join', one, '--data', osaka, '--root', into, '--dry-run', '--take-over']);
    expect([into, dry.code, dry.err]).toEqual([into, 1, expect.stringMatching(/\(site\.root-(used|clash|data)\)/)]);
  }
  const { err } = await inProcess(['join', one, '--data', osaka, '--root', copy, '--take-over']);
  expect(err).toContain(`The folder “${copy}” belongs to the install “tokyo” on this machine (its data: “${tokyo}”).`);
  expect([await readTree(root), await readdir(join(copy, '.lockstep'))]).toEqual(before);
  // What was refused has used nothing up.
  expect(await inProcess(['join', one, '--data', osaka, '--root', join(folder, 'other')])).toMatchObject({ code: 0 });
});

test('no master publishes the folder of another install, before it has given it up', async () => {
  const { root, folder, mirror, follow } = await published();
  const tokyo = await mirror('tokyo');
  const copy = join(folder, 'copy');
  expect(await follow(tokyo, copy)()).toMatchObject({ code: 0 });
  const { dataDir } = await newMaster();
  const add = (path: string) => inProcess(['site', 'add', 'mine', path, '--data', dataDir]);
  await mkdir(join(root, 'part'));
  for (const path of [root, copy, join(root, 'part')])
    expect([path, (await add(path)).err]).toEqual([path, expect.stringContaining('(site.root-used)')]);
  expect((await ask('status', dataDir)).sites).toEqual([]);
  await ask('follow remove', tokyo);
  expect(await add(copy)).toMatchObject({ code: 0 });
  await ask('site remove', dataDir, 'mine');
  expect(await follow(tokyo, copy)()).toMatchObject({ code: 0 });
});

test('a mirror whose data folder was lost joins again over its folder', async () => {
  const { folder, mirror, follow } = await published();
  const tokyo = await mirror('tokyo');
  const copy = join(folder, 'copy');
  expect(await follow(tokyo, copy)()).toMatchObject({ code: 0 });
  const first = readMark(copy);
  for (const again of ['tokyo', 'elsewhere']) {
    await rm(tokyo, { recursive: true, force: true });
    expect(await follow(await mirror(again), copy)()).toMatchObject({ code: 0 });
    await rm(join(folder, again), { recursive: true });
  }
  expect(readMark(copy)).not.toBe(first);
});

test('what only a person can know they have to say: of another machine, of an older version, of what was moved', async () => {
  const { root, folder, mirror, follow } = await published();
  const tokyo = await mirror('tokyo');
  const copy = join(folder, 'copy');
  expect(await follow(tokyo, copy)()).toMatchObject({ code: 0 });
  const owner = join(copy, '.lockstep', 'owner.json');
  const noted = JSON.parse(await readFile(owner, 'utf8')) as object;
  const cases = {
    'another machine': () => writeFile(owner, JSON.stringify({ ...noted, host: 'nas', machine: 'f'.repeat(32) })),
    'an older version': () => rm(owner),
    'nothing that can be read': () => writeFile(owner, '{'),
  };
  for (const [what, make] of Object.entries(cases)) {
    await make();
    const other = await mirror(what.replaceAll(' ', '-'));
    const { code, err } = await follow(other, copy)();
    expect([what, code, err]).toEqual([what, 1, expect.stringContaining('(site.root-taken)')]);
    if (what === 'another machine') expect(err).toContain('the install “tokyo” on the machine nas');
    const mark = readMark(copy);
    expect(await follow(other, copy, '--take-over')()).toMatchObject({ code: 0 });
    // Whoever had it knows from it that it has it no more.
    expect(readMark(copy)).not.toBe(mark);
    await rm(other, { recursive: true });
  }
  // A copy whose original is where it belongs is nobody's; the original, moved away for a while, is not.
  await cp(root, join(folder, 'twin'), { recursive: true });
  expect(await follow(await mirror('kyoto'), join(folder, 'twin'))()).toMatchObject({ code: 0 });
  await rename(root, join(folder, 'moved'));
  const nara = await mirror('nara');
  expect((await follow(nara, join(folder, 'moved'))()).err).toContain('(site.root-taken)');
});

test('of several that want a folder at the same time one gets it', async () => {
  const { folder, mirror, follow } = await published();
  const mirrors = await Promise.all(['tokyo', 'osaka', 'kyoto', 'nara'].map(mirror));
  const copy = join(folder, 'copy');
  await mkdir(copy);
  const outcomes = await Promise.all(mirrors.map((each) => follow(each, copy)()));
  expect(outcomes.filter(({ code }) => code === 0)).toHaveLength(1);
  const winner = mirrors[outcomes.findIndex(({ code }) => code === 0)];
  expect(JSON.parse(await readFile(join(copy, '.lockstep', 'owner.json'), 'utf8'))).toMatchObject({ dataDir: winner });
  expect((await readdir(join(copy, '.lockstep'))).filter((name) => name.startsWith('owner'))).toEqual(['owner.json']);
});

test('a folder that the config names by hand is looked at too, and taken over when a person says so', async () => {
  const { folder, mirror, follow, code } = await published();
  const [tokyo, osaka] = [await mirror('tokyo'), await mirror('osaka')];
  const [copy, own] = [join(folder, 'copy'), join(folder, 'own')];
  expect(await follow(tokyo, copy)()).toMatchObject({ code: 0 });
  expect(await inProcess(['join', await code(), '--data', osaka, '--root', own])).toMatchObject({ code: 0 });
  const file = join(osaka, 'config.json');
  await writeFile(file, (await readFile(file, 'utf8')).replace(JSON.stringify(own), JSON.stringify(copy)));
  const why = async (): Promise<unknown> => (await ask('status', osaka)).sites[0]?.error?.code;
  expect(await why()).toBe('site.root-used');
  expect((await inProcess(['waiting', 'publish', 'www:site', '--data', osaka])).code).toBe(1);
  // The install that had it is gone, and its machine is another.
  const owner = join(copy, '.lockstep', 'owner.json');
  await writeFile(owner, (await readFile(owner, 'utf8')).replace(/"machine":"[^"]*"/, '"machine":"another"'));
  expect(await why()).toBe('site.root-taken');
  expect(await inProcess(['waiting', 'publish', 'www:site', '--data', osaka])).toMatchObject({ code: 0, err: '' });
  expect(await why()).toBe(undefined);
});

test('a folder that is a file is told as that, and keys are not put into a site', async () => {
  const { root, folder, mirror, follow } = await published();
  const file = join(folder, 'file');
  await writeFile(file, '');
  const tokyo = await mirror('tokyo');
  for (const into of [file, join(file, 'below')]) {
    const { code, err } = await follow(tokyo, into)();
    expect([code, err]).toEqual([1, expect.stringContaining('(file.not-directory)')]);
  }
  const init = await inProcess(['init', '--role', 'mirror', '--data', join(root, 'hidden', 'data')]);
  expect([init.code, init.err]).toEqual([1, expect.stringContaining('(site.root-clash)')]);
  expect(Object.keys(await readTree(root))).toEqual(['index.html']);
  for (const [data, why] of [
    [join(tokyo, 'inner'), 'site.root-clash'],
    [file, 'file.not-directory'],
  ] as const)
    expect((await inProcess(['init', '--role', 'mirror', '--data', data])).err).toContain(`(${why})`);
});

test('a master that is taken its folder does nothing more in it', async () => {
  const { master, root } = await published();
  const claimant = { id: 'e'.repeat(64), name: 'other', dataDir: '/nowhere', knows: () => false };
  const owner = join(root, '.lockstep', 'owner.json');
  await writeFile(owner, (await readFile(owner, 'utf8')).replace(/"machine":"[^"]*"/, '"machine":"another"'));
  await claimFolder(root, 'www', { claimant, takeOver: true });
  const fault = async () => (await master.call('node.status', {})).sites[0]?.error?.code;
  await until(async () => (await fault()) === 'site.root-other', 'it sees so');
});

test('a pipe that somebody has put into a folder, or names there, is not waited for', async ({ skip }) => {
  skip(process.platform === 'win32', 'Windows has no pipes in folders');
  const { root, folder } = await published();
  const { dataDir } = await newMaster();
  const pipe = async (file: string): Promise<void> => {
    await mkdir(dirname(file), { recursive: true });
    await run('mkfifo', [file]);
  };
  const owner = (await readFile(join(root, '.lockstep', 'owner.json'), 'utf8')).replace(
    /"id":"[^"]*"/,
    `"id":"${'e'.repeat(64)}"`,
  );
  const [noted, marked, named] = ['noted', 'marked', 'named'].map((name) => join(folder, name, 'below', '.lockstep'));
  await pipe(join(noted ?? '', 'owner.json'));
  await pipe(join(marked ?? '', 'mark'));
  await pipe(join(folder, 'theirs', 'identity', 'cert.pem'));
  await mkdir(named ?? '', { recursive: true });
  const theirs = JSON.stringify(join(folder, 'theirs'));
  await writeFile(join(named ?? '', 'owner.json'), owner.replace(/"dataDir":"[^"]*"/, `"dataDir":${theirs}`));
  const outcomes: Record<string, string> = {};
  for (const name of ['noted', 'marked', 'named']) {
    const args = [CLI, 'site', 'add', name, join(folder, name), '--data', dataDir];
    // In a process of its own, which can be ended where it hangs.
    outcomes[name] = await run(process.execPath, args, { timeout: PATIENCE_MILLIS, killSignal: 'SIGKILL' }).then(
      () => 'added',
      (error: { stderr: string; killed: boolean }) =>
        error.killed ? 'killed' : (/\([a-z.-]+\)/.exec(error.stderr)?.[0] ?? error.stderr),
    );
  }
  expect(outcomes).toEqual({ noted: '(site.root-taken)', marked: 'added', named: '(site.root-taken)' });
});

test('where an owner’s note names another machine as the place of its data, nobody is asked there', async ({
  skip,
}) => {
  skip(process.platform === 'win32', 'there it would be another machine: here two slashes are as good as one');
  const { root } = await published();
  const { dataDir } = await newMaster();
  const add = async (): Promise<string> => (await inProcess(['site', 'add', 'theirs', root, '--data', dataDir])).err;
  expect(await add()).toContain('(site.root-used)');
  // Who may publish below a site could have put it there: Windows would log in at that machine as the user who runs this.
  const note = join(root, '.lockstep', 'owner.json');
  await writeFile(note, (await readFile(note, 'utf8')).replace('"dataDir":"/', '"dataDir":"//'));
  expect(await add()).toContain('(site.root-taken)');
});

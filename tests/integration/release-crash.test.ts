import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { SiteFiles } from '../../electron/engine/master/site-files.ts';
import { Planner } from '../../electron/engine/tree/planner.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { freePort } from '../support/free-port.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { lockstep, runLockstep } from '../support/lockstep.ts';
import { releaseSite } from '../support/release-site.ts';
import { prepareForKill, sha256 } from '../support/site-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';

const KILLED = fileURLToPath(new URL('../support/killed-release.ts', import.meta.url));

const BY = { account: 'tester' };
const [A, B] = ['a', 'b'] as unknown as readonly [SitePath, SitePath];

/** Kills; more with LOCKSTEP_KILLS. */
const KILLS = Number(process.env['LOCKSTEP_KILLS'] ?? 6);
/** Of the system calls one of so many is tried in a run; all with LOCKSTEP_KILLS. */
const STRIDE = process.env['LOCKSTEP_KILLS'] === undefined ? 4 : 1;
const FILES = 300;
const FOLDERS = 10;
/** From the command to the reply it takes a good part of this. */
const COMMIT_MILLIS = 150;

const pathOf = (file: number): string => `f${file % FOLDERS}/page${file}.html`;

test(`kill -9 while a release of ${FILES} files is committed, ${KILLS} times: all of it is there, or nothing`, {
  timeout: 300_000 + KILLS * 30_000,
}, async () => {
  const folder = await temporaryFolder();
  const site = join(folder, 'site');
  const data = join(folder, 'master');
  await mkdir(site);
  const port = await freePort();
  const run = async (...args: string[]) => {
    const outcome = await lockstep(args, { input: 'a password\n' });
    expect(outcome, args.join(' ')).toMatchObject({ code: 0 });
  };
  await run(
    'init',
    '--data',
    data,
    '--role',
    'master',
    '--ftp',
    `127.0.0.1:${port}`,
    '--link',
    '127.0.0.1:0',
    '--plain-ftp',
  );
  await run('site', 'add', 'www', site, '--data', data);
  await run('account', 'add', 'editor', '--site', 'www', '--data', data, '--password-stdin');
  let master = await runLockstep(data);
  let published = 'nothing';
  const outcomes = { whole: 0, nothing: 0 };
  for (let kill = 0; kill < KILLS; kill += 1) {
    const generation = `generation ${kill}`;
    const client = await RawFtp.login(port, 'editor', 'a password');
    await stageGeneration(client, generation, published === 'nothing');
    client.write('SITE RELEASE COMMIT\r\n');
    // Where the reply has come before, it was a promise.
    const promised = client.reply().then(
      (answer) => answer.startsWith('250'),
      () => false,
    );
    await sleep(Math.random() * COMMIT_MILLIS);
    await master.end('SIGKILL');
    const replied = await promised;
    master = await runLockstep(data);
    const found = await generations(site);
    expect(found).toHaveLength(1);
    expect([generation, ...(replied ? [] : [published])]).toContain(found[0]);
    outcomes[found[0] === generation ? 'whole' : 'nothing'] += 1;
    published = found[0] ?? '';
    expect(await readdir(join(site, '.lockstep', 'incoming'))).toEqual([]);
  }
  process.stderr.write(`releases after kill -9: ${outcomes.whole} whole, ${outcomes.nothing} not there\n`);
});

test('a kill before any single system call of a commit: after the restart all of it is there', async () => {
  const after = await treeAfterKill(undefined);
  const calls = Number(after.out);
  expect(calls).toBeGreaterThan(20);
  for (let call = firstCall(); call <= calls; call += STRIDE) {
    expect([call, await treeAfterKill(call)]).toEqual([call, { ...after, out: '' }]);
  }
});

test('a kill while a failed commit is undone: after the restart nothing of it is there, or all that has room', async () => {
  const after = await treeAfterKill(undefined);
  const undone = await treeAfterKill(undefined, 'clash');
  const calls = Number(undone.out);
  expect(Object.keys(undone.tree)).not.toContain('n/added');
  // It was journalled: the rest is done, and what stands in the way of the last file is left to a person, and a rescan.
  const forced: Record<string, string> = { ...after.tree, 'z-last/': 'dir' };
  delete forced['z-last'];
  for (let call = firstCall(); call <= calls; call += STRIDE) {
    const { tree, leftovers } = await treeAfterKill(call, 'clash');
    expect([call, [undone.tree, forced]]).toEqual([call, expect.arrayContaining([tree])]);
    expect(leftovers.filter((name) => !name.startsWith('rel-'))).toEqual([]);
  }
});

const firstCall = (): number => 1 + Math.floor(Math.random() * STRIDE);

/** What is found after a restart when the process was killed before that call; without one, after its ordinary end. */
async function treeAfterKill(call: number | undefined, how = '') {
  const under = await releaseSite();
  await prepareForKill(under.site);
  await under.stop();
  const { out } = await runScript(KILLED, [under.home, String(call ?? 0), how]);
  const again = await releaseSite({}, under.home);
  const tree = withoutNow(await readTree(under.tree));
  const leftovers = await readdir(join(under.tree, '.lockstep', 'incoming'));
  const versions = join(under.tree, '.lockstep', 'versions');
  for (const name of await readdir(versions)) expect(sha256(await readFile(join(versions, name), 'utf8'))).toBe(name);
  await again.stop();
  return { out, tree, leftovers };
}

/** Times that are not set by the test are not the same twice. */
function withoutNow(tree: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(tree).map(([path, text]) => [path, text.replace(/ @\d{8,}$/, '')]));
}

/** Runs a script as a process of its own, until it ends or is killed. */
async function runScript(script: string, args: readonly string[]): Promise<{ out: string }> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  await once(child, 'close');
  return { out };
}

async function stageGeneration(client: RawFtp, generation: string, fresh: boolean): Promise<void> {
  await client.command(`SITE RELEASE BEGIN ${generation}`);
  for (let folder = 0; fresh && folder < FOLDERS; folder += 1) await client.command(`MKD f${folder}`);
  for (let file = 0; file < FILES; file += 1) {
    expect(await client.upload(`STOR ${pathOf(file)}`, generation)).toMatch(/^226/);
  }
}

/** The different contents of all pages. */
async function generations(site: string): Promise<string[]> {
  const contents = new Set<string>();
  for (let file = 0; file < FILES; file += 1) {
    contents.add(await readFile(join(site, pathOf(file)), 'utf8').catch(() => 'nothing'));
  }
  return [...contents];
}

/** What a crash right now would do at the next start: plans that are done, and not forgotten, are done again. */
async function crash({ site, store, journal }: Awaited<ReturnType<typeof releaseSite>>): Promise<void> {
  const planner = new Planner(store, journal.site, site.root, pino({ level: 'silent' }));
  expect(await planner.rollForward((path) => journal.index.entry(path))).toEqual([]);
}

async function put(files: SiteFiles, path: SitePath, content: string): Promise<void> {
  const upload = await files.beginUpload(path, { by: BY });
  await upload.write(Buffer.from(content));
  await upload.commit();
}

test('a file that releases have renamed there and back is there after a crash', async () => {
  const under = await releaseSite();
  await put(under.site, A, 'there and back');
  for (const [from, to] of [
    [A, B],
    [B, A],
  ] as const) {
    const release = under.site.beginRelease('rename', BY);
    await release.rename(from, to, BY);
    await release.commit();
  }
  await crash(under);
  expect(await readFile(join(under.tree, A), 'utf8')).toBe('there and back');
});

test('a file that a release has renamed, and somebody has renamed back, is there after a crash', async () => {
  const under = await releaseSite();
  await put(under.site, A, 'there and back');
  const release = under.site.beginRelease('rename', BY);
  await release.rename(A, B, BY);
  await release.commit();
  await under.site.rename(B, A, BY);
  await crash(under);
  expect(await readFile(join(under.tree, A), 'utf8')).toBe('there and back');
});

test.each(['a release', 'somebody'])(
  'a file that %s has renamed into another folder, and that came back with that folder, is there after a crash',
  async (who) => {
    const under = await releaseSite();
    const [d, e] = ['d', 'e'] as unknown as readonly [SitePath, SitePath];
    const [from, to] = ['d/x', 'e/x'] as unknown as readonly [SitePath, SitePath];
    for (const folder of [d, e]) await under.site.makeDir(folder, BY);
    await put(under.site, from, 'there and back');
    if (who === 'a release') {
      const release = under.site.beginRelease('rename', BY);
      await release.rename(from, to, BY);
      await release.commit();
    } else await under.site.rename(from, to, BY);
    await under.site.removeDir(d, BY);
    await under.site.rename(e, d, BY);
    await crash(under);
    expect(await readFile(join(under.tree, from), 'utf8')).toBe('there and back');
  },
);

test('a folder is renamed to where another one was a moment ago, whatever the two held', async () => {
  const under = await releaseSite();
  const folders = ['d', 'd/x', 'e'] as unknown as readonly SitePath[];
  const [before, after, d, e] = ['d/x/y', 'e/x', 'd', 'e'] as unknown as readonly [
    SitePath,
    SitePath,
    SitePath,
    SitePath,
  ];
  for (const folder of folders) await under.site.makeDir(folder, BY);
  for (const path of [before, after]) await put(under.site, path, path);
  await under.site.remove(before, BY);
  for (const folder of folders.slice(0, 2).toReversed()) await under.site.removeDir(folder, BY);
  await under.site.rename(e, d, BY);
  await crash(under);
  expect(await readFile(join(under.tree, 'd/x'), 'utf8')).toBe('e/x');
});

test('a file that was deleted and brought back by a rollback is there after a crash', async () => {
  const under = await releaseSite();
  await put(under.site, A, 'deleted and back');
  const release = under.site.beginRelease('delete', BY);
  await release.remove(A, BY);
  const { id } = await release.commit();
  await under.site.releases.rollback(id, { by: BY });
  await crash(under);
  expect(await readFile(join(under.tree, A), 'utf8')).toBe('deleted and back');
});

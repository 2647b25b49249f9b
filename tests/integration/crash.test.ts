import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, FTPError } from 'basic-ftp';
import { expect, test } from 'vitest';
import { status as statusSchema } from '../../shared/contract/status.ts';
import { ask, newMaster } from '../support/commands.ts';
import { freePort } from '../support/free-port.ts';
import { lockstep, type RunningLockstep, runLockstep } from '../support/lockstep.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { readTree } from '../support/tree.ts';
import { until } from '../support/until.ts';

/** Kills; more with LOCKSTEP_KILLS. */
const KILLS = Number(process.env['LOCKSTEP_KILLS'] ?? 10);
const PATHS = ['a.html', 'b.css', 'c.bin', 'd/e.html', 'd/f.bin', 'd/g h.txt', 'k.bin', 'l.html'];
const SIZES = [0, 1, 4096, 50_000, 1_000_000, 6_000_000];

/** What a path may hold: content hashes, or ABSENT. More than one while the outcome of an operation is not known. */
type Allowed = Map<string, Set<string>>;
const ABSENT = 'absent';

const hash = (data: Buffer): string => createHash('sha256').update(data).digest('hex');
const pick = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T;

test(`kill -9 of either end, ${KILLS} times: what was promised is there, whole, everywhere`, {
  timeout: 900_000,
}, async () => {
  const folder = await temporaryFolder();
  const site = join(folder, 'site');
  await mkdir(join(site, 'd'), { recursive: true });
  const [master, mirror] = [join(folder, 'master'), join(folder, 'mirror')];
  const [ftp, link] = [await freePort(), await freePort()];
  const run = async (...args: string[]) => {
    const outcome = await lockstep(args, { input: 'a password\n' });
    expect(outcome, args.join(' ')).toMatchObject({ code: 0 });
    return outcome.out.trim();
  };
  const listen = ['--ftp', `127.0.0.1:${ftp}`, '--link', `127.0.0.1:${link}`];
  await run('init', '--data', master, '--role', 'master', '--name', 'origin', ...listen, '--plain-ftp');
  await run('site', 'add', 'www', site, '--data', master);
  await run('account', 'add', 'editor', '--site', 'www', '--data', master, '--password-stdin');
  await run('init', '--data', mirror, '--role', 'mirror', '--name', 'tokyo');
  const processes: Record<'master' | 'mirror', RunningLockstep> = {
    master: await runLockstep(master),
    mirror: undefined as never,
  };
  await run('join', await run('invite', '--data', master), '--data', mirror, '--root', join(folder, 'copy'));
  // A tree of one to three files may lose all of them in one catch-up here.
  await run('follow', 'set', '--delete-guard', '100', '--data', mirror);
  processes.mirror = await runLockstep(mirror);

  const allowed: Allowed = new Map(PATHS.map((path) => [path, new Set([ABSENT])]));
  for (let kill = 0; kill < KILLS; kill += 1) {
    const stop = new AbortController();
    const publishing = publish(ftp, allowed, stop.signal);
    await sleep(30 + Math.random() * 500);
    const victim = pick(['master', 'mirror'] as const);
    await processes[victim].end('SIGKILL');
    stop.abort();
    await publishing;
    processes[victim] = await runLockstep(victim === 'master' ? master : mirror);
    if (victim === 'master') await expectAllowed(site, allowed);
  }
  const outcome = await lockstep(['wait', '--data', master, '--timeout', '120']);
  expect(outcome, outcome.err).toMatchObject({ code: 0 });
  await expectAllowed(site, allowed);
  expect(await readTree(join(folder, 'copy'))).toEqual(await readTree(site));
  const status = statusSchema.parse(JSON.parse(await run('status', '--data', mirror, '--json')));
  expect(status.waiting).toEqual([]);
  expect(await readdir(join(folder, 'copy', '.lockstep', 'staging'))).toEqual([]);
});

test('uploads that kill -9 of the master has cut off stand in its history as that, and can be resumed', async () => {
  const { dataDir, root } = await newMaster();
  await ask('site add', dataDir, 'www', root);
  const { password = '' } = await ask('account add', dataDir, 'alice', '--site', 'www');
  const master = await runLockstep(dataDir);
  const { listeners } = await ask('status', dataDir);
  const login = { port: listeners.ftp?.port ?? 0, user: 'alice', password };
  const tooLong = `${'a long name '.repeat(15)}.bin`;
  const begun = Buffer.alloc(100_000, 'x');
  const paths = ['日本/new.bin', 'index.html', tooLong];
  await mkdir(join(root, '日本'));
  await ftpLogin(login).then((client) => client.uploadFrom(Readable.from('old'), 'index.html'));
  const incoming = join(root, '.lockstep', 'incoming');
  for (const [at, path] of paths.entries()) {
    const endless = new Readable({ read: () => undefined });
    endless.push(begun);
    const client = await ftpLogin(login);
    client.uploadFrom(endless, path).catch(() => undefined);
    await until(async () => {
      const names = await readdir(incoming);
      const sizes = await Promise.all(names.map(async (name) => (await stat(join(incoming, name))).size));
      return sizes.filter((size) => size === begun.length).length === at + 1;
    }, 'it is under way');
  }
  const before = Date.now();
  await master.end('SIGKILL');
  await runLockstep(dataDir);
  const history = await ask('history', dataDir);
  const cutOff = history.filter(({ op }) => op === 'aborted');
  expect(cutOff.map(({ path }) => path).toSorted()).toEqual(['index.html', '日本/new.bin']);
  for (const row of cutOff) {
    expect(row).toMatchObject({ by: 'alice', size: begun.length, error: { params: { reason: 'killed' } } });
    expect(row.at).toBeLessThanOrEqual(before);
  }
  expect(await readFile(join(root, 'index.html'), 'utf8')).toBe('old');
  const { ftp } = (await ask('status', dataDir)).listeners;
  const client = await ftpLogin({ ...login, port: ftp?.port ?? 0 });
  await client.send('REST 100000');
  await client.uploadFrom(Readable.from('the rest'), '日本/new.bin');
  expect((await readFile(join(root, '日本', 'new.bin'))).length).toBe(begun.length + 8);
});

/** Changes the site until told to stop or cut off, and notes what each path may hold from then on. */
async function publish(port: number, allowed: Allowed, signal: AbortSignal): Promise<void> {
  const client = new Client(10_000);
  const abort = (): void => client.close();
  signal.addEventListener('abort', abort);
  try {
    await client.access({ host: '127.0.0.1', port, user: 'editor', password: 'a password' });
    while (!signal.aborted) await change(client, allowed);
  } catch (error) {
    // Cut off: what is not known stays open.
    if (error instanceof FTPError && !client.closed && !signal.aborted) throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    client.close();
  }
}

async function change(client: Client, allowed: Allowed): Promise<void> {
  const path = pick(PATHS);
  const before = allowed.get(path) ?? new Set();
  const kind = Math.random();
  if (kind < 0.7) {
    const data = randomBytes(pick(SIZES));
    allowed.set(path, new Set([...before, hash(data)]));
    if (await succeeds(client.uploadFrom(Readable.from([data]), path))) allowed.set(path, new Set([hash(data)]));
    return;
  }
  if (kind < 0.85) {
    allowed.set(path, new Set([...before, ABSENT]));
    if (await succeeds(client.remove(path))) allowed.set(path, new Set([ABSENT]));
    else allowed.set(path, new Set([ABSENT]));
    return;
  }
  const target = pick(PATHS.filter((other) => other !== path));
  const replaced = allowed.get(target) ?? new Set();
  allowed.set(path, new Set([...before, ABSENT]));
  allowed.set(target, new Set([...replaced, ...before]));
  if (await succeeds(client.rename(path, target))) {
    allowed.set(path, new Set([ABSENT]));
    allowed.set(target, new Set([...before].filter((content) => content !== ABSENT)));
  } else {
    allowed.set(path, new Set([ABSENT]));
    allowed.set(target, replaced);
  }
}

/** False: the server refused, as it does for a file that is not there. Rejects where the outcome is not known. */
async function succeeds(operation: Promise<unknown>): Promise<boolean> {
  try {
    await operation;
    return true;
  } catch (error) {
    if (error instanceof FTPError && error.code === 550) return false;
    throw error;
  }
}

async function expectAllowed(site: string, allowed: Allowed): Promise<void> {
  for (const [path, contents] of allowed) {
    const found = await readFile(join(site, path)).then(hash, () => ABSENT);
    expect([...contents], path).toContain(found);
    contents.clear();
    contents.add(found);
  }
}

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createEngine, type Engine } from '../../electron/engine/engine.ts';
import { lockFile } from '../../electron/engine/store/file-lock.ts';
import { checkCode } from '../../electron/engine/link/check-code.ts';
import { decodePairingCode, encodePairingCode } from '../../electron/engine/link/pairing-code.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import { sentenceParts } from '../../shared/errors/sentences.en.ts';
import { ask, inProcess, newMaster } from '../support/commands.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

async function start(dataDir: string): Promise<Engine> {
  const engine = await createEngine(quietPorts(dataDir), dataDir);
  onTestFinished(() => engine.stop());
  return engine;
}

async function published() {
  const { dataDir, root } = await newMaster();
  await writeFile(join(root, 'index.html'), 'Hello');
  await ask('site add', dataDir, 'www', root);
  const master = await start(dataDir);
  const folder = await temporaryFolder();
  const tokyo = join(folder, 'tokyo');
  await ask('init', tokyo, '--role', 'mirror', '--name', 'tokyo');
  const code = async () => (await master.call('pairing.invite', {})).code;
  return { dataDir, master, folder, tokyo, code };
}

test('a dry run of a join sees what would refuse it, and uses nothing up', async () => {
  const { dataDir, folder, tokyo, code } = await published();
  const osaka = join(folder, 'osaka');
  await ask('init', osaka, '--role', 'mirror');
  const first = await code();
  const root = ['--root', join(folder, 'copy')];
  const dry = (data: string, of: string) => inProcess(['join', of, '--data', data, ...root, '--dry-run']);
  expect(await dry(tokyo, first)).toMatchObject({ code: 0 });
  expect(await dry(tokyo, first)).toMatchObject({ code: 0 });
  expect(await inProcess(['join', first, '--data', tokyo, ...root])).toMatchObject({ code: 0 });
  const other = ['--root', join(folder, 'other')];
  const refused = async (data: string, of: string) =>
    (await inProcess(['join', of, '--data', data, ...other, '--dry-run'])).err.match(/\(([a-z.-]+)\)\n$/)?.[1];
  expect(await refused(tokyo, await code())).toBe('pair.followed');
  expect(await refused(osaka, first)).toBe('pair.used');
  const made = decodePairingCode(first);
  // Of another master, whose site has the same name.
  const foreign = encodePairingCode({ ...made, fingerprint: 'b'.repeat(64) });
  const { err } = await inProcess(['join', foreign, '--data', tokyo, ...other]);
  expect(err).toMatch(
    /follows a site “www”, of the master “[^”]+”; the code is for a different one\..*\(pair\.name-followed\)/,
  );
  expect(await refused(osaka, encodePairingCode({ ...made, secret: 'A'.repeat(22) }))).toBe('pair.refused');
  expect(await refused(dataDir, await code())).toBe('node.wrong-role');
});

test('what a mirror is told that its master has removed leads back to the same folder, step by step', async () => {
  const { dataDir, folder, tokyo, code } = await published();
  const copy = join(folder, 'copy');
  const run = (words: string, ...more: string[]) => inProcess([...words.split(' '), ...more, '--data', tokyo]);
  const again = async (...more: string[]) => run('join', await code(), '--root', copy, ...more);
  expect(await again()).toMatchObject({ code: 0 });
  await ask('peer remove', dataDir, 'tokyo');

  const steps = sentenceParts({ code: 'link.unknown-peer', params: {} }).mend.match(/lockstep \w+(?: remove)?/gu);
  expect(steps).toEqual(['lockstep follow remove', 'lockstep invite', 'lockstep join']);
  for (const dry of [[], ['--dry-run']]) {
    const { err } = await again(...dry);
    expect(err).toContain('To pair it again');
    expect(err).toContain('lockstep follow remove');
  }
  expect(await run('follow remove')).toMatchObject({ code: 0 });
  expect(await again('--dry-run')).toMatchObject({ code: 0 });
  expect(await again()).toMatchObject({ code: 0 });
});

test('who asks for a good code guesses nothing: it is not counted', async () => {
  const { code } = await published();
  const good = await code();
  // More often than may be guessed.
  for (let time = 0; time < 12; time += 1) expect((await checkCode(good, Date.now())).reached).not.toBe(null);
});

test('who makes a code while the master does not run is told to start it', async () => {
  const { dataDir, root } = await newMaster();
  await ask('site add', dataDir, 'www', root);
  await ask('config set', dataDir, 'link.port', '2199');
  const { code, err } = await inProcess(['invite', '--data', dataDir]);
  expect([code, err]).toEqual([0, expect.stringContaining('This master is not running')]);
});

test('a stopped mirror says how it stood, and when it last heard of its master', async () => {
  const { folder, tokyo, code } = await published();
  await inProcess(['join', await code(), '--data', tokyo, '--root', join(folder, 'copy')]);
  expect((await inProcess(['status', '--data', tokyo])).out).toMatch(/was behind +not heard from yet/);
  const mirror = await start(tokyo);
  await until(async () => (await mirror.call('node.status', {})).sites[0]?.peers[0]?.inStep === true, 'in step');
  await mirror.stop();
  expect((await inProcess(['status', '--data', tokyo])).out).toMatch(/was in step +last answered at 20\d\d-/);
  const [peer] = (await ask('status', tokyo)).sites[0]?.peers ?? [];
  expect(peer).toMatchObject({ connected: false, inStep: true, waiting: 0, lastSeenAt: expect.any(Number) });
  expect((await inProcess(['peer', 'show', peer?.name ?? '', '--data', tokyo])).out).toContain(
    'www: was in step · last answered at',
  );
});

test('a mirror that has just been paired is behind since then, and no longer', async () => {
  const { dataDir, master, folder, tokyo, code } = await published();
  const pairedAt = Date.now();
  await inProcess(['join', await code(), '--data', tokyo, '--root', join(folder, 'copy')]);
  const [peer] = (await master.call('node.status', {})).sites[0]?.peers ?? [];
  expect(peer?.inStep).toBe(false);
  expect(peer?.behindMillis).toBeLessThanOrEqual(Date.now() - pairedAt);
  const mirror = await start(tokyo);
  const status = async () => (await master.call('node.status', {})).sites[0]?.peers[0];
  await until(async () => (await status())?.inStep === true, 'in step');
  expect((await status())?.lagMillis).toBe(undefined);
  // What stands beside the site is told, and is no trouble: neither there nor at the master.
  await writeFile(join(folder, 'copy', 'of-somebody.txt'), 'never touched');
  for (const data of [tokyo, dataDir]) {
    const { code: exit, out } = await inProcess(['doctor', '--deep', '--data', data]);
    expect([exit, out]).toEqual([0, expect.stringContaining('1 file not from the master: left as it is')]);
  }
  await mirror.stop();
});

test('a command waits for another one on the same install, however long that takes to hear from its master', async () => {
  const { folder, tokyo, code } = await published();
  const held = await lockFile(join(tokyo, 'engine.lock'), 0);
  const joining = inProcess(['join', await code(), '--data', tokyo, '--root', join(folder, 'copy')]);
  // Longer than a command usually takes.
  setTimeout(() => held?.release(), 6_000);
  expect(await joining).toMatchObject({ code: 0, err: '' });
});

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findLostDrop } from '../../electron/entry/cli/lost-drop.ts';
import type { PublishJob } from '../../shared/contract/publishing.ts';
import { ask, newMaster } from '../support/commands.ts';
import { drop, dropMaster, folderOf, settled } from '../support/drops.ts';
import { CLI, lockstep, runLockstep } from '../support/lockstep.ts';
import { until } from '../support/until.ts';

/* A drop by the command line when one of the two ends is killed: the command, or the Lockstep that has the drop. */

const served = async (root: string): Promise<string[]> =>
  (await readdir(root)).filter((name) => name !== '.lockstep').sort();

test('a master that is killed in the middle of it: the command says that nothing is published', async () => {
  const { dataDir, root } = await newMaster();
  await ask('site add', dataDir, 'www', root);
  const master = await runLockstep(dataDir);
  const folder = await folderOf({ 'index.html': 'new', 'big.bin': '' });
  // Without content on the disk, and far from sent when the first of it is there.
  await truncate(join(folder, 'big.bin'), 2 ** 29);
  const outcome = lockstep(['publish', folder, '--name', 'Spring', '--data', dataDir]);
  const incoming = join(root, '.lockstep', 'incoming');
  await until(async () => (await readdir(incoming)).length > 0, 'it is being sent', 2);
  await master.end('SIGKILL');
  const { code, out, err } = await outcome;
  expect([code, out]).toEqual([1, '']);
  expect(err).toContain('Lockstep ended before “Spring” was published: none of it is visible.');
  expect(await served(root)).toEqual([]);
  expect(await ask('release list', dataDir)).toEqual([]);
});

test('a command that is killed in the middle of it leaves the drop to the Lockstep that runs', async () => {
  const { engine, dataDir, root } = await dropMaster();
  const big = randomBytes(60_000_000);
  const folder = await folderOf({ 'index.html': 'new', 'big.bin': big });
  const command = spawn(process.execPath, [CLI, 'publish', folder, '--name', 'Spring', '--data', dataDir]);
  onTestFinished(() => void command.kill('SIGKILL'));
  const isBegun = async (): Promise<boolean> => (await engine.call('publish.list', {})).length > 0;
  await until(isBegun, 'the drop has begun', 2);
  command.kill('SIGKILL');
  await once(command, 'close');
  const [job] = await engine.call('publish.list', {});
  expect(await settled(engine, job?.id ?? '')).toMatchObject({ state: { is: 'done', changes: 2 } });
  expect((await readFile(join(root, 'big.bin'))).equals(big)).toBe(true);
});

test('another drop of the same name, published while this one waited for its turn or before it was begun, is not taken for it', async () => {
  const { engine, dataDir } = await dropMaster();
  const sources = [await folderOf({ 'index.html': 'new' })];
  const first = await drop(engine, { sources, name: 'dist' });
  const second = await drop(engine, { sources: [await folderOf({ 'index.html': 'newer' })], name: 'dist' });
  const { startedAt } = first;
  // Asked for before the first was published, and last seen as it was compared.
  const third: PublishJob = { ...second, id: 'f'.repeat(16), startedAt, state: { is: 'comparing' } };
  await expect(findLostDrop(dataDir, third, undefined)).rejects.toMatchObject({ code: 'publish.interrupted' });
  for (const { id, state } of [first, second]) {
    const lost = await findLostDrop(dataDir, { ...third, id, state: { is: 'queued' } }, undefined);
    expect(lost.state).toEqual(state);
  }
});

test('who asks for a drop may name it: asked for twice it is one', async () => {
  const { engine } = await dropMaster();
  const start = { to: { kind: 'site' as const }, name: 'dist', sources: [await folderOf({ 'index.html': 'new' })] };
  const id = '0123456789abcdef';
  expect(await engine.call('publish.start', { ...start, id })).toMatchObject({ id });
  expect(await engine.call('publish.start', { ...start, id })).toMatchObject({ id });
  expect(await settled(engine, id)).toMatchObject({ state: { is: 'done', changes: 1 } });
  expect(await engine.call('publish.list', {})).toHaveLength(1);
  expect(await engine.call('release.list', {})).toMatchObject([{ name: 'dist', drop: id }]);
});

test('what was published before the end is found, and nothing else is taken for it', async () => {
  const { engine, dataDir } = await dropMaster();
  const sources = [await folderOf({ 'index.html': 'new' })];
  const earlier = await drop(engine, { sources, name: 'Spring' });
  const later: PublishJob = { ...earlier, id: 'another', state: { is: 'comparing' } };
  expect(await findLostDrop(dataDir, { ...earlier, state: { is: 'comparing' } }, undefined)).toMatchObject({
    name: 'Spring',
    state: earlier.state,
  });
  await engine.stop();
  // At rest too; another one is not it.
  expect(await findLostDrop(dataDir, { ...earlier, state: { is: 'committing' } }, undefined)).toMatchObject({
    state: earlier.state,
  });
  await expect(findLostDrop(dataDir, later, undefined)).rejects.toMatchObject({ code: 'publish.interrupted' });
  const there = { ...earlier, to: { kind: 'target' as const, target: 'shop' } };
  await expect(findLostDrop(dataDir, there, undefined)).rejects.toMatchObject({
    code: 'publish.left',
    params: { name: 'Spring', target: 'shop' },
  });
  await expect(findLostDrop(`${dataDir}.gone`, later, undefined)).rejects.toMatchObject({ code: 'publish.left' });
});

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ask } from '../support/commands.ts';
import { lockstep, runLockstep } from '../support/lockstep.ts';
import { fill, remount, smallDisk } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/* The disk of the data folder itself is full, or lets nothing be written: one line, and no harm. */

const COMMANDS = [
  ['status'],
  ['doctor'],
  ['invite'],
  ['site', 'set', 'www', '--keep-days', '5'],
  ['account', 'remove', 'alice'],
  ['run'],
];

async function masterOn(disk: string): Promise<string> {
  const dataDir = join(disk, 'data');
  const free = ['--ftp', '127.0.0.1:0', '--link', '127.0.0.1:0', '--console', '127.0.0.1:0'];
  expect(await lockstep(['init', '--role', 'master', ...free, '--data', dataDir])).toMatchObject({ code: 0 });
  await ask('site add', dataDir, 'www', await temporaryFolder());
  return dataDir;
}

test('on a disk that is full every command says so in a line, and all is as it was once there is room', {
  timeout: 120_000,
}, async () => {
  const disk = await smallDisk(2 * 1024 * 1024);
  if (!disk) return;
  const dataDir = await masterOn(disk);
  const config = await readFile(join(dataDir, 'config.json'), 'utf8');
  const filler = await fill(disk);
  for (const command of COMMANDS) {
    const { code, out, err } = await lockstep([...command, '--data', dataDir]);
    const told = command[0] === 'doctor' ? out : err;
    expect({ command, code, told }).toEqual({
      command,
      code: 1,
      told: expect.stringContaining(`There is no space left for the data folder “${dataDir}”.`),
    });
    expect(err.split('\n').length, err).toBeLessThan(3);
  }
  await rm(filler);
  expect(await readFile(join(dataDir, 'config.json'), 'utf8')).toBe(config);
  const running = await runLockstep(dataDir);
  expect((await ask('status', dataDir)).sites).toMatchObject([{ name: 'www' }]);
  expect(await running.end()).toMatchObject({ code: 0 });
});

test('where nothing can be written in the data folder the disk is named, not a right', {
  timeout: 60_000,
}, async () => {
  const disk = await smallDisk(2 * 1024 * 1024);
  if (!disk) return;
  const dataDir = await masterOn(disk);
  await remount(disk, 'ro');
  for (const command of COMMANDS) {
    const { code, out, err } = await lockstep([...command, '--data', dataDir]);
    const told = command[0] === 'doctor' ? out : err;
    expect({ command, code, told }).toMatchObject({
      code: 1,
      told: expect.stringContaining('Mount the disk for writing'),
    });
  }
});

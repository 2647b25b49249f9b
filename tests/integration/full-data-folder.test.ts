import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask, newMaster } from '../support/commands.ts';
import { CLI, lockstep, runLockstep } from '../support/lockstep.ts';
import { fill, remount, smallDisk } from '../support/small-disk.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

/* The disk of the data folder itself, or of the log, is full, or lets nothing be written: one line, and no harm. */

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

test('on a disk that is full every command says so in a line, and all is as it was once there is room', async () => {
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

test('where nothing can be written in the data folder the disk is named, not a right', async () => {
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

test('a log on a disk that is full loses lines, and nothing else', async () => {
  const disk = await smallDisk(1024 * 1024);
  if (!disk) return;
  const { dataDir } = await newMaster();
  const config = await readFile(join(dataDir, 'config.json'), 'utf8');
  const log = join(disk, 'log');
  const file = await open(log, 'a');
  const filler = await fill(disk);
  const child = spawn(process.execPath, [CLI, 'run', '--data', dataDir], { stdio: ['ignore', file.fd, file.fd] });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    await file.close();
  });
  const logged = async (): Promise<string> => (await lockstep(['log', '--data', dataDir])).out;
  await until(async () => (await logged()).includes('the console listens'), 'it runs');
  const warn = async (text: string, times: number): Promise<void> => {
    await writeFile(join(dataDir, 'config.json'), text);
    await until(async () => (await logged()).split('config.invalid').length > times, 'a warning');
  };
  await warn('{', 1);
  expect(await readFile(log, 'utf8')).toBe('');
  await rm(filler);
  await warn('{ "node"', 2);
  expect(await readFile(log, 'utf8')).toContain('config.invalid');
  await writeFile(join(dataDir, 'config.json'), config);
  child.kill('SIGTERM');
  expect(await ended).toEqual([1, null]);
});

test('what is printed to a disk that is full is a failure that is said', async () => {
  const disk = await smallDisk(1024 * 1024);
  if (!disk) return;
  const file = await open(join(disk, 'out'), 'a');
  await fill(disk);
  const child = spawn(process.execPath, [CLI, '--help'], { stdio: ['ignore', file.fd, 'pipe'] });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const [code] = await once(child, 'close');
  await file.close();
  expect([code, said]).toEqual([1, 'lockstep: What was to be printed could not be written (ENOSPC).\n']);
});

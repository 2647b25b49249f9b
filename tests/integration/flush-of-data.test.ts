import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { readBackup, writeBackup } from '../../electron/engine/install/backup.ts';
import { editConfig, readConfig } from '../../electron/engine/config/config-file.ts';
import { initNode } from '../../electron/engine/install/init-node.ts';
import { openAtRest } from '../../electron/engine/at-rest.ts';
import { fileSecrets } from '../../electron/engine/install/file-secrets.ts';
import { loadOrCreateIdentity } from '../../electron/engine/link/identity.ts';
import { quietPorts } from '../../electron/entry/cli/ports.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * Where the folder of a name that was just made is not flushed, nobody knows whether the disk has it: it is taken back, and whoever asked
 * for it is told. All is real but the answer to the first flush of a folder.
 */
const disk = vi.hoisted(() => ({ folder: -1 }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const fsync = (fd: number, done: (error: Error | null) => void): void => {
    if (!real.fstatSync(fd).isDirectory() || disk.folder < 0 || disk.folder-- > 0) return real.fsync(fd, done);
    setImmediate(done, Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO', syscall: 'fsync' }));
  };
  return { ...real, fsync };
});
beforeEach(() => {
  disk.folder = -1;
});

const UNFLUSHED = { code: 'disk.unflushed', params: { reason: 'EIO' } };

async function install(): Promise<string> {
  const dataDir = join(await temporaryFolder(), 'data');
  const address = { host: '127.0.0.1', port: 0 };
  await initNode(dataDir, { role: 'master', name: 'origin', ftp: address, link: address });
  return dataDir;
}

test('a config that is not flushed is as it was, and a new one is not there', async () => {
  const dataDir = await install();
  const text = await readFile(join(dataDir, 'config.json'), 'utf8');
  const rename = () => editConfig(dataDir, (config) => ({ ...config, node: { ...config.node, name: 'other' } }));
  disk.folder = 0;
  await expect(rename()).rejects.toMatchObject(UNFLUSHED);
  expect(await readFile(join(dataDir, 'config.json'), 'utf8')).toBe(text);
  await rename();
  expect((await readConfig(dataDir)).node.name).toBe('other');
  const fresh = join(await temporaryFolder(), 'data');
  await mkdir(fresh);
  disk.folder = 0;
  await expect(initNode(fresh, { role: 'mirror' })).rejects.toMatchObject(UNFLUSHED);
  expect(existsSync(join(fresh, 'config.json'))).toBe(false);
  await initNode(fresh, { role: 'mirror' });
});

test('an identity that is not flushed is made anew', async () => {
  const folder = join(await temporaryFolder(), 'identity');
  for (const which of [0, 1]) {
    disk.folder = which;
    await expect(loadOrCreateIdentity(folder)).rejects.toMatchObject(UNFLUSHED);
    expect(existsSync(folder)).toBe(false);
  }
  const made = await loadOrCreateIdentity(folder);
  expect(await loadOrCreateIdentity(folder)).toEqual(made);
});

test('nothing is sealed by a key that is not flushed', async () => {
  const dataDir = await temporaryFolder();
  await mkdir(join(dataDir, 'identity'));
  const secrets = fileSecrets(dataDir);
  disk.folder = 0;
  await expect(secrets.seal('a password')).rejects.toMatchObject(UNFLUSHED);
  expect(await readdir(join(dataDir, 'identity'))).toEqual([]);
  expect(await secrets.open(await secrets.seal('a password'))).toBe('a password');
});

test('a backup that is not flushed is not there, and one that is put back can be put back again', async () => {
  const dataDir = await install();
  await (await openAtRest(quietPorts(dataDir), dataDir)).close();
  const folder = await temporaryFolder();
  const file = join(folder, 'backup.db');
  disk.folder = 0;
  await expect(writeBackup(dataDir, file)).rejects.toMatchObject(UNFLUSHED);
  expect(await readdir(folder)).toEqual([]);
  await writeBackup(dataDir, file);
  const restored = join(folder, 'restored');
  // Of the folder itself, which is there from the second time on, of what is put together, its name, the names in it, the config.
  for (const which of [0, 1, 1, 2, 3]) {
    disk.folder = which;
    await expect(readBackup(file, restored), String(which)).rejects.toMatchObject(UNFLUSHED);
    expect(existsSync(restored) ? await readdir(restored) : ['config.lock']).toEqual(['config.lock']);
  }
  disk.folder = -1;
  await readBackup(file, restored);
  expect(await readConfig(restored)).toEqual(await readConfig(dataDir));
});

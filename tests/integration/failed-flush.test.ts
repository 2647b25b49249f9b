import { createHash, randomBytes } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { Throttle } from '../../electron/engine/core/throttle.ts';
import { Incoming } from '../../electron/engine/master/incoming.ts';
import { fetchFile } from '../../electron/engine/mirror/retriever/fetch.ts';
import { FtpPool } from '../../electron/engine/mirror/retriever/ftp-pool.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { PASSWORD, startFtp } from '../support/ftp-server.ts';
import { releaseSite } from '../support/release-site.ts';
import { at, BY, put, readSite, sha256 } from '../support/site-calls.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/**
 * A disk that does not take a flush tells of it once; the next one succeeds, and the bytes are lost. No disk here does that when it
 * is told to: all is real but the answer to the first flush.
 */
const disk = vi.hoisted(() => ({ failures: 0, ahead: 0, folder: 0, written: 0, removals: 0 }));
vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  const failing =
    (name: 'fsync' | 'fdatasync', ofFiles: 'failures' | 'ahead') =>
    (fd: number, done: (error: Error | null) => void): void => {
      const left = real.fstatSync(fd).isFile() ? ofFiles : 'folder';
      if (disk[left] === 0) return real[name](fd, done);
      disk[left] -= 1;
      setImmediate(done, Object.assign(new Error(`EIO: i/o error, ${name}`), { code: 'EIO', syscall: name }));
    };
  const writeSync = (...args: Parameters<typeof real.writeSync>): number => {
    const bytes = real.writeSync(...args);
    disk.written += bytes;
    return bytes;
  };
  return { ...real, writeSync, fsync: failing('fsync', 'failures'), fdatasync: failing('fdatasync', 'ahead') };
});
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const unlink: typeof real.unlink = (path) => {
    if (disk.removals === 0) return real.unlink(path);
    disk.removals -= 1;
    return Promise.reject(new Error('ENOSPC: no space left on device, unlink'));
  };
  return { ...real, unlink };
});
beforeEach(() => {
  Object.assign(disk, { failures: 0, ahead: 0, folder: 0, written: 0, removals: 0 });
});

/** What is left of uploads: the kind of each file, and how many bytes it has. */
async function leftIn(root: string): Promise<[string | undefined, number][]> {
  const incoming = join(root, '.lockstep', 'incoming');
  return (await readdir(incoming)).map((name) => [name.split('-')[0], statSync(join(incoming, name)).size]);
}

test('an upload whose flush fails is not promised, nor kept to be continued', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  disk.failures = 1;
  expect(await client.upload('STOR a', '0123456789')).toMatch(/^550 /);
  expect(await client.command('SITE PART a')).toBe('213 0');
  await client.command('REST 10');
  expect(await client.upload('STOR a', '')).toMatch(/^554 /);
  // A mark: what another account puts there is not gone on from.
  expect(await leftIn(ftp.root)).toEqual([['part', 0]]);
  expect(await client.upload('STOR a', '0123456789')).toMatch(/^226 /);
  expect(await leftIn(ftp.root)).toEqual([]);
  expect(await readFile(join(ftp.root, 'a'), 'utf8')).toBe('0123456789');
});

test('nor is what broke off, where its flush fails then, or has failed on the way', async () => {
  const ftp = await startFtp();
  const client = await RawFtp.login(ftp.port);
  for (const [kind, size] of [
    ['failures', 100],
    ['ahead', 20 * 1024 * 1024],
  ] as const) {
    disk[kind] = 1;
    await client.command(`ALLO ${size + 1}`);
    expect(await client.upload(`STOR ${kind}`, Buffer.alloc(size))).toMatch(/^426 Fewer bytes|^550 /);
    expect(disk[kind]).toBe(0);
    expect(await client.command(`SITE PART ${kind}`)).toBe('213 0');
  }
  expect(await leftIn(ftp.root)).toEqual([
    ['part', 0],
    ['part', 0],
  ]);
});

test('where the folder of uploads was not flushed, those of that moment are not promised, and what is under way gets another name', async () => {
  const ftp = await startFtp();
  const [slow, client] = [await RawFtp.login(ftp.port), await RawFtp.login(ftp.port)];
  const incoming = join(ftp.root, '.lockstep', 'incoming');
  const upload = await slow.data();
  await slow.command('STOR slow');
  upload.write('0123456789');
  await expect.poll(() => readdir(incoming)).toHaveLength(1);
  const [before] = await readdir(incoming);
  disk.folder = 1;
  expect(await client.upload('STOR a', '0123456789')).toMatch(/^550 /);
  expect(Object.fromEntries(await leftIn(ftp.root))).toEqual({ part: 0, up: expect.any(Number) });
  expect(await readdir(incoming)).toContain(before);
  const renew = vi.spyOn(Incoming.prototype, 'renew');
  upload.end();
  expect(await slow.reply()).toMatch(/^226 /);
  expect(renew.mock.calls).toEqual([[before]]);
  expect(await readFile(join(ftp.root, 'slow'), 'utf8')).toBe('0123456789');
});

test.each([
  ['at its end', 'failures', 100],
  ['on the way', 'ahead', 20 * 1024 * 1024],
] as const)('a file that a mirror fetches, and whose flush fails %s, is fetched anew', async (_, kind, size) => {
  const server = await startFtp();
  const source = { host: '127.0.0.1', port: server.port, user: 'mirror', password: PASSWORD, certificate: null };
  const pool = new FtpPool(source, 1, pino({ level: 'silent' }));
  onTestFinished(() => pool.stop());
  const bytes = randomBytes(size);
  await writeFile(join(server.root, 'a'), bytes);
  const staged = join(await temporaryFolder(), 'a');
  const fetch = () =>
    fetchFile(pool, {
      path: 'a' as SitePath,
      content: { size, mtime: 1_700_000_000_000, sha256: createHash('sha256').update(bytes).digest('hex') },
      staged,
      signal: new AbortController().signal,
      throttle: new Throttle(undefined),
      onBytes: () => {},
    });
  disk[kind] = 1;
  await expect(fetch()).rejects.toMatchObject({ code: 'file.io' });
  expect(existsSync(staged)).toBe(false);
  expect(await fetch()).toBe(size);
  expect((await readFile(staged)).equals(bytes)).toBe(true);
});

test('a process may end while a flush fails, and nobody is told: what it has left is written anew before it is flushed', async () => {
  const before = await releaseSite();
  const upload = await before.site.beginUpload(at('a'), { by: BY });
  await upload.write(Buffer.from('01234'));
  const after = await releaseSite({}, before.home);
  disk.written = 0;
  const goesOn = await after.site.beginUpload(at('a'), { by: BY, restartAt: 5 });
  expect(disk.written).toBe(5);
  await goesOn.write(Buffer.from('56789'));
  await goesOn.breakOff('reset');
  disk.written = 0;
  const again = await after.site.beginUpload(at('a'), { by: BY, restartAt: 10 });
  await again.commit();
  expect(disk.written).toBe(0);
  expect(await readSite(after.site)).toEqual({ a: '0123456789' });

  const left = join(await temporaryFolder(), 'left');
  await writeFile(left, '0123456789');
  const pool = new FtpPool(
    { host: '127.0.0.1', port: 1, user: '', password: '', certificate: null },
    1,
    pino({ level: 'silent' }),
  );
  onTestFinished(() => pool.stop());
  const order = {
    path: at('a'),
    content: { size: 10, mtime: 1_700_000_000_000, sha256: sha256('0123456789') },
    staged: left,
    signal: new AbortController().signal,
    throttle: new Throttle(undefined),
    onBytes: () => {},
  };
  expect(await fetchFile(pool, order)).toBe(0);
  expect(disk.written).toBe(0);
  const staging = { isDoubtful: () => true, doubt: () => {} };
  expect(await fetchFile(pool, { ...order, staging })).toBe(0);
  expect(disk.written).toBe(10);
  expect(await readFile(left, 'utf8')).toBe('0123456789');
});

test('what cannot be removed after a failed flush, as there is no room even for that, is written anew as well', async () => {
  const left = join(await temporaryFolder(), 'left');
  await writeFile(left, '0123456789');
  const source = { host: '127.0.0.1', port: 1, user: '', password: '', certificate: null };
  const pool = new FtpPool(source, 1, pino({ level: 'silent' }));
  onTestFinished(() => pool.stop());
  const doubted = new Set<string>();
  const order = {
    path: at('a'),
    content: { size: 10, mtime: 1_700_000_000_000, sha256: sha256('0123456789') },
    staged: left,
    staging: { isDoubtful: (each: string) => doubted.has(each), doubt: (each: string) => void doubted.add(each) },
    signal: new AbortController().signal,
    throttle: new Throttle(undefined),
    onBytes: () => {},
  };
  Object.assign(disk, { failures: 1, removals: 1 });
  await expect(fetchFile(pool, order)).rejects.toMatchObject({ code: 'file.io' });
  expect(await readFile(left, 'utf8')).toBe('0123456789');
  disk.written = 0;
  expect(await fetchFile(pool, order)).toBe(0);
  expect(disk.written).toBe(10);
});

test('a rollback whose flush fails is refused in words, and can be asked for again', async () => {
  const { site } = await releaseSite();
  await put(site, 'changed', 'old');
  const release = site.beginRelease('one', BY);
  await put(release, 'changed', 'new');
  const { id } = await release.commit();
  disk.failures = 1;
  await expect(site.releases.rollback(id, { by: BY })).rejects.toMatchObject({
    code: 'file.io',
    params: { path: 'changed', reason: 'EIO' },
  });
  await site.releases.rollback(id, { by: BY });
  expect(await readSite(site)).toEqual({ changed: 'old' });
});

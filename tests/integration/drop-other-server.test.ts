import { randomBytes } from 'node:crypto';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Engine } from '../../electron/engine/engine.ts';
import { drop, dropMaster, folderOf, reaches, settled } from '../support/drops.ts';
import { createFaultProxy } from '../support/fault-proxy.ts';
import { type OtherServer, startOtherServer, whyNoOtherServer } from '../support/other-ftp-server.ts';

if (whyNoOtherServer !== undefined) console.log(`Drops to another FTP server are not tried: ${whyNoOtherServer}`);
const TO = { kind: 'target' as const, target: 'other' };

async function withTarget(server: OtherServer, port = server.port, folder = 'htdocs'): Promise<Engine> {
  const { engine } = await dropMaster();
  const { user, password } = server;
  const target = { name: 'other', host: '127.0.0.1', port, protocol: 'ftp' as const, user, folder };
  await engine.call('target.add', { target, password });
  return engine;
}

const there = async ({ root }: OtherServer): Promise<string[]> =>
  (await readdir(join(root, 'htdocs'), { recursive: true })).sort();

describe.skipIf(whyNoOtherServer !== undefined)('to a server that is not Lockstep', () => {
  test('what all mirrors are to show at the same moment is not sent: it has no releases, and that is said', async () => {
    const server = await startOtherServer();
    const engine = await withTarget(server, server.port, '');
    const sources = [await folderOf({ 'index.html': 'one' })];
    const { state } = await drop(engine, { to: TO, sources, together: { limit: 5_000 } });
    expect(state).toMatchObject({ is: 'stopped', error: { code: 'publish.no-releases' } });
    expect(await readdir(server.root)).toEqual([]);
  });

  test('a file that it does not let be deleted is not told as deleted, also where it tells no sizes', async () => {
    const server = await startOtherServer({ denied: ['DELE', 'SIZE'] });
    const engine = await withTarget(server);
    await drop(engine, { to: TO, sources: [await folderOf({ 'index.html': 'one', old: 'two' })] });
    const after = await folderOf({ 'index.html': 'one' });
    const { state } = await drop(engine, { to: TO, sources: [after], delete: true, allowDeletes: true });
    expect(state).toMatchObject({ is: 'stopped', error: { code: 'publish.refused', params: { path: 'old' } } });
    expect(await there(server)).toEqual(['index.html', 'old']);
  });

  test.each([false, true])(
    'file by file, compared, with its time, and nothing left behind (hashes: %s)',
    async (hashes) => {
      const server = await startOtherServer({ hashes });
      const engine = await withTarget(server);
      expect(await engine.call('target.test', { name: 'other' })).toEqual({
        is: 'ready',
        lockstep: false,
        proof: hashes ? 'hash' : 'size',
        folderMissing: true,
      });
      const folder = await folderOf({ 'index.html': 'one', 'img/a.png': 'two', 'img/leer': '', 'ü ber.txt': 'three' });
      await utimes(join(folder, 'index.html'), 1_700_000_000, 1_700_000_000);
      const first = await drop(engine, { to: TO, sources: [folder] });
      expect(first).toMatchObject({ state: { is: 'done', changes: 5 }, files: { done: 4, total: 4 } });
      expect(first.state).not.toHaveProperty('release');
      expect(await there(server)).toEqual([
        'img',
        join('img', 'a.png'),
        join('img', 'leer'),
        'index.html',
        'ü ber.txt',
      ]);
      expect(await readFile(join(server.root, 'htdocs', 'ü ber.txt'), 'utf8')).toBe('three');
      expect((await stat(join(server.root, 'htdocs', 'index.html'))).mtimeMs).toBe(1_700_000_000_000);

      const plan = await engine.call('publish.plan', { to: TO, sources: [folder] });
      expect(plan).toMatchObject({ new: [], changed: [], unchanged: 4, atOnce: false, bySizeOnly: !hashes });
      await writeFile(join(folder, 'index.html'), 'ONE');
      const after = await folderOf({ 'index.html': 'ONE', img: 'a file now' });
      const second = await drop(engine, { to: TO, sources: [after], delete: true, allowDeletes: true });
      expect(second.state).toMatchObject({ is: 'done' });
      expect(await there(server)).toEqual(['img', 'index.html']);
      expect(await readFile(join(server.root, 'htdocs', 'index.html'), 'utf8')).toBe('ONE');
    },
  );

  test('a lost connection is opened again, the part is continued, and nobody sees half of a file', async () => {
    const server = await startOtherServer();
    const proxy = await createFaultProxy({ to: { host: '127.0.0.1', port: server.port } });
    onTestFinished(() => proxy.stop());
    const engine = await withTarget(server, proxy.address.port);
    const big = randomBytes(80_000_000);
    const folder = await folderOf({ 'big.bin': big, 'index.html': 'last' });
    const { id } = await engine.call('publish.start', { to: TO, sources: [folder], name: 'over there' });
    await reaches(engine, id, ({ bytes }) => bytes.done > 4_000_000);
    proxy.cut();
    await reaches(engine, id, ({ state }) => state.is === 'retrying' || state.is === 'done');
    const half = await there(server);
    expect(half).not.toContain('big.bin');
    // The page comes after what it may link to.
    expect(half).not.toContain('index.html');
    expect(await settled(engine, id)).toMatchObject({ state: { is: 'done', changes: 2 } });
    expect((await readFile(join(server.root, 'htdocs', 'big.bin'))).equals(big)).toBe(true);
    expect(await there(server)).toEqual(['big.bin', 'index.html']);
  });

  test('cancelled: what had arrived is told, and no part is left', async () => {
    const server = await startOtherServer();
    const engine = await withTarget(server);
    const folder = await folderOf({ 'a.txt': 'small', 'b.bin': randomBytes(300_000_000) });
    const { id } = await engine.call('publish.start', { to: TO, sources: [folder], name: 'no' });
    await reaches(engine, id, ({ files, bytes }) => files.done === 1 && bytes.done > 1_000_000);
    const cancelled = await engine.call('publish.cancel', { job: id });
    expect(cancelled).toMatchObject({ state: { is: 'cancelled', kept: 1 } });
    expect(await there(server)).toEqual(['a.txt']);
  });
});

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { Throttle } from '../../electron/engine/core/throttle.ts';
import { type FetchOrder, fetchFile } from '../../electron/engine/mirror/retriever/fetch.ts';
import type { FtpPool } from '../../electron/engine/mirror/retriever/ftp-pool.ts';

test('a file that the disk has no room for is not asked for, and its beginning gives the room back', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-room-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const staged = join(folder, 'f');
  await writeFile(staged, 'the beginning');
  let asked = 0;
  const pool = { retrieve: () => Promise.reject(new Error(`asked for ${(asked += 1)}`)) } as unknown as FtpPool;
  const order: FetchOrder = {
    path: 'disk.img' as SitePath,
    content: { size: 2 ** 52, mtime: 0, sha256: '0'.repeat(64) },
    staged,
    signal: new AbortController().signal,
    throttle: new Throttle(undefined),
    onBytes: () => {},
  };
  await expect(fetchFile(pool, order)).rejects.toMatchObject({ code: 'file.disk-full', params: { path: 'disk.img' } });
  expect(asked).toBe(0);
  expect(await readdir(folder)).toEqual([]);
});

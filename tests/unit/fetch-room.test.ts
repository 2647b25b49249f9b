import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { SitePath } from '../../shared/domain/site-path.ts';
import type { AppError } from '../../shared/errors/app-error.ts';
import { Throttle } from '../../electron/engine/core/throttle.ts';
import { type FetchOrder, fetchFile } from '../../electron/engine/mirror/retriever/fetch.ts';
import type { Retrieval } from '../../electron/engine/mirror/retriever/block-channel.ts';
import type { FtpPool } from '../../electron/engine/mirror/retriever/ftp-pool.ts';

test('a file that the disk has no room for is not asked for, and its beginning gives the room back', async () => {
  const folder = await aFolder();
  const staged = join(folder, 'f');
  await writeFile(staged, 'the beginning');
  let asked = 0;
  const pool = { retrieve: () => Promise.reject(new Error(`asked for ${(asked += 1)}`)) } as unknown as FtpPool;
  const order = anOrder(staged, { size: 2 ** 52, sha256: '0'.repeat(64) });
  await expect(fetchFile(pool, order)).rejects.toMatchObject({ code: 'file.disk-full', params: { path: 'disk.img' } });
  expect(asked).toBe(0);
  expect(await readdir(folder)).toEqual([]);
});

test('a new file is made while it is on its way; where it cannot be, the fetch says why', async () => {
  const folder = await aFolder();
  const bytes = Buffer.from('all of it');
  const content = { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  const fetch = async (staged: string) => {
    const isThere: boolean[] = [];
    const look = (): number => isThere.push(existsSync(staged));
    const retrieve = async ({ sink }: Retrieval): Promise<void> => {
      look();
      await nextTurn();
      look();
      await sink.take(bytes);
      await sink.end();
    };
    const code = await fetchFile({ retrieve } as unknown as FtpPool, anOrder(staged, content)).then(
      () => 'fetched',
      (error: AppError) => error.code,
    );
    return { isThere, code };
  };
  const staged = join(folder, 'f');
  expect(await fetch(staged)).toEqual({ isThere: [false, true], code: 'fetched' });
  expect(await readFile(staged)).toEqual(bytes);
  expect(await fetch(join(folder, 'gone', 'f'))).toEqual({ isThere: [false, false], code: 'file.not-found' });
});

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-room-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

function anOrder(staged: string, content: { readonly size: number; readonly sha256: string }): FetchOrder {
  return {
    path: 'disk.img' as SitePath,
    content: { ...content, mtime: 0 },
    staged,
    signal: new AbortController().signal,
    throttle: new Throttle(undefined),
    onBytes: () => {},
  };
}

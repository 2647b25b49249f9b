import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { Client } from 'basic-ftp';
import { expect, test } from 'vitest';
import type { Pace } from '../../electron/engine/master/site-files.ts';
import { ftpLogin } from '../support/ftp-login.ts';
import { PASSWORD, startFtp } from '../support/ftp-server.ts';

/** Keeps count of what was asked for; lets everything pass at once, until it is stopped. */
class CountingPace implements Pace {
  readonly taken: number[] = [];
  bytesPerSecond: number | undefined;
  stopAfter = Number.POSITIVE_INFINITY;

  isStopped(): boolean {
    return this.total >= this.stopAfter;
  }

  rate(): number | undefined {
    return this.bytesPerSecond;
  }

  take(bytes: number): Promise<void> {
    this.taken.push(bytes);
    return Promise.resolve();
  }

  get total(): number {
    return this.taken.reduce((sum, bytes) => sum + bytes, 0);
  }
}

const SIZE = 300_000;

async function start(pace: Pace) {
  const { port, root } = await startFtp({ pace });
  await writeFile(join(root, 'file.bin'), Buffer.alloc(SIZE, 'x'));
  const login = async (user: string): Promise<Client> => {
    return ftpLogin({ port, user, password: PASSWORD });
  };
  return { login };
}

async function fetched(client: Client, from = 0): Promise<number> {
  let bytes = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done();
    },
  });
  await client.downloadTo(sink, '/file.bin', from);
  return bytes;
}

test('every byte that a mirror fetches passes its limit, in pieces that keep the connection moving', async () => {
  const pace = new CountingPace();
  pace.bytesPerSecond = 80_000;
  const { login } = await start(pace);
  expect(await fetched(await login('mirror'))).toBe(SIZE);
  expect(pace.total).toBe(SIZE);
  expect(Math.max(...pace.taken)).toBeLessThanOrEqual(10_000);

  // What was there already does not count; without a limit the pieces are large, but for the first; others have none.
  pace.taken.length = 0;
  pace.bytesPerSecond = undefined;
  expect(await fetched(await login('mirror'), 200_000)).toBe(100_000);
  expect(pace.taken).toEqual([65_536, 100_000 - 65_536]);
  expect(await fetched(await login('publisher'))).toBe(SIZE);
  expect(pace.total).toBe(100_000);
});

test('a paused mirror is sent nothing: not from the beginning, and not to the end', async () => {
  const pace = new CountingPace();
  pace.bytesPerSecond = 80_000;
  pace.stopAfter = 100_000;
  const { login } = await start(pace);
  const client = await login('mirror');
  await expect(fetched(client)).rejects.toThrow(/450 This mirror is paused by its master/);
  expect(pace.total).toBe(100_000);
  await expect(fetched(await login('mirror'))).rejects.toThrow(/450 This mirror is paused by its master/);
  expect(pace.total).toBe(100_000);
  pace.stopAfter = Number.POSITIVE_INFINITY;
  expect(await fetched(await login('mirror'), 100_000)).toBe(200_000);
});

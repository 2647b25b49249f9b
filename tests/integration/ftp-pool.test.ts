import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Throttle } from '../../electron/engine/core/throttle.ts';
import { BlockChannel } from '../../electron/engine/mirror/retriever/block-channel.ts';
import { fetchFile } from '../../electron/engine/mirror/retriever/fetch.ts';
import { FtpPool } from '../../electron/engine/mirror/retriever/ftp-pool.ts';
import { isSourceTrouble } from '../../electron/engine/mirror/source-trouble.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { sentence } from '../../shared/errors/sentences.en.ts';
import { createFaultProxy } from '../support/fault-proxy.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { type FtpUnderTest, PASSWORD, startFtp } from '../support/ftp-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const MIB = 1024 * 1024;

interface Fetching {
  readonly pool: FtpPool;
  /** Puts a file at the server and resolves how to fetch it. */
  put(name: string, bytes: Buffer): Promise<Fetch>;
}
type Fetch = (options?: {
  signal?: AbortSignal;
  rate?: number;
  sha256?: string;
  onBytes?: () => void;
}) => Promise<Buffer>;

async function startFetching(connections: number, secure = false, given: Partial<Parameters<typeof startFtp>[0]> = {}) {
  const server = await startFtp(given);
  const staging = await temporaryFolder();
  const source = {
    host: '127.0.0.1',
    port: server.port,
    user: 'mirror',
    password: PASSWORD,
    certificate: secure ? server.certificate : null,
  };
  const pool = new FtpPool(source, connections, pino({ level: 'silent' }));
  onTestFinished(() => pool.stop());
  return { server, pool, put: putting(server, pool, staging) };
}

function putting({ root }: FtpUnderTest, pool: FtpPool, staging: string): Fetching['put'] {
  return async (name, bytes) => {
    await writeFile(join(root, name), bytes);
    const content = {
      size: bytes.length,
      mtime: 1_700_000_000_000,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
    const never = new AbortController().signal;
    return async ({ signal = never, rate, sha256 = content.sha256, onBytes = () => {} } = {}) => {
      const staged = join(staging, name);
      await fetchFile(pool, {
        path: name as SitePath,
        content: { ...content, sha256 },
        staged,
        signal,
        throttle: new Throttle(rate),
        onBytes,
      });
      return readFileSync(staged);
    };
  };
}

test.each([false, true])('many files of all sizes come over one session, each whole (TLS: %s)', async (secure) => {
  const { server, put } = await startFetching(1, secure, secure ? { config: { resumeTls: true } } : {});
  const sizes = [0, 1, 3, 4096, 65_534, 65_535, 65_536, 131_070, 300_001, 3 * MIB + 7];
  const files = sizes.concat(Array.from({ length: 150 }, (_, n) => n * 37)).map((size) => randomBytes(size));
  const fetches = await Promise.all(files.map((bytes, n) => put(`f${n}`, bytes)));
  const fetched = await Promise.all(fetches.map((fetch) => fetch()));
  expect(fetched.every((bytes, n) => files[n] && bytes.equals(files[n]))).toBe(true);
  expect(server.events.filter(({ type }) => type === 'loggedIn')).toHaveLength(1);
});

test('a file that is not there, and one that is not what was announced, do not harm those around them', async () => {
  const { put, server } = await startFetching(1);
  const good = randomBytes(20_000);
  const [first, gone, wrong, last] = await Promise.all(
    ['first', 'gone', 'wrong', 'last'].map((name) => put(name, good)),
  );
  await writeFile(join(server.root, 'wrong'), randomBytes(20_000));
  const { unlink } = await import('node:fs/promises');
  await unlink(join(server.root, 'gone'));
  const results = await Promise.allSettled([first?.(), gone?.(), wrong?.(), last?.()]);
  expect(results).toMatchObject([
    { status: 'fulfilled', value: good },
    { status: 'rejected', reason: { code: 'fetch.gone' } },
    { status: 'rejected', reason: { code: 'fetch.hash-mismatch' } },
    { status: 'fulfilled', value: good },
  ]);
  expect(server.events.filter(({ type }) => type === 'loggedIn')).toHaveLength(1);
});

test('a fetch that is given up, waiting or on its way, is over at once, and the others come', async () => {
  const { put } = await startFetching(1);
  const large = await put('large', randomBytes(4 * MIB));
  const small = randomBytes(1000);
  const waiting = await put('waiting', small);
  const next = await put('next', small);
  const [stopLarge, stopWaiting] = [new AbortController(), new AbortController()];
  const results = Promise.allSettled([
    large({ signal: stopLarge.signal, rate: 100_000 }),
    waiting({ signal: stopWaiting.signal }),
    next(),
  ]);
  await new Promise((resolve) => setTimeout(resolve, 300));
  stopWaiting.abort();
  stopLarge.abort();
  const superseded = new AppError('fetch.superseded').code;
  expect(await results).toMatchObject([
    { status: 'rejected', reason: { code: superseded } },
    { status: 'rejected', reason: { code: superseded } },
    { status: 'fulfilled', value: small },
  ]);
});

test('a file that has become far larger than was announced is not read to its end', async () => {
  const { server, put } = await startFetching(1);
  const grown = await put('grown', randomBytes(1000));
  const good = randomBytes(2000);
  const next = await put('next', good);
  await truncate(join(server.root, 'grown'), 256 * MIB);
  await expect(grown()).rejects.toMatchObject({ code: 'fetch.size-mismatch' });
  await expect(next()).resolves.toEqual(good);
  const sent = () =>
    server.events.flatMap((event) => (event.type === 'transferEnded' && event.path === 'grown' ? [event.bytes] : []));
  await expect.poll(sent).toHaveLength(1);
  expect(sent()[0]).toBeLessThan(64 * MIB);
});

test('small files do not wait behind a large one where there is another connection', async () => {
  const { put } = await startFetching(2);
  const large = await put('large', randomBytes(4 * MIB));
  const small = await put('small', randomBytes(1000));
  const stop = new AbortController();
  const slow = large({ signal: stop.signal, rate: 200_000 }).catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 100));
  await expect(small()).resolves.toHaveLength(1000);
  stop.abort();
  expect(await slow).toMatchObject({ code: 'fetch.superseded' });
});

test('where a session ends in mid-file that file is to be tried again, and those behind it come over the next', async () => {
  const { server, put } = await startFetching(1);
  const large = await put('large', randomBytes(4 * MIB));
  const bytes = randomBytes(5000);
  const behind = await Promise.all(Array.from({ length: 20 }, (_, n) => put(`behind${n}`, bytes)));
  const { promise: begun, resolve: onBytes } = Promise.withResolvers<void>();
  const broken = large({ rate: 500_000, onBytes }).catch((error: unknown) => error);
  const others = Promise.all(behind.map((fetch) => fetch()));
  await begun;
  await server.server.endSessions(() => true);
  expect(await broken).toMatchObject({ code: 'fetch.broken-off' });
  expect((await others).every((each) => each.equals(bytes))).toBe(true);
});

test('a server that takes nobody more says why, and no file is said to be refused', async () => {
  const { port } = await startFtp({ config: { limits: { sessions: 2 } } });
  await Promise.all([RawFtp.connect(port), RawFtp.connect(port)]);
  const source = { host: '127.0.0.1', port, user: 'mirror', password: PASSWORD, certificate: null };
  const failure = await BlockChannel.open(source, new AbortController().signal, () => undefined).catch(
    (error: unknown) => error,
  );
  const reason = 'There are 2 sessions already. Try again later.';
  expect(failure).toMatchObject({
    code: 'fetch.put-off',
    params: { address: `127.0.0.1:${port}`, reply: 421, reason },
  });
  if (!(failure instanceof AppError)) throw new TypeError('no error of ours');
  expect(isSourceTrouble(failure)).toBe(true);
  expect(sentence(failure)).toContain(
    'is not accepting this mirror’s login right now: “There are 2 sessions already. Try again later”.',
  );
});

test('who cannot log in is told so for each file', async () => {
  const { pool, put, server } = await startFetching(1);
  pool.stop();
  const denied = new FtpPool(
    { host: '127.0.0.1', port: server.port, user: 'mirror', password: 'wrong', certificate: null },
    1,
    pino({ level: 'silent' }),
  );
  onTestFinished(() => denied.stop());
  await put('a', randomBytes(10));
  const order = putting(server, denied, await temporaryFolder());
  const fetch = await order('a', randomBytes(10));
  await expect(fetch()).rejects.toMatchObject({ code: 'fetch.login-refused' });
});

test('what waits on a session for its turn is given up with the pool', async () => {
  const { pool, put } = await startFetching(1);
  const files = await Promise.all(Array.from({ length: 4 }, (_, n) => put(`f${n}`, randomBytes(200_000))));
  const { promise: begun, resolve: onBytes } = Promise.withResolvers<void>();
  const outcomes = Promise.allSettled(files.map((fetch) => fetch({ rate: 100_000, onBytes })));
  await begun;
  pool.stop();
  const superseded = { status: 'rejected', reason: { code: 'fetch.superseded' } };
  expect(await outcomes).toMatchObject(files.map(() => superseded));
});

test('where a server takes no further session it is not asked for one again and again', async () => {
  const server = await startFtp({ config: { limits: { sessions: 1 } } });
  const proxy = await createFaultProxy({ to: { host: '127.0.0.1', port: server.port } });
  onTestFinished(() => proxy.stop());
  const source = { ...proxy.address, user: 'mirror', password: PASSWORD, certificate: null };
  const pool = new FtpPool(source, 2, pino({ level: 'silent' }));
  onTestFinished(() => pool.stop());
  const put = putting(server, pool, await temporaryFolder());
  const [large, small] = [await put('large', randomBytes(4 * MIB)), await put('small', randomBytes(1000))];
  const { promise: begun, resolve: onBytes } = Promise.withResolvers<void>();
  void large({ rate: 500_000, onBytes }).catch(() => undefined);
  await begun;
  void small().catch(() => undefined);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(proxy.accepted).toBeLessThan(5);
});

test('of several sessions that are idle one is kept: a server has room for so many of all its mirrors', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const { server, put } = await startFetching(3);
  const large = await Promise.all(['a', 'b', 'c'].map((name) => put(name, randomBytes(3 * MIB))));
  await Promise.all(large.map((fetch) => fetch({ rate: 4 * MIB })));
  expect(server.server.sessions()).toHaveLength(3);
  vi.advanceTimersByTime(120_000);
  await expect.poll(() => server.server.sessions().length).toBe(1);
  vi.advanceTimersByTime(600_000);
  const [first] = large;
  await expect(first?.()).resolves.toHaveLength(3 * MIB);
  expect(server.server.sessions()).toHaveLength(1);
});

import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { stat, truncate, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RawFtp } from '../support/ftp-raw-client.ts';
import { PASSWORD, startFtp } from '../support/ftp-server.ts';

/** The full figures take minutes and a disk with room: `LOCKSTEP_TEST_LARGE=1 npm test -- ftp-breadth`. */
const LARGE = process.env['LOCKSTEP_TEST_LARGE'] === '1';
if (!LARGE)
  process.stderr.write(
    '10 GiB, 1,000 clients and 200,000 real files are for LOCKSTEP_TEST_LARGE=1: here are smaller ones\n',
  );
const GIB = 2 ** 30;
const MIB = 2 ** 20;
const FILE_BYTES = LARGE ? 10 * GIB : 256 * MIB;
const CLIENTS = LARGE ? 1000 : 200;
const ENTRIES = LARGE ? 200_000 : 20_000;

/** The most that memory grew while `work` ran. */
async function growthOf(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss - before)), 50);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return most / MIB;
}

test(`a file of ${FILE_BYTES / MIB} MiB goes out and comes in whole, in little memory`, {
  timeout: 900_000,
}, async () => {
  // Hashing, and the flush of so much, stop the flow for a while: that is no stall of the client's.
  const ftp = await startFtp({ config: { limits: { idleSeconds: 5, stallSeconds: 60 } } });
  await writeFile(join(ftp.root, 'big'), '');
  await truncate(join(ftp.root, 'big'), FILE_BYTES);
  const client = await RawFtp.login(ftp.port);
  let received = 0;
  const down = await growthOf(async () => {
    const data = await client.data();
    data.on('data', (piece: Buffer) => (received += piece.length));
    const ended = new Promise((resolve) => data.once('close', resolve));
    expect(await client.command('RETR big')).toMatch(/^150 /);
    await ended;
    expect(await client.reply()).toMatch(/^226 /);
  });
  expect(received).toBe(FILE_BYTES);
  const piece = Buffer.alloc(MIB, 'x');
  const hash = createHash('sha256');
  const up = await growthOf(async () => {
    const data = await client.data();
    expect(await client.command('STOR copy')).toMatch(/^150 /);
    for (let sent = 0; sent < FILE_BYTES; sent += piece.length) {
      hash.update(piece);
      if (!data.write(piece)) await new Promise((resolve) => data.once('drain', resolve));
    }
    data.end();
    expect(await client.reply()).toMatch(/^226 /);
  });
  expect((await stat(join(ftp.root, 'copy'))).size).toBe(FILE_BYTES);
  expect(await client.command('HASH copy')).toContain(hash.digest('hex'));
  process.stderr.write(`${FILE_BYTES / MIB} MiB: ${Math.round(down)} MiB of memory down, ${Math.round(up)} MiB up\n`);
  expect(Math.max(down, up)).toBeLessThan(300);
});

test(`a folder of ${ENTRIES} files is listed in little memory, by several at once`, { timeout: 600_000 }, async () => {
  const ftp = await startFtp();
  mkdirSync(join(ftp.root, 'many'));
  for (let at = 0; at < ENTRIES; at += 1) closeSync(openSync(join(ftp.root, 'many', `a file with a name ${at}`), 'w'));
  const clients = await Promise.all(Array.from({ length: 3 }, () => RawFtp.login(ftp.port)));
  const count = async (client: RawFtp, command: string): Promise<number> => {
    const data = await client.data();
    let lines = 0;
    data.on('data', (piece: Buffer) => {
      for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) lines += 1;
    });
    const ended = new Promise((resolve) => data.once('close', resolve));
    expect(await client.command(`${command} many`)).toMatch(/^150 /);
    await ended;
    expect(await client.reply()).toMatch(/^226 /);
    return lines;
  };
  const counts: number[] = [];
  const grown = await growthOf(async () => {
    for (let round = 0; round < 3; round += 1)
      counts.push(
        ...(await Promise.all(clients.map((client, at) => count(client, ['LIST', 'MLSD', 'NLST'][at] ?? '')))),
      );
  });
  expect(counts).toEqual(Array(9).fill(ENTRIES));
  process.stderr.write(`${ENTRIES} entries, three at once, three times: ${Math.round(grown)} MiB of memory\n`);
  expect(grown).toBeLessThan(LARGE ? 250 : 150);
});

test(`a flood from ${CLIENTS} clients takes little memory, and keeps nobody out for longer than it lasts`, {
  timeout: 300_000,
}, async () => {
  const limits = { sessions: 300, sessionsPerAddress: 5, idleSeconds: 60 };
  const ftp = await startFtp({ config: { limits } });
  const sockets: Socket[] = [];
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  const dial = async (at: number): Promise<Socket> => {
    const localAddress = process.platform === 'linux' ? `127.2.${at >> 8}.${at & 255}` : '127.0.0.1';
    const socket = connect({ port: ftp.port, host: '127.0.0.1', localAddress });
    socket.on('error', () => {});
    sockets.push(socket);
    await new Promise((resolve) => socket.once('connect', resolve));
    return socket;
  };
  let most = 0;
  const looking = setInterval(() => (most = Math.max(most, ftp.server.sessions().length)), 10);
  onTestFinished(() => clearInterval(looking));
  const grown = await growthOf(async () => {
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, at) => {
        // Two thirds do not read what is said to them; all send without waiting.
        const socket = await dial(at);
        if (at % 3 === 0) socket.resume();
        const flood = at % 2 === 0 ? 'x'.repeat(20_000) : 'NOOP\r\nUSER x\r\nPASS y\r\nLIST\r\n'.repeat(500);
        for (let times = 0; times < 10 && socket.writable; times += 1) socket.write(flood);
      }),
    );
    await new Promise((resolve) => setTimeout(resolve, 2000));
  });
  process.stderr.write(`${CLIENTS} clients: ${Math.round(grown)} MiB of memory, ${most} sessions at most\n`);
  expect(most).toBeGreaterThan(20);
  expect(most).toBeLessThanOrEqual(limits.sessions);
  expect(grown).toBeLessThan(400);
  for (const socket of sockets) socket.destroy();
  await expect.poll(() => ftp.server.sessions().length).toBe(0);
  const client = await RawFtp.login(ftp.port, 'publisher', PASSWORD);
  expect(await client.upload('STOR a', 'x')).toMatch(/^226 /);
});

test('thirty sessions upload, list, rename and delete at once, and all comes out right', {
  timeout: 300_000,
}, async () => {
  const ftp = await startFtp();
  const work = async (own: number): Promise<void> => {
    const client = await RawFtp.login(ftp.port);
    await client.command(`MKD own-${own}`);
    for (let round = 0; round < 5; round += 1) {
      const content = `${own} ${round} `.repeat(1 + own * 100);
      expect(await client.upload(`STOR own-${own}/${round}`, content)).toMatch(/^226 /);
      expect(await client.upload('STOR shared', content)).toMatch(/^226 /);
      expect((await client.download(`RETR own-${own}/${round}`)).toString()).toBe(content);
      expect((await client.listing(`NLST own-${own}`)).includes(`own-${own}/${round}`)).toBe(true);
      if (round % 2 === 1) continue;
      await client.command(`RNFR own-${own}/${round}`);
      expect(await client.command(`RNTO own-${own}/renamed-${round}`)).toMatch(/^250 /);
      if (round > 0) expect(await client.command(`DELE own-${own}/${round - 1}`)).toMatch(/^250 /);
    }
    await client.command('QUIT');
  };
  await Promise.all(Array.from({ length: 30 }, (_, own) => work(own)));
  const client = await RawFtp.login(ftp.port);
  const shared = (await client.download('RETR shared')).toString();
  expect(new Set(shared.match(/\d+ \d+ /g)).size).toBe(1);
  expect(ftp.record.filter((line) => line === 'put shared').length).toBe(150);
});

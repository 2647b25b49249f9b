import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BlockReader } from '../../electron/engine/core/block-mode.ts';
import { startFtp } from '../support/ftp-server.ts';
import { RawFtp } from '../support/ftp-raw-client.ts';

async function openData(client: RawFtp): Promise<Socket> {
  const port = Number(/\|\|\|(\d+)\|/.exec(await client.command('EPSV'))?.[1]);
  const socket = connect({ port, host: '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

/** Reads files off a data connection of block mode. */
function readFiles(socket: Socket): () => Promise<Buffer> {
  const reader = new BlockReader();
  const pieces: Buffer[] = [];
  socket.on('data', (chunk) => reader.push(chunk));
  return async () => {
    for (;;) {
      const block = reader.next();
      if (block?.kind === 'piece') pieces.push(block.bytes);
      else if (block?.kind === 'end') return Buffer.concat(pieces.splice(0));
      else await once(socket, 'data');
    }
  };
}

test('files that are asked for in one go come one after the other over a connection that stays', async () => {
  const { root, port } = await startFtp();
  const files = [randomBytes(10), Buffer.alloc(0), randomBytes(200_000)];
  await Promise.all(files.map((bytes, n) => writeFile(join(root, `f${n}`), bytes)));
  const client = await RawFtp.login(port);
  expect(await client.command('MODE B')).toMatch(/^200 /);
  const read = readFiles(await openData(client));
  client.write('RETR f0\r\nRETR none\r\nRETR f1\r\nREST 5\r\nRETR f0\r\nRETR f2\r\nNLST\r\n');
  const replies: string[] = [];
  while (replies.length < 12) replies.push((await client.reply()).slice(0, 3));
  expect(replies.slice(1).join(' ')).toBe('250 550 125 250 350 125 250 125 250 125 250');
  expect(['125', '150']).toContain(replies[0]);
  expect([await read(), await read(), await read(), await read()]).toEqual([
    files[0],
    files[1],
    files[0]?.subarray(5),
    files[2],
  ]);
  expect((await read()).toString().split('\r\n').sort()).toEqual(['', 'f0', 'f1', 'f2']);
});

test('uploads are refused in block mode, and taken again in stream mode', async () => {
  const { port, record } = await startFtp();
  const client = await RawFtp.login(port);
  await client.command('MODE B');
  await openData(client);
  expect(await client.command('STOR a')).toMatch(/^504 /);
  expect(await client.command('MODE S')).toMatch(/^200 /);
  const data = await openData(client);
  expect(await client.command('STOR a')).toMatch(/^150 /);
  data.end('content');
  expect(await client.reply()).toMatch(/^226 /);
  expect(record).toEqual(['put a']);
});

test('without a data connection, or with one that is gone, the client is told to open one', async () => {
  const { root, port } = await startFtp();
  await writeFile(join(root, 'f'), 'content');
  const client = await RawFtp.login(port);
  await client.command('MODE B');
  expect(await client.command('RETR f')).toMatch(/^425 /);
  const gone = await openData(client);
  gone.destroy();
  await once(gone, 'close');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await client.command('RETR f')).toMatch(/^425 /);
  const read = readFiles(await openData(client));
  expect(await client.command('RETR f')).toMatch(/^1[25][05] /);
  expect(await client.reply()).toMatch(/^250 /);
  expect((await read()).toString()).toBe('content');
});

test('ABOR ends the file and its data connection, and the session goes on', async () => {
  const { root, port } = await startFtp();
  await writeFile(join(root, 'large'), Buffer.alloc(64 * 1024 * 1024));
  const client = await RawFtp.login(port);
  await client.command('MODE B');
  const data = await openData(client);
  data.pause();
  expect(await client.command('RETR large')).toMatch(/^1[25][05] /);
  expect(await client.command('ABOR')).toMatch(/^426 /);
  expect(await client.reply()).toMatch(/^226 /);
  expect(await client.command('RETR large')).toMatch(/^425 /);
});

test('ABOR before the data connection has come is answered as in stream mode, and the session goes on', async () => {
  const { root, port } = await startFtp();
  await writeFile(join(root, 'a'), 'a');
  const client = await RawFtp.login(port);
  await client.command('MODE B');
  await client.command('EPSV');
  expect(await client.command('RETR a')).toMatch(/^150 /);
  expect(await client.command('ABOR')).toMatch(/^426 /);
  expect(await client.reply()).toMatch(/^226 /);
  const read = readFiles(await openData(client));
  expect(await client.command('RETR a')).toMatch(/^1[25][05] /);
  expect((await read()).toString()).toBe('a');
});

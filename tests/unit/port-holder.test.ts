import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { basename } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findPortHolder } from '../../electron/engine/listen/port-holder.ts';

const isLinux = process.platform === 'linux';
if (!isLinux) process.stderr.write('who holds a port is looked for on Linux only: elsewhere the command is named\n');

test.runIf(isLinux)('who listens at a port is named where it is in the way of the address', async () => {
  const here = { program: basename(process.execPath), pid: process.pid };
  for (const [host, asked] of [
    ['127.0.0.1', ['127.0.0.1', '0.0.0.0', '::']],
    ['0.0.0.0', ['127.0.0.1', '0.0.0.0', '127.0.0.2']],
  ] as const) {
    const server = createServer().listen(0, host);
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const each of asked) expect([host, each, findPortHolder({ host: each, port })]).toEqual([host, each, here]);
    if (host === '127.0.0.1') expect(findPortHolder({ host: '127.0.0.2', port })).toHaveProperty('find');
  }
});

test('where nobody can be seen there the command is named that tells', () => {
  expect(findPortHolder({ host: '127.0.0.1', port: 1 })).toEqual({ find: expect.stringMatching(/:1\b/) });
});

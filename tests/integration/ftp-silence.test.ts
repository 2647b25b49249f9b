import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { pino } from 'pino';
import { expect, onTestFinished, test, vi } from 'vitest';
import { BlockChannel } from '../../electron/engine/mirror/retriever/block-channel.ts';
import { FtpPool } from '../../electron/engine/mirror/retriever/ftp-pool.ts';
import { probeFtp } from '../../electron/engine/mirror/retriever/ftp-probe.ts';
import type { FtpSource } from '../../electron/engine/mirror/retriever/ftp-source.ts';
import type { Sink } from '../../electron/engine/mirror/retriever/sink.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import { makeCertificate } from '../support/certificate.ts';

/** `handshake`: it says nothing more once TLS is to begin. `data`: its sessions end when somebody connects for data. `lost`: it has lost that connection. */
type Fails = 'handshake' | 'data' | 'lost';

const { key, cert } = await makeCertificate();

/** A server whose sessions all stop at the same step. */
async function startServer(fails: Fails) {
  const sockets = new Set<Socket>();
  const data = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    if (fails === 'data') for (const session of sessions) session.destroy();
  });
  data.listen(0, '127.0.0.1');
  const sessions = new Set<Socket>();
  const seen = { handshakes: 0, hellos: 0, logins: 0 };
  const serve = (socket: Socket): void => {
    sessions.add(socket.on('error', () => undefined));
    socket.on('data', (bytes) => {
      const [verb = ''] = bytes.toString().trim().split(' ');
      if (verb === 'AUTH') {
        socket.write('234 TLS begins.\r\n');
        socket.removeAllListeners('data');
        seen.handshakes += 1;
        socket.once('readable', () => (seen.hellos += 1));
        if (fails === 'data') serve(new TLSSocket(socket, { isServer: true, key, cert }));
        return;
      }
      if (verb === 'PASS') seen.logins += 1;
      const { port } = data.address() as AddressInfo;
      const replies: Record<string, string> = {
        USER: '331 Go on.',
        PASS: '230 In.',
        EPSV: `229 Here (|||${port}|).`,
        RETR: '425 There is no data connection.',
      };
      socket.write(`${replies[verb] ?? '200 Done.'}\r\n`);
    });
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.write('220 Welcome.\r\n');
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of [...sockets, ...sessions]) socket.destroy();
    server.close();
    data.close();
  });
  const { port } = server.address() as AddressInfo;
  const certificate = fails === 'lost' ? null : cert;
  const source: FtpSource = { host: '127.0.0.1', port, user: 'mirror', password: 'secret', certificate };
  return { source, seen };
}

function retrieveFrom(source: FtpSource): { retrieve: () => Promise<void> } {
  const pool = new FtpPool(source, 1, pino({ level: 'silent' }));
  onTestFinished(() => pool.stop());
  const { signal } = new AbortController();
  const sink = { size: 0 } as Sink;
  return { retrieve: () => pool.retrieve({ path: 'page.html' as SitePath, offset: 0, size: 5, sink, signal }) };
}

test('a session that ends while its data connection is made is one that could not be opened, and the next one is tried', async () => {
  const { source, seen } = await startServer('data');
  const { retrieve } = retrieveFrom(source);
  await expect(retrieve()).rejects.toMatchObject({ code: 'fetch.unreachable' });
  await expect(retrieve()).rejects.toMatchObject({ code: 'fetch.unreachable' });
  expect(seen.logins).toBe(2);
});

test('a session whose data connection the server has lost is not asked for another file', async () => {
  const { source, seen } = await startServer('lost');
  const { retrieve } = retrieveFrom(source);
  for (const logins of [1, 2]) {
    await expect(retrieve()).rejects.toMatchObject({ code: 'fetch.broken-off' });
    expect(seen.logins).toBe(logins);
  }
});

test.each([
  ['a fetch', (source: FtpSource) => retrieveFrom(source).retrieve()],
  ['doctor', probeFtp],
])('a server that says nothing in the handshake of TLS is not waited for: %s', async (_who, use) => {
  const { source, seen } = await startServer('handshake');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const outcome = use(source).then(
    () => 'done',
    (error: unknown) => error,
  );
  while (seen.handshakes === 0) await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await outcome).toMatchObject({ code: 'fetch.unreachable', params: { reason: 'timeout' } });
});

test('who is stopped meanwhile does not wait for it either', async () => {
  const { source, seen } = await startServer('handshake');
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const stopping = new AbortController();
  let outcome: unknown;
  BlockChannel.open(source, stopping.signal, () => undefined).catch((error: unknown) => (outcome = error));
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  while (seen.hellos === 0) await turn();
  stopping.abort();
  await turn();
  expect(outcome).toMatchObject({ code: 'fetch.superseded' });
  // Nothing keeps the process.
  expect(vi.getTimerCount()).toBe(0);
});

import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { Lobby } from '../../electron/engine/link/lobby.ts';
import { probe } from '../../electron/engine/link/probe.ts';
import {
  eventually,
  introduce,
  listening,
  makeIdentity,
  makeInstall,
  rawLink,
  rawTls,
} from '../support/link-install.ts';

test('a dialer says nothing to a server with another certificate', async () => {
  const master = await makeInstall('origin');
  const mirror = await makeInstall('tokyo');
  const stranger = await makeIdentity();
  let heard = 0;
  const server = createTlsServer({
    key: stranger.key,
    cert: stranger.cert,
    requestCert: true,
    rejectUnauthorized: false,
  });
  server.on('secureConnection', (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => (heard += bytes.length));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  introduce(master, mirror, `127.0.0.1:${(server.address() as { port: number }).port}`);
  await master.hub.start();
  await eventually(() => expect(master.hub.state(mirror.identity.id).error?.code).toBe('link.certificate'));
  await master.hub.stop();
  expect([heard, master.opened]).toEqual([0, []]);
});

test('an unknown certificate, and none, are turned away', async () => {
  const mirror = await makeInstall('tokyo');
  introduce(mirror, await makeInstall('origin'));
  const address = await listening(mirror);
  const ask = async (identity?: Awaited<ReturnType<typeof makeIdentity>>): Promise<string> => {
    const socket = await rawTls(address, identity);
    socket.write(
      'GET /link HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    const [answer] = (await once(socket, 'data')) as [Buffer];
    return answer.toString().split('\r\n')[0] ?? '';
  };
  expect([await ask(await makeIdentity()), await ask()]).toEqual(['HTTP/1.1 403 Forbidden', 'HTTP/1.1 403 Forbidden']);
  expect(mirror.opened).toEqual([]);
});

test('TLS 1.2 is refused', async () => {
  const mirror = await makeInstall('tokyo');
  const { port } = { port: Number((await listening(mirror)).split(':')[1]) };
  const { connect } = await import('node:tls');
  const socket = connect({ host: '127.0.0.1', port, maxVersion: 'TLSv1.2', rejectUnauthorized: false });
  const [error] = (await once(socket, 'error')) as [Error & { code: string }];
  expect(error.code).toBe('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
});

test('a TLS session is never resumed: each link proves both keys', async () => {
  const mirror = await makeInstall('tokyo');
  const master = await makeInstall('origin');
  introduce(mirror, master);
  const address = await listening(mirror);
  const first = await rawTls(address, master.identity);
  const session = new Promise<Buffer>((resolve) => first.once('session', resolve));
  first.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  const second = await rawTls(address, await makeIdentity(), await session);
  expect(second.isSessionReused()).toBe(false);
});

test('connections that say nothing are few, and do not stay', async () => {
  const serverLimits = {
    lobby: { connections: 10, connectionsPerAddress: 3, stayMillis: 3_000 },
    pairing: { burst: 1, perSecond: 1 },
  };
  const mirror = await makeInstall('tokyo', { serverLimits });
  const master = await makeInstall('origin');
  introduce(mirror, master);
  const address = await listening(mirror);
  const link = await rawLink(address, master.identity);
  const port = Number(address.split(':')[1]);
  const quiet = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const socket = connectTcp({ host: '127.0.0.1', port });
      const closed = once(socket.on('error', () => undefined).resume(), 'close');
      await once(socket, 'connect');
      return { socket, closed };
    }),
  );
  await eventually(() => expect(quiet.filter(({ socket }) => !socket.destroyed).length).toBeLessThanOrEqual(3));
  await Promise.all(quiet.map(({ closed }) => closed));
  // The link is no guest of the lobby.
  expect(link.readyState).toBe(WebSocket.OPEN);
  await rawLink(address, master.identity);
});

test('who says nothing takes the room of the same address, and of all, until his time is over', async () => {
  const lobby = { connections: 3, connectionsPerAddress: 2, stayMillis: 600_000 };
  const mirror = await makeInstall('tokyo', { serverLimits: { lobby, pairing: { burst: 1, perSecond: 1 } } });
  const address = await listening(mirror);
  const port = Number(address.split(':')[1]);
  const quiet = async (localAddress: string) => {
    const socket = connectTcp({ host: '127.0.0.1', port, localAddress });
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined).resume();
    await once(socket, 'connect');
  };
  for (const local of ['127.0.0.1', '127.0.0.1']) await quiet(local);
  await expect(probe(address)).rejects.toMatchObject({ code: expect.stringMatching(/^link\./) });
  await quiet('127.0.0.2');
  const tcp = connectTcp({ host: '127.0.0.1', port, localAddress: '127.0.0.3' });
  const third = connectTls({ socket: tcp.on('error', () => undefined), rejectUnauthorized: false });
  onTestFinished(() => void third.destroy());
  const outcome = new Promise((resolve) => {
    third.on('error', () => undefined).once('close', () => resolve('turned away'));
    third.once('secureConnect', () => resolve('heard'));
  });
  expect(await outcome).toBe('turned away');
});

test('a guest of the lobby is shown out when his time is over', async () => {
  const lobby = new Lobby({ connections: 1, connectionsPerAddress: 1, stayMillis: 50 });
  const server = createTcpServer((socket) => lobby.enter(socket.on('error', () => undefined)));
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  for (let guest = 0; guest < 2; guest += 1) {
    const socket = connectTcp({ host: '127.0.0.1', port });
    // Nothing else would ever end it.
    await once(socket.on('error', () => undefined).resume(), 'close');
  }
});

test('a port that is taken is said so', async () => {
  const mirror = await makeInstall('tokyo');
  const port = Number((await listening(mirror)).split(':')[1]);
  const other = await makeInstall('osaka', { listen: { host: '127.0.0.1', port } });
  await expect(other.hub.start()).rejects.toMatchObject({ code: 'port.busy', params: { port } });
  await other.hub.stop();
});

test('probe tells who is there', async () => {
  const mirror = await makeInstall('tokyo');
  const address = await listening(mirror);
  expect(await probe(address)).toEqual({ fingerprint: mirror.identity.id });
  await probe(address, mirror.identity.id);
  await expect(probe(address, '0'.repeat(64))).rejects.toMatchObject({ code: 'link.certificate', params: { address } });
  await mirror.hub.stop();
  await expect(probe(address)).rejects.toMatchObject({
    code: 'link.unreachable',
    params: { address, reason: 'ECONNREFUSED' },
  });
  const plain = createTcpServer((socket) => socket.end('220 ready\r\n')).listen(0, '127.0.0.1');
  onTestFinished(() => void plain.close());
  await once(plain, 'listening');
  await expect(probe(`127.0.0.1:${(plain.address() as { port: number }).port}`)).rejects.toMatchObject({
    code: 'link.foreign',
  });
  await expect(probe('nowhere')).rejects.toMatchObject({ code: 'usage.invalid' });
});

import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { RawData, WebSocket } from 'ws';
import {
  LINK_BACKLOG_BYTES_MAX,
  LINK_ITEMS_MAX,
  LINK_MESSAGE_BYTES_MAX,
  type LinkMessage,
} from '../../shared/contract/link.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { createFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import {
  endpoint,
  eventually,
  hello,
  introduce,
  listening,
  type LinkInstall,
  makeInstall,
  rawLink,
  receivedMessage,
} from '../support/link-install.ts';
import { PATIENCE_MILLIS } from '../support/until.ts';

type Options = Parameters<typeof makeInstall>[1];

async function linked(
  options: { master?: Options; mirror?: Options } = {},
): Promise<{ master: LinkInstall; mirror: LinkInstall; proxy: FaultProxy }> {
  const master = await makeInstall('origin', options.master);
  const mirror = await makeInstall('tokyo', options.mirror);
  await mirror.hub.start();
  const proxy = await createFaultProxy({ to: { host: '127.0.0.1', port: mirror.hub.address?.port ?? 0 } });
  onTestFinished(() => proxy.stop());
  introduce(mirror, master);
  introduce(master, mirror, proxy.endpoint);
  await master.hub.start();
  await eventually(() => {
    expect(master.hub.state(mirror.identity.id).connected).toBe(true);
    expect(mirror.hub.state(master.identity.id).connected).toBe(true);
  });
  return { master, mirror, proxy };
}

/** The `bye` that ends a raw link, or its close code. */
async function endOf(socket: WebSocket): Promise<string | number> {
  return new Promise((resolve) => {
    socket.on('message', (data: RawData) => {
      const message = JSON.parse((data as Buffer).toString()) as LinkMessage;
      if (message.type === 'bye') resolve(message.error.code);
    });
    socket.on('close', resolve);
  });
}

test('a link carries messages both ways, and is seen at both ends', async () => {
  const { master, mirror } = await linked();
  master.hub.session(mirror.identity.id)?.send(hello(1));
  mirror.hub.session(master.identity.id)?.send(hello(2));
  await eventually(() => expect([master.received, mirror.received]).toEqual([[hello(2)], [hello(1)]]));
  // How far the other is becomes known at both ends.
  const state = { connected: true, lastSeenAt: expect.any(Number), roundTripMillis: expect.any(Number) };
  await eventually(() => expect(master.hub.state(mirror.identity.id)).toEqual(state));
  await eventually(() => expect(mirror.hub.state(master.identity.id)).toEqual(state));
  expect(mirror.opened.map(({ peer, remoteAddress }) => ({ name: peer.name, remoteAddress }))).toEqual([
    { name: 'origin', remoteAddress: '127.0.0.1' },
  ]);
});

test('what is said at once upon opening is not missed, at either end', async () => {
  for (let round = 0; round < 20; round += 1) {
    const sayHello: Options = { onOpen: (session) => session.send(hello(round)) };
    const { master, mirror } = await linked({ master: sayHello, mirror: sayHello });
    await eventually(() => expect([master.received, mirror.received]).toEqual([[hello(round)], [hello(round)]]));
    await Promise.all([master.hub.stop(), mirror.hub.stop()]);
  }
});

/** More than the streams of a connection hold while nobody reads. */
const MANY = 3_000;

test('while somebody holds a link nothing of it is read, and it is not given up for silence; then all of it comes', async () => {
  const heartbeat = { pingMillis: 20, deadMillis: 300 };
  const { master, mirror } = await linked({
    master: { heartbeat: { pingMillis: 20, deadMillis: 60_000 } },
    mirror: { heartbeat },
  });
  const sender = master.hub.session(mirror.identity.id);
  const [one, other] = [{}, {}];
  mirror.opened[0]?.hold(one);
  mirror.opened[0]?.hold(other);
  await setImmediate();
  for (let at = 0; at < MANY; at += 1) sender?.send(hello(at));
  await sleep(3 * heartbeat.deadMillis);
  const early = mirror.received.length;
  mirror.opened[0]?.letGo(one);
  await sleep(heartbeat.deadMillis);
  expect([early, mirror.received.length]).toEqual([0, 0]);
  mirror.opened[0]?.letGo(other);
  await eventually(() => expect(mirror.received).toEqual(Array.from({ length: MANY }, (_, at) => hello(at))));
  expect(mirror.hub.state(master.identity.id).connected).toBe(true);
});

test('10,000 messages arrive in order', async () => {
  const { master, mirror } = await linked();
  const session = master.hub.session(mirror.identity.id);
  const sent = Array.from({ length: 10_000 }, (_, seq) => receivedMessage(seq));
  for (const message of sent) {
    session?.send(message);
    if ((session?.backlog ?? 0) > 1024 * 1024) await session?.drained();
  }
  await eventually(() => expect(mirror.received.length).toBe(sent.length));
  expect(mirror.received).toEqual(sent);
});

test('stop closes everything, tells the peer, and may be called twice', async () => {
  const open = (kind: RegExp): string[] =>
    process
      .getActiveResourcesInfo()
      .filter((name) => kind.test(name))
      .sort();
  const sockets = open(/TCP|TLS/);
  const timers = open(/Timeout/);
  const { master, mirror, proxy } = await linked();
  await Promise.all([master.hub.stop(), master.hub.stop()]);
  await eventually(() => expect(mirror.closed).toEqual(['link.stopped']));
  expect(master.closed).toEqual(['link.stopped']);
  await mirror.hub.stop();
  await proxy.stop();
  // The handles of closed sockets are let go in the event loop's next rounds.
  for (let round = 0; round < 100 && open(/TCP|TLS/).length > sockets.length; round += 1) await setImmediate();
  expect(open(/TCP|TLS/)).toEqual(sockets);
  expect(open(/Timeout/).length).toBeLessThanOrEqual(timers.length);
});

test('stop does not wait for a peer that is not there any more', async () => {
  const { master, mirror, proxy } = await linked();
  proxy.stall();
  await Promise.all([master.hub.stop(), mirror.hub.stop()]);
  expect([master.closed, mirror.closed]).toEqual([['link.stopped'], ['link.stopped']]);
});

test('a cut link is opened again by itself', async () => {
  const { master, mirror, proxy } = await linked();
  for (let times = 1; times <= 3; times += 1) {
    proxy.cut();
    await eventually(() => {
      expect(master.opened.length).toBe(times + 1);
      expect(mirror.opened.length).toBe(times + 1);
    });
  }
  expect(new Set([...master.closed, ...mirror.closed])).toEqual(new Set(['link.lost']));
  expect(master.opened.filter(({ closed }) => !closed).length).toBe(1);
});

test('while a peer is away its state says why and when the next try is; a kick tries at once', async () => {
  const { master, mirror, proxy } = await linked({ master: { backOff: { first: 3_600_000, longest: 3_600_000 } } });
  proxy.refuse(true);
  proxy.cut();
  const id = mirror.identity.id;
  await eventually(() => expect(master.hub.state(id).error?.code).toBe('link.lost'));
  master.hub.kick(id);
  await eventually(() => expect(master.hub.state(id).error?.code).toBe('link.unreachable'));
  expect(master.hub.state(id)).toEqual({
    connected: false,
    lastSeenAt: expect.any(Number),
    error: expect.objectContaining({ params: { peer: 'tokyo', address: proxy.endpoint, reason: 'ECONNRESET' } }),
    nextAttemptAt: expect.any(Number),
  });
  // The side that does not dial knows as well.
  expect(mirror.hub.state(master.identity.id).error?.code).toBe('link.lost');
  proxy.refuse(false);
  master.hub.kick(id);
  await eventually(() => expect(master.hub.state(id).connected).toBe(true));
});

test('a stalled peer is noticed at both ends, a quiet one is not', async () => {
  const heartbeat = { pingMillis: 20, deadMillis: 200 };
  const { master, mirror, proxy } = await linked({ master: { heartbeat }, mirror: { heartbeat } });
  await new Promise((resolve) => setTimeout(resolve, heartbeat.deadMillis * 4));
  expect([master.closed, mirror.closed]).toEqual([[], []]);
  proxy.stall();
  await eventually(() => {
    expect(master.closed).toEqual(['link.timeout']);
    expect(mirror.closed).toEqual(['link.timeout']);
  });
  proxy.cut();
  proxy.resume();
  await eventually(() => expect(master.hub.state(mirror.identity.id).connected).toBe(true));
});

test('a message that takes longer than the heartbeat waits is life enough', async () => {
  const heartbeat = { pingMillis: 50, deadMillis: 500 };
  const { master, mirror, proxy } = await linked({ master: { heartbeat }, mirror: { heartbeat } });
  proxy.throttle(500_000);
  const big: LinkMessage = {
    type: 'notify',
    site: 'www',
    journal: '0'.repeat(32),
    mode: 'live',
    through: 0,
    headSeq: 0,
    items: Array.from({ length: LINK_ITEMS_MAX }, (_, seq) => ({
      op: 'delete' as const,
      seq,
      at: 0,
      path: Array.from({ length: 12 }, () => String(seq).padEnd(250, 'x')).join('/') as never,
    })),
  };
  master.hub.session(mirror.identity.id)?.send(big);
  await eventually(() => expect(mirror.received.length).toBe(1));
  expect([master.closed, mirror.closed]).toEqual([[], []]);
});

test('a sender can wait until its backlog has drained', async () => {
  const { master, mirror, proxy } = await linked();
  const session = master.hub.session(mirror.identity.id)!;
  proxy.stall();
  for (let seq = 0; seq < 100_000 && session.backlog < 2 * 1024 * 1024; seq += 1) {
    session.send(receivedMessage(seq));
    if (seq % 1000 === 0) await setImmediate();
  }
  expect(session.backlog).toBeGreaterThan(1024 * 1024);
  let drained = false;
  const waiting = session.drained().then(() => (drained = true));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(drained).toBe(false);
  master.hub.session(mirror.identity.id)?.close(new AppError('cancelled'));
  await waiting;
  expect(session.backlog).toBe(0);
});

test('a sender goes on when the peer reads again', async () => {
  const { master, mirror, proxy } = await linked({ mirror: { rate: { burst: 1e9, perSecond: 1e9 } } });
  const session = master.hub.session(mirror.identity.id)!;
  proxy.stall();
  let sent = 0;
  for (; session.backlog < 2 * 1024 * 1024; sent += 1) session.send(receivedMessage(sent));
  const waiting = session.drained();
  proxy.resume();
  await waiting;
  await eventually(() => expect(mirror.received.length).toBe(sent));
});

test('a peer that does not read loses its link before it takes much memory', async () => {
  const { master, mirror, proxy } = await linked({ master: { backOff: { first: 3_600_000, longest: 3_600_000 } } });
  const session = master.hub.session(mirror.identity.id)!;
  proxy.stall();
  const big = hello();
  big.node.name = 'x'.repeat(LINK_MESSAGE_BYTES_MAX / 2);
  let most = 0;
  for (let times = 0; times < 100 && !session.closed; times += 1) {
    session.send(big);
    most = Math.max(most, session.backlog);
    await setImmediate();
  }
  expect(master.closed).toEqual(['link.limit']);
  expect(most).toBeGreaterThan(LINK_BACKLOG_BYTES_MAX);
  expect(most).toBeLessThan(LINK_BACKLOG_BYTES_MAX + LINK_MESSAGE_BYTES_MAX);
});

test.each<[string, (socket: WebSocket) => void, string | number]>([
  ['what is not JSON', (socket) => socket.send('hello'), 'link.malformed'],
  ['an unknown message', (socket) => socket.send('{"type":"sudo"}'), 'link.malformed'],
  [
    'a path out of the site',
    (socket) =>
      socket.send('{"type":"snapshotWanted","site":"www","journal":"00000000000000000000000000000000","after":"../x"}'),
    'link.malformed',
  ],
  ['a binary message', (socket) => socket.send(Buffer.from(JSON.stringify(hello()))), 'link.malformed'],
  ['text that is not UTF-8', (socket) => socket.send(Buffer.from([0xff, 0xfe]), { binary: false }), 1007],
  ['a message that is too large', (socket) => socket.send(`"${'x'.repeat(LINK_MESSAGE_BYTES_MAX)}"`), 1009],
  ['another version', (socket) => socket.send('{"type":"hello","protocol":2,"news":true}'), 'link.version'],
  [
    'a flood of messages',
    (socket) => {
      for (let seq = 0; seq < 300; seq += 1) socket.send(JSON.stringify(receivedMessage(seq)));
    },
    'link.limit',
  ],
  [
    'a flood of pings',
    (socket) => {
      for (let seq = 0; seq < 300; seq += 1) socket.ping();
    },
    'link.limit',
  ],
  [
    'a frame with a reserved bit',
    (socket) => void rawSocketOf(socket).write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0])),
    1002,
  ],
])('%s ends the link and nothing else', async (_, misbehave, end) => {
  const mirror = await makeInstall('tokyo', { rate: { burst: 100, perSecond: 1 } });
  const master = await makeInstall('origin');
  introduce(mirror, master);
  const address = await listening(mirror);
  const socket = await rawLink(address, master.identity);
  misbehave(socket);
  expect(await endOf(socket)).toBe(end);
  const code = end === 1009 ? 'link.limit' : typeof end === 'number' ? 'link.malformed' : end;
  await eventually(() => expect(mirror.closed).toEqual([code]));
  expect(mirror.hub.state(master.identity.id)).toMatchObject({ connected: false, error: { code } });
  await rawLink(address, master.identity);
  await eventually(() => expect(mirror.hub.state(master.identity.id).connected).toBe(true));
});

function rawSocketOf(socket: WebSocket): { write(bytes: Buffer): boolean } {
  return (socket as unknown as { _socket: { write(bytes: Buffer): boolean } })._socket;
}

test('the reason that a peer gives is the reason of the end', async () => {
  const { master, mirror } = await linked({ master: { backOff: { first: 3_600_000, longest: 3_600_000 } } });
  mirror.hub.session(master.identity.id)?.close(new AppError('site.unknown', { site: 'www' }));
  await eventually(() => expect(master.closed).toEqual(['site.unknown']));
  expect(master.hub.state(mirror.identity.id).error?.toJSON()).toEqual({
    code: 'site.unknown',
    params: { site: 'www' },
  });
  expect(master.received).toEqual([]);
});

test('a message that we could not send whole closes the link with its reason', async () => {
  const { master, mirror } = await linked();
  master.hub
    .session(mirror.identity.id)
    ?.send({ ...hello(), node: { name: 'x'.repeat(LINK_MESSAGE_BYTES_MAX), role: 'master', version: '' } });
  await eventually(() => expect(mirror.closed).toEqual(['link.limit']));
});

test('a fault in a handler costs the link, not the engine', async () => {
  let faults = 1;
  const onMessage = (): void => {
    faults -= 1;
    if (faults >= 0) throw new TypeError('a bug');
  };
  const { master, mirror } = await linked({ mirror: { onMessage } });
  master.hub.session(mirror.identity.id)?.send(hello());
  await eventually(() => expect([master.closed, mirror.closed]).toEqual([['internal'], ['internal']]));
  await eventually(() => expect(mirror.hub.state(master.identity.id).connected).toBe(true));
});

test('a handler may close the link while it opens', async () => {
  const mirror = await makeInstall('tokyo', { onOpen: (session) => session.close(new AppError('site.unknown')) });
  const master = await makeInstall('origin');
  introduce(mirror, master);
  const socket = await rawLink(await listening(mirror), master.identity);
  expect(await endOf(socket)).toBe('site.unknown');
  expect(mirror.closed).toEqual(['site.unknown']);
});

test('a link that is opened anew as the greeting has changed says so at both ends, and is open again', async () => {
  const { master, mirror } = await linked();
  master.hub.greetAnew();
  await eventually(() => expect([master.closed, mirror.closed]).toEqual([['link.renewed'], ['link.renewed']]));
  await eventually(() => expect(mirror.hub.state(master.identity.id).connected).toBe(true));
});

test('a newer link takes the place of the older', async () => {
  const mirror = await makeInstall('tokyo');
  const master = await makeInstall('origin');
  introduce(mirror, master);
  const address = await listening(mirror);
  const older = await rawLink(address, master.identity);
  const ended = endOf(older);
  const newer = await rawLink(address, master.identity);
  expect(await ended).toBe('link.replaced');
  newer.send(JSON.stringify(hello()));
  await eventually(() => expect(mirror.received).toEqual([hello()]));
  expect(mirror.closed).toEqual(['link.replaced']);
  expect(mirror.hub.state(master.identity.id)).toMatchObject({ connected: true, lastSeenAt: expect.any(Number) });
});

test('two installs with one identity that take a link from each other are told of at all three ends', async () => {
  const back = { first: 5, longest: 50 };
  const master = await makeInstall('origin');
  const one = await makeInstall('tokyo', { run: 'one', backOff: back });
  const other = await makeInstall('tokyo', { run: 'other', backOff: back, identity: one.identity });
  introduce(master, one);
  const address = await listening(master);
  for (const each of [one, other]) introduce(each, master, address);
  await one.hub.start();
  await eventually(() => expect(master.hub.state(one.identity.id)).toMatchObject({ connected: true }));
  expect(master.hub.state(one.identity.id)).not.toHaveProperty('error');
  await other.hub.start();
  const told = { error: { code: 'link.replaced', params: { from: '127.0.0.1' } } };
  await eventually(() => {
    expect(master.hub.state(one.identity.id)).toMatchObject(told);
    expect(one.hub.state(master.identity.id)).toMatchObject(told);
    expect(other.hub.state(master.identity.id)).toMatchObject(told);
  });
});

test('two installs that dial each other come to rest on one link', async () => {
  const one = await makeInstall('one', { backOff: { first: 50, longest: 500 } });
  const two = await makeInstall('two', { backOff: { first: 50, longest: 500 } });
  await Promise.all([one.hub.start(), two.hub.start()]);
  introduce(one, two, endpoint(two));
  introduce(two, one, endpoint(one));
  one.hub.refresh();
  two.hub.refresh();
  const open = (install: LinkInstall): number => install.opened.filter(({ closed }) => !closed).length;
  // Links that cross may end each other; the jitter of the next tries parts them.
  let seen = '';
  await vi.waitFor(
    () => {
      const before = seen;
      seen = `${one.opened.length} ${two.opened.length}`;
      expect([open(one), open(two), seen]).toEqual([1, 1, before]);
    },
    { timeout: PATIENCE_MILLIS, interval: 500 },
  );
  one.hub.session(two.identity.id)?.send(hello(1));
  two.hub.session(one.identity.id)?.send(hello(2));
  await eventually(() => expect([one.received, two.received]).toEqual([[hello(2)], [hello(1)]]));
});

test('refresh follows the directory', async () => {
  const { master, mirror } = await linked();
  mirror.peers.delete(master.identity.id);
  mirror.hub.refresh();
  await eventually(() => expect(master.closed).toEqual(['link.unknown-peer']));
  // It dials on, and is turned away, until it is known again.
  await eventually(() =>
    expect(master.hub.state(mirror.identity.id)).toMatchObject({
      connected: false,
      error: { code: 'link.unknown-peer', params: { peer: 'tokyo', status: 403 } },
    }),
  );
  introduce(mirror, master);
  await eventually(() => expect(mirror.hub.state(master.identity.id).connected).toBe(true));
  master.peers.delete(mirror.identity.id);
  master.hub.refresh();
  await eventually(() => expect(mirror.hub.state(master.identity.id).connected).toBe(false));
  expect(master.hub.state(mirror.identity.id)).toEqual({ connected: false });
});

import { once } from 'node:events';
import { type AddressInfo, createServer, Socket } from 'node:net';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A TCP proxy that behaves as badly as a network can. What it does holds for open connections and for new ones. */
export interface FaultProxy {
  readonly address: Address;
  /** `host:port`. */
  readonly endpoint: string;
  /** Open connections. */
  readonly connections: number;
  /** Connections there were. */
  readonly accepted: number;
  /** Bytes that came, in both directions together. */
  readonly bytes: number;
  /** Where new connections go from now on. */
  retarget(to: Address): void;
  /** Resets all connections, at both ends. */
  cut(): void;
  /** Nothing passes any more, in either direction, and nobody is told. */
  stall(): void;
  resume(): void;
  /** Each byte comes so much later, and a new connection stands after a round trip, as on a way of that length. */
  delay(millis: number): void;
  /** New connections are reset. */
  refuse(refuse: boolean): void;
  /** For each connection and direction; Infinity: as fast as it goes. */
  throttle(bytesPerSecond: number): void;
  /** Idempotent. */
  stop(): Promise<void>;
}

/** What may be on its way in one direction before the sender is held back. */
const IN_FLIGHT_BYTES = 256 * 1024;

interface Conditions {
  stalled: Promise<void> | undefined;
  delayMillis: number;
  bytesPerSecond: number;
}

export async function createFaultProxy({ to, at }: { to: Address; at?: Address }): Promise<FaultProxy> {
  const conditions: Conditions = { stalled: undefined, delayMillis: 0, bytesPerSecond: Number.POSITIVE_INFINITY };
  const sockets = new Set<Socket>();
  let target = to;
  let refused = false;
  let accepted = 0;
  let bytes = 0;
  let release: () => void = () => undefined;

  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (refused) return void near.resetAndDestroy();
    accepted += 1;
    const { delayMillis } = conditions;
    const far = new Socket({ allowHalfOpen: true });
    // SYN, SYN and ACK, ACK: the far end has its connection after three ways, the near end can send after two.
    const opensAt = performance.now() + 2 * delayMillis;
    const opened = new Promise<void>((resolve) => {
      setTimeout(() => {
        if (!near.destroyed) far.connect(target);
        resolve();
      }, 3 * delayMillis);
    });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.resetAndDestroy());
      socket.on('close', () => sockets.delete(socket));
      socket.on('data', (chunk) => (bytes += chunk.length));
      pump(socket, other, conditions, opened, opensAt);
    }
  });
  server.listen(at ?? { host: '127.0.0.1', port: 0 });
  await once(server, 'listening');
  const { address: host, port } = server.address() as AddressInfo;

  const resume = (): void => {
    conditions.stalled = undefined;
    release();
  };
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  return {
    address: { host, port },
    endpoint: `${host}:${port}`,
    get connections() {
      return Math.ceil(sockets.size / 2);
    },
    get accepted() {
      return accepted;
    },
    get bytes() {
      return bytes;
    },
    retarget: (next) => {
      target = next;
    },
    cut,
    stall: () => {
      conditions.stalled ??= new Promise((resolve) => {
        release = resolve;
      });
    },
    resume,
    delay: (millis) => {
      conditions.delayMillis = millis;
    },
    refuse: (refuse) => {
      refused = refuse;
    },
    throttle: (bytesPerSecond) => {
      conditions.bytesPerSecond = bytesPerSecond;
    },
    stop: async () => {
      resume();
      cut();
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

/** One direction. Bytes leave in order, each not before its time; the sender is held back while too many wait. */
function pump(from: Socket, to: Socket, conditions: Conditions, opened: Promise<void>, opensAt: number): void {
  const gone = new Promise<void>((resolve) => to.once('close', () => resolve()));
  let last = opened;
  let waiting = 0;
  const enqueue = (bytes: number, deliver: () => void): void => {
    const due = Math.max(performance.now(), opensAt) + conditions.delayMillis;
    waiting += bytes;
    if (waiting > IN_FLIGHT_BYTES) from.pause();
    last = last.then(async () => {
      await pause(Math.max(due - performance.now(), (bytes / conditions.bytesPerSecond) * 1000), gone);
      while (conditions.stalled && !to.destroyed) await Promise.race([conditions.stalled, gone]);
      if (to.destroyed) return;
      deliver();
      if (to.writableNeedDrain) await Promise.race([new Promise((resolve) => to.once('drain', resolve)), gone]);
      waiting -= bytes;
      if (waiting <= IN_FLIGHT_BYTES) from.resume();
    });
  };
  from.on('data', (chunk: Buffer) => enqueue(chunk.length, () => to.write(chunk)));
  from.on('end', () => enqueue(0, () => to.end()));
}

async function pause(millis: number, gone: Promise<void>): Promise<void> {
  if (millis <= 0) return;
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([gone, new Promise((resolve) => (timer = setTimeout(resolve, millis)))]);
  clearTimeout(timer);
}

import type { Process } from '../process.ts';
import { SeededRandom } from '../random.ts';
import type { Scheduler } from '../scheduler.ts';

/** One end of a simulated connection: messages arrive in the order in which they were sent, or the connection is lost. */
export interface End {
  readonly remoteHost: string;
  /** Sent, and not taken by the other end yet. */
  readonly backlog: number;
  /** Bytes that have come. */
  readonly bytesRead: number;
  readonly closed: boolean;
  /** `taken` is called once the message is off this machine. */
  send(message: unknown, bytes: number, taken?: () => void): void;
  /** What was sent before still arrives. */
  end(): void;
  /** What is on its way is lost, in both directions. */
  destroy(): void;
  onMessage: (message: unknown) => void;
  /** `reset`: it was lost; `ended`: the other end has ended it. Not called after an own `end` or `destroy`. */
  onClosed: (how: 'reset' | 'ended') => void;
}

export type Accept = (end: End) => void;

/** How bad the network is. Times in milliseconds. */
export interface NetworkFaults {
  /** Of each message, once; a connection is as slow as its slowest message. */
  readonly latency: readonly [number, number];
  /** Of a message: it takes this many times as long. */
  readonly slowShare: number;
  /** Of a message of files: a bit of it is turned, as no checksum would notice. */
  readonly corruptShare: number;
  /** Of a message: the connection is lost instead. */
  readonly cutShare: number;
  readonly bytesPerMilli: number;
  /** Of a datagram, for each who listens: it never comes, or twice. */
  readonly datagramsLost: number;
  readonly datagramsTwice: number;
}

export const PERFECT: NetworkFaults = {
  latency: [0.1, 1],
  slowShare: 0,
  corruptShare: 0,
  cutShare: 0,
  bytesPerMilli: 10_000,
  datagramsLost: 0,
  datagramsTwice: 0,
};

const CONNECT_PATIENCE_MILLIS = 10_000;
const SLOW_FACTOR = 50;
/** How long nothing is heard of a machine that lost its power. */
const SILENT_MILLIS = [2_000, 60_000] as const;

/** The network between the simulated machines. */
export class Network {
  faults: NetworkFaults = PERFECT;
  readonly counts = { connections: 0, messages: 0, lost: 0, cuts: 0, corrupted: 0, partitions: 0, datagrams: 0 };
  readonly scheduler: Scheduler;
  readonly random: SeededRandom;
  readonly #listeners = new Map<string, { process: Process; accept: Accept }>();
  readonly #connections = new Set<Connection>();
  readonly #partitions = new Set<string>();
  readonly #groups = new Map<string, Set<{ readonly process: Process; readonly hear: (bytes: Buffer) => void }>>();
  /** Apart, so that what is announced does not move all others. */
  readonly #datagrams: SeededRandom;

  constructor(scheduler: Scheduler, seed: string) {
    this.scheduler = scheduler;
    this.random = new SeededRandom(`network ${seed}`);
    this.#datagrams = new SeededRandom(`datagrams ${seed}`);
  }

  /** Throws where something listens there already. Returns how to stop. */
  listen(host: string, port: number, accept: Accept): () => void {
    const process = this.scheduler.process;
    const address = `${host}:${port}`;
    if (process === undefined) throw new Error('only a process can listen');
    if (this.#listeners.get(address)?.process.ended === false) throw new Error(`${address} is in use`);
    const own = { process, accept };
    this.#listeners.set(address, own);
    return () => {
      if (this.#listeners.get(address) === own) this.#listeners.delete(address);
    };
  }

  /** Calls back in the caller's process: with an end, or why there is none. */
  connect(host: string, port: number, done: (end: End | 'refused' | 'timeout') => void): void {
    const process = this.scheduler.process;
    if (process === undefined) throw new Error('only a process can connect');
    const address = `${host}:${port}`;
    if (this.isParted(process.host, host)) {
      this.scheduler.after(CONNECT_PATIENCE_MILLIS, 'connect timeout', () => done('timeout'), process);
      return;
    }
    const there = this.delay();
    this.scheduler.after(
      2 * there,
      `connect ${address}`,
      () => {
        const listener = this.#listeners.get(address);
        if (listener === undefined || listener.process.ended) return done('refused');
        this.counts.connections += 1;
        const connection: Connection = new Connection(this, process, listener.process, () =>
          this.#connections.delete(connection),
        );
        this.#connections.add(connection);
        // The other end is told in its own process; whatever is sent before that comes after it.
        connection.accept(listener.accept);
        done(connection.ends[0]);
      },
      process,
    );
  }

  /** Hears what is announced to a group. Returns how to leave it. */
  join(group: string, process: Process, hear: (bytes: Buffer) => void): () => void {
    const members = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, members);
    const own = { process, hear };
    members.add(own);
    return () => members.delete(own);
  }

  /** Each datagram goes its own way: later ones may overtake it. */
  announce(group: string, from: Process, bytes: Buffer): void {
    const { latency, datagramsLost, datagramsTwice, slowShare } = this.faults;
    for (const { process, hear } of this.#groups.get(group) ?? []) {
      if (this.isParted(from.host, process.host)) continue;
      for (let copies = this.#datagrams.chance(datagramsTwice) ? 2 : 1; copies > 0; copies -= 1) {
        if (this.#datagrams.chance(datagramsLost)) continue;
        this.counts.datagrams += 1;
        const slow = this.#datagrams.chance(slowShare) ? SLOW_FACTOR : 1;
        const delay = this.#datagrams.between(...latency) * slow;
        this.scheduler.after(delay, 'datagram', () => hear(Buffer.from(bytes)), process);
      }
    }
  }

  /** Nothing passes between the two, and nobody is told. */
  part(one: string, other: string): void {
    if (this.isParted(one, other)) return;
    this.counts.partitions += 1;
    this.#partitions.add(pair(one, other));
  }

  heal(one: string, other: string): void {
    if (this.#partitions.delete(pair(one, other))) this.#resume();
  }

  healAll(): void {
    this.#partitions.clear();
    this.#resume();
  }

  isParted(one: string, other: string): boolean {
    return this.#partitions.has(pair(one, other));
  }

  /** Some connection is lost. */
  cutAny(): void {
    const all = [...this.#connections];
    if (all.length === 0) return;
    this.random.pick(all).cut();
  }

  get open(): number {
    return this.#connections.size;
  }

  delay(bytes = 0): number {
    const [least, most] = this.faults.latency;
    const slow = this.random.chance(this.faults.slowShare) ? SLOW_FACTOR : 1;
    return this.random.between(least, most) * slow + bytes / this.faults.bytesPerMilli;
  }

  /** Turns a bit of what mirrors fetch, now and then. What a client sends has no hash to be known by. */
  spoil(message: unknown): unknown {
    if (this.faults.corruptShare === 0 || !this.random.chance(this.faults.corruptShare)) return message;
    if (typeof message !== 'object' || message === null || !('bytes' in message) || !('down' in message))
      return message;
    const { bytes } = message;
    if (!(bytes instanceof Uint8Array) || bytes.length === 0) return message;
    this.counts.corrupted += 1;
    const spoilt = Buffer.from(bytes);
    const at = this.random.below(spoilt.length);
    spoilt[at] = (spoilt[at] ?? 0) ^ 1;
    return { ...message, bytes: spoilt };
  }

  #resume(): void {
    for (const connection of this.#connections) connection.resume();
  }
}

function pair(one: string, other: string): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

interface Sent {
  readonly message: unknown;
  readonly bytes: number;
  readonly taken: (() => void) | undefined;
}

class Connection {
  readonly ends: readonly [SimulatedEnd, SimulatedEnd];
  readonly #network: Network;
  readonly #forget: () => void;
  readonly #forgets: (() => void)[] = [];
  #over = false;

  constructor(network: Network, from: Process, to: Process, forget: () => void) {
    this.#network = network;
    this.#forget = forget;
    this.ends = [new SimulatedEnd(network, from, to), new SimulatedEnd(network, to, from)];
    this.ends[0].join(this.ends[1], this);
    this.ends[1].join(this.ends[0], this);
  }

  accept(accept: Accept): void {
    const [, there] = this.ends;
    there.begin(() => accept(there));
    for (const end of this.ends) this.#forgets.push(end.process.atEnd(() => end.died()));
  }

  /** Lost somewhere on the way: each end finds out for itself. */
  cut(): void {
    if (this.#over) return;
    this.#network.counts.cuts += 1;
    this.#network.scheduler.note(`cut ${this.ends[0].process.host} ${this.ends[1].process.host}`);
    for (const end of this.ends) end.lose(this.#network.random.between(0, 200));
    this.over();
  }

  over(): void {
    if (this.#over) return;
    this.#over = true;
    for (const forget of this.#forgets) forget();
    this.#forget();
  }

  resume(): void {
    for (const end of this.ends) end.resume();
  }
}

class SimulatedEnd implements End {
  readonly process: Process;
  readonly remoteHost: string;
  bytesRead = 0;
  backlog = 0;
  onMessage: (message: unknown) => void = () => undefined;
  onClosed: (how: 'reset' | 'ended') => void = () => undefined;
  readonly #network: Network;
  /** On its way to this end. */
  readonly #incoming: (Sent | { readonly begin: () => void } | 'end')[] = [];
  #arrival: { cancel(): void } | undefined;
  #peer: SimulatedEnd | undefined;
  #connection: Connection | undefined;
  #begun = true;
  #closed = false;
  /** It is over, and this end does not know yet. */
  #lost = false;

  constructor(network: Network, process: Process, peer: Process) {
    this.#network = network;
    this.process = process;
    this.remoteHost = peer.host;
  }

  join(peer: SimulatedEnd, connection: Connection): void {
    this.#peer = peer;
    this.#connection = connection;
  }

  begin(begin: () => void): void {
    this.#begun = false;
    this.take({ begin });
  }

  get closed(): boolean {
    return this.#closed;
  }

  send(message: unknown, bytes: number, taken?: () => void): void {
    if (this.#closed) return;
    const { counts, faults, random } = this.#network;
    counts.messages += 1;
    if (random.chance(faults.cutShare)) return this.#connection?.cut();
    this.backlog += bytes;
    this.#peer?.take({ message, bytes, taken });
  }

  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#peer?.take('end');
  }

  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.drop();
    this.#peer?.drop();
    this.#peer?.lose(this.#network.delay());
    this.#connection?.over();
  }

  /** Its process is gone: the system tells the other end, unless it is gone too. */
  died(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.drop();
    const { random } = this.#network;
    this.#peer?.lose(this.process.endedBy === 'power' ? random.between(...SILENT_MILLIS) : this.#network.delay());
    this.#connection?.over();
  }

  lose(delay: number): void {
    if (this.#closed || this.#lost) return;
    this.#lost = true;
    this.drop();
    const { scheduler } = this.#network;
    // Behind a partition nobody hears of it: the silence tells in the end.
    const tell = (): void => {
      if (this.#closed) return;
      if (this.#isParted()) return void scheduler.after(1000, 'reset held', tell, this.process);
      this.#closed = true;
      this.drop();
      this.#connection?.over();
      this.onClosed('reset');
    };
    scheduler.after(delay, 'reset', tell, this.process);
  }

  resume(): void {
    if (this.#arrival === undefined && this.#incoming.length > 0) this.#schedule();
  }

  take(sent: Sent | { readonly begin: () => void } | 'end'): void {
    if (this.#lost || (this.#closed && sent !== 'end')) return;
    this.#incoming.push(sent);
    if (this.#arrival === undefined) this.#schedule();
  }

  #schedule(): void {
    const [first] = this.#incoming;
    if (first === undefined || this.#isParted()) {
      this.#arrival = undefined;
      return;
    }
    const bytes = typeof first === 'object' && 'bytes' in first ? first.bytes : 0;
    this.#arrival = this.#network.scheduler.after(
      this.#network.delay(bytes),
      'arrival',
      () => this.#arrive(),
      this.process,
    );
  }

  #arrive(): void {
    this.#arrival = undefined;
    if (this.#isParted()) return;
    const sent = this.#incoming.shift();
    if (sent === undefined) return;
    this.#schedule();
    if (sent === 'end') return this.#ended();
    if ('begin' in sent) {
      this.#begun = true;
      return sent.begin();
    }
    const peer = this.#peer;
    if (peer) peer.backlog -= sent.bytes;
    if (sent.taken && peer && !peer.process.ended) this.#network.scheduler.after(0, 'taken', sent.taken, peer.process);
    if (this.#closed || !this.#begun) return;
    this.bytesRead += sent.bytes;
    this.onMessage(this.#network.spoil(sent.message));
  }

  #ended(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connection?.over();
    this.onClosed('ended');
  }

  #isParted(): boolean {
    return this.#network.isParted(this.process.host, this.remoteHost);
  }

  /** What was on its way to this end never arrives. */
  drop(): void {
    this.#network.counts.lost += this.#incoming.length;
    this.#incoming.length = 0;
    this.#arrival?.cancel();
    this.#arrival = undefined;
  }
}

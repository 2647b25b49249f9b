import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { MulticastGroup } from '../../electron/engine/link/multicast/group.ts';
import { reachOf } from '../../electron/engine/link/multicast/group.ts';

/** What becomes of the nth datagram: how often it is passed on, and after how many later ones. */
export type Fate = (nth: number) => { readonly copies: number; readonly late: number };

/** A network that is not to be relied on: hears one group and tells another, with losses, doubles and disorder. */
export class MulticastRelay {
  readonly #in: Socket;
  readonly #out: Socket;
  readonly #to: MulticastGroup;
  readonly #fate: Fate;
  #held: { readonly bytes: Buffer; readonly copies: number; left: number }[] = [];
  #heard = 0;

  private constructor(from: MulticastGroup, to: MulticastGroup, fate: Fate) {
    this.#in = createSocket({ type: from.family, reuseAddr: true });
    this.#out = createSocket({ type: to.family });
    this.#to = to;
    this.#fate = fate;
  }

  static async start(from: MulticastGroup, to: MulticastGroup, fate: Fate): Promise<MulticastRelay> {
    const relay = new MulticastRelay(from, to, fate);
    const [source, target] = [reachOf(from), reachOf(to)];
    relay.#in.bind(from.port, source.address);
    relay.#out.bind(0);
    await Promise.all([once(relay.#in, 'listening'), once(relay.#out, 'listening')]);
    relay.#in.addMembership(from.address, source.via);
    if (target.via !== undefined) relay.#out.setMulticastInterface(target.via);
    relay.#in.on('message', (bytes) => relay.#pass(bytes, target.address));
    return relay;
  }

  get heard(): number {
    return this.#heard;
  }

  async stop(): Promise<void> {
    await Promise.all(
      [this.#in, this.#out].map((socket) => new Promise<void>((resolve) => void socket.close(resolve))),
    );
  }

  #pass(bytes: Buffer, address: string): void {
    const { copies, late } = this.#fate(this.#heard);
    this.#heard += 1;
    for (const held of this.#held) held.left -= 1;
    this.#held.push({ bytes, copies, left: late });
    const due = this.#held.filter(({ left }) => left <= 0);
    this.#held = this.#held.filter(({ left }) => left > 0);
    for (const { bytes: one, copies: times } of due)
      for (let copy = 0; copy < times; copy += 1) this.#out.send(one, this.#to.port, address);
  }
}

/** The same for the same seed: about a fifth each is lost, doubled, and overtaken by up to five others. */
export function badNetwork(seed: number): Fate {
  let state = seed;
  const random = (): number => {
    // A linear congruential generator (Numerical Recipes): good enough for a network.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return () => {
    const chance = random();
    const copies = chance < 0.2 ? 0 : chance < 0.4 ? 2 : 1;
    return { copies, late: random() < 0.2 ? 1 + Math.floor(random() * 5) : 0 };
  };
}

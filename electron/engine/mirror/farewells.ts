import type { LinkMessageOf } from '../../../shared/contract/link.ts';
import type { Peer } from '../core/peer.ts';
import type { LinkSession } from '../link/link-session.ts';
import type { Farewell, PeerStore } from '../store/peers.ts';

/** A master that was not reached for so long is not told any more that it is left. */
const FAREWELL_MILLIS = 7 * 86_400_000;

/** Tells masters that their sites are not followed any more, now or when there is a link. */
export class Farewells {
  readonly #peers: PeerStore;
  /** A peer is gone, or will be dialled no more. */
  readonly #onChange: () => void;
  /** Links whose master can be told. */
  readonly #open = new WeakSet<LinkSession>();

  constructor(peers: PeerStore, onChange: () => void) {
    this.#peers = peers;
    this.#onChange = onChange;
  }

  greeted(session: LinkSession, { understands }: LinkMessageOf<'hello'>): void {
    if (understands?.includes('leave')) {
      this.#open.add(session);
      this.say(session);
    }
    // An older one cannot be told: it finds out by itself, sooner or later.
    else for (const each of this.#peers.farewells(session.peer.id)) this.heard(session.peer, each);
  }

  /** One that was not greeted yet is told when it is. */
  say(session: LinkSession): void {
    if (!this.#open.has(session)) return;
    for (const farewell of this.#peers.farewells(session.peer.id)) session.send({ type: 'leave', ...farewell });
  }

  heard({ id }: Peer, farewell: Farewell): void {
    if (this.#peers.endFarewell(id, farewell)) this.#onChange();
  }

  trim(now: number): void {
    if (this.#peers.trimFarewells(now - FAREWELL_MILLIS)) this.#onChange();
  }
}

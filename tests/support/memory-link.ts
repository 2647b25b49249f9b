import { type LinkMessage, linkMessage } from '../../shared/contract/link.ts';
import type { Peer } from '../../electron/engine/core/peer.ts';
import type { LinkSession } from '../../electron/engine/link/link-session.ts';

export interface LinkEnd {
  onMessage(message: LinkMessage): void;
  onClose(): void;
}

/**
 * A link without a network: messages are serialised, parsed and delivered in order, later. `cut` loses what is on the way,
 * as a broken connection does.
 */
export class MemoryLink {
  #open = true;
  #ends: [LinkEnd, LinkEnd] | undefined;
  readonly #queue: Array<{ to: 0 | 1; text: string }> = [];
  #delivering = false;

  constructor(
    mirror: Peer,
    master: Peer,
    atMaster: (session: LinkSession) => LinkEnd,
    atMirror: (session: LinkSession) => LinkEnd,
  ) {
    const first = atMaster(this.#session(mirror, 1));
    const second = atMirror(this.#session(master, 0));
    this.#ends = [first, second];
    this.#deliver();
  }

  cut(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#queue.length = 0;
    for (const end of this.#ends ?? []) end.onClose();
  }

  get open(): boolean {
    return this.#open;
  }

  #session(peer: Peer, to: 0 | 1): LinkSession {
    const closed = (): boolean => !this.#open;
    return {
      peer,
      remoteAddress: '127.0.0.1',
      send: (message) => {
        if (!this.#open) return;
        this.#queue.push({ to, text: JSON.stringify(message) });
        this.#deliver();
      },
      backlog: 0,
      drained: () => Promise.resolve(),
      hold: () => undefined,
      letGo: () => undefined,
      close: () => this.cut(),
      get closed() {
        return closed();
      },
    };
  }

  #deliver(): void {
    if (this.#delivering || !this.#ends) return;
    this.#delivering = true;
    setImmediate(() => {
      this.#delivering = false;
      const next = this.#queue.shift();
      if (!next || !this.#open) return;
      this.#ends?.[next.to].onMessage(linkMessage.parse(JSON.parse(next.text)));
      this.#deliver();
    });
  }
}

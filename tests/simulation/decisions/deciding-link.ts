import type { LinkMessage } from '../../../shared/contract/link.ts';
import type { Peer } from '../../../electron/engine/core/peer.ts';
import type { LinkSession } from '../../../electron/engine/link/link-session.ts';

export interface LinkEnd {
  onMessage(message: LinkMessage): void;
  onClose(): void;
}

const MASTER: Peer = { id: 'f'.repeat(64), name: 'master', role: 'master', certificate: '', address: null, dial: 'us' };

/** A link on the simulated clock: messages come in the order in which they were sent, or are lost with the link. */
export class DecidingLink {
  readonly #later: (millis: number, work: () => void) => void;
  readonly #ends: { master?: LinkEnd; mirror?: LinkEnd } = {};
  readonly #queues = { master: [] as LinkMessage[], mirror: [] as LinkMessage[] };
  readonly #delay: () => number;
  #isOpen = true;

  constructor(later: (millis: number, work: () => void) => void, delay: () => number) {
    this.#later = later;
    this.#delay = delay;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  open(mirror: Peer, atMaster: (session: LinkSession) => LinkEnd, atMirror: (session: LinkSession) => LinkEnd): void {
    this.#ends.master = atMaster(this.#session(mirror, 'mirror'));
    this.#ends.mirror = atMirror(this.#session(MASTER, 'master'));
  }

  cut(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#ends.master?.onClose();
    this.#ends.mirror?.onClose();
  }

  #session(peer: Peer, to: 'master' | 'mirror'): LinkSession {
    const isOpen = (): boolean => this.#isOpen;
    const queue = this.#queues[to];
    const arrive = (): void => {
      const message = queue.shift();
      if (!message || !this.#isOpen) return;
      if (queue.length > 0) this.#later(this.#delay(), arrive);
      this.#ends[to]?.onMessage(message);
    };
    return {
      peer,
      remoteAddress: '',
      backlog: 0,
      send: (message) => {
        if (!this.#isOpen) return;
        queue.push(message);
        if (queue.length === 1) this.#later(this.#delay(), arrive);
      },
      drained: () => Promise.resolve(),
      hold: () => undefined,
      letGo: () => undefined,
      close: () => this.cut(),
      get closed() {
        return !isOpen();
      },
    };
  }
}

/** How far a datagram may come behind a later one and still be taken. */
export const REPLAY_WINDOW = 1024;

const MASK = (1n << BigInt(REPLAY_WINDOW)) - 1n;

/** Which life of a sender, and the how-manieth datagram of it. Both grow. */
export interface Stamp {
  readonly epoch: number;
  readonly counter: number;
}

/**
 * Tells what was taken already, as the anti-replay window of ESP does (RFC 4303 §3.4.3). `allows` before a datagram is
 * verified, `take` after it: what is forged moves nothing.
 */
export class ReplayWindow {
  #epoch = -1;
  #highest = -1;
  /** Bit n: the counter `highest - n` was taken. */
  #taken = 0n;

  /** False: it was taken before, or is too old to know. */
  allows({ epoch, counter }: Stamp): boolean {
    if (epoch !== this.#epoch) return epoch > this.#epoch;
    const behind = this.#highest - counter;
    if (behind < 0) return true;
    return behind < REPLAY_WINDOW && ((this.#taken >> BigInt(behind)) & 1n) === 0n;
  }

  /** For a stamp that `allows` has just allowed. */
  take({ epoch, counter }: Stamp): void {
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#highest = counter;
      this.#taken = 1n;
      return;
    }
    const ahead = counter - this.#highest;
    if (ahead <= 0) {
      this.#taken |= 1n << BigInt(-ahead);
      return;
    }
    this.#taken = ahead < REPLAY_WINDOW ? ((this.#taken << BigInt(ahead)) | 1n) & MASK : 1n;
    this.#highest = counter;
  }
}

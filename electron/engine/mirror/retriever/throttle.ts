import { setTimeout as sleep } from 'node:timers/promises';

/** Bytes that may be taken at once, in seconds of the rate. */
const BURST_SECONDS = 0.25;

/** A token bucket shared by all transfers of one mirror. */
export class Throttle {
  readonly #rate: number;
  #tokens: number;
  #at: number;

  constructor(bytesPerSecond: number, now: number = performance.now()) {
    this.#rate = bytesPerSecond;
    this.#tokens = bytesPerSecond * BURST_SECONDS;
    this.#at = now;
  }

  /** Resolves when `bytes` may have passed. */
  async take(bytes: number): Promise<void> {
    const wait = this.delay(bytes, performance.now());
    if (wait > 0) await sleep(wait);
  }

  /** Takes the bytes and tells how many milliseconds the taker has to wait. */
  delay(bytes: number, now: number): number {
    this.#tokens = Math.min(this.#rate * BURST_SECONDS, this.#tokens + ((now - this.#at) / 1000) * this.#rate);
    this.#at = now;
    this.#tokens -= bytes;
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#rate) * 1000;
  }
}

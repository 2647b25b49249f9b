import { setTimeout as sleep } from 'node:timers/promises';

/** Bytes that may pass at once, in seconds of the rate. */
const BURST_SECONDS = 0.25;

export interface SteadyClock {
  /** Milliseconds. */
  now(): number;
  /** Resolves after so long, or when the signal aborts. */
  sleep(millis: number, signal: AbortSignal): Promise<void>;
}

const steadyClock: SteadyClock = {
  now: () => performance.now(),
  sleep: async (millis, signal) => {
    await sleep(millis, undefined, { signal }).catch(() => undefined);
  },
};

/** A rate that all who take from it share. It can be changed at any time: whoever waits goes on by the new one. */
export class Throttle {
  readonly #clock: SteadyClock;
  /** Bytes a second; undefined: no limit. */
  #rate: number | undefined;
  /** Since the beginning: the bytes that were asked for, and those that were allowed to pass. */
  #taken = 0;
  #allowed = 0;
  #at: number;
  #changed = new AbortController();

  constructor(rate: number | undefined, clock: SteadyClock = steadyClock) {
    this.#clock = clock;
    this.#at = clock.now();
    this.#rate = rate;
    this.#refill();
    this.#allowed = this.#taken + burst(rate);
  }

  get rate(): number | undefined {
    return this.#rate;
  }

  set rate(rate: number | undefined) {
    if (rate === this.#rate) return;
    this.#refill();
    this.#rate = rate;
    const changed = this.#changed;
    this.#changed = new AbortController();
    changed.abort();
  }

  /** Resolves when `bytes` may have passed, or the signal aborts. */
  async take(bytes: number, signal?: AbortSignal): Promise<void> {
    this.#refill();
    this.#taken += bytes;
    const mark = this.#taken;
    while (this.#rate !== undefined && this.#allowed < mark && !signal?.aborted) {
      const millis = ((mark - this.#allowed) / this.#rate) * 1000;
      const woken = this.#changed.signal;
      await this.#clock.sleep(millis, signal ? AbortSignal.any([woken, signal]) : woken);
      this.#refill();
    }
  }

  #refill(): void {
    const now = this.#clock.now();
    const passed = Math.max(0, now - this.#at) / 1000;
    this.#at = now;
    // Without a limit nothing is saved up for a limit to come, and nothing is owed.
    this.#allowed =
      this.#rate === undefined
        ? this.#taken
        : Math.min(this.#allowed + passed * this.#rate, this.#taken + burst(this.#rate));
  }
}

function burst(rate: number | undefined): number {
  return rate === undefined ? 0 : rate * BURST_SECONDS;
}

/** What is looked back at: long enough to be calm, short enough to tell of a change. */
const WINDOW_MILLIS = 5_000;
const SAMPLE_MILLIS = 100;
/** Before that a rate would be a guess. */
const SETTLED_MILLIS = 1_000;

/** How fast bytes pass, over the last seconds. Times in milliseconds, from any start. */
export class PaceMeter {
  #samples: { at: number; bytes: number }[] = [];

  /** `bytes`: all that have passed by now. */
  add(bytes: number, at: number): void {
    const last = this.#samples.at(-1);
    if (last && at - last.at < SAMPLE_MILLIS) {
      last.bytes = bytes;
      return;
    }
    this.#samples.push({ at, bytes });
    this.#samples = this.#samples.filter((sample) => at - sample.at <= WINDOW_MILLIS);
  }

  /** Bytes a second. A standstill counts: time goes on without bytes. */
  rate(now: number): number {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || !last || now <= first.at) return 0;
    return Math.max(0, Math.round(((last.bytes - first.bytes) * 1000) / (now - first.at)));
  }

  /** Undefined: too early to tell. */
  remaining(bytesLeft: number, now: number): number | undefined {
    const [first] = this.#samples;
    const rate = this.rate(now);
    if (!first || now - first.at < SETTLED_MILLIS || rate === 0) return undefined;
    return Math.round((bytesLeft * 1000) / rate);
  }

  reset(): void {
    this.#samples = [];
  }
}

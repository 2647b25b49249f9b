/** A rate is that of the last so many seconds. */
const METER_SECONDS = 10;

/** Counts what passes: a few additions each time, so that it can always run. */
export class Meter {
  readonly #seconds = new Float64Array(METER_SECONDS);
  #at = 0;
  /** Since the start. */
  total = 0;

  add(amount: number, now: number): void {
    const second = this.#advance(now);
    const place = second % METER_SECONDS;
    this.#seconds[place] = (this.#seconds[place] ?? 0) + amount;
    this.total += amount;
  }

  /** A second, over the last `METER_SECONDS`. */
  rate(now: number): number {
    this.#advance(now);
    return this.#seconds.reduce((sum, each) => sum + each, 0) / METER_SECONDS;
  }

  /** Seconds in which nothing was counted are empty. A clock that was set back does not count twice. */
  #advance(now: number): number {
    const second = Math.max(this.#at, Math.floor(now / 1000));
    for (let at = Math.max(this.#at + 1, second - METER_SECONDS + 1); at <= second; at += 1)
      this.#seconds[at % METER_SECONDS] = 0;
    this.#at = second;
    return second;
  }
}

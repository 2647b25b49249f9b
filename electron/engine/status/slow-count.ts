/** A count is taken anew no sooner than so many times as long after it was taken, as taking it took. */
const REST_FACTOR = 50;

/** A count that costs the more, the more there is: one part in fifty of the time goes to counting at most. */
export class SlowCount {
  #known: { readonly count: number; readonly until: number } | undefined;

  /** As of now, or of a moment ago. */
  read(take: () => number): number {
    const begun = performance.now();
    if (this.#known && begun < this.#known.until) return this.#known.count;
    const count = take();
    const done = performance.now();
    this.#known = { count, until: done + REST_FACTOR * (done - begun) };
    return count;
  }
}

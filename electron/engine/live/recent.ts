/** The last numbers that were added, to tell what is told again. */
export class RecentNumbers {
  readonly #ring: number[] = [];
  readonly #known = new Set<number>();
  readonly #most: number;
  #next = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** False where it is among them already. */
  add(number: number): boolean {
    if (this.#known.has(number)) return false;
    const oldest = this.#ring[this.#next];
    if (oldest !== undefined) this.#known.delete(oldest);
    this.#ring[this.#next] = number;
    this.#known.add(number);
    this.#next = (this.#next + 1) % this.#most;
    return true;
  }
}

/** When the latest changes were made, by their seq. */
export class RecentTimes {
  readonly #seqs: Float64Array;
  readonly #ats: Float64Array;

  constructor(most: number) {
    this.#seqs = new Float64Array(most);
    this.#ats = new Float64Array(most);
  }

  set(seq: number, at: number): void {
    const place = seq % this.#seqs.length;
    this.#seqs[place] = seq;
    this.#ats[place] = at;
  }

  get(seq: number): number | undefined {
    const place = seq % this.#seqs.length;
    return this.#seqs[place] === seq ? this.#ats[place] : undefined;
  }
}

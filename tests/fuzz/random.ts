/** Random numbers from a seed: the same seed gives the same case on every machine. */
export class Random {
  #state: number;

  constructor(seed: string) {
    let hash = 0x811c9dc5;
    for (const character of seed) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
    this.#state = hash >>> 0;
    for (let warm = 0; warm < 8; warm += 1) this.#next();
  }

  /** From 0, below `limit`. */
  below(limit: number): number {
    return Math.floor((this.#next() / 2 ** 32) * limit);
  }

  chance(share: number): boolean {
    return this.#next() < share * 2 ** 32;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  }

  times<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }

  /** Bytes as latin1 text, so that a case is JSON. */
  bytes(most: number): string {
    return this.times(most, () => String.fromCharCode(this.below(256))).join('');
  }

  /** Cuts, doubles, swaps or replaces some characters. */
  mutate(text: string, tokens: readonly string[]): string {
    let result = text;
    for (let left = 1 + this.below(4); left > 0; left -= 1) {
      const at = this.below(result.length + 1);
      const until = Math.min(result.length, at + this.below(8));
      const part = this.pick([
        '',
        this.pick(tokens),
        this.bytes(4),
        result.slice(at, until).repeat(2 + this.below(20)),
        result.slice(this.below(result.length + 1)).slice(0, 20),
      ]);
      result = result.slice(0, at) + part + result.slice(this.chance(0.5) ? at : until);
    }
    return result;
  }

  /** mulberry32. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  }
}

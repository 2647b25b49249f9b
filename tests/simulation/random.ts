/** Random numbers from a seed; each part of the simulation has a stream of its own, so that one more number here does not move all others. */
export class SeededRandom {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: string) {
    // FNV-1a, four times over, for sfc32.
    const parts = [0, 1, 2, 3].map((part) => {
      let hash = 0x811c9dc5 ^ part;
      for (const character of `${part} ${seed}`)
        hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
      return hash;
    });
    [this.#a, this.#b, this.#c, this.#d] = [parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0, parts[3] ?? 0];
    for (let warm = 0; warm < 12; warm += 1) this.#next();
  }

  /** From 0 to below 1. */
  number(): number {
    return this.#next() / 2 ** 32;
  }

  /** A whole number from 0, below `limit`. */
  below(limit: number): number {
    return Math.floor(this.number() * limit);
  }

  between(from: number, to: number): number {
    return from + this.number() * (to - from);
  }

  chance(share: number): boolean {
    return this.number() < share;
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.below(values.length)];
    if (value === undefined) throw new RangeError('nothing to pick from');
    return value;
  }

  /** By weights; those of nothing are never picked. */
  weighted<T extends string>(weights: Readonly<Partial<Record<T, number>>>): T {
    const entries = Object.entries(weights) as [T, number][];
    let left = this.number() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [value, weight] of entries) if ((left -= weight) < 0) return value;
    return (entries.at(-1) as [T, number])[0];
  }

  bytes(length: number): Buffer {
    const buffer = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; at += 1) buffer[at] = this.#next() & 0xff;
    return buffer;
  }

  #next(): number {
    const sum = (((this.#a + this.#b) >>> 0) + this.#d) >>> 0;
    this.#d = (this.#d + 1) >>> 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) >>> 0;
    this.#c = (this.#c + sum) >>> 0;
    return sum;
  }
}

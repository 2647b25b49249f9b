import { pickFrom, type Random } from './random.ts';

type Change =
  | { readonly do: 'write'; readonly at: number; readonly bytes: Buffer }
  | { readonly do: 'truncate'; readonly size: number };

/** As many moments between two flushes can be what a sector of the disk holds. */
const MOMENTS = 8;
const SECTORS = [512, 4096];
/** What a system writes at once. */
const PAGE = 4096;

/** What a file holds: the content as programs see it, what the disk has for certain, and what was changed since. */
export class FileContent {
  #bytes: Buffer = Buffer.alloc(0);
  #size = 0;
  #durable: Buffer = Buffer.alloc(0);
  #changes: Change[] = [];
  /** A flush has failed: the disk has not all that programs see, and what was not written anew since is never flushed. */
  #isTorn = false;

  get size(): number {
    return this.#size;
  }

  get isFlushed(): boolean {
    return this.#changes.length === 0;
  }

  /** The disk has the size that programs see. */
  get isSizeFlushed(): boolean {
    return this.#durable.length === this.#size;
  }

  /** A copy of all of it. */
  whole(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.#size));
  }

  /** Bytes read; 0 at the end. */
  read(target: Uint8Array, position: number): number {
    const part = this.#bytes.subarray(Math.min(position, this.#size), Math.min(position + target.length, this.#size));
    target.set(part);
    return part.length;
  }

  write(source: Uint8Array, at: number): void {
    const change: Change = { do: 'write', at, bytes: Buffer.from(source) };
    this.#changes.push(change);
    this.#apply(change);
  }

  truncate(size: number): void {
    const change: Change = { do: 'truncate', size };
    this.#changes.push(change);
    this.#apply(change);
  }

  flush(): void {
    if (this.isFlushed) return;
    this.#durable = this.#isTorn ? this.#patched() : this.whole();
    this.#changes = [];
  }

  /** Programs go on seeing what they wrote. The disk has some of it, and nobody is told again. */
  flushFailed(random: Random): void {
    if (this.isFlushed) return;
    const visible = this.whole();
    this.#durable = this.#survivor(random);
    this.#bytes = visible;
    this.#size = visible.length;
    this.#changes = [];
    this.#isTorn = !visible.equals(this.#durable);
  }

  /**
   * The power is gone: each sector is as it was at some moment between the last flush and now, by itself; so is the size.
   * What is within the size and was not written reads as zeros.
   */
  survive(random: Random): void {
    if (this.isFlushed && !this.#isTorn) return;
    const result = this.#survivor(random);
    this.#bytes = result;
    this.#size = result.length;
    this.#changes = [];
    this.#durable = this.whole();
    this.#isTorn = false;
  }

  #survivor(random: Random): Buffer {
    const states = this.#moments(random);
    const whole = random() < 0.3;
    const one = pickFrom(random, states);
    const sector = pickFrom(random, SECTORS);
    const result = Buffer.alloc(whole ? one.length : pickFrom(random, states).length);
    for (let at = 0; at < result.length; at += sector) {
      const state = whole ? one : pickFrom(random, states);
      result.set(state.subarray(at, Math.min(at + sector, result.length)), at);
    }
    return result;
  }

  /** What the disk has, with the pages that were written since. */
  #patched(): Buffer {
    let result = this.#durable;
    for (const change of this.#changes) {
      const size = change.do === 'truncate' ? change.size : Math.max(result.length, change.at + change.bytes.length);
      const next = Buffer.alloc(size);
      result.copy(next, 0, 0, Math.min(result.length, size));
      if (change.do === 'write') {
        const end = Math.min(Math.ceil((change.at + change.bytes.length) / PAGE) * PAGE, size, this.#size);
        const at = Math.min(Math.floor(change.at / PAGE) * PAGE, end);
        this.#bytes.copy(next, at, at, end);
      }
      result = next;
    }
    return result;
  }

  /** The content as it was flushed, as it is, and at some moments between. */
  #moments(random: Random): Buffer[] {
    const changes = this.#changes;
    const cuts = new Set([0, changes.length]);
    while (cuts.size < Math.min(MOMENTS, changes.length + 1)) cuts.add(Math.floor(random() * changes.length));
    const states: Buffer[] = [];
    this.#bytes = Buffer.from(this.#durable);
    this.#size = this.#durable.length;
    for (let done = 0; done <= changes.length; done += 1) {
      if (cuts.has(done)) states.push(this.whole());
      const change = changes[done];
      if (change) this.#apply(change);
    }
    return states;
  }

  #apply(change: Change): void {
    if (change.do === 'truncate') {
      this.#reserve(change.size);
      this.#bytes.fill(0, Math.min(change.size, this.#size), this.#size);
      this.#size = change.size;
      return;
    }
    const end = change.at + change.bytes.length;
    this.#reserve(end);
    this.#bytes.set(change.bytes, change.at);
    this.#size = Math.max(this.#size, end);
  }

  /** What is beyond the size is zero. */
  #reserve(size: number): void {
    if (size <= this.#bytes.length) return;
    const grown = Buffer.alloc(Math.max(size, this.#bytes.length * 2, 512));
    this.#bytes.copy(grown, 0, 0, this.#size);
    this.#bytes = grown;
  }
}

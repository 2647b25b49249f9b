import { currentGeneration, type Generation } from '../../generation.ts';
import { realSetImmediate } from './real.ts';

interface Event {
  readonly at: number;
  readonly order: number;
  readonly generation: Generation | undefined;
  readonly run: () => void;
  cancelled: boolean;
}

export interface Cancellable {
  cancel(): void;
}

/** 1 November 2026. */
const EPOCH = 1_793_491_200_000;

/**
 * Simulated time: events one at a time in the order of their moments, all promises and ticks worked off after each. What a
 * generation has asked for runs in it, and not at all once it has ended.
 */
export class Loop {
  /** Milliseconds since 1970, with fractions. */
  now = EPOCH;
  readonly #events: Event[] = [];
  #order = 0;

  after(delay: number, run: () => void): Cancellable {
    this.#order += 1;
    const at = this.now + Math.max(0, delay);
    const event: Event = { at, order: this.#order, generation: currentGeneration(), run, cancelled: false };
    this.#events.splice(this.#placeOf(event), 0, event);
    return {
      cancel: () => {
        event.cancelled = true;
      },
    };
  }

  /** Runs until `isDone`, for `millis` of its time at most. False: it was not to be. */
  async until(isDone: () => boolean, millis: number): Promise<boolean> {
    const end = this.now + millis;
    await ticks();
    while (!isDone()) {
      const event = this.#events.shift();
      if (event === undefined || event.at > end) {
        if (event) this.#events.unshift(event);
        return false;
      }
      if (event.cancelled || event.generation?.ended) continue;
      this.now = Math.max(this.now, event.at);
      if (event.generation) event.generation.run(event.run);
      else event.run();
      await ticks();
    }
    return true;
  }

  #placeOf({ at, order }: Event): number {
    let low = 0;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#events[middle];
      if (other && (other.at < at || (other.at === at && other.order < order))) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function ticks(): Promise<void> {
  return new Promise((resolve) => void realSetImmediate(resolve));
}

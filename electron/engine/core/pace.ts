import { setImmediate } from 'node:timers/promises';

/** The longest that work in many small steps keeps everybody else waiting. */
const SLICE_MILLIS = 8;

export type Pace = () => Promise<void> | undefined;

/**
 * Lets others have their turn in between. Awaited after each step of a long loop, it costs next to nothing until its slice
 * is used up. Rejects when `signal` is aborted.
 */
export function createPace(signal?: AbortSignal): Pace {
  let begun = performance.now();
  return () => {
    if (performance.now() - begun < SLICE_MILLIS) return undefined;
    return setImmediate().then(() => {
      signal?.throwIfAborted();
      begun = performance.now();
    });
  };
}

/** Runs `work` for each item, `width` at a time. The first failure ends it, after what is under way. */
export async function eachOf<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let item = items[next++]; item !== undefined; item = items[next++]) {
      try {
        await work(item);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };
  const lanes = await Promise.allSettled(Array.from({ length: Math.min(width, items.length) }, lane));
  for (const result of lanes) if (result.status === 'rejected') throw result.reason;
}

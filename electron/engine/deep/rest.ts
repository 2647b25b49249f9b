import { setTimeout as sleep } from 'node:timers/promises';

/** So long it works at a stretch, and so long it rests at most. */
const WORK_MILLIS = 20;
const REST_MILLIS_MAX = 250;

/**
 * For work that has time: it rests as long as it has worked, so that visitors, uploads and transfers come first. Awaited after
 * each small step. Rejects when `signal` is aborted.
 */
export function createRest(signal: AbortSignal): () => Promise<void> {
  let begun = performance.now();
  return async () => {
    signal.throwIfAborted();
    const worked = performance.now() - begun;
    if (worked < WORK_MILLIS) return;
    await sleep(Math.min(worked, REST_MILLIS_MAX), undefined, { signal }).catch(() => signal.throwIfAborted());
    begun = performance.now();
  };
}

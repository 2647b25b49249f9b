import type { Millis } from '../../../shared/domain/change.ts';

/** Less is a clock that is being adjusted: nobody waits noticeably longer. */
const NOTICED_MILLIS = 1_000;

/**
 * The clock, watched: it may be set back while something waits by it. `onSetBack` is called a turn of the event loop later, as
 * the clock may be read within a transaction.
 */
export function noticeSetBack(now: () => Millis, onSetBack: () => void): () => Millis {
  let latest = Number.NEGATIVE_INFINITY;
  return () => {
    const at = now();
    if (at < latest - NOTICED_MILLIS) setImmediate(onSetBack);
    latest = at;
    return at;
  };
}

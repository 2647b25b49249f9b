import type { Millis } from '../../../shared/domain/change.ts';
import { AppError } from '../../../shared/errors/app-error.ts';

/** Less is a clock that is being adjusted: nobody waits noticeably longer, or shorter. */
const NOTICED_MILLIS = 1_000;
const RETRY_MILLIS = 5_000;

export interface ClockWatch {
  /** Wall-clock time. */
  readonly now: () => Millis;
  /**
   * The clock was set, forward by so much or back by less than nothing: all that is stored of what waits by it waits from as much
   * later. Where it throws, it is called again, and the time goes on as if the clock had not been set.
   */
  readonly store: (by: Millis) => void;
  /** It is stored, and the clock shows the new time: what waits in memory follows. */
  readonly onSet: (by: Millis) => void;
}

/**
 * The wall clock for who waits by it, and stores since when: what is a duration stays one, as long as the process lives, whatever
 * somebody does to the clock, and also where the machine has slept. `store` comes a turn of the event loop later, as the clock
 * may be read within a transaction.
 */
export function watchClock({ now, store, onSet }: ClockWatch): () => Millis {
  let ahead = now() - performance.now();
  let unsettled = 0;
  let isComing = false;
  const settle = (): void => {
    isComing = false;
    const by = unsettled;
    if (by === 0) return;
    try {
      store(by);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      isComing = true;
      setTimeout(settle, RETRY_MILLIS).unref();
      return;
    }
    unsettled -= by;
    onSet(by);
  };
  return () => {
    const at = now();
    const by = at - performance.now() - ahead;
    ahead += by;
    if (Math.abs(by) > NOTICED_MILLIS) {
      unsettled += Math.round(by);
      if (!isComing) setImmediate(settle);
      isComing = true;
    }
    return at - unsettled;
  };
}

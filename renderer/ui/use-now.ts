import { useSyncExternalStore } from 'react';

interface Clock {
  readonly subscribe: (listener: () => void) => () => void;
  readonly now: () => number;
}

/** One a period: a thousand rows that say "12 s ago" have one timer, and are drawn at once. */
const clocks = new Map<number, Clock>();

/** The time, anew every `millis`, so that what says "12 s ago" keeps saying the truth. */
export function useNow(millis = 1000): number {
  let clock = clocks.get(millis);
  if (clock === undefined) clocks.set(millis, (clock = createClock(millis)));
  return useSyncExternalStore(clock.subscribe, clock.now);
}

function createClock(millis: number): Clock {
  const listeners = new Set<() => void>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let at = Date.now();
  const tick = (): void => {
    at = Date.now();
    for (const listener of listeners) listener();
  };
  return {
    subscribe(listener) {
      listeners.add(listener);
      timer ??= setInterval(tick, millis);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
    },
    now() {
      // It stood while nobody looked.
      if (timer === undefined && Date.now() - at >= millis) at = Date.now();
      return at;
    },
  };
}

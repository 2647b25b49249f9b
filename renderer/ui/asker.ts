/** Between an answer and the next time of asking, however often the engine's state changes. */
export const PAUSE_MILLIS = 400;

export interface Asker {
  /** There is a reason to ask. It waits for the answer that is under way, and for the pause. */
  ask(): void;
  /** The same, without the pause: a person has changed something. */
  askNow(): void;
  stop(): void;
}

type State = 'idle' | 'asking' | 'asking, then again' | 'resting' | 'resting, then again' | 'stopped';

/**
 * Asks one question over and over: never two times at once, and once more for all the reasons that came meanwhile. `work` never
 * rejects; what it finds out is of no use any more when `isWanted` says so.
 */
export function createAsker(work: (isWanted: () => boolean) => Promise<void>, pause = PAUSE_MILLIS): Asker {
  let state: State = 'idle';
  let timer: ReturnType<typeof setTimeout> | undefined;
  const is = (...states: readonly State[]): boolean => states.includes(state);

  const start = async (): Promise<void> => {
    clearTimeout(timer);
    state = 'asking';
    await work(() => !is('stopped'));
    if (is('stopped')) return;
    state = is('asking, then again') ? 'resting, then again' : 'resting';
    timer = setTimeout(() => {
      if (is('resting, then again')) void start();
      else state = 'idle';
    }, pause);
  };

  return {
    ask() {
      if (is('idle')) void start();
      else if (is('asking')) state = 'asking, then again';
      else if (is('resting')) state = 'resting, then again';
    },
    askNow() {
      if (is('idle', 'resting', 'resting, then again')) void start();
      else if (is('asking')) state = 'asking, then again';
    },
    stop() {
      state = 'stopped';
      clearTimeout(timer);
    },
  };
}

/** Between an answer and the next time of asking, however often the engine's state changes. */
const PAUSE_MILLIS = 400;

/**
 * Asks one question over and over: never two times at once, and once more after the answer where there was a reason to
 * meanwhile. `work` never rejects; what it finds out is of no use any more when `isWanted` says so.
 */
export function createAsker(
  work: (isWanted: () => boolean) => Promise<void>,
  pause = PAUSE_MILLIS,
): { ask(): void; stop(): void } {
  let state: 'idle' | 'asking' | 'asking, and then again' | 'stopped' = 'idle';
  const isStopped = (): boolean => state === 'stopped';
  let timer: ReturnType<typeof setTimeout> | undefined;

  const askNow = async (): Promise<void> => {
    state = 'asking';
    await work(() => !isStopped());
    if (isStopped()) return;
    timer = setTimeout(() => {
      if (state === 'asking, and then again') void askNow();
      else state = 'idle';
    }, pause);
  };

  return {
    ask() {
      if (state === 'idle') void askNow();
      else if (state === 'asking') state = 'asking, and then again';
    },
    stop() {
      state = 'stopped';
      clearTimeout(timer);
    },
  };
}

const FIRST_DELAY = 250;
const LONGEST_DELAY = 30_000;
/** An engine that ran this long was well: what ended it has nothing to do with what ended the one before. */
const WELL_AFTER = 60_000;

export interface Attempts {
  /** Ends in a row, without a good run between them. */
  readonly ends: number;
  /** Milliseconds until the next start. */
  readonly delay: number;
}

export const noAttempts: Attempts = { ends: 0, delay: 0 };

/** What to do after a run of `ranFor` milliseconds ended: each quick end doubles the wait. */
export function nextAttempt(before: Attempts, ranFor: number): Attempts {
  const ends = ranFor >= WELL_AFTER ? 1 : before.ends + 1;
  return { ends, delay: Math.min(FIRST_DELAY * 2 ** (ends - 1), LONGEST_DELAY) };
}

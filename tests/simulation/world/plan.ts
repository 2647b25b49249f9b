import { SeededRandom } from '../random.ts';
import type { Habits } from './publisher.ts';

/** What a seed decides beforehand: who there is, and what goes wrong. */
export interface Plan {
  readonly seed: string;
  readonly mirrors: readonly MirrorPlan[];
  readonly publishers: readonly Habits[];
  /** Simulated time in which things are done and go wrong. */
  readonly millis: number;
}

export interface MirrorPlan {
  readonly name: string;
}

const EVERYDAY: Habits = {
  put: 30,
  page: 8,
  delete: 8,
  makeDir: 8,
  removeDir: 2,
  rename: 5,
  renameDir: 2,
  touch: 3,
  break: 3,
};

export function planOf(seed: string): Plan {
  const random = new SeededRandom(`plan ${seed}`);
  const mirrors = Array.from({ length: 1 + random.below(1) }, (_, at) => ({ name: `mirror-${at + 1}` }));
  const publishers = Array.from({ length: 1 + random.below(2) }, () => EVERYDAY);
  return { seed, mirrors, publishers, millis: random.between(30_000, 120_000) };
}

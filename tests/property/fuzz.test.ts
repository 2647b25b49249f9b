import { expect, test } from 'vitest';
import { fuzz } from '../fuzz/run.ts';
import { targets } from '../fuzz/targets.ts';

/** Cases at the same time. */
const SHORT_WIDTH = 4;

/** Short here; long by `npm run fuzz`. */
test.each(targets.map((target) => [target.name, target] as const))(
  'the corpus and some new cases of %s',
  async (_, target) => {
    const outcome = await fuzz(target, {
      seed: 'short',
      from: 0,
      isOver: (cases) => cases >= target.shortRun,
      width: SHORT_WIDTH,
    });
    if (outcome.failure)
      expect.fail(
        `case ${outcome.failure.at}: ${String(outcome.failure.error)}\n${JSON.stringify(outcome.failure.inputs).slice(0, 2000)}`,
      );
    expect(outcome.cases).toBeGreaterThanOrEqual(target.shortRun);
  },
);

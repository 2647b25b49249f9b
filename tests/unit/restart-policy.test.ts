import { expect, it } from 'vitest';
import { type Attempts, nextAttempt, noAttempts } from '../../electron/main/restart-policy.ts';

it('waits twice as long after each quick end, up to half a minute', () => {
  const delays: number[] = [];
  let attempts: Attempts = noAttempts;
  for (let end = 0; end < 10; end++) {
    attempts = nextAttempt(attempts, 1000);
    delays.push(attempts.delay);
  }
  expect(delays).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

it('starts over after a run that was well', () => {
  const worn = nextAttempt({ ends: 7, delay: 16_000 }, 1000);
  expect(nextAttempt(worn, 60_000)).toEqual({ ends: 1, delay: 250 });
});

import { expect, test } from 'vitest';
import { TokenBucket } from '../../electron/engine/link/token-bucket.ts';

test('a burst passes, then so many a second, and a pause fills it up again', () => {
  const bucket = new TokenBucket({ burst: 2, perSecond: 10 }, 0);
  const at = [0, 0, 0, 99, 100, 100, 150, 10_000, 10_000, 10_000];
  expect(at.map((now) => bucket.take(now))).toEqual([true, true, false, false, true, false, false, true, true, false]);
});

test('a clock that goes back gives nothing away', () => {
  const bucket = new TokenBucket({ burst: 1, perSecond: 1000 }, 1000);
  expect([1000, 0, 0].map((now) => bucket.take(now))).toEqual([true, false, false]);
});

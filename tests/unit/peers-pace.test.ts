import { expect, test } from 'vitest';
import { draftOf, limitsOf } from '../../renderer/features/mirrors/limits-draft.ts';
import { remainingMillis, type Sample, withSample } from '../../renderer/features/mirrors/pace.ts';

function seen(...of: readonly [at: number, behind: number][]): Sample[] {
  return of.reduce<Sample[]>((samples, [at, behind]) => withSample(samples, { at: at * 1000, behind }), []);
}

test('how long the rest takes is told only where it can be known', () => {
  expect(remainingMillis(seen())).toBeUndefined();
  // Not for long enough; too few; done.
  expect(remainingMillis(seen([0, 1000], [5, 500]))).toBeUndefined();
  expect(remainingMillis(seen([0, 30], [20, 20]))).toBeUndefined();
  expect(remainingMillis(seen([0, 1000], [20, 0]))).toBeUndefined();
  expect(remainingMillis(seen([0, 1000], [5, 750], [10, 500]))).toBe(10_000);
  // More came: what was seen before says nothing of it.
  expect(remainingMillis(seen([0, 1000], [10, 500], [11, 5000]))).toBeUndefined();
  // The last minute counts.
  expect(remainingMillis(seen([0, 10_000], [50, 9_990], [70, 9_000], [110, 8_000]))).toBe((8_000 * 60_000) / 1_990);
});

test('limits are the same after they were in a form', () => {
  for (const limits of [{}, { bytesPerSecond: 500_000 }, { bytesPerSecond: 2_500_000, hours: { from: 22, to: 6 } }]) {
    const { bytesPerSecond, hours } = limitsOf(draftOf(limits));
    expect({ bytesPerSecond, hours }).toEqual({ bytesPerSecond: null, hours: null, ...limits });
  }
});

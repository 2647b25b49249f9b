import { expect, test } from 'vitest';
import { backOff } from '../../electron/engine/core/back-off.ts';

const times = { first: 250, longest: 30_000 };

test('delays double up to the longest', () => {
  expect([1, 2, 3, 7, 8, 9, 1000].map((attempt) => backOff(times, attempt, 1))).toEqual([
    250, 500, 1000, 16_000, 30_000, 30_000, 30_000,
  ]);
});

test('they are spread over the upper half', () => {
  expect([0, 0.5, 1].map((random) => backOff(times, 1, random))).toEqual([125, 188, 250]);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atOnce, mapParts, sortParts } from '../../electron/engine/core/in-parts.ts';

/** More than are sorted in one part. */
const MANY = 3_000;

test('sorted part by part is sorted: what is equal stays in its order', () => {
  const numbers = fc.oneof(
    fc.array(fc.nat(50), { maxLength: MANY, size: 'max' }),
    fc.array(fc.integer(), { maxLength: MANY, size: 'max' }).map((each) => each.toSorted((a, b) => a - b)),
  );
  fc.assert(
    fc.property(numbers, (values) => {
      const items = values.map((value, at) => ({ value, at }));
      const compare = (a: { readonly value: number }, b: { readonly value: number }) => a.value - b.value;
      expect(atOnce(sortParts(items, compare))).toEqual(items.toSorted(compare));
    }),
    { numRuns: 40 },
  );
});

test('what is done part by part is all of it, and the parts are small', () => {
  const made = mapParts(
    Array.from({ length: MANY }, (_, at) => at),
    (at, index) => at + index,
  );
  let parts = 0;
  for (let part = made.next(); ; part = made.next()) {
    if (part.done) {
      expect(part.value).toEqual(Array.from({ length: MANY }, (_, at) => 2 * at));
      break;
    }
    parts += 1;
  }
  expect(parts).toBeGreaterThan(MANY / 50);
});

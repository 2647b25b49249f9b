import fc from 'fast-check';
import { expect, test } from 'vitest';
import { atOnce, mapParts, sortParts } from '../../electron/engine/core/in-parts.ts';

/** More than are sorted in one part. */
const MANY = 3_000;

/** What a few numbers stand for: where it fails these are told, and made smaller, rather than thousands of values. */
function valuesOf({ length, distinct, seed }: { length: number; distinct: number; seed: number }): number[] {
  return Array.from({ length }, (_, at) => (Math.imul(at + seed, 0x9e3779b1) >>> 12) % distinct);
}

test('sorted part by part is sorted: what is equal stays in its order', () => {
  const values = fc.record({
    length: fc.nat(MANY),
    distinct: fc.oneof(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 2 * MANY })),
    seed: fc.nat(),
    order: fc.constantFrom('any', 'sorted'),
  });
  fc.assert(
    fc.property(values, ({ order, ...numbers }) => {
      const compare = (a: { readonly value: number }, b: { readonly value: number }) => a.value - b.value;
      const unsorted = valuesOf(numbers).map((value, at) => ({ value, at }));
      const items = order === 'any' ? unsorted : unsorted.toSorted(compare);
      const expected = items.toSorted(compare);
      const sorted = atOnce(sortParts(items, compare));
      const wrong = expected.findIndex((item, at) => item !== sorted[at]);
      expect({ length: sorted.length, wrong: sorted[wrong] }).toEqual({ length: items.length, wrong: expected[wrong] });
    }),
    { numRuns: 100 },
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

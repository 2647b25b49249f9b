import fc from 'fast-check';
import picomatch from 'picomatch';
import { expect, test } from 'vitest';
import { compileGlob } from '../../electron/engine/core/routes.ts';
import { compileWildcards } from '../../electron/engine/core/wildcards.ts';

const joined = (...parts: readonly string[]) =>
  fc
    .array(fc.constantFrom(...parts), { minLength: 1, maxLength: 5 })
    .map((some) => some.join(''))
    .filter((segment) => segment !== '.' && segment !== '..');
const patternSegment = joined('a', 'b', '*', '?', '.', '-', '{a,b}', '{a*,b}', '{a/b,c}');
const glob = fc
  .array(fc.oneof({ weight: 3, arbitrary: patternSegment }, { weight: 2, arbitrary: fc.constant('**') }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((segments) => segments.join('/'));
// Of `*.*` and a name that ends with a dot picomatch has an opinion of its own.
const name = joined('a', 'b', '.', 'c', '-').filter((segment) => !segment.endsWith('.'));
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((some) => some.join('/'));

test('wildcards match what picomatch says that they match', () => {
  fc.assert(
    fc.property(glob, path, (pattern, file) => {
      const matches = compileWildcards(pattern);
      fc.pre(matches !== undefined);
      const expected = picomatch(pattern, { dot: true, strictSlashes: true });
      expect(file === pattern || matches?.(file)).toBe(file === pattern || expected(file));
    }),
    { numRuns: 5_000 },
  );
});

test('no name keeps a pattern busy', () => {
  const pattern = `${'*a'.repeat(100)}b`;
  expect(compileGlob(pattern)('a'.repeat(255))).toBe(false);
  expect(compileGlob(`${'**/a/'.repeat(100)}b`)('a/'.repeat(1000) + 'c')).toBe(false);
  expect(compileGlob('*-*-*-*-*-*-*.min.{css,js}')('-'.repeat(255))).toBe(false);
});

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
const path = fc.array(joined('a', 'b', '.', 'c', '-'), { minLength: 1, maxLength: 4 }).map((some) => some.join('/'));

test('wildcards match what picomatch says that they match', () => {
  fc.assert(
    fc.property(glob, path, (pattern, name) => {
      const matches = compileWildcards(pattern);
      fc.pre(matches !== undefined);
      const expected = picomatch(pattern, { dot: true, strictSlashes: true });
      expect(name === pattern || matches?.(name)).toBe(name === pattern || expected(name));
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

import fc from 'fast-check';
import picomatch from 'picomatch';
import { expect, test } from 'vitest';
import { globProblem } from '../../shared/domain/glob.ts';
import { compileGlob } from '../../electron/engine/core/routes.ts';
import { compileWildcards } from '../../shared/domain/wildcards.ts';

const joined = (...parts: readonly string[]) =>
  fc
    .array(fc.constantFrom(...parts), { minLength: 1, maxLength: 5 })
    .map((some) => some.join(''))
    .filter((segment) => segment !== '.' && segment !== '..');
const sets = ['[ab]', '[^bc]', '[a-b]', '[]a]', '[b-]', '\\*', '\\[', '@'] as const;
const patternSegment = joined('a', 'b', '*', '?', '.', '-', '{a,b}', '{a*,b}', '{a/b,c}', ...sets);
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

test.each([
  ['[!a]b', ['bb', 'ab'], ['bb']],
  ['x[^b]x', ['xax', 'xbx', 'x/x'], ['xax']],
  ['{\\*\\(1\\)*,b\\,c}', ['*(1).jpg', '(1).jpg', 'b,c', 'b'], ['*(1).jpg', 'b,c']],
  ['(a|b)/+*', ['a/+1', 'b/+', 'a/1'], ['a/+1', 'b/+']],
  ['!*.tmp', ['a', 'a.tmp'], ['a']],
])('%s of %j finds %j', (pattern, paths, found) => {
  expect(globProblem(pattern)).toBeUndefined();
  expect(paths.filter(compileGlob(pattern))).toEqual(found);
});

test('no name keeps a pattern busy', () => {
  const pattern = `${'*a'.repeat(100)}b`;
  expect(compileGlob(pattern)('a'.repeat(255))).toBe(false);
  expect(compileGlob(`${'**/a/'.repeat(100)}b`)('a/'.repeat(1000) + 'c')).toBe(false);
  for (const sets of [
    `${'*[a]'.repeat(100)}b`,
    `${'*a'.repeat(9)}[b]`,
    `${'**/[a]/'.repeat(50)}b`,
    `${'*\\a'.repeat(100)}b`,
  ]) {
    expect(globProblem(sets)).toBeUndefined();
    expect(compileGlob(sets)('a'.repeat(255))).toBe(false);
    expect(compileGlob(sets)('a/'.repeat(1000) + 'c')).toBe(false);
  }
  for (const few of ['*a*a*(b|c)', '(*a|*aa)b', '([a-z]+)+b', '(a|aa)+b', '!*a*a*b', '(a*)+(a*)+b', '{{*a,*aa},b}c'])
    expect([few, compileGlob(few)('a'.repeat(255))]).toEqual([few, few.startsWith('!')]);
  for (const many of ['*a*a*a*a*a*a*a*a(b|c)', '!*a*a*a*a*a*a*a*b', '{{*a,*a*a*a*a*a},b}c'])
    expect([many, globProblem(many), compileGlob(many)('a'.repeat(255))]).toEqual([
      many,
      { issue: 'glob-costly' },
      false,
    ]);
  expect(compileGlob('*-*-*-*-*-*-*.min.{css,js}')('-'.repeat(255))).toBe(false);
});

test('alternatives after one another, all of whose ways would be tried, are no pattern; one list of many is', () => {
  const tricky = ['(a|aa)'.repeat(24), '{a,aa}'.repeat(24), '(a)?'.repeat(24), '((a|aa)(a|aa))'.repeat(12)];
  expect(tricky.map((glob) => [globProblem(glob), compileGlob(glob)(`${'a'.repeat(36)}b`)])).toEqual(
    tricky.map(() => [{ issue: 'glob-costly' }, false]),
  );
  const types = Array.from({ length: 200 }, (_, index) => `t${index}`);
  for (const glob of [
    `img/*.(${types.join('|')})`,
    `img/*.{${types.join(',')}}`,
    '(a|b)/(c|d)/*.(x|y)',
    'a\\(b\\|c\\)',
  ])
    expect([glob, globProblem(glob)]).toEqual([glob, undefined]);
  expect(compileGlob(`img/*.(${types.join('|')})`)('img/x.t199')).toBe(true);
});

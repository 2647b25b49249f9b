import { expect, test } from 'vitest';
import { glob } from '../../shared/contract/primitives.ts';
import { globProblem } from '../../shared/domain/glob.ts';

test.each([
  'index.html',
  '**',
  'img/*.{png,jpg}',
  '[]a]x',
  '[!a-z]/b',
  'photo (1).jpg',
  '\\[a',
  'a\\{b',
  '!tmp/**',
  '写真/**',
])('%s is a pattern', (text) => {
  expect(globProblem(text)).toBeUndefined();
  expect(glob.parse(text)).toBe(text);
});

test.each([
  ['', 'it is empty'],
  ['a//b', 'it has “/” twice in a row'],
  ['img/', '“img/” ends with “/”: write “img/**” for all that is below'],
  ['../x', 'a path of a site has no “.” and “..” in it'],
  ['a/./b', 'a path of a site has no “.” and “..” in it'],
  ['a\nb', 'it holds characters that no path has'],
  ['a\ud800', 'it holds characters that no path has'],
  ['a[b', 'its “[” is not closed (“\\[” is the character itself)'],
  ['a[]', 'its “[” is not closed (“\\[” is the character itself)'],
  ['{a,b', 'its “{” is not closed (“\\{” is the character itself)'],
  ['(a|b', 'its “(” is not closed (“\\(” is the character itself)'],
])('%j is none: %s', (text, problem) => {
  expect(globProblem(text)).toBe(problem);
  expect(glob.safeParse(text).success).toBe(false);
});

test('a pattern is kept as paths are: without the first “/”, in NFC', () => {
  expect(glob.parse('/cafe\u0301/**')).toBe('caf\u00e9/**');
});

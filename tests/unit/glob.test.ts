import { expect, test } from 'vitest';
import { explainIssue } from '../../shared/contract/issue.ts';
import { glob } from '../../shared/contract/primitives.ts';
import { globProblem } from '../../shared/domain/glob.ts';
import * as english from '../../shared/errors/sentences.en.ts';
import * as japanese from '../../shared/errors/sentences.ja.ts';

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
  ['', 'it is empty', '空です'],
  ['a//b', 'it has “/” twice in a row', '「/」が続いています'],
  ['img/', 'it ends with “/”. For everything below, write “img/**”', '「img/**」と書いてください'],
  ['../x', 'a path of a site cannot contain “.” or “..”', 'サイトのパスに'],
  ['a/./b', 'a path of a site cannot contain “.” or “..”', 'サイトのパスに'],
  ['a\nb', 'it contains characters that no path can have', '文字が含まれています'],
  ['a\ud800', 'it contains characters that no path can have', '文字が含まれています'],
  ['a[b', 'its “[” is not closed (write “\\[” for the character itself)', '「[」が閉じていません'],
  ['a[]', 'its “[” is not closed (write “\\[” for the character itself)', '「[」が閉じていません'],
  ['{a,b', 'its “{” is not closed (write “\\{” for the character itself)', '「{」が閉じていません'],
  ['*a*b*c*(d|e)', 'with round or nested brackets', '「*」は3つまで'],
  ['(a|b', 'its “(” is not closed (write “\\(” for the character itself)', '「(」が閉じていません'],
])('%j is none: %s', (text, inEnglish, inJapanese) => {
  expect(glob.safeParse(text).success).toBe(false);
  const params = explainIssue(glob, glob.safeParse(text).error?.issues[0], text);
  expect(english.sentence({ code: 'call.invalid', params })).toContain(`is not valid: ${inEnglish}`);
  expect(japanese.sentence({ code: 'call.invalid', params })).toContain(inJapanese);
});

test('a pattern is kept as paths are: without the first “/”, in NFC', () => {
  expect(glob.parse('/cafe\u0301/**')).toBe('caf\u00e9/**');
});

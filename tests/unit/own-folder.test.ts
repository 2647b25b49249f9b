import { posix, win32 } from 'node:path';
import { expect, test } from 'vitest';
import { overlaps } from '../../electron/engine/tree/own-folder.ts';

test.each([
  ['C:\\site', 'C:\\site', true],
  ['C:\\site\\img', 'C:\\site', true],
  ['C:\\', 'C:\\site', true],
  ['C:\\other', 'C:\\site', false],
  ['D:\\site', 'C:\\site', false],
  ['\\\\server\\share\\x', 'C:\\site', false],
])('on Windows %s and %s overlap: %s', (one, other, expected) => {
  expect(overlaps(one, other, win32)).toBe(expected);
});

test.each([
  ['/site', '/site', true],
  ['/', '/site', true],
  ['/site/..img', '/site', true],
  ['/site-2', '/site', false],
])('elsewhere %s and %s overlap: %s', (one, other, expected) => {
  expect(overlaps(one, other, posix)).toBe(expected);
});

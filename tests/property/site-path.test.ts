import { join, relative, sep } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  isReserved,
  isWithin,
  NAME_BYTES_MAX,
  parseSitePath,
  rebase,
  RESERVED_FOLDER,
  type SitePath,
} from '../../shared/domain/site-path.ts';

const piece = fc.oneof(
  fc.constantFrom(
    '..',
    '.',
    '',
    '/',
    '\\',
    '\0',
    '\r\n',
    '\u009b31m',
    'a',
    'b.html',
    'C:',
    '%2e%2e',
    '．．',
    '.lockstep',
    'é',
    'e\u0301',
    '日本',
    '👩‍👩‍👧',
    ' ',
    '-a',
    '"',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const raw = fc
  .array(fc.tuple(piece, fc.constantFrom('', '/', '//')), { maxLength: 8 })
  .map((parts) => parts.flat().join(''));

test('whatever is accepted stays below the root, is NFC and is read again as itself', () => {
  fc.assert(
    fc.property(raw, (text) => {
      const parsed = parseSitePath(text);
      if (!parsed.ok) return;
      const path = parsed.value;
      const back = relative('/srv/site', join('/srv/site', path));
      expect(back.split(sep).join('/')).toBe(path);
      expect(back.split(sep)[0]).not.toBe('..');
      expect(path.normalize('NFC')).toBe(path);
      expect(/[\0-\x1f\x7f-\x9f\\]/.test(path)).toBe(false);
      expect(isReserved(path.split('/')[0] ?? '')).toBe(false);
      expect(parseSitePath(path)).toEqual(parsed);
    }),
    { numRuns: 5000 },
  );
});

test('ordinary names are accepted as they are', () => {
  const names = [
    'index.html',
    'a b.txt',
    ' leading',
    '-a',
    'say "hi".txt',
    '日本 語.html',
    '👩‍👩‍👧.png',
    '%2e%2e',
    '..a',
    'con',
    `${'é'.repeat(127)}x`,
  ];
  for (const name of names) expect(parseSitePath(`/sub/${name}`)).toEqual({ ok: true, value: `sub/${name}` });
});

test.each([
  ['..', 'path.invalid'],
  ['a/../b', 'path.invalid'],
  ['./a', 'path.invalid'],
  ['.. ', 'path.invalid'],
  ['a/ ./b', 'path.invalid'],
  ['a\\b', 'path.invalid'],
  ['a\0', 'path.invalid'],
  ['a\r\nDELE b', 'path.invalid'],
  ['C:/windows', 'path.invalid'],
  ['\ud800', 'path.invalid'],
  ['.lockstep/staging/x', 'path.reserved'],
  ['.LockStep', 'path.reserved'],
  ['.lockstep.', 'path.reserved'],
  ['.lock\u200bstep', 'path.reserved'],
  ['．lockstep', 'path.reserved'],
  ['.lockstep::$INDEX_ALLOCATION', 'path.reserved'],
  ['é'.repeat(128), 'path.too-long'],
  [Array.from({ length: 130 }, () => 'a').join('/'), 'path.too-long'],
])('%j is refused as %s', (text, code) => {
  const parsed = parseSitePath(text);
  expect(parsed.ok ? parsed.value : parsed.error.code).toBe(code);
});

test('the reserved folder is free below the root', () => {
  expect(parseSitePath(`sub/${RESERVED_FOLDER}`)).toEqual({ ok: true, value: `sub/${RESERVED_FOLDER}` });
});

test('a rename moves what is below along and nothing else', () => {
  const name = fc.constantFrom('a', 'b', 'ab', 'a0', 'a-');
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join('/') as SitePath);
  fc.assert(
    fc.property(path, path, path, (below, from, to) => {
      if (!isWithin(below, from)) return;
      const moved = rebase(below, from, to);
      expect(isWithin(moved, to)).toBe(true);
      expect(rebase(moved, to, from)).toBe(below);
    }),
  );
});

test('no name that fits is refused for the form that it comes in', () => {
  const refused: string[] = [];
  for (let point = 0x80; point < 0x30000; point += 1) {
    if (point >= 0xd800 && point < 0xe000) continue;
    const character = String.fromCodePoint(point);
    const taken = character.normalize('NFD');
    if (taken === character || taken.normalize('NFC') !== character) continue;
    const name = character.repeat(Math.floor(NAME_BYTES_MAX / Buffer.byteLength(character)));
    if (parseSitePath(name).ok && !parseSitePath(name.normalize('NFD')).ok) refused.push(character);
  }
  expect(refused).toEqual([]);
});

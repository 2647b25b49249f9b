import { expect, test } from 'vitest';
import { REFERENCE_LIMITS } from '../../electron/engine/references/limits.ts';
import { referenceLines } from '../support/reference-lines.ts';

const { documentBytes, references, totalPathLength, valueLength, values, resolvedLength, depth } = REFERENCE_LIMITS;

/** As many times as fit a document that is still parsed. */
function filled(piece: string, before = '', after = ''): string {
  return before + piece.repeat(Math.floor((documentBytes - before.length - after.length) / piece.length)) + after;
}

function numbered(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('');
}

test('a page of 50 MB is not looked into', () => {
  expect(referenceLines('page.html', Buffer.alloc(50_000_000, '<a href=x>'))).toEqual(['cut: size']);
});

// What takes more than time in proportion to its length would not end within the time of a test.
test.each<[string, string, string, string[]]>([
  ['a million tags that are not closed', 'a.html', filled('<b>'), []],
  [
    'as many, closed by others',
    'a.html',
    `${filled('<b>').slice(0, documentBytes / 2)}${filled('</i>').slice(0, documentBytes / 2)}`,
    [],
  ],
  ['nested templates', 'a.html', filled('<template>'), ['cut: depth']],
  ['nested drawings', 'a.html', filled('<svg>'), ['cut: depth']],
  ['drawings that break off', 'a.html', filled('<svg><p>'), []],
  ['a tag of a million attributes', 'a.html', filled('href=x ', '<a ', '>'), ['page x']],
  ['an attribute of entities', 'a.html', filled('&amp;', '<a href="', '">'), []],
  ['an attribute of half entities', 'a.html', filled('&', '<a href="', '">'), []],
  ['an attribute that never ends', 'a.html', filled('<a href=x>', '<a href="'), []],
  ['comments that never end', 'a.html', filled('<!--'), []],
  ['style sheets within tags', 'a.html', filled('<b style="url(">'), []],
  ['commas in a srcset', 'a.html', filled(',', '<img srcset="', '">'), []],
  ['commas before a name in a srcset', 'a.html', filled(',', '<img srcset="a', 'b">'), []],
  ['descriptors in a srcset', 'a.html', filled('1x ', '<img srcset="a ', '">'), []],
  ['a descriptor in a srcset', 'a.html', filled('1', '<img srcset="a ', '">'), []],
  ['parentheses in a srcset', 'a.html', filled('a (,', '<img srcset="', '">'), []],
  ['a refresh of white space', 'a.html', filled(' ', '<meta http-equiv=refresh content="1', '">'), []],
  ['a refresh of digits', 'a.html', filled('1', '<meta http-equiv=refresh content="', '">'), []],
  ['declarations of encodings', 'a.html', filled('<meta '), []],
  ['url(', 'a.css', filled('url('), []],
  ['url(" ', 'a.css', filled('url("\n'), []],
  ['parentheses', 'a.css', filled('('), []],
  ['image sets within image sets', 'a.css', filled('image-set('), []],
  ['backslashes', 'a.css', filled('\\'), []],
  ['escapes', 'a.css', filled('\\a ', 'url(', ')'), []],
  ['a million imports', 'a.css', filled('@import "x";'), ['asset x']],
  [
    'a base of folders, and many links',
    'a.html',
    `<base href="${'b/'.repeat(documentBytes / 4)}">${numbered(100_000, (i) => `<a href=${i}>`)}`,
    ['cut: count'],
  ],
  [
    'a name in many folders, and many links',
    `${'é'.repeat(11)}/`.repeat(120) + 'a.html',
    numbered(100_000, (i) => `<a href=?${i}>`),
    ['cut: count'],
  ],
  ['deep JSON', 'manifest.json', filled('[').slice(0, 2_000_000) + filled(']').slice(0, 2_000_000), []],
  ['long JSON', 'manifest.json', filled('{},', '{"icons":[', '{}]}'), []],
  ['deep XML', 'a.xml', filled('<urlset>'), []],
  ['XML of CDATA', 'a.xml', filled('<![CDATA[x]]>', '<rss><link>', '</link></rss>'), []],
  [
    'a billion laughs',
    'a.xml',
    `<!DOCTYPE l [<!ENTITY a0 "ha">${numbered(30, (i) => `<!ENTITY a${i + 1} "${`&a${i};`.repeat(10)}">`)}]><rss><link>&a30;</link></rss>`,
    ['page &a30;'],
  ],
])('%s', (_, path, content, expected) => {
  expect(content.length).toBeLessThanOrEqual(documentBytes);
  expect(referenceLines(path, content)).toEqual(expected);
});

test('of too many references the assets are kept, then the first pages', () => {
  const pages = numbered(references, (index) => `<a href=p${index}>`);
  expect(referenceLines('a.html', `${pages}<img src=i>`)).toEqual([
    ...Array.from({ length: references - 1 }, (_, index) => `page p${index}`),
    'asset i',
    'cut: count',
  ]);
});

test('as many references as may be are not too many', () => {
  expect(
    referenceLines(
      'a.html',
      numbered(references, (index) => `<a href=p${index}>`),
    ),
  ).toHaveLength(references);
});

test('all references together have a length', () => {
  const name = (index: number): string => `${String(index).padStart(4, '0')}${'x'.repeat(196)}`;
  const fitting = Math.floor(totalPathLength / name(0).length);
  const found = referenceLines(
    'a.html',
    numbered(references, (index) => `<a href=${name(index)}>`),
  );
  expect(found).toEqual([...Array.from({ length: fitting }, (_, index) => `page ${name(index)}`), 'cut: count']);
});

test('links to others cost nothing but the reading, up to a limit', () => {
  const foreign = (count: number): string => numbered(count, (index) => `<a href=//example.com/${index}>`);
  expect(referenceLines('a.html', `${foreign(values - 1)}<a href=x>`)).toEqual(['page x']);
  expect(referenceLines('a.html', `${foreign(values)}<a href=x>`)).toEqual(['cut: count']);
});

test('links and the base that they are read by have a length, all together', () => {
  const base = `/${'b'.repeat(9000)}/`;
  const page = (count: number): string =>
    `<base href=${base}>${numbered(count, (index) => `<a href=/x?${1000 + index}>`)}`;
  const fitting = Math.floor(resolvedLength / (base.length + 'a.html'.length + '/x?1000'.length));
  expect(referenceLines('a.html', page(fitting))).toEqual(['page x']);
  expect(referenceLines('a.html', page(fitting + 1))).toEqual(['page x', 'cut: count']);
});

test('a URL of more than so many characters is none', () => {
  const query = (length: number): string => `<a href="x?${'q'.repeat(length - 2)}">`;
  expect(referenceLines('a.html', query(valueLength))).toEqual(['page x']);
  expect(referenceLines('a.html', query(valueLength + 1))).toEqual([]);
});

test('what stands before the depth is found', () => {
  expect(referenceLines('a.html', `<img src=x>${'<svg>'.repeat(depth)}<image href=y>`)).toEqual(['asset x', 'asset y']);
  expect(referenceLines('a.html', `<img src=x>${'<svg>'.repeat(depth + 1)}<image href=y>`)).toEqual([
    'asset x',
    'cut: depth',
  ]);
});

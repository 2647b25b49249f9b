import { expect, test } from 'vitest';
import { parseMetaRefresh } from '../../electron/engine/references/meta-refresh.ts';
import { parseSrcset } from '../../electron/engine/references/srcset.ts';

test.each<[string, string[]]>([
  ['', []],
  [' ,, , ', []],
  ['a', ['a']],
  ['a 1x, b 2x', ['a', 'b']],
  ['a 1x,b 2x', ['a', 'b']],
  ['a,b', ['a,b']],
  ['a, b', ['a', 'b']],
  ['a,, b,,,', ['a', 'b']],
  [',a 2x,', ['a']],
  ['a\n100w\t,\fb 200w', ['a', 'b']],
  ['data:image/png;base64,AA,BB 1x, b 2x', ['data:image/png;base64,AA,BB', 'b']],
  ['a 100w 50h, b 50h 100w', ['a', 'b']],
  ['a 50h, b 2x', ['b']],
  ['a 1x 2x, b 1w 1x, c 1x 1w, d', ['d']],
  ['a 0w, b -1x, c 1.5w, d +1x, e 1.x, f 1q, g', ['g']],
  ['a .5x, b 1e3x, c 1.5E-1x', ['a', 'b', 'c']],
  ['a (1x, b 2x), c', ['c']],
  ['a (, b', []],
  ['a 1x', ['a']],
])('srcset %j', (srcset, expected) => {
  expect([...parseSrcset(srcset)]).toEqual(expected);
});

test.each<[string, string | undefined]>([
  ['', undefined],
  ['5', undefined],
  ['5;', undefined],
  ['x; url=a', undefined],
  ['5x; url=a', undefined],
  ['0; url=a', 'a'],
  ['0;URL=a', 'a'],
  ['0,url=a', 'a'],
  ['0 url=a', 'a'],
  [' \n0.5.5 ; url = a', 'a'],
  ['.;a', 'a'],
  ['0; a', 'a'],
  ["0; 'a' b", 'a'],
  ['0; url="a"b', 'a'],
  ['0; url="a', 'a'],
  ['0; url=a"b', 'a"b'],
  ['0; url', 'url'],
  ['0; url "a"', 'url "a"'],
  ['0; uri=a', 'uri=a'],
])('refresh %j', (content, expected) => {
  expect(parseMetaRefresh(content)).toBe(expected);
});

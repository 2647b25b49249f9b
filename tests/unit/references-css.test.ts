import { expect, test } from 'vitest';
import { referenceLines } from '../support/reference-lines.ts';

test.each<[string, string, string[]]>([
  ['url', 'a{b:url(x)} c{d:url( "y" ) url(\'z\')}', ['x', 'y', 'z']],
  ['in capitals', 'a{b:URL(x) Url("y")}', ['x', 'y']],
  ['src', 'a{b:src("x")}', ['x']],
  ['without a fragment', 'a{b:url(x.svg#y)}', ['x.svg']],
  ['nothing but the style sheet itself', 'a{b:url() url("") url(#f) url("#f") url(sheet.css)}', []],
  ['escapes', 'a{b:url(\\78) url("\\79 ") url(z\\)) url("a\\\nb") \\75 rl("q")}', ['x', 'y', 'z)', 'ab', 'q']],
  ['not what is broken', 'a{b:url(x y)} c{d:url(a"b)} e{f:url("g\n)}', []],
  ['unclosed at the end', 'a{b:url(x', ['x']],
  ['unclosed string at the end', 'a{b:url("x', ['x']],
  ['not in comments and strings', '/* url(x) @import "y"; */ a{content:"url(z)"} /* url(w)', []],
  ['import', '@import "x"; @import url(y); @import url("z") screen; @IMPORT \'w\';', ['x', 'y', 'z', 'w']],
  ['import between comments', '@import/**/"x"/**/;', ['x']],
  ['import with conditions', '@import "x" layer("no") supports(content: "no");', ['x']],
  ['import of nothing', '@import layer("no"); @import; @import no "no";', []],
  ['import after charset and layers', '@charset "no"; @layer a, b; @import "x";', ['x']],
  ['no import after a rule', 'a{} @import "no";', []],
  ['no import within a rule', '@media all { @import "no"; }', []],
  ['no namespaces', '@namespace "no"; @namespace svg url(no); a{b:url(x)}', ['x']],
  ['fonts', '@font-face{src:local("no"),url(x.woff2)format("woff2"),url(y.woff)}', ['x.woff2', 'y.woff']],
  ['image sets', 'a{b:image-set("x" 1x, url(y) type("image/no"), url("z") 2x)} c{d:"no"}', ['x', 'y', 'z']],
  ['image sets of old', 'a{b:-webkit-image-set("x" 1x)}', ['x']],
  ['functions within image sets', 'a{b:image-set(linear-gradient("no") 1x, "x" 2x) counter("no")}', ['x']],
  ['an image set that is not closed', 'a{b:image-set("x" 1x} c{content:"no"}', ['x']],
  ['properties of one’s own', ':root{--x:url(x)}', ['x']],
  [
    'no inline data, no other hosts',
    'a{b:url(data:image/png;base64,AA) url(https://example.com/x) url(//example.com/x)}',
    [],
  ],
  ['what CDO and CDC surround', '<!-- a{b:url(x)} -->', ['x']],
])('%s', (_, css, expected) => {
  expect(referenceLines('sheet.css', css)).toEqual(expected.map((path) => `asset ${path}`));
});

test('the encoding is the one it names', () => {
  expect(referenceLines('a.css', Buffer.from('@charset "iso-8859-1"; a{b:url(é)}', 'latin1'))).toEqual(['asset é']);
});

test('places are relative to the style sheet', () => {
  expect(referenceLines('a/b/sheet.css', 'a{b:url(x) url(../y) url(/z)}')).toEqual([
    'asset a/b/x',
    'asset a/y',
    'asset z',
  ]);
});

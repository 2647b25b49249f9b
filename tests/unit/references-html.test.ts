import { describe, expect, test } from 'vitest';
import { referenceLines } from '../support/reference-lines.ts';

const page = (html: string): string[] => referenceLines('a/page.html', html);

test.each<[string, string, string[]]>([
  ['links', '<a href="b.html"><area href=c.html>', ['page a/b.html', 'page a/c.html']],
  ['places in the order of the document, each once', '<a href=2><a href=1><a href=./2#x>', ['page a/2', 'page a/1']],
  [
    'what is an asset and a page counts as an asset, at its first place',
    '<a href=x><a href=y><img src=x>',
    ['asset a/x', 'page a/y'],
  ],
  ['the page itself never', '<a href=page.html><a href="?q"><a href="#f"><a href=""><a href="../a/page.html?x">', []],
  ['a folder beside a file of its name', '<a href=x><a href=x/>', ['page a/x', 'page a/x/']],
  [
    'scripts',
    '<script src=m.mjs type=module></script><script src=o.js type="text/javascript;x"></script>',
    ['asset a/m.mjs', 'asset a/o.js'],
  ],
  [
    'no blocks of data',
    '<script src=t.html type="text/x-handlebars"></script><script src=m.json type=importmap></script>',
    [],
  ],
  [
    'links of a kind',
    '<link rel="Alternate StyleSheet" href=s.css><link rel=NEXT href=n>',
    ['asset a/s.css', 'page a/n'],
  ],
  [
    'no links of an unknown kind',
    '<link href=a><link rel="" href=b><link rel="preconnect" href=/c/><link rel=pingback href=d>',
    [],
  ],
  [
    'images of links',
    '<link rel=preload as=image imagesrcset="x.png 1x, y.png 2x">',
    ['asset a/x.png', 'asset a/y.png'],
  ],
  ['frames', '<frameset><frame src=f.html></frameset>', ['asset a/f.html']],
  [
    'forms not from the start',
    '<form action=x><input type=image src=i.png formaction=y><button formaction=z>',
    ['asset a/i.png'],
  ],
  ['refresh', '<meta http-equiv=Refresh content="0;url=next.html">', ['page a/next.html']],
  ['inline data is nothing', '<img src=" DATA:image/png;base64,AAAA"><img src="data:,x">', []],
  [
    'a template is not shown, nor what is never closed',
    '<template><img src=x><div></template><img src=y><template><img src=z>',
    ['asset a/y'],
  ],
  [
    'a shadow tree shows',
    '<template shadowrootmode=CLOSED><img src=x></template><template shadowrootmode=x><img src=y>',
    ['asset a/x'],
  ],
  ['no scripting', '<noscript><img src=x></noscript><script><img src=y></script><!-- <img src=z> -->', ['asset a/x']],
  [
    'styles',
    '<style>b{background:url(x)}</style><p style="background:url(&quot;y&quot;)">',
    ['asset a/x', 'asset a/y'],
  ],
  ['a style that the page ends in', '<style>b{background:url(x)', ['asset a/x']],
  [
    'SVG',
    '<svg><image href=i.png /><use xlink:href="s.svg#x"/><a href=l /></svg><a href=m>',
    ['asset a/i.png', 'asset a/s.svg', 'page a/l', 'page a/m'],
  ],
  ['attributes of HTML are none of SVG', '<svg><image src=i.png /><rect background=b.png /></svg>', []],
  ['a tag that breaks off', '<a href=x><a href=y', ['page a/x']],
])('%s', (_, html, expected) => {
  expect(page(html)).toEqual(expected);
});

test('forms count where they are switched on', () => {
  const html = '<form action=x><input formaction=y><button formaction=z></form><form><form action="">';
  expect(referenceLines('p.html', html, { formActions: true })).toEqual(['page x', 'page y', 'page z']);
});

describe('base', () => {
  test.each<[string, string, string[]]>([
    ['the first with a href counts', '<base target=x><base href=/b/><base href=/c/><img src=i>', ['asset b/i']],
    ['for fragments and queries too', '<base href="/b/?q"><a href="#f"><a href="?r">', ['page b/']],
    [
      'links wherever it stands, assets only after it',
      '<a href=l><img src=i><base href=/b/><img src=j>',
      ['page b/l', 'asset a/i', 'asset b/j'],
    ],
    ['relative to the page', '<base href=../c/d/><img src=i>', ['asset c/d/i']],
    ['of another host', '<base href="https://example.com/"><img src=i><a href="/l">', []],
    ['that is no place to resolve from', '<base href="data:text/html,x"><img src=i>', ['asset a/i']],
    [
      'that does not parse; the next one does not count then',
      '<base href="http://"><base href=/c/><img src=i>',
      ['asset a/i'],
    ],
    [
      'not in templates and SVG',
      '<template><base href=/b/></template><svg><base href=/b/ /></svg><img src=i>',
      ['asset a/i'],
    ],
  ])('%s', (_, html, expected) => {
    expect(page(html)).toEqual(expected);
  });
});

describe('XHTML', () => {
  const xhtml = (body: string): string[] =>
    referenceLines('a/page.xhtml', `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">${body}</html>`);

  test('elements close themselves', () => {
    expect(xhtml('<script src="x.js"/><style type="text/css"/><title/><a href="y"/>')).toEqual([
      'asset a/x.js',
      'page a/y',
    ]);
  });

  test('CDATA is text', () => {
    expect(xhtml('<style><![CDATA[ b > c { background: url(x) } ]]></style><p><![CDATA[<a href="no">]]></p>')).toEqual([
      'asset a/x',
    ]);
  });

  test('names keep their case', () => {
    const svg = '<svg><foreignObject><img src="x"/></foreignObject><filter><feImage href="y"/></filter></svg>';
    expect(xhtml(`<A HREF="no">${svg}</A>`)).toEqual(['asset a/x', 'asset a/y']);
  });
});

describe('the encoding', () => {
  const latin1 = (html: string): Buffer => Buffer.from(html, 'latin1');
  test.each<[string, Uint8Array]>([
    ['UTF-8 where nothing is said', Buffer.from('<a href=é>')],
    ['by mark', Buffer.from('\ufeff<meta charset=latin1><a href=é>')],
    ['UTF-16 by mark', Buffer.from('\ufeff<a href=é>', 'utf16le')],
    ['big-endian UTF-16 by mark', Buffer.from('\ufeff<a href=é>', 'utf16le').swap16()],
    ['by declaration', latin1('<!-- <meta charset=utf-8> --><meta charset="iso-8859-1"><a href=é>')],
    [
      'by declaration of old',
      latin1('<meta http-equiv=Content-Type content="text/html; charset=windows-1252"><a href=é>'),
    ],
    ['a declaration that cannot be', Buffer.from('<meta charset=utf-16><a href=é>')],
    ['a declaration that nobody knows', Buffer.from('<meta charset=klingon><a href=é>')],
  ])('%s', (_, bytes) => {
    expect(referenceLines('a/page.html', bytes)).toEqual(['page a/é']);
  });

  test('Japanese', () => {
    const shiftJis = Buffer.concat([
      latin1('<meta charset=Shift_JIS><a href="'),
      Buffer.from([0x93, 0xfa, 0x96, 0x7b]),
      latin1('">'),
    ]);
    expect(referenceLines('a/page.html', shiftJis)).toEqual(['page a/日本']);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseReferences } from '../../electron/engine/references/references.ts';
import { REFERENCE_LIMITS } from '../../electron/engine/references/limits.ts';
import { parseSrcset } from '../../electron/engine/references/srcset.ts';
import { unwrap } from '../../shared/errors/result.ts';
import { parseReference, referenceTo } from '../../shared/domain/reference.ts';
import { parseSitePath } from '../../shared/domain/site-path.ts';
import { placesOf } from '../support/reference-pages.ts';
import { walkPage } from '../support/reference-tree-walk.ts';

const names = ['a/page.html', 'page.xhtml', 'a/b/sheet.css', 'manifest.json', 'sitemap.xml', 'feed.atom'];

const url = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        '..',
        '.',
        '',
        'a',
        'b.html',
        '%2e%2e',
        '%2f',
        '%00',
        '%',
        '%E6%97%A5',
        '日',
        '\\',
        '.lockstep',
        'e\u0301',
        '?',
        '#',
        ' ',
      ),
      {
        maxLength: 6,
      },
    )
    .chain((parts) => fc.constantFrom('/', '', '//').map((joint) => parts.join(joint))),
  fc.constantFrom('https://example.org/', '//example.org/x', 'javascript:x', 'data:,x', 'HTTP:/x', '\u0000', '\ud800'),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

const piece = fc.oneof(
  url,
  fc.constantFrom(
    '<',
    '>',
    '"',
    "'",
    '&',
    '&amp;',
    '&#0;',
    '&#xffffffff;',
    '/*',
    '*/',
    '\\',
    '(',
    ')',
    '{',
    '}',
    '@import ',
    'url(',
    'image-set(',
    ';',
  ),
  fc.constantFrom(
    '<!--',
    '-->',
    '<![CDATA[',
    ']]>',
    '<style>',
    '</style>',
    '<svg>',
    '</svg>',
    '<template>',
    '</template>',
    '<script>',
    '<base href="',
  ),
  fc.constantFrom(
    '<urlset>',
    '<loc>',
    '</loc>',
    '<rss>',
    '<feed xml:base="',
    '<link>',
    '</link>',
    '{"icons":[',
    '{"src":"',
    '"}',
    ']}',
    '<!DOCTYPE x [',
  ),
  url.map((href) => `<a href="${href}">`),
  url.map((href) => `<img srcset="${href} 1x, ${href}, x 2x" src='${href}' style="b:url(${href})">`),
);

const document = fc.oneof(
  fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(pieces.join(''))),
  fc.array(piece, { maxLength: 30 }).map((pieces) => Buffer.from(`\ufeff${pieces.join('')}`, 'utf16le')),
  fc.uint8Array({ maxLength: 200 }),
);

test('whatever the bytes, all references are places of the site, each once, never the document, within the limits', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...names),
      document,
      fc.constantFrom([], ['https://example.org/a/']),
      (name, content, bases) => {
        const path = unwrap(parseSitePath(name));
        const { references, cut } = parseReferences(path, content, { bases, formActions: true });
        expect(cut).toBeUndefined();
        expect(references.length).toBeLessThanOrEqual(REFERENCE_LIMITS.references);
        const keys = references.map((found) => referenceTo(found.path, found.folder));
        expect(new Set(keys).size).toBe(keys.length);
        expect(keys).not.toContain(name);
        for (const [index, found] of references.entries()) {
          expect(parseSitePath(found.path)).toEqual({ ok: true, value: found.path });
          expect(parseReference(keys[index] ?? '')).toBe(keys[index]);
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test('a link to any path of the site, written as a URL, leads there', () => {
  const segment = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
  const place = fc
    .array(segment, { minLength: 1, maxLength: 4 })
    .map((segments) => parseSitePath(segments.join('/')))
    .filter((parsed) => parsed.ok && parsed.value !== '')
    .map(unwrap);
  fc.assert(
    fc.property(place, place, fc.constantFrom('', 'https://example.org/d'), (from, to, base) => {
      fc.pre(from !== to);
      const href = `${base}/${to.split('/').map(encodeURIComponent).join('/')}`;
      const page = unwrap(parseSitePath(`${from}.html`));
      const bases = base === '' ? [] : [base];
      fc.pre(page !== to);
      const { references } = parseReferences(page, Buffer.from(`<a href='${href.replaceAll("'", '%27')}'>`), { bases });
      expect(references).toEqual([{ path: to, folder: false, need: 'page' }]);
    }),
  );
});

test('tag soup is read as parse5 reads it', () => {
  let count = 0;
  const link = fc.constantFrom(
    '<a href=@>',
    '<img src="@">',
    '<a title=">" href=\'@\'>',
    '<img/src=@ >',
    '<link rel=stylesheet href=@>',
    '<video poster=@ src=x@>',
    '<svg><title><a href=@></a></title><script href=@ /><style>a{}</style><use xlink:href=@></use></svg>',
    '<math><mi><a href=@>x</a></mi><mtext><img src=@></mtext></math>',
  );
  const open = fc.constantFrom(
    '<p>',
    '<div>',
    '<b>',
    '<ul><li>',
    '<table>',
    '<tr><td>',
    '<template>',
    '<noscript>',
    '<h1>',
    '<br/>',
    '<style>',
    '<script>',
    '<title>',
    '<textarea>',
    '<iframe>',
    '<xmp>',
    '<noembed>',
    '<head>',
    '<body>',
  );
  const close = fc.constantFrom(
    '</p>',
    '</div>',
    '</b>',
    '</li></ul>',
    '</table>',
    '</template>',
    '</noscript>',
    '</style>',
    '</script>',
    '</title>',
    '</textarea>',
    '</iframe>',
    '</xmp>',
    '</noembed>',
    '</body>',
  );
  const noise = fc.constantFrom(
    'text',
    '&lt;',
    '<',
    '>',
    '</',
    '<!',
    '<!-->',
    '<!--',
    '-->',
    '--!>',
    '<?x',
    '<!DOCTYPE html>',
    '"',
    "'",
    '=',
    '</>',
    '< a href=@>',
    '<a href="@',
    '<3',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(link, open, close, noise), { maxLength: 14 }), (pieces) => {
      const html = `<!doctype html><body>${pieces.join('')}`.replaceAll('@', () => `t${count++}`);
      const page = { path: 'page.html' };
      const { references } = parseReferences(unwrap(parseSitePath(page.path)), Buffer.from(html), { bases: [] });
      const expected = placesOf(walkPage(html, 'https://example.org/docs/page.html'), page);
      expect(references.map((found) => (found.folder ? `${found.path}/` : found.path)).sort()).toEqual(expected);
    }),
    { numRuns: 3000 },
  );
});

test('a srcset holds no white space, nothing empty, and no comma at the ends', () => {
  const text = fc.array(fc.constantFrom('a', ',', ' ', '\n', '1x', '2w', '(', ')', 'data:,x', '.5x'), {
    maxLength: 20,
  });
  fc.assert(
    fc.property(text, (parts) => {
      for (const found of parseSrcset(parts.join(''))) expect(found).toMatch(/^[^\s,](?:\S*[^\s,])?$/);
    }),
  );
});

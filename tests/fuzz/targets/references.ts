import { REFERENCE_LIMITS } from '../../../electron/engine/references/limits.ts';
import { parseReferences } from '../../../electron/engine/references/references.ts';
import { parseSitePath, type SitePath } from '../../../shared/domain/site-path.ts';
import { demand, type FuzzTarget } from '../target.ts';

interface Page {
  readonly path: string;
  /** latin1. */
  readonly bytes: string;
}

const PATHS = [
  'a/page.html',
  'page.xhtml',
  'a/b/sheet.css',
  'manifest.webmanifest',
  'sitemap.xml',
  'feed.atom',
  'x.svg',
];
const URLS = [
  'a.html',
  '../../../etc/passwd',
  '/.lockstep/x',
  '%2e%2e%2f',
  '//example.org/x',
  'https://www.example.org/b',
  'data:,x',
  'javascript:x',
  '%00',
  '%',
  '\\\\host\\x',
  '\u00e6\u0097\u00a5',
  '?',
  '#',
  ' ',
  'x'.repeat(20_000),
  'http://[',
  'C:/x',
  'a;b',
  "a'b",
];
const SEEDS = [
  '<!DOCTYPE html><base href="U"><a href="U">x</a><img srcset="U 1x, U 2x" src=U><style>@import "U"; b{c:url(U)}</style>',
  '<svg xmlns="http://www.w3.org/2000/svg"><use href="U"/><style>x{fill:url(U)}</style><script href="U"/></svg>',
  '@import url("U") layer(x); a{background:image-set("U" 1x, url(U) 2x)} @media x{@font-face{src:url(U)}}',
  '{"start_url":"U","icons":[{"src":"U"}],"screenshots":[{"src":"U"}],"shortcuts":[{"url":"U","icons":[]}]}',
  '<?xml version="1.0" encoding="utf-16"?><urlset><url><loc>U</loc></url></urlset>',
  '<feed xml:base="U"><link href="U"/><entry><content type="html">&lt;img src="U"&gt;</content></entry></feed>',
  '<template><template><math><mtext><a href="U"></mtext></math></template></template><noscript><img src="U"></noscript>',
  '<meta http-equiv="refresh" content="0; url=U"><object data="U"><video poster="U"><source src="U"><form action="U">',
];
const TOKENS = [
  '<',
  '>',
  '"',
  "'",
  '&',
  '&#0;',
  '&#x110000;',
  '&amp',
  '/*',
  '*/',
  '\\',
  '\\26 ',
  '(',
  ')',
  '{',
  '}',
  'url(',
  '@import ',
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '</style>',
  '</script>',
  '<svg>',
  '<math>',
  '<template>',
  '\0',
  '\u00ff\u00fe',
  '\u00ef\u00bb\u00bf',
  '<!DOCTYPE x [<!ENTITY a "b">',
  '<div>'.repeat(2000),
  '('.repeat(5000),
  '{'.repeat(5000),
  '[url('.repeat(1000),
  'a,'.repeat(3000),
];

/** Pages, style sheets, manifests and feeds by somebody who means harm. */
export const references: FuzzTarget<Page> = {
  name: 'references',
  shortRun: 200,
  generate(random) {
    const document = random.pick(SEEDS).replaceAll('U', () => random.pick(URLS));
    const grown = random.chance(0.5) ? random.mutate(document, TOKENS) : document;
    const repeated = random.chance(0.05) ? grown.repeat(1 + random.below(500)) : grown;
    return { path: random.pick(PATHS), bytes: random.chance(0.05) ? random.bytes(2000) : repeated };
  },
  start: () =>
    Promise.resolve({
      attempt({ path, bytes }) {
        const urls = { bases: ['https://www.example.org/'], formActions: true };
        const began = performance.now();
        const { references: found } = parseReferences(path as SitePath, Buffer.from(bytes, 'latin1'), urls);
        const took = performance.now() - began;
        demand(took < 10_000, `a document of ${bytes.length} bytes took ${Math.round(took)} ms`);
        demand(found.length <= REFERENCE_LIMITS.references, 'more references than the limit');
        for (const reference of found) {
          const parsed = parseSitePath(reference.path);
          demand(parsed.ok && parsed.value === reference.path, `${reference.path} is no place of the site`);
        }
      },
      verify() {},
      stop: () => Promise.resolve(),
    }),
};

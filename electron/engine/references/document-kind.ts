import { nameOf, type SitePath } from '../../../shared/domain/site-path.ts';

/**
 * Kinds of documents whose references are looked for. XHTML is what a browser reads as XML. Of other XML, the root element
 * tells sitemaps and feeds from the rest.
 */
export type DocumentKind = 'html' | 'xhtml' | 'css' | 'manifest' | 'xml';

/** By the extension of the name; undefined: the file is not parsed. */
export function documentKind(path: SitePath): DocumentKind | undefined {
  const name = nameOf(path).toLowerCase();
  if (name === 'manifest.json') return 'manifest';
  return KINDS.get(name.slice(name.lastIndexOf('.') + 1));
}

const KINDS: ReadonlyMap<string, DocumentKind> = new Map([
  ['html', 'html'],
  ['htm', 'html'],
  ['xhtml', 'xhtml'],
  ['xht', 'xhtml'],
  ['css', 'css'],
  ['webmanifest', 'manifest'],
  ['xml', 'xml'],
  ['rss', 'xml'],
  ['atom', 'xml'],
  ['rdf', 'xml'],
]);

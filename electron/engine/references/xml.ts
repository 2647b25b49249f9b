import type { Collector, Need } from './collector.ts';
import { REFERENCE_LIMITS } from './limits.ts';
import { type Attributes, readTags } from './tags.ts';

/**
 * Collects the links of a sitemap or a feed; its root element says which it is, and other XML holds none.
 * Sources: sitemaps.org protocol 0.9, RSS 1.0 and 2.0, RFC 4287 (Atom), Media RSS. The HTML within a feed's entries is not looked into.
 */
export function collectXml(source: string, collector: Collector): void {
  let vocabulary: Vocabulary | undefined;
  let hasRoot = false;
  /** The element whose text is being read. */
  let reading: { readonly name: string; readonly need: Need; text: string } | undefined;

  readTags(source, 'xml', {
    attributes: ATTRIBUTES,
    open(name, attributes, selfClosing) {
      reading = undefined;
      if (!hasRoot) {
        hasRoot = true;
        vocabulary = VOCABULARIES.get(localName(name));
        const base = attributes.get('xml:base');
        if (base !== undefined) collector.setBase(base);
      }
      const found = vocabulary?.(name, attributes);
      if (found === undefined) return;
      if (found.in !== 'text') collector.add(attributes.get(found.in), found.need);
      else if (!selfClosing) reading = { name, need: found.need, text: '' };
    },
    close(name) {
      if (reading?.name === name) collector.add(reading.text, reading.need);
      reading = undefined;
    },
    text(piece) {
      if (reading !== undefined) reading.text += piece;
    },
    wantsText: () => reading !== undefined && reading.text.length <= REFERENCE_LIMITS.valueLength,
    inForeignContent: () => false,
    isDone: () => collector.cut !== undefined || (hasRoot && vocabulary === undefined),
  });
}

/** Where an element of a vocabulary holds its link: in its text or in an attribute. */
type Vocabulary = (name: string, attributes: Attributes) => { readonly in: string; readonly need: Need } | undefined;

const sitemap: Vocabulary = (name) => {
  switch (name) {
    case 'image:loc':
      return { in: 'text', need: 'asset' };
    case 'xhtml:link':
      return { in: 'href', need: 'page' };
    default:
      return localName(name) === 'loc' ? { in: 'text', need: 'page' } : undefined;
  }
};

const feed: Vocabulary = (name, attributes) => {
  switch (localName(name)) {
    case 'link':
      if (!attributes.has('href')) return { in: 'text', need: 'page' };
      return { in: 'href', need: attributes.get('rel') === 'enclosure' ? 'asset' : 'page' };
    case 'enclosure':
    case 'thumbnail':
      return { in: 'url', need: 'asset' };
    case 'content':
      return attributes.has('url') ? { in: 'url', need: 'asset' } : { in: 'src', need: 'page' };
    case 'image':
      return { in: 'href', need: 'asset' };
    case 'url':
    case 'logo':
    case 'icon':
      return { in: 'text', need: 'asset' };
    default:
      return undefined;
  }
};

const VOCABULARIES: ReadonlyMap<string, Vocabulary> = new Map([
  ['urlset', sitemap],
  ['sitemapindex', sitemap],
  ['rss', feed],
  ['feed', feed],
  ['RDF', feed],
]);

const ATTRIBUTES: ReadonlySet<string> = new Set(['href', 'rel', 'src', 'url', 'xml:base']);

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

import { type Reference, referenceTo } from '../../../shared/domain/reference.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { type Collector, createCollector, type Cut, type Need } from './collector.ts';
import { collectCss } from './css.ts';
import { decodeText } from './decode-text.ts';
import { type DocumentKind, documentKind } from './document-kind.ts';
import { collectHtml } from './html.ts';
import { REFERENCE_LIMITS } from './limits.ts';
import { collectManifest } from './manifest.ts';
import { createResolver, type SiteUrls, type Target } from './resolve.ts';
import { collectXml } from './xml.ts';

/** Something of the same site that a document needs. */
export interface FoundReference extends Target {
  readonly need: Need;
}

export interface Parsed {
  /** In document order, each place once, the document itself left out. */
  readonly references: readonly FoundReference[];
  /**
   * The limit of REFERENCE_LIMITS that was hit: `size`: nothing was parsed; `count`: there are more references (assets stay before pages);
   * `depth`: what follows that place was not read.
   */
  readonly cut: Cut;
}

/**
 * The references of a document to its own site. Executes nothing and reads nothing but `content`; never throws, whatever the bytes.
 * A path that is not parsed (`documentKind`) has none.
 */
export function parseReferences(path: SitePath, content: Uint8Array, urls: SiteUrls): Parsed {
  const kind = documentKind(path);
  if (kind === undefined) return { references: [], cut: undefined };
  if (content.byteLength > REFERENCE_LIMITS.documentBytes) return { references: [], cut: 'size' };
  const collector = createCollector();
  collect(kind, decodeText(content, kind), urls.formActions === true, collector);
  const all = resolve(path, collector, urls);
  const references = withinLimits(all);
  return { references, cut: collector.cut ?? (references.length < all.length ? 'count' : undefined) };
}

function collect(kind: DocumentKind, text: string, formActions: boolean, collector: Collector): void {
  switch (kind) {
    case 'html':
      return collectHtml(text, { language: 'html', formActions }, collector);
    case 'xhtml':
      return collectHtml(text, { language: 'xml', formActions }, collector);
    case 'css':
      return collectCss(text, collector);
    case 'manifest':
      return collectManifest(text, collector);
    case 'xml':
      return collectXml(text, collector);
  }
}

function resolve(path: SitePath, collector: Collector, urls: SiteUrls): FoundReference[] {
  const whole = createResolver(path, collector.base, urls);
  const beforeBase = createResolver(path, undefined, urls);
  const found = new Map<Reference, FoundReference>();
  const baseLength = encodeURIComponent(path).length + (collector.base?.length ?? 0);
  let [position, length] = [0, 0];
  for (const [url, need] of collector.urls) {
    length += baseLength + url.length;
    if (length > REFERENCE_LIMITS.resolvedLength) {
      collector.stop('count');
      break;
    }
    // A browser loads at once what stands before the base, but follows links when they are clicked on.
    const place = position++ < collector.beforeBase && need === 'asset' ? beforeBase(url) : whole(url);
    if (place === undefined || (place.path === path && !place.folder)) continue;
    const key = referenceTo(place.path, place.folder);
    if (need === 'asset' || !found.has(key)) found.set(key, { ...place, need });
  }
  return [...found.values()];
}

/** All if they fit; else the assets and then the pages, as many as fit: a page may link to thousands, but is broken without its style sheet. */
function withinLimits(references: readonly FoundReference[]): readonly FoundReference[] {
  const kept = new Set<FoundReference>();
  let length = 0;
  for (const need of ['asset', 'page'] as const) {
    for (const reference of references) {
      if (reference.need !== need) continue;
      length += referenceTo(reference.path, reference.folder).length;
      if (length > REFERENCE_LIMITS.totalPathLength || kept.size === REFERENCE_LIMITS.references) break;
      kept.add(reference);
    }
  }
  return references.filter((reference) => kept.has(reference));
}

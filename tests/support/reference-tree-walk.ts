import { type DefaultTreeAdapterTypes, parse } from 'parse5';

/** The absolute URLs that a page names, read from parse5's tree: another way to the same end. Style sheets are not looked into. */
export function walkPage(html: string, url: string): string[] {
  const elements = [...elementsOf(parse(html, { scriptingEnabled: false }))];
  const base = elements.find((element) => isHtml(element) && element.tagName === 'base' && has(element, 'href'));
  const baseUrl = URL.parse((base && valueOf(base, 'href')) ?? '', url)?.href ?? url;
  const absolute = elements
    .flatMap(urlsOf)
    .filter((raw) => raw.trim() !== '')
    .flatMap((raw) => URL.parse(raw, baseUrl)?.href ?? []);
  return [...new Set(absolute)];
}

type Element = DefaultTreeAdapterTypes.Element;

function* elementsOf(node: DefaultTreeAdapterTypes.Node): Generator<Element> {
  if ('tagName' in node) yield node;
  if (!('childNodes' in node)) return;
  // parse5 keeps the content of templates apart; only a shadow tree shows.
  if ('content' in node && has(node, 'shadowrootmode')) yield* elementsOf(node.content);
  for (const child of node.childNodes) yield* elementsOf(child);
}

function urlsOf(element: Element): string[] {
  const all = (...names: string[]): string[] => names.flatMap((name) => valueOf(element, name) ?? []);
  if (!isHtml(element)) {
    if (!['a', 'use', 'image', 'feImage', 'script'].includes(element.tagName)) return [];
    return all('href', 'xlink:href').slice(0, 1);
  }
  const is = (attribute: string, ...words: string[]): boolean =>
    (valueOf(element, attribute) ?? '')
      .toLowerCase()
      .split(/\s+/)
      .some((word) => words.includes(word));
  const pages = ['alternate', 'canonical', 'next', 'prev'];
  const assets = ['stylesheet', 'icon', 'apple-touch-icon', 'preload', 'modulepreload', 'manifest'];
  switch (element.tagName) {
    case 'a':
    case 'area':
      return all('href');
    case 'link':
      if (!is('rel', ...pages, ...assets)) return [];
      return [...all('href'), ...candidates(valueOf(element, 'imagesrcset'))];
    case 'script':
      return is('type', 'text/x-template') ? [] : all('src');
    case 'img':
    case 'source':
      return [...all('src'), ...candidates(valueOf(element, 'srcset'))];
    case 'video':
    case 'audio':
    case 'track':
    case 'iframe':
    case 'embed':
      return all('src', 'poster');
    case 'object':
      return all('data');
    case 'input':
      return is('type', 'image') ? all('src', 'formaction') : [];
    case 'button':
      return all('formaction');
    case 'form':
      return all('action');
    case 'meta': {
      const refresh = is('http-equiv', 'refresh') ? valueOf(element, 'content') : undefined;
      return [/^\d+;\s*url='?([^']*)/i.exec(refresh ?? '')?.[1] ?? ''];
    }
    default:
      return all('background');
  }
}

/** Good enough for the sample pages, whose candidates end with a comma before white space or a word. */
function candidates(srcset: string | undefined): string[] {
  if (srcset === undefined) return [];
  const parts = srcset.split(/,\s+|(?<=\dx),/).map((part) => part.trim().split(/\s+/));
  return parts.flatMap(([url = '', descriptor = '1x']) => (/^[\d.]+[xw]$/.test(descriptor) ? url : []));
}

function isHtml(element: Element): boolean {
  return element.namespaceURI === 'http://www.w3.org/1999/xhtml';
}

function has(element: Element, name: string): boolean {
  return valueOf(element, name) !== undefined;
}

function valueOf(element: Element, name: string): string | undefined {
  return element.attrs.find((attr) => (attr.prefix ? `${attr.prefix}:${attr.name}` : attr.name) === name)?.value;
}

import type { Collector, Need } from './collector.ts';
import { collectCss } from './css.ts';
import { trackForeignContent } from './foreign-content.ts';
import { REFERENCE_LIMITS } from './limits.ts';
import { parseMetaRefresh } from './meta-refresh.ts';
import { parseSrcset } from './srcset.ts';
import { type Attributes, readTags } from './tags.ts';

export interface HtmlOptions {
  /** `xml` for XHTML, which a browser reads as XML. */
  readonly language: 'html' | 'xml';
  /** Whether the targets of forms count. They are programs more often than files. */
  readonly formActions: boolean;
}

/**
 * Collects what a page loads and links to, without scripts: the content of `<noscript>` counts, that of `<template>` does not
 * (unless it is a shadow tree, which shows), nor do comments and the text of scripts.
 */
export function collectHtml(source: string, options: HtmlOptions, collector: Collector): void {
  const foreign = trackForeignContent();
  /** The open templates: true for those whose content does not show. */
  const templates: boolean[] = [];
  let inert = 0;
  /** The text of the style sheet that is being read. */
  let style: string | undefined;

  readTags(source, options.language, {
    attributes: ATTRIBUTES,
    open(name, attributes, selfClosing) {
      endStyle();
      foreign.open(name, selfClosing);
      if (inert === 0) {
        collectTag(name, attributes, foreign.inside, options, collector);
        if (name === 'style' && !selfClosing && isCss(attributes.get('type'))) style = '';
      }
      if (name === 'template' && !selfClosing && !foreign.inside) {
        const hidden = !/^(?:open|closed)$/i.test(attributes.get('shadowrootmode') ?? '');
        templates.push(hidden);
        if (hidden) inert++;
      }
      if (Math.max(templates.length, foreign.depth) > REFERENCE_LIMITS.depth) collector.stop('depth');
    },
    close(name) {
      if (name === 'style') endStyle();
      if (name === 'template' && templates.pop() === true) inert--;
      foreign.close(name);
    },
    text(piece) {
      style = (style ?? '') + piece;
    },
    wantsText: () => style !== undefined,
    inForeignContent: () => foreign.inside,
    isDone: () => collector.cut !== undefined,
  });
  endStyle();

  function endStyle(): void {
    if (style !== undefined) collectCss(style, collector);
    style = undefined;
  }
}

function collectTag(
  name: string,
  attributes: Attributes,
  foreign: boolean,
  options: HtmlOptions,
  collector: Collector,
): void {
  if (attributes.size === 0) return;
  const style = attributes.get('style');
  if (style !== undefined) collectCss(style, collector);
  const take = (attribute: string, need: Need): void => collector.add(attributes.get(attribute), need);
  const takeSet = (attribute: string): void => {
    for (const url of parseSrcset(attributes.get(attribute) ?? '')) collector.add(url, 'asset');
  };
  if (foreign) {
    // SVG 2 §16.1.5: `href` wins over `xlink:href`.
    const need = SVG_LINKS.get(name);
    if (need !== undefined) take(attributes.has('href') ? 'href' : 'xlink:href', need);
    return;
  }
  switch (name) {
    case 'base': {
      const href = attributes.get('href');
      if (href !== undefined) collector.setBase(href);
      break;
    }
    case 'a':
    case 'area':
      take('href', 'page');
      break;
    case 'link': {
      const need = needOfLink(attributes.get('rel') ?? '');
      if (need === undefined) break;
      take('href', need);
      if (need === 'asset') takeSet('imagesrcset');
      break;
    }
    case 'script':
      if (isScript(attributes.get('type'))) take('src', 'asset');
      break;
    case 'img':
    case 'image':
    case 'source':
      take('src', 'asset');
      takeSet('srcset');
      break;
    case 'video':
      take('src', 'asset');
      take('poster', 'asset');
      break;
    case 'audio':
    case 'track':
    case 'iframe':
    case 'frame':
    case 'embed':
      take('src', 'asset');
      break;
    case 'object':
      take('data', 'asset');
      break;
    case 'input':
      if (attributes.get('type')?.toLowerCase() === 'image') take('src', 'asset');
      if (options.formActions) take('formaction', 'page');
      break;
    case 'button':
      if (options.formActions) take('formaction', 'page');
      break;
    case 'form':
      if (options.formActions) take('action', 'page');
      break;
    case 'body':
    case 'table':
    case 'thead':
    case 'tbody':
    case 'tfoot':
    case 'tr':
    case 'th':
    case 'td':
      take('background', 'asset');
      break;
    case 'meta':
      if (attributes.get('http-equiv')?.toLowerCase() === 'refresh') {
        collector.add(parseMetaRefresh(attributes.get('content') ?? ''), 'page');
      }
      break;
    default:
  }
}

/** What a `<link>` is for; undefined where it names no file of a site, as `preconnect` or a word that nobody knows. */
function needOfLink(rel: string): Need | undefined {
  const words = rel.toLowerCase().split(/[\t\n\f\r ]+/);
  if (words.some((word) => ASSET_LINKS.has(word))) return 'asset';
  return words.some((word) => PAGE_LINKS.has(word)) ? 'page' : undefined;
}

/** A `<script>` of another type is a block of data, and its `src` is not loaded. */
function isScript(type: string | undefined): boolean {
  const essence = type?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return essence === '' || essence === 'module' || /(?:java|ecma|j|live)script/.test(essence);
}

function isCss(type: string | undefined): boolean {
  return type === undefined || type === '' || type.toLowerCase() === 'text/css';
}

const SVG_LINKS: ReadonlyMap<string, Need> = new Map([
  ['a', 'page'],
  ['use', 'asset'],
  ['image', 'asset'],
  ['feimage', 'asset'],
  ['feImage', 'asset'],
  ['script', 'asset'],
]);

const ASSET_LINKS: ReadonlySet<string> = new Set([
  'stylesheet',
  'icon',
  'apple-touch-icon',
  'apple-touch-icon-precomposed',
  'apple-touch-startup-image',
  'mask-icon',
  'preload',
  'modulepreload',
  'manifest',
]);

const PAGE_LINKS: ReadonlySet<string> = new Set([
  'alternate',
  'amphtml',
  'author',
  'canonical',
  'contents',
  'first',
  'help',
  'index',
  'last',
  'license',
  'next',
  'prefetch',
  'prerender',
  'prev',
  'previous',
  'privacy-policy',
  'search',
  'start',
  'terms-of-service',
  'up',
]);

const ATTRIBUTES: ReadonlySet<string> = new Set([
  'action',
  'background',
  'content',
  'data',
  'formaction',
  'href',
  'http-equiv',
  'imagesrcset',
  'poster',
  'rel',
  'shadowrootmode',
  'src',
  'srcset',
  'style',
  'type',
  'xlink:href',
]);

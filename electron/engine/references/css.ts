import { tokenize, tokenTypes } from 'css-tree/tokenizer';
import { ident, string, url } from 'css-tree/utils';
import type { Collector } from './collector.ts';

/**
 * Collects what a style sheet or a `style` attribute loads: `url()`, `src()`, `@import`, and the strings of `image-set()`.
 * Works on the tokens of CSS Syntax Level 3 alone: no tree is built, so no nesting costs anything.
 */
export function collectCss(source: string, collector: Collector): void {
  let at: 'import' | 'namespace' | undefined;
  /** CSS Cascade §2: `@import` counts only before the first rule. */
  let importsAllowed = true;
  let depth = 0;
  /** The depth within the parentheses of an `image-set(`. */
  let imageSet: number | undefined;
  /** After `url(` or `src(` whose string is still to come. */
  let urlFunction = false;

  tokenize(source, (type, start, end) => {
    if (type === tokenTypes.WhiteSpace || type === tokenTypes.Comment || collector.cut !== undefined) return;
    const wasUrlFunction = urlFunction;
    urlFunction = false;
    switch (type) {
      case tokenTypes.Url:
        take(url.decode(source.slice(start, end)));
        break;
      case tokenTypes.String:
        if (wasUrlFunction || at === 'import' || (imageSet !== undefined && imageSet === depth)) {
          take(string.decode(source.slice(start, end)));
        }
        break;
      case tokenTypes.Function: {
        const name = nameOf(source.slice(start, end - 1));
        depth++;
        urlFunction = name === 'url' || name === 'src';
        if (!urlFunction) endImport();
        if (name === 'image-set' || name === '-webkit-image-set') imageSet ??= depth;
        break;
      }
      case tokenTypes.LeftParenthesis:
        depth++;
        break;
      case tokenTypes.RightParenthesis:
        if (imageSet === depth) imageSet = undefined;
        depth = Math.max(0, depth - 1);
        break;
      case tokenTypes.AtKeyword: {
        const name = nameOf(source.slice(start + 1, end));
        at = (name === 'import' && importsAllowed) || name === 'namespace' ? name : undefined;
        break;
      }
      case tokenTypes.LeftCurlyBracket:
        importsAllowed = false;
        leave();
        break;
      case tokenTypes.RightCurlyBracket:
      case tokenTypes.Semicolon:
        leave();
        break;
      default:
        endImport();
    }
  });

  function take(value: string): void {
    // That of @namespace only looks like a link.
    if (at !== 'namespace') collector.add(value, 'asset');
    endImport();
  }

  /** What stands first after `@import` is its style sheet; the rest are its conditions. */
  function endImport(): void {
    if (at === 'import') at = undefined;
  }

  /** The end of a declaration or rule mends what was left open in it. */
  function leave(): void {
    at = undefined;
    depth = 0;
    imageSet = undefined;
  }
}

function nameOf(token: string): string {
  return (token.includes('\\') ? ident.decode(token) : token).toLowerCase();
}

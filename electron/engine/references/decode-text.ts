import { TextDecoder } from 'node:util';
import type { DocumentKind } from './document-kind.ts';

/**
 * The text of a document, its encoding found as a browser finds it that is not told one: a byte order mark, else what the document
 * says at its beginning, else UTF-8. What is malformed becomes U+FFFD.
 */
export function decodeText(content: Uint8Array, kind: DocumentKind): string {
  return decoder(encodingByMark(content) ?? encodingByDeclaration(content, kind)).decode(content);
}

function encodingByMark(content: Uint8Array): string | undefined {
  const [first, second, third] = content;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return undefined;
}

function encodingByDeclaration(content: Uint8Array, kind: DocumentKind): string | undefined {
  const declaration = DECLARATIONS[kind];
  if (declaration === undefined) return undefined;
  const head = Buffer.from(content.buffer, content.byteOffset, Math.min(content.byteLength, SNIFFED_BYTES));
  const label = declaration.exec(head.toString('latin1').replaceAll(COMMENT, ''))?.[1]?.toLowerCase();
  // Whoever could read that declaration did not read UTF-16 (HTML Standard §13.2.3.2 step 13).
  return label?.startsWith('utf-16') ? 'utf-8' : label;
}

function decoder(label: string | undefined): TextDecoder {
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder();
  }
}

/** HTML Standard §13.2.3.2: a prescan looks at this many bytes. */
const SNIFFED_BYTES = 1024;
const COMMENT = /<!--.*?-->/gs;

const XML_DECLARATION = /^<\?xml\s[^>]*?encoding\s*=\s*["']([^"']+)/;
const DECLARATIONS: Readonly<Record<DocumentKind, RegExp | undefined>> = {
  html: /<meta\s[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)/i,
  xhtml: XML_DECLARATION,
  xml: XML_DECLARATION,
  css: /^@charset "([^"]*)";/,
  manifest: undefined,
};

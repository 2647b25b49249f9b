import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2';

/** The attributes that were asked for, each as it stands first in its tag. */
export type Attributes = ReadonlyMap<string, string>;

export interface TagHandler {
  /** Names of attributes that are of interest. Lower case in HTML. */
  readonly attributes: ReadonlySet<string>;
  open(name: string, attributes: Attributes, selfClosing: boolean): void;
  close(name: string): void;
  /** A piece of text, entities decoded. */
  text(piece: string): void;
  /** Text is handed over only while this is true. */
  wantsText(): boolean;
  /** True in SVG and MathML, where `<style>` and `<title>` hold markup, and CDATA is text. */
  inForeignContent(): boolean;
  /** Looked at after each tag: reading ends there. */
  isDone(): boolean;
}

/**
 * Reads the tags of HTML or XML as they come. Works on htmlparser2's tokenizer, not on its Parser: that one keeps a stack of
 * the open elements, which takes quadratic time on a page of a million tags that are never closed.
 * In HTML the names of tags and attributes are folded to lower case; custom entities of XML are left as they stand.
 */
export function readTags(source: string, language: 'html' | 'xml', handler: TagHandler): void {
  const xmlMode = language === 'xml';
  const read = xmlMode
    ? (start: number, end: number) => source.slice(start, end)
    : (start: number, end: number) => source.slice(start, end).toLowerCase();
  let tag = '';
  let attributes = new Map<string, string>();
  /** The attribute being read; undefined while it is of no interest. */
  let attribute: string | undefined;
  let value = '';

  const endOpenTag = (selfClosing: boolean): void => {
    handler.open(tag, attributes, selfClosing);
    if (attributes.size > 0) attributes = new Map();
    if (handler.isDone()) tokenizer.pause();
  };
  const text = (piece: string): void => {
    if (handler.wantsText()) handler.text(piece);
  };
  const callbacks: TokenizerCallbacks = {
    onopentagname(start, end) {
      tag = read(start, end);
    },
    onattribname(start, end) {
      const name = read(start, end);
      attribute = handler.attributes.has(name) && !attributes.has(name) ? name : undefined;
      value = '';
    },
    onattribdata(start, end) {
      if (attribute !== undefined) value += source.slice(start, end);
    },
    onattribentity(codePoint) {
      if (attribute !== undefined) value += String.fromCodePoint(codePoint);
    },
    onattribend() {
      if (attribute !== undefined) attributes.set(attribute, value);
      attribute = undefined;
    },
    onopentagend: () => endOpenTag(false),
    onselfclosingtag: () => endOpenTag(xmlMode || handler.inForeignContent()),
    onclosetag(start, end) {
      handler.close(read(start, end));
      if (handler.isDone()) tokenizer.pause();
    },
    ontext: (start, end) => text(source.slice(start, end)),
    ontextentity: (codePoint) => text(String.fromCodePoint(codePoint)),
    oncdata(start, end, offset) {
      if (xmlMode || handler.inForeignContent()) text(source.slice(start, end - offset));
    },
    oncomment() {},
    ondeclaration() {},
    onprocessinginstruction() {},
    onend() {},
    isInForeignContext: () => handler.inForeignContent(),
  };
  const tokenizer = new Tokenizer({ xmlMode, decodeEntities: true }, callbacks);
  tokenizer.write(source);
  tokenizer.end();
}

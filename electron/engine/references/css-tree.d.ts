// Only the tokenizer is used: @types/css-tree describes the whole of css-tree, which would load its tables of properties too.
declare module 'css-tree/tokenizer' {
  /** CSS Syntax Level 3 §4.3.1. Calls back for each token: its type (a key of `tokenNames` by index), and its place in the source. */
  export function tokenize(source: string, onToken: (type: number, start: number, end: number) => void): void;
  export const tokenTypes: {
    readonly AtKeyword: number;
    readonly Comment: number;
    readonly Function: number;
    readonly LeftCurlyBracket: number;
    readonly LeftParenthesis: number;
    readonly RightCurlyBracket: number;
    readonly RightParenthesis: number;
    readonly Semicolon: number;
    readonly String: number;
    readonly Url: number;
    readonly WhiteSpace: number;
  };
}

declare module 'css-tree/utils' {
  interface Decoder {
    /** The value of a token, its escapes decoded. */
    decode(token: string): string;
  }
  export const ident: Decoder;
  export const string: Decoder;
  /** Of an unquoted `url(…)`. */
  export const url: Decoder;
}

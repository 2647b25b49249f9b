/**
 * What can be wrong with a value that a person or a program gave: the `issue` of `call.invalid` and `config.invalid`. Words for
 * people are made from it in `problems.en.ts` and `problems.ja.ts`; a schema that refuses something with reasons of its own names
 * one of these as its message. `limit`, `values` and `text` are parameters of the error.
 */
export const issues = [
  'unset',
  'missing',
  'unknown-key',
  'form',
  // types
  'text',
  'number',
  'whole-number',
  'true-or-false',
  'list',
  'object',
  // bounds, with `limit`
  'length-min',
  'length-max',
  'entries-min',
  'entries-max',
  'min',
  'max',
  // with `values`
  'one-of',
  'web-address',
  'characters',
  // reasons of our own schemas
  'site-path',
  'file-name',
  'name',
  'one-line',
  'hash',
  'reference',
  'references-too-long',
  'history-place',
  'error-code',
  'mirrors',
  'twice',
  'needed-by-master',
  'min-above-max',
  'rules-too-long',
  'not-with-delete',
  'hook-needs-one',
  'hook-has-both',
  'hook-has-login',
  'only-url-signed',
  // patterns, some with `text`
  'glob-empty',
  'glob-characters',
  'glob-slash-end',
  'glob-slash-twice',
  'glob-dots',
  'glob-unclosed',
  'glob-costly',
  // of a whole request or file
  'not-a-call',
  'not-json',
  'too-large',
] as const;
export type Issue = (typeof issues)[number];

export function isIssue(value: unknown): value is Issue {
  return issues.some((issue) => issue === value);
}

/** Why an upload broke off: the `reason` of `upload.aborted`, as the history keeps it. */
export const breakReasons = [
  'reset',
  'no-close-notify',
  'abort',
  'control-lost',
  'ended',
  'short',
  'stalled',
  'disk-full',
  'too-large',
  'error',
  'killed',
] as const;
export type BreakReason = (typeof breakReasons)[number];

export function isBreakReason(value: unknown): value is BreakReason {
  return breakReasons.some((reason) => reason === value);
}

/** Each the part of a sentence that follows “broke off:”. */
export type Breaks = Readonly<Record<BreakReason, string>>;

/** Templates as in `speaker.ts`, each a part of a sentence that follows the name of what is wrong. */
export type Problems = Readonly<Record<Issue, string>>;

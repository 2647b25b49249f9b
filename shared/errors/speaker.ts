import { NOT_SHOWN } from '../domain/not-shown.ts';
import type { ErrorJson, ErrorParams } from './app-error.ts';
import type { ErrorCode } from './codes.ts';
import { type Breaks, isBreakReason, type Issue, isIssue, type Problems } from './problems.ts';

/**
 * What happened, and what to do, of each code; third, where the app has another way to do it than the command line: what to do
 * there. `{key|words}` is the parameter of that name, or the words where the error does not carry it; `{key?before % after|words}`
 * is the phrase with the parameter in place of `%`, if there is one, or the words (they may hold choices again).
 */
export type Sentences = Readonly<Record<ErrorCode, readonly [what: string, mend: string, mendInApp?: string]>>;

/** Where a person reads it. */
export type Place = 'shell' | 'app';

/**
 * What commands that a sentence names for this very install, and marks with `{same|}`, are given beside: '' or ` --data DIR`. No error
 * brings it along: it is a part of what a person types.
 */
const SAME = 'same';

/** The name of what waits, as a shell reads it, in commands that decide about that: not where it is not known. Nor does an error bring that along. */
const WAITING = 'waiting';

/** A language. */
export interface Language {
  readonly sentences: Sentences;
  readonly problems: Problems;
  readonly breaks: Breaks;
}

/** What happened and the one thing to do about it: two plain sentences. */
export function speak(
  { sentences, ...words }: Language,
  given: ErrorJson,
  place: Place,
  same = '',
  waiting = '',
): { what: string; mend: string } {
  const told = forInstall(given, same);
  const error = inWords(words, { ...told, params: { ...told.params, [WAITING]: waiting } });
  const [what, mend, mendInApp] = sentences[error.code];
  return { what: fill(what, error.params), mend: fill(place === 'app' ? (mendInApp ?? mend) : mend, error.params) };
}

/** With the marks of its commands. */
export function forInstall<T extends { readonly params: ErrorParams }>(told: T, same: string): T {
  return { ...told, params: { ...told.params, [SAME]: same } };
}

/** What is wrong with a value is said as the parameter `problem`; why an upload broke off, in words. */
function inWords({ problems, breaks }: Omit<Language, 'sentences'>, error: ErrorJson): ErrorJson {
  const { issue, reason } = error.params;
  if (error.code === 'upload.aborted' && isBreakReason(reason))
    return { ...error, params: { ...error.params, reason: breaks[reason] } };
  if (!isIssue(issue)) return error;
  return { ...error, params: { ...error.params, problem: speakProblem(problems, issue, error.params) } };
}

export function speakProblem(problems: Problems, issue: Issue, params: ErrorParams): string {
  return fill(problems[issue], params);
}

/** Values may come from a peer: they must not steer a terminal, nor fill it. */
const VALUE_LENGTH_MAX = 300;

/** The words of a template with the parameters of an error in it. */
export function fill(template: string, params: ErrorParams): string {
  let text = '';
  let at = 0;
  while (at < template.length) {
    const open = template.indexOf('{', at);
    if (open < 0) return text + template.slice(at);
    const close = closingBrace(template, open);
    text += template.slice(at, open) + choose(template.slice(open + 1, close), params);
    at = close + 1;
  }
  return text;
}

/** `key|words` or `key?before %after|words`. */
function choose(choice: string, params: ErrorParams): string {
  const [, key = '', phrase = '?%', words = ''] = /^(\w+)(\?(?:[^|{]|\{\w+\|\})*)?\|(.*)$/su.exec(choice) ?? [];
  const value = Object.hasOwn(params, key) ? printable(key, params[key]) : '';
  if (value === '') return fill(words, params);
  const [before = '', ...after] = phrase.slice(1).split('%');
  return [fill(before, params), ...after.map((words) => fill(words, params))].join(value);
}

/** Numbers that count something; ports, processes and releases are names. Both languages group digits alike. */
const COUNTS = new Set([
  'bytes',
  'count',
  'files',
  'have',
  'limit',
  'more',
  'of',
  'offset',
  'quorum',
  'ready',
  'value',
]);

/** What others have said may be a whole sentence; in a name a full stop is a part of it. */
const SAYINGS = new Set(['reason', 'text', 'problem', 'mend', 'reply']);

function printable(key: string, value: string | number | boolean | undefined): string {
  if (key === SAME || key === WAITING) return String(value);
  if (typeof value === 'number' && COUNTS.has(key)) return value.toLocaleString('en-US');
  const whole = String(value ?? '').replace(NOT_SHOWN, '\ufffd');
  const text = SAYINGS.has(key) ? whole.replace(/\.$/, '') : whole;
  return text.length > VALUE_LENGTH_MAX ? `${text.slice(0, VALUE_LENGTH_MAX)}…` : text;
}

function closingBrace(template: string, open: number): number {
  let depth = 0;
  for (let at = open; at < template.length; at += 1) {
    if (template[at] === '{') depth += 1;
    if (template[at] === '}') depth -= 1;
    if (depth === 0) return at;
  }
  return template.length;
}

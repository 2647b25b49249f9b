import { type Outcome, statesOf } from '../../../shared/domain/outcome.ts';
import { type GlobProblem, globProblem } from '../../../shared/domain/glob.ts';
import type { HistoryFilter } from './history-pages.ts';

/** As a person asks: states by what they mean, times as they are chosen. */
export const kinds = ['put', 'delete', 'rename', 'mkdir', 'rmdir', 'aborted'] as const;
export type Kind = (typeof kinds)[number];

export const spans = ['hour', 'day', 'week', 'month', 'between'] as const;
export type Span = (typeof spans)[number];

export interface Question {
  readonly path: string;
  readonly peer: string;
  readonly outcome: Outcome | '';
  readonly kind: Kind | '';
  readonly span: Span | '';
  /** Of span `between`: as an input of type datetime-local has them, in the time of this machine; '' is open. */
  readonly from: string;
  readonly to: string;
}

export const noQuestion: Question = { path: '', peer: '', outcome: '', kind: '', span: '', from: '', to: '' };

const HOUR = 3_600_000;
const millisOf = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR, month: 30 * 24 * HOUR } as const;

/** What the engine is asked. `problem`: the pattern is not finished, as while it is being typed. */
export function toFilter(
  question: Question,
  site: string,
  now: number,
): { filter: HistoryFilter; problem?: GlobProblem } {
  const { path, peer, outcome, kind, span, from, to } = question;
  const glob = toGlob(path);
  const problem = glob === undefined ? undefined : globProblem(glob);
  const since = span === 'between' ? localMillis(from) : span === '' ? undefined : now - millisOf[span];
  const until = span === 'between' ? localMillis(to) : undefined;
  const filter: HistoryFilter = {
    site,
    ...(glob !== undefined && problem === undefined && { glob }),
    ...(peer !== '' && { peer }),
    ...(outcome !== '' && { states: [...statesOf[outcome]] }),
    ...(kind !== '' && { op: kind }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
  return problem === undefined ? { filter } : { filter, problem };
}

/** A pattern is meant as it is, and what begins with a `/` from the root on; anything else is found anywhere in a path. */
export function toGlob(typed: string): string | undefined {
  const text = typed.trim().replace(/^\/+/, '');
  if (text === '') return undefined;
  if (/[*?[\]{}]/.test(text)) return text;
  const literal = text.replace(/[()!+@|\\]/g, '\\$&').replace(/\/+$/, '');
  if (literal === '') return undefined;
  return typed.trim().startsWith('/') ? `${literal}*{,/**}` : `{**/,}*${literal}*{,/**}`;
}

/** What a person would type to find this path alone. */
export function exactly(path: string): string {
  if (path === '') return '';
  return /[*?[\]{}]/.test(path) ? path.replace(/[*?[\]{}()!+@|\\]/g, '\\$&') : `/${path}`;
}

function localMillis(text: string): number | undefined {
  const millis = new Date(text).getTime();
  return Number.isNaN(millis) ? undefined : millis;
}

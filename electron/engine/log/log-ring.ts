import { z } from 'zod';
import { errorJson } from '../../../shared/contract/primitives.ts';
import { LOG_LINES_MAX, type LogLine, type LogLevel, type LogPage } from '../../../shared/contract/log.ts';
import { defined } from '../core/defined.ts';

/** Characters of all lines that are kept, and of one. */
export const LOG_CHARACTERS_MAX = 4 * 1024 * 1024;
const LINE_CHARACTERS_MAX = 16 * 1024;
/** Of a text or detail that is shown. */
const VALUE_CHARACTERS_MAX = 2000;
const DETAILS_MAX = 30;

export interface LogQuery {
  /** Lines after this id, the oldest first; absent: the newest. */
  readonly after?: number | undefined;
  readonly limit: number;
  readonly level?: LogLevel | undefined;
}

/** The last lines of the log, in memory: so many and no more, however much is logged. */
export class LogRing {
  #lines: (readonly [id: number, text: string])[] = [];
  #characters = 0;
  #last = 0;
  /** What is recorded besides what goes wrong. */
  recorded: LogPage['recorded'] = 'info';

  /** A line of JSON as pino writes it. */
  write(line: string): void {
    this.#last += 1;
    const text = line.length > LINE_CHARACTERS_MAX ? shortened(line) : line;
    this.#lines.push([this.#last, text]);
    this.#characters += text.length;
    if (this.#lines.length <= LOG_LINES_MAX && this.#characters <= LOG_CHARACTERS_MAX) return;
    // A part at a time: taking off one for each that comes would move all of them.
    const most = Math.max(1, Math.floor(LOG_LINES_MAX / 20));
    for (const [, dropped] of this.#lines.slice(0, most)) this.#characters -= dropped.length;
    this.#lines = this.#lines.slice(most);
  }

  page({ after, limit, level = 'debug' }: LogQuery): LogPage {
    const first = this.#lines[0]?.[0] ?? this.#last + 1;
    const start = after === undefined ? 0 : Math.max(0, after + 1 - first);
    const wanted = this.#lines
      .slice(start)
      .map(([id, text]) => toLine(id, text))
      .filter((line) => rank(line.level) <= rank(level));
    return {
      lines: after === undefined ? wanted.slice(-limit) : wanted.slice(0, limit),
      last: after !== undefined && wanted.length > limit ? (wanted[limit - 1]?.id ?? this.#last) : this.#last,
      missed: after === undefined ? 0 : Math.max(0, Math.min(first, this.#last + 1) - 1 - after),
      recorded: this.recorded,
    };
  }
}

const order: readonly LogLevel[] = ['fatal', 'error', 'warn', 'info', 'debug'];

function rank(level: LogLevel): number {
  return order.indexOf(level);
}

/** A line may have a field of the same name: then that one counts, and may be of another kind. */
const written = z.looseObject({
  level: z.number().catch(30),
  time: z.union([z.string(), z.number()]).optional().catch(undefined),
  msg: z.string().optional().catch(undefined),
  part: z.string().optional().catch(undefined),
  site: z.string().optional().catch(undefined),
  peer: z.string().optional().catch(undefined),
});
const thrown = z.looseObject({
  message: z.string().optional(),
  stack: z.string().optional(),
  code: z.unknown().optional(),
  params: z.unknown().optional(),
});

/** Keys that say nothing about what happened. */
const ENVELOPE = new Set([
  'level',
  'time',
  'msg',
  'part',
  'site',
  'peer',
  'pid',
  'hostname',
  'name',
  'err',
  'error',
  'code',
  'params',
]);

function toLine(id: number, text: string): LogLine {
  const { level, time, msg = '', part, site, peer, ...rest } = written.parse(JSON.parse(text));
  const err = thrown.safeParse(rest['err']).data;
  const error = [rest['error'], { code: rest['code'], params: rest['params'] }, err]
    .map((each) => errorJson.safeParse(each).data)
    .find((each) => each !== undefined);
  const details = Object.entries(rest)
    .filter(([key]) => !ENVELOPE.has(key) || (!error && (key === 'code' || key === 'error')))
    .slice(0, DETAILS_MAX)
    .map(([key, value]) => [key, plainValue(value)] as const);
  const why = error || err?.message === undefined ? [] : ([['reason', cut(err.message)]] as const);
  return defined({
    id,
    at: new Date(time ?? 0).getTime(),
    level: levelOf(level),
    text: cut(msg),
    part,
    site,
    peer,
    error,
    details: Object.fromEntries([...details, ...why]),
    // Of an expected failure the place where it was thrown says nothing.
    stack: error || err?.stack === undefined ? undefined : cut(err.stack),
  });
}

function levelOf(level: number): LogLevel {
  if (level >= 60) return 'fatal';
  if (level >= 50) return 'error';
  if (level >= 40) return 'warn';
  return level >= 30 ? 'info' : 'debug';
}

function plainValue(value: unknown): string | number | boolean {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  return cut(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
}

function cut(text: string): string {
  return text.length > VALUE_CHARACTERS_MAX ? `${text.slice(0, VALUE_CHARACTERS_MAX)}…` : text;
}

/** What is left of a line that is far too long is a whole line all the same. */
function shortened(line: string): string {
  const { level, time, msg, part, site, peer } = written.parse(JSON.parse(line));
  const start = line.slice(0, LINE_CHARACTERS_MAX / 4);
  return JSON.stringify({ level, time, msg: cut(msg ?? ''), part, site, peer, start });
}

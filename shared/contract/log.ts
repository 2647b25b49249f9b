import { z } from 'zod';
import { errorJson, millis } from './primitives.ts';

/** From the most serious one on. */
export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug'] as const;
export const logLevel = z.enum(logLevels);
/** What may be recorded: what goes wrong is, always. */
export const recordedLevel = z.enum(['info', 'debug']);

export const LOG_LINES_MAX = 5000;

const detail = z.union([z.string(), z.number(), z.boolean()]);

/** One line of the engine's log. Secrets are taken out before it is kept. */
const logLine = z.object({
  /** Grows by one with each line of this start. */
  id: z.int(),
  at: millis,
  level: logLevel,
  text: z.string(),
  /** Of the engine: `link`, `ftp`, `console`, `watch`, `multicast`. */
  part: z.string().optional(),
  site: z.string().optional(),
  peer: z.string().optional(),
  error: errorJson.optional(),
  /** What else it tells, by name. */
  details: z.record(z.string(), detail),
  stack: z.string().optional(),
});

export const logPage = z.object({
  /** The oldest first. */
  lines: z.array(logLine),
  /** The newest line there is: what comes next is asked for `after` it. 0: there is none. */
  last: z.int(),
  /** Lines that were dropped before they were asked for. */
  missed: z.int(),
  recorded: recordedLevel,
});

export type LogLevel = z.output<typeof logLevel>;
export type LogLine = z.output<typeof logLine>;
export type LogPage = z.output<typeof logPage>;

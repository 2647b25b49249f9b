import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Random } from './random.ts';
import { demand, type FuzzTarget, type Running } from './target.ts';

export interface Failure {
  readonly input: unknown;
  readonly error: unknown;
  /** Its place in the run; -1: one of the corpus. */
  readonly at: number;
}

export interface Outcome {
  readonly cases: number;
  readonly failure?: Failure;
}

export interface RunOptions {
  readonly seed: string;
  /** The first case. */
  readonly from: number;
  /** Ends the run: true after so many cases, or so much time. */
  readonly isOver: (cases: number) => boolean;
  readonly onProgress?: (cases: number) => void;
}

/** One case may take so long. */
export const CASE_MILLIS = 30_000;
/** Memory may grow by so much over what it was after the first cases. */
export const GROWTH_BYTES = 400 * 2 ** 20;
const WARM_CASES = 50;
const VERIFY_EACH = 25;

/** Runs the corpus, then new cases, until one fails or the run is over. */
export async function fuzz(target: FuzzTarget, options: RunOptions): Promise<Outcome> {
  const strays: unknown[] = [];
  const stray = (error: unknown): void => void strays.push(error);
  process.on('unhandledRejection', stray);
  process.on('uncaughtException', stray);
  const running = await target.start();
  let cases = 0;
  let base = 0;
  let current: { input: unknown; at: number } = { input: undefined, at: -1 };
  const attempt = async (input: unknown, at: number): Promise<void> => {
    current = { input, at };
    await inTime(running, input);
    demand(strays.length === 0, `an error that nobody caught: ${String(strays[0])}`);
    cases += 1;
    if (cases === WARM_CASES) base = process.memoryUsage().rss;
    const grown = process.memoryUsage().rss - base;
    demand(base === 0 || grown < GROWTH_BYTES, `memory has grown by ${Math.round(grown / 2 ** 20)} MiB`);
    if (cases % VERIFY_EACH === 0) await running.verify();
    if (cases % 1000 === 0) options.onProgress?.(cases);
  };
  try {
    for (const input of await corpusOf(target.name)) await attempt(input, -1);
    for (let at = options.from; !options.isOver(at - options.from); at += 1)
      await attempt(target.generate(new Random(`${options.seed} ${at}`)), at);
    await running.verify();
    await delay(10);
    demand(strays.length === 0, `an error that nobody caught: ${String(strays[0])}`);
    return { cases };
  } catch (error) {
    return { cases, failure: { ...current, error } };
  } finally {
    await running.stop().catch((error: unknown) => strays.push(error));
    process.off('unhandledRejection', stray);
    process.off('uncaughtException', stray);
  }
}

/** Cases that were found once, or that lead far. */
export async function corpusOf(name: string): Promise<unknown[]> {
  const file = new URL(`corpus/${name}.json`, import.meta.url);
  const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!Array.isArray(parsed)) throw new TypeError(`${file.pathname} is no list of cases`);
  return parsed;
}

async function inTime(running: Running, input: unknown): Promise<void> {
  const late = new AbortController();
  const timer = delay(CASE_MILLIS, 'late' as const, { signal: late.signal, ref: false }).catch(() => 'done' as const);
  const first = await Promise.race([timer, Promise.resolve(running.attempt(input)).then(() => 'done' as const)]);
  late.abort();
  demand(first === 'done', `a case took more than ${CASE_MILLIS} ms`);
}

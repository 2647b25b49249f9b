import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Random } from './random.ts';
import { demand, type FuzzTarget, type Running } from './target.ts';

export interface Failure {
  /** The case; where several ran at once and it is not known which it was, all of them. */
  readonly inputs: readonly unknown[];
  readonly error: unknown;
  /** The place in the run of the last of them; -1: the corpus. */
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
  /** Cases at the same time, at most. Absent: as many as the target says. */
  readonly width?: number;
  /** What comes first. Absent: the corpus that is kept. */
  readonly corpus?: readonly unknown[];
  readonly onProgress?: (cases: number) => void;
}

/** One case may take so long. */
const CASE_MILLIS = 30_000;
/** Memory may grow by so much over what it was after the first cases. */
const GROWTH_BYTES = 400 * 2 ** 20;
const WARM_CASES = 50;
const VERIFY_EACH = 25;

/** Runs the corpus, then new cases, until one fails or the run is over. */
export async function fuzz(target: FuzzTarget, options: RunOptions): Promise<Outcome> {
  const strays: unknown[] = [];
  const stray = (error: unknown): void => void strays.push(error);
  process.on('unhandledRejection', stray);
  process.on('uncaughtException', stray);
  const width = Math.min(target.width ?? 1, options.width ?? Number.POSITIVE_INFINITY);
  const running = await target.start(width);
  let cases = 0;
  let base = 0;
  let verified = 0;
  let current: { inputs: readonly unknown[]; at: number } = { inputs: [], at: -1 };
  const attempt = async (inputs: readonly unknown[], at: number): Promise<void> => {
    current = { inputs, at };
    await Promise.all(
      inputs.map(async (input) => {
        await inTime(running, input).catch((error: unknown) => {
          current = { inputs: [input], at };
          throw error;
        });
      }),
    );
    demand(strays.length === 0, `an error that nobody caught: ${String(strays[0])}`);
    const before = cases;
    cases += inputs.length;
    if (base === 0 && cases >= WARM_CASES) base = process.memoryUsage().rss;
    const grown = process.memoryUsage().rss - base;
    demand(base === 0 || grown < GROWTH_BYTES, `memory has grown by ${Math.round(grown / 2 ** 20)} MiB`);
    if (cases - verified >= VERIFY_EACH * Math.ceil(width / 5)) {
      await running.verify();
      verified = cases;
    }
    if (Math.floor(cases / 1000) > Math.floor(before / 1000)) options.onProgress?.(cases);
  };
  try {
    for (const inputs of batches(options.corpus ?? (await corpusOf(target.name)), width)) await attempt(inputs, -1);
    for (let at = options.from; !options.isOver(at - options.from); ) {
      const inputs: unknown[] = [];
      while (inputs.length < width && !options.isOver(at - options.from)) {
        inputs.push(target.generate(new Random(`${options.seed} ${at}`)));
        at += 1;
      }
      await attempt(inputs, at - 1);
    }
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
async function corpusOf(name: string): Promise<unknown[]> {
  const file = new URL(`corpus/${name}.json`, import.meta.url);
  const parsed: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!Array.isArray(parsed)) throw new TypeError(`${file.pathname} is no list of cases`);
  return parsed;
}

function* batches(inputs: readonly unknown[], size: number): Iterable<readonly unknown[]> {
  for (let at = 0; at < inputs.length; at += size) yield inputs.slice(at, at + size);
}

async function inTime(running: Running, input: unknown): Promise<void> {
  const late = new AbortController();
  const timer = delay(CASE_MILLIS, 'late' as const, { signal: late.signal, ref: false }).catch(() => 'done' as const);
  const first = await Promise.race([timer, Promise.resolve(running.attempt(input)).then(() => 'done' as const)]);
  late.abort();
  demand(first === 'done', `a case took more than ${CASE_MILLIS} ms`);
}

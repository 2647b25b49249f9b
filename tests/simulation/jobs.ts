import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface JobsOrder {
  readonly jobs: number;
  readonly seed?: string | undefined;
  readonly seeds?: string | undefined;
  readonly minutes?: string | undefined;
  readonly decisions: boolean;
}

/** Where each process begins, if it is not known how many seeds each lives through. */
const APART = 1_000_000;
const SUMMARY = /^(\d+) seeds, (\d+) failed, in [\d.]+ s \((\d+) steps a minute\)/;

/** Simulates in several processes, each from seeds of its own on; the exit code. */
export async function runJobs({ jobs, seed, seeds, minutes, decisions }: JobsOrder): Promise<number> {
  const first = seed === undefined ? Date.now() % 1_000_000_000 : Number(seed);
  const each = seeds === undefined ? undefined : Math.ceil(Number(seeds) / jobs);
  const sums = await Promise.all(
    Array.from({ length: jobs }, (_, job) => {
      const from = ['--seed', String(first + job * (each ?? APART))];
      const many = each === undefined ? ['--minutes', minutes ?? '1'] : ['--seeds', String(each)];
      return runJob([...from, ...many, ...(decisions ? ['--decisions'] : [])]);
    }),
  );
  const [done, failed, steps] = [0, 1, 2].map((at) => sums.reduce((sum, own) => sum + (own[at] ?? 0), 0));
  console.log(`${jobs} processes: ${done} seeds, ${failed} failed (${steps} steps a minute)`);
  return sums.some((own) => own.length === 0) || failed !== 0 ? 1 : 0;
}

/** Seeds, failures and steps a minute; nothing where it has not come to its end. */
async function runJob(args: readonly string[]): Promise<number[]> {
  const script = join(import.meta.dirname, 'run.ts');
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let found: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line);
    const summary = SUMMARY.exec(line);
    if (summary) found = summary.slice(1).map(Number);
  }
  return found;
}

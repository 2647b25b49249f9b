import { realDateNow } from './real.ts';
import type { Outcome } from './simulate.ts';

interface Order {
  /** The first, or several with commas between them. */
  readonly seed?: string | undefined;
  readonly seeds?: string | undefined;
  readonly minutes?: string | undefined;
  /** The seeds that found something once, the first of them twice: it must do the same again. */
  readonly kept: boolean;
  readonly trace: boolean;
}

/** What is lived through: the engine as a whole, or what it decides. */
export interface Subject {
  readonly keptSeeds: readonly { readonly seed: string }[];
  readonly simulate: (seed: string, trace?: (line: string) => void) => Promise<Outcome>;
}

/** Simulates one seed after the other; the exit code. */
export async function runBatch(
  { seed, seeds, minutes, kept, trace }: Order,
  { keptSeeds, simulate }: Subject,
): Promise<number> {
  const begun = realDateNow();
  const again = kept ? keptSeeds.map((each) => each.seed) : seed?.includes(',') ? seed.split(',') : undefined;
  const hashes = new Map<string, string>();
  if (kept && again?.[0] !== undefined) again.push(again[0]);
  const first = seed === undefined ? begun % 1_000_000_000 : Number(seed);
  const count = again?.length ?? Number(seeds ?? (minutes === undefined ? 1 : Number.POSITIVE_INFINITY));
  const until = minutes === undefined ? Number.POSITIVE_INFINITY : begun + Number(minutes) * 60_000;
  const total = new Map<string, number>();
  let failed = 0;
  let done = 0;
  for (; done < count && realDateNow() < until; done += 1) {
    const outcome = await simulate(
      again?.[done] ?? String(first + done),
      trace ? (line) => console.log(line) : undefined,
    );
    for (const [name, value] of [['steps', outcome.steps] as const, ...Object.entries(outcome.counts)])
      total.set(name, (total.get(name) ?? 0) + value);
    if (count < 20 || outcome.failure !== undefined) console.log(describe(outcome));
    const known = hashes.get(outcome.seed) ?? outcome.hash;
    hashes.set(outcome.seed, outcome.hash);
    if (known !== outcome.hash) console.log(`seed ${outcome.seed} did not do the same again: ${known} before`);
    if (outcome.failure === undefined && known === outcome.hash) continue;
    failed += 1;
    if (outcome.failure !== undefined) report(outcome);
  }
  const seconds = (realDateNow() - begun) / 1000;
  const perMinute = Math.round(((total.get('steps') ?? 0) / seconds) * 60);
  const figures = [...total].map(([name, value]) => `${value} ${name}`).join(', ');
  console.log(`${done} seeds, ${failed} failed, in ${seconds.toFixed(1)} s (${perMinute} steps a minute): ${figures}`);
  return failed > 0 ? 1 : 0;
}

function describe({ seed, hash, steps, millis, simulatedMillis, counts }: Outcome): string {
  const figures = Object.entries(counts).map(([name, value]) => `${value} ${name}`);
  const minutes = (simulatedMillis / 60_000).toFixed(1);
  return `seed ${seed}: ${steps} steps, ${minutes} simulated minutes in ${millis} ms, ${figures.join(', ')}; trace ${hash}`;
}

function report({ seed, steps, failure, last, plan, pending }: Outcome): void {
  console.log(`seed ${seed} FAILED at step ${steps}. The last that happened:`);
  for (const line of last) console.log(`  ${line}`);
  console.log(`The plan: ${JSON.stringify(plan)}`);
  for (const line of pending) console.log(`  ${line}`);
  console.log(failure?.stack);
  console.log(`Again: npm run simulate -- --seed ${seed} [--trace]`);
}

import { installGlobals } from './platform/globals.ts';
import { setKeeping } from './platform/keeping.ts';
import { setPages } from './platform/link-contract.ts';
import { realDateNow } from './real.ts';
import { planOf } from './world/plan.ts';
import { World } from './world/world.ts';

export interface Outcome {
  readonly seed: string;
  readonly hash: string;
  readonly steps: number;
  readonly simulatedMillis: number;
  readonly millis: number;
  readonly counts: Readonly<Record<string, number>>;
  readonly failure: Error | undefined;
  /** What happened last before it. */
  readonly last: readonly string[];
  readonly plan: object;
  /** What the mirrors had still to do. */
  readonly pending: readonly string[];
}

let runs = 0;
installGlobals();

/** Lives through one seed, from an empty disk to rest. */
export async function simulate(seed: string, trace?: (line: string) => void): Promise<Outcome> {
  const begun = realDateNow();
  // Nothing that the engine keeps in memory by a path may meet that of another run.
  const folder = `/simulated/${(runs += 1)}`;
  const plan = planOf(seed);
  setPages(plan.pages);
  setKeeping(plan.keeping);
  const world = new World(plan, folder, trace);
  const { scheduler } = world;
  const onBug = (error: unknown): void => scheduler.fail(error);
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);
  try {
    await world.setUp();
    await world.live();
    await world.rest();
  } catch (error) {
    scheduler.fail(error);
  }
  const { network, oracle } = world;
  const outcome: Outcome = {
    seed,
    hash: scheduler.hash,
    steps: scheduler.steps,
    simulatedMillis: scheduler.now,
    millis: realDateNow() - begun,
    counts: {
      ...network.counts,
      ...oracle.promises.counts,
      changes: oracle.model.head,
      looks: oracle.looks,
      told: oracle.eventsTold,
      drops: world.drops?.made ?? 0,
      droppedReleases: world.releaseDrops?.done ?? 0,
      ...world.trouble.counts,
      failedFlushes: world.failedFlushes,
    },
    failure: scheduler.failure,
    last: scheduler.last(),
    plan: world.plan,
    pending: scheduler.failure === undefined ? [] : world.pending(),
  };
  await world.tearDown();
  process.off('uncaughtException', onBug);
  process.off('unhandledRejection', onBug);
  return { ...outcome, millis: realDateNow() - begun };
}

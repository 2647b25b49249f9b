import { setSimulation } from '../current.ts';
import { installGlobals } from '../platform/globals.ts';
import { setPages } from '../platform/link-contract.ts';
import { SeededRandom } from '../random.ts';
import { realDateNow } from '../real.ts';
import { Scheduler } from '../scheduler.ts';
import type { Outcome } from '../simulate.ts';
import { DecidingWorld } from './deciding-world.ts';
import { takeStoresBack } from './memory-store.ts';

installGlobals();

/** Lives through one seed of what master and mirrors decide, from an empty site to rest. */
export async function simulate(seed: string, trace?: (line: string) => void): Promise<Outcome> {
  const begun = realDateNow();
  const scheduler = new Scheduler(seed, trace);
  // Nothing of it goes by a network.
  const network = undefined as never;
  setSimulation({ scheduler, network, engineRandom: new SeededRandom(`engine ${seed}`) });
  const onBug = (error: unknown): void => scheduler.fail(error);
  process.on('uncaughtException', onBug);
  process.on('unhandledRejection', onBug);
  const world = new DecidingWorld(seed, scheduler);
  setPages(world.plan.pages);
  try {
    await world.live();
    await world.rest();
  } catch (error) {
    scheduler.fail(error);
  }
  const { failure } = scheduler;
  const outcome = {
    seed,
    hash: scheduler.hash,
    steps: scheduler.steps,
    simulatedMillis: scheduler.now,
    counts: { ...world.counts, looks: world.oracle.looks, asked: world.oracle.guard.demands },
    failure,
    last: scheduler.last(),
    plan: world.plan,
    pending: failure === undefined ? [] : world.unrest(),
  };
  takeStoresBack();
  setSimulation(undefined);
  process.off('uncaughtException', onBug);
  process.off('unhandledRejection', onBug);
  return { ...outcome, millis: realDateNow() - begun };
}

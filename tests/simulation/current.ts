import type { Network } from './network/network.ts';
import type { Process } from './process.ts';
import type { SeededRandom } from './random.ts';
import type { Scheduler } from './scheduler.ts';

/** The simulation that runs in this process at the moment: what stands in for Node's modules is made for it. */
export interface Simulation {
  readonly scheduler: Scheduler;
  readonly network: Network;
  /** For what the engine calls random. */
  readonly engineRandom: SeededRandom;
  /** What the program of a hook of that process does with what it reads. False: it fails. Absent: there are none. */
  readonly program?: (process: Process | undefined, input: string) => boolean;
}

let running: Simulation | undefined;

export function setSimulation(simulation: Simulation | undefined): void {
  running = simulation;
}

export function simulation(): Simulation {
  if (running === undefined) throw new Error('no simulation is running');
  return running;
}

export function simulationOrNone(): Simulation | undefined {
  return running;
}

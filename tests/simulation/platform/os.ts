import { simulationOrNone } from '../current.ts';

/** In the place of `node:os`: a machine is up since its process was started first after a loss of power. */
export * from 'node:os';

export function uptime(): number {
  const scheduler = simulationOrNone()?.scheduler;
  return ((scheduler?.now ?? 0) - (scheduler?.process?.bootedAt ?? 0)) / 1000;
}

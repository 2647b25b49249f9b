import { DAY_MILLIS as DAY, SWEEP_MILLIS as SWEEP } from '../../../electron/engine/core/keeping.ts';

/** How long is kept what is kept for days: a seed may make that seconds. */
export interface KeepingPlan {
  readonly day?: number;
  readonly sweep?: number;
}

export let DAY_MILLIS = DAY;
export let SWEEP_MILLIS = SWEEP;

/** From now on; absent: as ever. */
export function setKeeping({ day = DAY, sweep = SWEEP }: KeepingPlan): void {
  DAY_MILLIS = day;
  SWEEP_MILLIS = sweep;
}

import type { Hours } from '../../../shared/contract/conditions.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { isWithinHours } from '../../../shared/domain/hours.ts';

const HOUR_MILLIS = 3_600_000;
/** Two days: what has not changed by then never does. */
const LOOKED_AHEAD = 48;

/** Whether all of these allow it at this local time. None: at all hours. */
export function isOpen(all: readonly Hours[], at: Millis): boolean {
  const hour = new Date(at).getHours();
  return all.every((hours) => isWithinHours(hours, hour));
}

/** When it opens next, or closes: at a full hour of local time. Undefined: it stays as it is. */
export function nextChange(all: readonly Hours[], now: Millis): Millis | undefined {
  const open = isOpen(all, now);
  const hour = new Date(now).setMinutes(0, 0, 0);
  for (let ahead = 1; ahead <= LOOKED_AHEAD; ahead += 1) {
    const at = hour + ahead * HOUR_MILLIS;
    if (isOpen(all, at) !== open) return at;
  }
  return undefined;
}

/** When fetching may begin; undefined: it may now, or never may (hours that have none in common). */
export function opensAt(all: readonly Hours[], now: Millis): Millis | undefined {
  return isOpen(all, now) ? undefined : nextChange(all, now);
}

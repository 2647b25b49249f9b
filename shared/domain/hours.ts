import type { Hours } from '../contract/conditions.ts';

/** Whether an hour of the day (0 to 23) is within these; they may go over midnight. The same hour twice: all day. */
export function isWithinHours({ from, to }: Hours, hour: number): boolean {
  if (from === to) return true;
  return from < to ? hour >= from && hour < to : hour >= from || hour < to;
}

import type { TransferState } from './verdict.ts';

/** What became of a change at a mirror, as a person asks for it. */
export const outcomes = ['arrived', 'on-its-way', 'failing', 'held', 'not-needed'] as const;
export type Outcome = (typeof outcomes)[number];

export const statesOf: Readonly<Record<Outcome, readonly TransferState[]>> = {
  arrived: ['published'],
  'on-its-way': ['queued', 'fetching', 'fetched'],
  failing: ['failed'],
  held: ['held'],
  'not-needed': ['skipped', 'superseded'],
};

import { z } from 'zod';
import { millis } from './primitives.ts';

/*
 * Under which conditions a mirror fetches (SPEC §7): what its master asks of it, and what it has set for itself. Both hold:
 * the lower rate counts, and it fetches only in hours that both allow.
 */

/** Slower than this, a connection would look as if it had stalled. */
export const RATE_MIN = 4096;
/** Ten gigabytes a second: more is no limit. */
export const RATE_MAX = 10_000_000_000;

/** Whole hours of the mirror's own clock: `from` included, `to` not; `from` after `to` means over midnight. */
export const hours = z.strictObject({ from: z.int().min(0).max(23), to: z.int().min(0).max(24) });

/** Absent: no limit, at all hours. */
export const limits = z.strictObject({
  bytesPerSecond: z.int().min(RATE_MIN).max(RATE_MAX).optional(),
  hours: hours.optional(),
});

/** A change of limits: absent leaves as it is, null takes the limit away. */
export const limitsChange = z.strictObject({
  bytesPerSecond: z.int().min(RATE_MIN).max(RATE_MAX).nullable().optional(),
  hours: hours.nullable().optional(),
});

/** As one install tells the other over the link. */
export const linkConditions = z.object({
  /** Paused since then; absent: not paused. */
  pausedAt: millis.optional(),
  bytesPerSecond: z.int().min(1).optional(),
  hours: hours.optional(),
  /** Mirror only: it does not fetch before then, by its own clock; absent: it may now. */
  opensAt: millis.optional(),
});

/** In the status of a peer: who has paused it, and since when. `all`: with every other. */
export const paused = z.object({ by: z.enum(['here', 'there']), since: millis, all: z.boolean().optional() });

/** In the status of a peer: what is in force of all that both sides have set. */
export const conditionsInForce = z.object({
  /** The lower of both. */
  bytesPerSecond: z.int().optional(),
  /** Each of them has to allow it. */
  hours: z.array(hours).min(1).max(2).optional(),
  /** Nothing is fetched before then; absent: it may be now. */
  opensAt: millis.optional(),
});

export type Hours = z.output<typeof hours>;
export type Limits = z.output<typeof limits>;
export type LimitsChange = z.output<typeof limitsChange>;
export type LinkConditions = z.output<typeof linkConditions>;
export type Paused = z.output<typeof paused>;
export type ConditionsInForce = z.output<typeof conditionsInForce>;

import { z } from 'zod';
import { errorJson, name, WAITING_PLACE_MAX } from './primitives.ts';

/**
 * What the desktop shell (main) and the engine's process say to each other beside the pages' ports. main never sees the
 * whole status: it is told what its tray and its notifications show.
 */

/** How the install is, in the one word that a tray can show. */
const installState = z.enum(['starting', 'unset', 'failed', 'in-step', 'working', 'needs-person', 'away', 'paused']);

export const NEEDS_MAX = 50;
export const RELEASES_MAX = 20;
const PLACE_MAX = 6;
const SECRET_MAX = 64 * 1024;

/** Where the interface shows something, as its address says it: `together`, `waiting`. */
export const place = z.array(z.string().min(1).max(WAITING_PLACE_MAX)).max(PLACE_MAX);

/** Something that does not go on without somebody. */
const need = z.strictObject({
  /** The same as long as it is the same thing. */
  key: z.string().max(8400),
  /** Absent: it is about all of them. */
  site: name.optional(),
  /** The machine at which it is; absent: this one. */
  peer: name.optional(),
  error: errorJson,
  place,
});

/** A release that every mirror has published. */
const arrivedRelease = z.strictObject({
  site: name,
  id: z.int(),
  name: z.string().max(200),
  mirrors: z.int(),
  /** From the commit until the last mirror had it. */
  millis: z.int(),
});

export const engineSummary = z.strictObject({
  state: installState,
  role: z.enum(['master', 'mirror']).nullable(),
  /** Peers of all sites, and how many of them are in step and connected, or away. */
  peers: z.int(),
  /** Everything is paused here: it can be resumed. */
  paused: z.boolean(),
  inStep: z.int(),
  away: z.int(),
  /** The peer that the state is about, where it is one. */
  peer: name.optional(),
  /** Of `failed`: why. */
  error: errorJson.optional(),
  needs: z.array(need).max(NEEDS_MAX),
  /** All of them; `needs` may be cut. */
  needCount: z.int(),
  arrived: z.array(arrivedRelease).max(RELEASES_MAX),
});

/** From the engine's process to main. */
export const fromEngine = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('summary'), summary: engineSummary }),
  /** Asks main to seal a secret with the system's store, or to open one. */
  z.strictObject({
    type: z.literal('secret'),
    id: z.int().min(0),
    op: z.enum(['protection', 'seal', 'open']),
    text: z.string().max(SECRET_MAX),
  }),
]);

/** From main to the engine's process. `connect` brings a port with it. */
export const toEngine = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('connect') }),
  z.strictObject({ type: z.literal('stop') }),
  z.strictObject({ type: z.literal('pause'), on: z.boolean() }),
  z.strictObject({ type: z.literal('secret'), id: z.int().min(0), text: z.string().nullable() }),
]);

export type InstallState = z.output<typeof installState>;
export type Place = z.output<typeof place>;
export type Need = z.output<typeof need>;
export type ArrivedRelease = z.output<typeof arrivedRelease>;
export type EngineSummary = z.output<typeof engineSummary>;

/** What a summary says while there is no engine to say more. */
export const nothingKnown = {
  role: null,
  paused: false,
  peers: 0,
  inStep: 0,
  away: 0,
  needs: [],
  needCount: 0,
  arrived: [],
} satisfies Omit<EngineSummary, 'state'>;
export type FromEngine = z.output<typeof fromEngine>;
export type ToEngine = z.output<typeof toEngine>;

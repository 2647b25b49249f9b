import { z } from 'zod';
import { errorJson, millis, seq, sitePath, transferState } from './primitives.ts';
import { historyOp, historyRow } from './status.ts';

/**
 * What happens, as it happens: batches with a revision that grows by one. Who misses one asks for a snapshot anew. A batch is
 * bounded; what does not fit is counted (`more`), so that the numbers are always whole.
 */

/** Changes of a site that one batch tells one by one. */
export const LIVE_CHANGES_MAX = 250;
/** Publications of one mirror that a batch tells one by one. */
export const LIVE_PUBLISHED_MAX = 1000;
/** Other states of changes at one mirror that a batch tells one by one. */
export const LIVE_STATES_MAX = 50;
/** Rows of a snapshot. */
export const LIVE_ROWS_MAX = 200;

const count = z.int().min(0);

/** So many more, that happened from `since` to `until`. */
const more = z.object({ count, since: millis, until: millis });

const change = z.object({
  /** Absent for an upload that was broken off. */
  seq: seq.optional(),
  op: historyOp,
  path: sitePath,
  from: sitePath.optional(),
  size: z.int().min(0).optional(),
  at: millis,
  by: z.string().optional(),
  /** The seq of the last change of the release that it belongs to. */
  release: seq.optional(),
  error: errorJson.optional(),
});

/** What became of changes at one mirror; at a mirror: here. Times are by the clock of the engine that tells. */
const delivered = z.object({
  peer: z.string().max(100),
  /** Side by side: a change, and when it became visible there. */
  published: z.object({
    seqs: z.array(seq).max(LIVE_PUBLISHED_MAX),
    ats: z.array(millis).max(LIVE_PUBLISHED_MAX),
  }),
  morePublished: more.optional(),
  /** The newest of each change that is not published. */
  states: z
    .array(z.object({ seq, state: transferState, error: errorJson.optional(), nextAttemptAt: millis.optional() }))
    .max(LIVE_STATES_MAX),
  moreStates: count.optional(),
});

const liveSite = z.object({
  site: z.string().max(100),
  changes: z.array(change).max(LIVE_CHANGES_MAX),
  moreChanges: more.optional(),
  peers: z.array(delivered).max(1000),
});

export const liveBatch = z.object({
  type: z.literal('live'),
  revision: z.int().min(1),
  /** When it was told, by the engine's clock. */
  at: millis,
  sites: z.array(liveSite).max(1000),
});

/** Where a site stands at a revision: its latest changes, the newest first. */
export const liveSnapshot = z.object({ revision: z.int().min(0), at: millis, rows: z.array(historyRow) });

/** Columns of one lane: index (time / width), how many, the sum of their delays in milliseconds; and so on. */
const columns = z.array(z.int()).max(3 * 400);

/** What happened before the rows of a snapshot, counted in the columns of domain/score.ts. */
export const livePast = z.object({
  lanes: z.array(
    z.object({
      /** Null: where the changes come from. */
      peer: z.string().max(100).nullable(),
      minute: columns,
      hour: columns,
      day: columns,
    }),
  ),
  /** Nothing before was looked at; absent: all of the longest span was. */
  lookedBackTo: millis.optional(),
});

export type LiveBatch = z.output<typeof liveBatch>;
export type LiveSite = z.output<typeof liveSite>;
export type LiveChange = z.output<typeof change>;
export type LiveDelivered = z.output<typeof delivered>;
export type LiveSnapshot = z.output<typeof liveSnapshot>;
export type LivePast = z.output<typeof livePast>;

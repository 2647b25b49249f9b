import { z } from 'zod';
import { LIVE_ROWS_MAX, livePast, liveSnapshot } from '../live.ts';
import { glob, historyPlace, millis, name, seq, transferState } from '../primitives.ts';
import { historyOp, historyPageRow, historyRow, waitingItem } from '../status.ts';
import { call } from './call.ts';

/** Which changes: all that is given has to fit. */
const which = {
  site: name.optional(),
  glob: glob.optional(),
  /** From then on, and up to then. At a mirror: when it was told. */
  since: millis.optional(),
  until: millis.optional(),
  op: historyOp.optional(),
  /** It is at one of these with a mirror, or with `peer`. */
  states: z.array(transferState).min(1).max(8).optional(),
  peer: z.string().max(100).optional(),
};

/** Of what happened, what happens, and what waits. */
export const historyCalls = {
  'history.list': call(
    z.strictObject({ ...which, limit: z.int().min(1).max(100_000).default(200) }),
    z.array(historyRow),
  ),
  /**
   * The history page by page, the newest first, whatever is added meanwhile: the next page begins `before` the place at
   * which this one ended. A page looks at a bounded number of rows, so of a rare kind it may hold few, or none, and yet
   * not be the last.
   */
  'history.page': call(
    z.strictObject({
      ...which,
      before: historyPlace.optional(),
      limit: z.int().min(1).max(1000).default(200),
    }),
    z.object({
      rows: z.array(historyPageRow),
      /** Absent: there is nothing older. */
      next: historyPlace.optional(),
      /** The time of the oldest change that was looked at. */
      lookedBackTo: millis.optional(),
      /** Of the first page: about how many changes there are of this site and time, whatever else is asked for. */
      about: z.int().optional(),
    }),
  ),
  /** The latest changes of a site, and the revision of the live batches that comes after them; see live.ts. */
  'live.snapshot': call(
    z.strictObject({ site: name, limit: z.int().min(1).max(LIVE_ROWS_MAX).default(LIVE_ROWS_MAX) }),
    liveSnapshot,
  ),
  /** What happened before the change `before` (absent: up to now), in columns; looks back as far as a day, in bounds. */
  'live.past': call(z.strictObject({ site: name, before: seq.optional() }), livePast),
  'waiting.list': call(z.strictObject({}), z.array(waitingItem)),
  /**
   * Lets go of what is held (`publish`), tries a failing transfer at once, or gives it up (`discard`). `count`: of deletes that are
   * held, the person was asked about so many files: where there are more by now it rejects `guard.held`, which names them.
   */
  'waiting.resolve': call(
    z.strictObject({ id: z.string(), how: z.enum(['publish', 'discard']), count: z.int().min(0).optional() }),
    z.object({ id: z.string() }),
  ),
} as const;

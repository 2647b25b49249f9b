import { z } from 'zod';
import { errorJson, millis, name } from './primitives.ts';

/** Differences of one check that are listed one by one; all of them are counted. */
export const DIFFERENCES_MAX = 100;

/**
 * What a thorough check may find. Of the tree against the index: `missing`, `changed` (other content), `damaged` (other content
 * at the same size and time), `time` (the content is right), `extra` (the index does not know it), `special` (of those, at a master: a
 * symbolic link or special file, which is never published), `unreadable`; `kept`: it
 * was changed here, and somebody has said that it stays. `version`: something that is kept for rollbacks is not what it was.
 * `journal`: journal and index of a master do not agree. Of a mirror against its master: `not-told` (the master has it), `other`
 * (the master has another content), `not-there` (the master does not have it).
 */
const differenceKinds = [
  'missing',
  'changed',
  'damaged',
  'time',
  'extra',
  'special',
  'unreadable',
  'kept',
  'version',
  'journal',
  'not-told',
  'other',
  'not-there',
] as const;
const differenceKind = z.enum(differenceKinds);

const count = z.int().min(0);

/** How far a check is, and what it has found. */
export const deepTally = z.object({
  /** Files that were hashed, of so many in the index; `bytes` of them. */
  files: count,
  of: count,
  bytes: count,
  /** What is on its way at the moment, and was not judged. */
  moving: count,
  /** Differences that were mended, or whose mending is under way. */
  mended: count,
  counts: z.partialRecord(differenceKind, count),
  /** The first of them. `path`: of a kept version its hash. */
  differences: z.array(z.object({ kind: differenceKind, path: z.string().max(4096) })).max(DIFFERENCES_MAX),
});

const deepState = z.enum(['running', 'done', 'cancelled', 'failed']);

/** How the comparison with a peer went. `away`: there is no link; `old`: its version cannot do it; `behind`: it catches up. */
export const deepPeerState = z.enum(['waiting', 'running', 'done', 'cancelled', 'failed', 'away', 'old', 'behind']);

const deepPeer = z.object({
  name,
  state: deepPeerState,
  error: errorJson.optional(),
  /** At a master: what the mirror has found. */
  tally: deepTally.optional(),
});

/** One site's check, while it runs and after. */
export const deepReport = deepTally.extend({
  site: name,
  state: deepState,
  phase: z.enum(['tree', 'extra', 'versions', 'journal', 'peers', 'mend']),
  /** What differs is mended, as far as it can be. */
  mend: z.boolean(),
  startedAt: millis,
  endedAt: millis.optional(),
  /** Left to the watch of the folder, which publishes what is no longer written to; not among `mended`. Absent: none. */
  toWatch: count.min(1).optional(),
  /** Why it has failed. */
  error: errorJson.optional(),
  /** At a mirror its master, at a master its mirrors. */
  peers: z.array(deepPeer),
});

export type DifferenceKind = z.output<typeof differenceKind>;
export type DeepTally = z.output<typeof deepTally>;
export type DeepPeer = z.output<typeof deepPeer>;
export type DeepReport = z.output<typeof deepReport>;

import { z } from 'zod';
import { issue } from './issue.ts';
import { errorJson, millis, name, seq, sha256, sitePath } from './primitives.ts';
import { RULE_MILLIS_MAX } from './rules.ts';

/** Published everywhere at the same moment: the master gives the word when enough mirrors have all of it. */
export const together = z.strictObject({
  /** Mirrors that must be ready when the limit is over; absent: more than half of those concerned. Before the limit all are waited for. */
  quorum: z.int().min(1).max(100_000).optional(),
  /** Milliseconds after the commit. */
  limit: z.int().min(0).max(RULE_MILLIS_MAX).default(60_000),
});
export type Together = z.output<typeof together>;

/** A name for people: any text on one line. */
export const releaseName = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, issue('one-line'));

/** How far a release is, at each mirror that gets a part of it. Times by the master's clock. */
export const release = z.object({
  site: name,
  /** The seq of its last change. */
  id: seq,
  name: z.string(),
  at: millis,
  /** The account that committed it. */
  by: z.string(),
  /** The id of the drop of this install that it was. */
  drop: z.string().optional(),
  changes: z.int(),
  /** The release that it takes back. */
  reverts: seq.optional(),
  together: together.optional(),
  /** Of `together`: when the word was given; absent: not yet. */
  goAt: millis.optional(),
  peers: z.array(z.object({ peer: z.string(), readyAt: millis.optional(), publishedAt: millis.optional() })),
  /** From the commit until the last mirror had published it; absent: not all have. */
  convergedMillis: z.int().optional(),
  /** Between the first and the last mirror; absent: not all have published it, or there is one only. */
  skewMillis: z.int().optional(),
});

const state = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('file'), size: z.int(), mtime: millis, sha256 }),
  z.object({ kind: z.literal('dir') }),
  z.object({ kind: z.literal('gone') }),
]);

const releaseChange = z.object({
  path: sitePath,
  before: state,
  /** As the release made it; absent where the journal does not reach back that far. */
  after: state.optional(),
});

export const releaseDetails = release.extend({ changeList: z.array(releaseChange) });

/** What taking a release back would do: paths by what becomes of them. */
export const rollbackPlan = z.object({
  /** The release made them: they go. */
  removed: z.array(sitePath).readonly(),
  /** It changed them: they are again what they were. */
  restored: z.array(sitePath).readonly(),
  /** It deleted them: they are there again. */
  back: z.array(sitePath).readonly(),
  /** Changed since: without `force` the rollback is refused (`release.changed-since`), with it the newer content is replaced. */
  changedSince: z.array(sitePath).readonly(),
  /** What stood there is kept nowhere: the rollback is refused (`release.version-missing`). */
  missing: z.array(sitePath).readonly(),
});

/** What differs between the site of after one release and that of after another. */
export const comparison = z.object({
  from: release,
  to: release,
  /** Absent: the journal does not reach back that far. A folder that was moved as a whole stands for all in it. */
  changeList: z.array(z.object({ path: sitePath, from: state.optional(), to: state.optional() })),
});

/** What publishing a folder as a release does, or would do. */
export const folderPlan = z.object({
  new: z.array(sitePath).readonly(),
  changed: z.array(sitePath).readonly(),
  unchanged: z.int(),
  deleted: z.array(sitePath).readonly(),
  /** Links, special files, names that no site can hold: left out. */
  refused: z.array(z.object({ path: z.string(), error: errorJson })).readonly(),
});

export type Release = z.output<typeof release>;
export type ReleaseDetails = z.output<typeof releaseDetails>;
export type ReleaseChange = z.output<typeof releaseChange>;
export type RollbackPlan = z.output<typeof rollbackPlan>;
export type Comparison = z.output<typeof comparison>;
export type FolderPlan = z.output<typeof folderPlan>;

/** What a mirror decided about a change that it was told (JP H11-154110 ¶30-31; SPEC §6), in this order. */
export const verdicts = [
  'not-wanted',
  'stale',
  'already-here',
  'superseded',
  'fetch',
  'copy',
  'touch',
  'delete',
  'rename',
  'mkdir',
  'rmdir',
] as const;
export type Verdict = (typeof verdicts)[number];

/**
 * Where a change stands at a mirror.
 * `queued` → `fetching` → `fetched` → `published`; `failed` waits for its next attempt; `held` waits for a person
 * or (later) for what belongs to it; `skipped` needs no work by its verdict; `superseded` was overtaken by a newer change.
 */
export const transferStates = [
  'queued',
  'fetching',
  'fetched',
  'published',
  'failed',
  'held',
  'skipped',
  'superseded',
] as const;
export type TransferState = (typeof transferStates)[number];

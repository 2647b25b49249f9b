/** Below this many files the guard does not ask: a handful of deletes is everyday work. */
export const GUARD_FILES_MIN = 10;

/**
 * True when a person must be asked before so many files are removed by one catch-up or snapshot (SPEC §4): an emptied or
 * unmounted root at the master must not empty its mirrors.
 */
export function mustAsk(deletes: number, files: number, share: number): boolean {
  return deletes >= GUARD_FILES_MIN && deletes > files * share;
}

/**
 * The same at a mirror, of its own files, whose owner has set the share: also a handful, where they are all that it has, and any
 * where the share is none.
 */
export function mustAskAtMirror(deletes: number, files: number, share: number): boolean {
  if (mustAsk(deletes, files, share)) return true;
  return deletes > files * share && (share === 0 || deletes >= files);
}

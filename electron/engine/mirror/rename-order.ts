import { rebaseWithin, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import { findTooLong } from '../store/too-long.ts';

/** A rename that can be done as such: nothing below either name is under way. Decided in the inbox's transaction. */
export interface RenameOrder {
  readonly from: SitePath;
  readonly path: SitePath;
  readonly kind: 'file' | 'dir';
  readonly seq: number;
  readonly transfer: number;
}

/**
 * A master that is bad could rename a folder to where what is in it has a path that nobody can read: this mirror neither, at its next
 * start. Throws `link.malformed`.
 */
export function requireShort(state: MirrorState, from: SitePath, path: SitePath): void {
  const tables = ['entry', 'want'] as const;
  if (tables.every((table) => findTooLong(state.store, table, state.site, from, path) === undefined)) return;
  try {
    // What is about to go is not renamed.
    for (const entry of state.desiredWithin(from)) rebaseWithin(entry.path, from, path);
  } catch (error) {
    throw new AppError('link.malformed', { reason: 'a path is too long' }, error);
  }
}

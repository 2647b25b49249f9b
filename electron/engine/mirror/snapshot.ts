import type { LinkMessageOf } from '../../../shared/contract/link.ts';
import type { ReleaseTag } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';

/** Files and folders of a master's index; a page without any counts as one. */
export const SNAPSHOT_ENTRIES_MAX = 10_000_000;

/** A path that is not in the master's index any more. `release`: the one that it is gone with; null: that is not told. */
interface Gone {
  readonly path: SitePath;
  readonly release: ReleaseTag | undefined | null;
}

/** A comparison with the master's whole index. `release`: where the master does not tell, all that is gone goes with this one; see `isDeletedWith`. */
export interface Snapshot {
  readonly journal: string;
  readonly seq: number;
  readonly term: string | null;
  next: string;
  readonly gone: Gone[];
  release: ReleaseTag | undefined;
  /** The newest change that it may have told of. */
  heard: number;
  /** Entries so far, and pages without any. */
  told: number;
}

/** Throws `link.malformed` where the pages stand still or go back, and `link.limit` where there are too many: a master that is bad could go on for ever. */
export function countPage(snapshot: Snapshot, { after, through, entries, last }: LinkMessageOf<'snapshotPage'>): void {
  if (!last) requireOnwards(after, through);
  snapshot.told += Math.max(1, entries.length);
  if (snapshot.told > SNAPSHOT_ENTRIES_MAX) throw new AppError('link.limit', { reason: 'too many files' });
}

/** Of a master whose pages stand still, or go back, there would be no end. In the order of its index. */
export function requireOnwards(after: SitePath | '', through: SitePath | ''): void {
  if (Buffer.compare(Buffer.from(through), Buffer.from(after)) <= 0)
    throw new AppError('link.malformed', { reason: 'its index does not go on' });
}

/**
 * An older master does not tell which release has deleted what is not in its index any more: it goes with what waits for no word, which is one release,
 * or else with the newest of those that do.
 */
export function isDeletedWith(release: ReleaseTag | undefined, { seq, release: known }: Snapshot): boolean {
  if (!release || release.last > seq) return false;
  return !release.together || !known || (known.together === true && release.last > known.last);
}

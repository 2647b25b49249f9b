import type { Present } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Move } from './renamed-since.ts';

/** What the index says of a path. */
export type EntryOf = (path: SitePath) => Present | undefined;

/** What else is to be done about paths at which the tree does not hold what the index says. */
export type SeeTo = (
  failed: readonly SitePath[],
  changed: ReadonlySet<SitePath>,
  undone: ReadonlyMap<SitePath, unknown>,
) => Promise<void>;

/** What the steps of interrupted plans came to, done again. */
export interface Repeated {
  /** Paths at which something was to be put, or to go. */
  readonly changed: Set<SitePath>;
  /** Paths of steps that could not be done, and why. */
  readonly undone: Map<SitePath, unknown>;
  /** The last file that was put at a path, by its identity. */
  readonly placed: Map<SitePath, string>;
  /** Files that were to go from a path, by their identities. */
  readonly going: Map<SitePath, Set<string>>;
  /** In their order. */
  readonly moved: Move[];
}

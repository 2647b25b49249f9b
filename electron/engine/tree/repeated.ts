import type { Present } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Move } from './renamed-since.ts';
import type { Step } from './steps.ts';

/** What the index says of a path. */
export type EntryOf = (path: SitePath) => Present | undefined;

/** A step that could not be done, and why. */
export interface Undone {
  readonly step: Step;
  readonly error: unknown;
}

/** What else is to be done about paths at which the tree does not hold what the index says. `undone`: for each of them, what could not be done. */
export type SeeTo = (
  failed: readonly SitePath[],
  changed: ReadonlySet<SitePath>,
  undone: readonly Undone[],
) => Promise<void>;

/** What the steps of interrupted plans came to, done again. */
export interface Repeated {
  /** Paths at which something was to be put, or to go. */
  readonly changed: Set<SitePath>;
  /** By path. */
  readonly undone: Map<SitePath, Undone[]>;
  /** The last file that was put at a path, by its identity. */
  readonly placed: Map<SitePath, string>;
  /** Files that were to go from a path, by their identities. */
  readonly going: Map<SitePath, Set<string>>;
  /** In their order. */
  readonly moved: Move[];
}

import type { DifferenceKind } from '../../../shared/contract/deep.ts';
import type { Present } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import type { Tally } from './tally.ts';

/** What a check needs of a site, published or followed. */
export interface CheckedSite {
  readonly root: SiteRoot;
  files(): number;
  /** A page of the index after a path, in the order of the paths' UTF-8 bytes. */
  page(after: string, limit: number): Present[];
  entry(path: SitePath): Present | undefined;
  /** Work at this path is under way: what stands there says nothing. */
  isMoving(path: SitePath): boolean;
  /** The path is left out here: nothing that stands there is looked at. */
  ignores(path: SitePath): boolean;
  /** Links and special files stand there with the publisher's will, and are never published. */
  readonly mayHoldLinks: boolean;
}

/** Something that is not as it should be. `entry`: what the index says there. */
export interface Difference {
  readonly kind: DifferenceKind;
  readonly path: SitePath;
  readonly entry?: Present;
  /** What the master's index says there, where it is with that one that it does not agree. */
  readonly master?: Present | 'nothing';
  /** As of which change of the master. */
  readonly asOf?: number;
}

export interface CheckOptions {
  readonly tally: Tally;
  readonly signal: AbortSignal;
  readonly rest: () => Promise<void>;
  /** Counts it, and may see to it. */
  readonly found: (difference: Difference) => Promise<void>;
}

import type { Change, Content, Sha256, Unnumbered } from '../../../../shared/domain/change.ts';
import type { Reference } from '../../../../shared/domain/reference.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { Journal } from '../../store/journal.ts';
import type { Before, ReleaseStore } from '../../store/releases.ts';
import type { Versions } from '../../tree/versions.ts';
import type { SiteRoot } from '../../tree/site-root.ts';
import type { Step } from '../../tree/steps.ts';
import type { Incoming } from '../incoming.ts';
import type { Actor, Listing, ListOptions, ReleaseOptions } from '../site-files.ts';

/** What a release needs of the site that it belongs to. */
export interface ReleaseSite {
  readonly name: string;
  readonly root: SiteRoot;
  readonly journal: Journal;
  readonly incoming: Incoming;
  readonly versions: Versions;
  readonly records: ReleaseStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly uploadBytesMax: number;
  readonly list: (path: SitePath, options?: ListOptions) => Promise<Listing>;
  readonly hash: (path: SitePath) => Promise<Sha256>;
  readonly referencesOf: (path: SitePath, absolute: string) => Promise<readonly Reference[] | undefined>;
  /** See `unjournalled.ts`. */
  readonly goneBelow: (folders: readonly SitePath[]) => Promise<Unnumbered[]>;
  readonly newFolders: (deepest: SitePath) => Promise<Unnumbered[]>;
  /** Something else is to be at a path than what its account was sending there. */
  readonly giveUpUploads: (path: SitePath, by: Actor) => void;
  readonly aborted: (path: SitePath, by: Actor, bytes: number, reason: string) => void;
  /** Under the site's lock: decides, journals, changes the tree, all or nothing. The changes with their numbers. */
  readonly commit: (order: ReleaseOrder, by: Actor, decide: () => Promise<ChangeSet>) => Promise<Change[]>;
}

/** How a release is to be recorded. */
export interface ReleaseOrder extends ReleaseOptions {
  readonly title: string;
  /** What it was called while sessions worked on it. */
  readonly openedAs?: string;
  readonly reverts?: number;
}

/** What a release comes to: changes in their order, the steps for them, and what stood at each path. */
export interface ChangeSet {
  readonly changes: readonly Unnumbered[];
  readonly steps: readonly Step[];
  /** Contents that the steps keep. */
  readonly kept: readonly Content[];
  readonly before: readonly Before[];
}

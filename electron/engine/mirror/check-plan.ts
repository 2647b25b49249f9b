import type { DeepPeer } from '../../../shared/contract/deep.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { CheckOptions } from '../deep/checked-site.ts';
import type { CheckPlan } from '../deep/deep-check.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { Versions } from '../tree/versions.ts';
import type { SiteRoot } from '../tree/site-root.ts';

export interface MirrorPlanOptions {
  readonly state: MirrorState;
  readonly root: SiteRoot;
  readonly versions: Versions;
  readonly excludes: (path: SitePath) => boolean;
  /** A publication at this path is decided and on its way. */
  readonly isPending: (path: SitePath) => boolean;
  readonly peers: (options: CheckOptions, tell: (peers: readonly DeepPeer[]) => void) => Promise<void>;
  readonly seeTo: CheckPlan['seeTo'];
  readonly removals: CheckPlan['removals'];
  readonly over: () => void;
}

/** The thorough check of a followed site. What is wanted there and not published yet is told as waiting, not as different. */
export function mirrorPlan(options: MirrorPlanOptions): CheckPlan {
  const { state, root, versions, excludes, isPending, peers, seeTo, removals, over } = options;
  return {
    site: {
      root,
      files: () => state.files(),
      page: (after, limit) => state.entriesAfter(after, limit),
      entry: (path) => state.entry(path),
      isMoving: (path) => isPending(path) || state.wants.hasWithin(path),
      ignores: excludes,
      mayHoldLinks: false,
    },
    versions,
    peers: (asked, _mend, tell) => peers(asked, tell),
    seeTo,
    removals,
    over,
  };
}

import type { SiteConfig } from '../../../shared/contract/config.ts';
import type { Router } from '../core/routes.ts';
import type { Deliveries } from '../store/deliveries.ts';
import type { Journal } from '../store/journal.ts';
import type { ReleaseStore } from '../store/releases.ts';
import type { Announcer } from './notifier/announcer.ts';
import type { WordGiver } from './release/word-giver.ts';
import type { Scans } from './scans.ts';
import type { MasterSite } from './site.ts';
import type { SiteWatch } from './watch/site-watch.ts';

/** A site that is published, with all that belongs to it. */
export interface PublishedSite {
  readonly name: string;
  readonly config: SiteConfig;
  readonly files: MasterSite;
  readonly journal: Journal;
  readonly deliveries: Deliveries;
  readonly releases: ReleaseStore;
  readonly word: WordGiver;
  readonly routes: SiteConfig['routes'];
  readonly router: Router | undefined;
  readonly scans: Scans;
  /** The tree is what the journal says, as far as a crash could have left it otherwise. */
  readonly complete: boolean;
  /** Absent: changes are told over links only, or nobody listens yet. */
  readonly announcer: Announcer | undefined;
  /** Absent: changes made without FTP are seen by a rescan only. */
  readonly watch: SiteWatch | undefined;
}

import type { Route, Router } from '../../core/routes.ts';
import type { Deliveries } from '../../store/deliveries.ts';
import type { Journal } from '../../store/journal.ts';
import type { ReleaseStore } from '../../store/releases.ts';
import type { Announcer } from './announcer.ts';

/** What the notifier needs of a published site. */
export interface NotifiedSite {
  readonly name: string;
  readonly journal: Journal;
  readonly deliveries: Deliveries;
  readonly releases: ReleaseStore;
  readonly routes: readonly Route[];
  /** Of `routes`. Absent: the site has none. */
  readonly router: Router | undefined;
  /** Gives the word for its releases; see WordGiver. */
  readonly word: { look(): void };
  /** Announces its changes by multicast, where it does so. */
  readonly announcer: Announcer | undefined;
}

import { siteRules, type SiteRules } from '../../../shared/contract/rules.ts';
import type { Change, Unnumbered } from '../../../shared/domain/change.ts';
import { compileRoutes } from '../../../electron/engine/core/routes.ts';
import { Notifier } from '../../../electron/engine/master/notifier/notifier.ts';
import { WordGiver } from '../../../electron/engine/master/release/word-giver.ts';
import { Deliveries } from '../../../electron/engine/store/deliveries.ts';
import { Journal } from '../../../electron/engine/store/journal.ts';
import { type Before, ReleaseStore } from '../../../electron/engine/store/releases.ts';
import { PeerStore } from '../../../electron/engine/store/peers.ts';
import type { Route } from '../../../electron/engine/core/routes.ts';
import type { Peer } from '../../../electron/engine/core/peer.ts';
import { memoryStore } from './memory-store.ts';

export const SITE = 'www';
const BY = { account: 'editor' };

/** What a master decides: journal, releases, notifier, word. It has no tree, and nothing of it is on a disk. */
export class DecidingMaster {
  readonly store = memoryStore();
  readonly peers = new PeerStore(this.store);
  readonly #routes: readonly Route[];
  readonly #now: () => number;
  journal!: Journal;
  deliveries!: Deliveries;
  releases!: ReleaseStore;
  notifier!: Notifier;
  #word!: WordGiver;

  constructor(routes: readonly Route[], now: () => number) {
    this.#routes = routes;
    this.#now = now;
    this.open();
  }

  /** Begins, or begins anew after its end. */
  open(): void {
    const clock = { now: this.#now };
    const journal = (this.journal = new Journal(this.store, SITE));
    const deliveries = (this.deliveries = new Deliveries(this.store, journal.site));
    const releases = (this.releases = new ReleaseStore(this.store, journal.site));
    const routes = this.#routes;
    const router = routes.length === 0 ? undefined : compileRoutes(routes);
    const notifier = (this.notifier = new Notifier({
      sites: () => [
        { name: SITE, journal, deliveries, releases, routes, router, word: this.#word, announcer: undefined },
      ],
      clock,
    }));
    this.#word = new WordGiver({
      releases,
      clock,
      isPaused: () => false,
      tell: (release) => notifier.go(SITE, release),
      onChange: () => undefined,
    });
    this.#word.look();
  }

  /** The process is gone. */
  end(): void {
    this.#word.stop();
  }

  follow(peer: Peer): void {
    this.peers.save(peer, this.#now());
    this.deliveries.subscribe(peer.id);
  }

  /** `release`: all of it is one. */
  commit(changes: readonly Unnumbered[], release?: { readonly together: boolean }): Change[] {
    const at = this.#now();
    const first = this.journal.head + 1;
    const last = this.journal.head + changes.length;
    const before = [...new Set(changes.map(({ path }) => path))].map((path): Before => {
      const entry = this.journal.index.entry(path);
      return { path, state: entry?.kind === 'file' ? { kind: 'file', content: entry } : { kind: 'gone' } } as const;
    });
    const peers = this.deliveries.subscriptions().flatMap(({ peer }) => {
      const name = this.peers.get(peer)?.name ?? '';
      const router = this.#routes.length === 0 ? undefined : compileRoutes(this.#routes);
      return !router || before.some(({ path }) => router(path, name)) ? [peer] : [];
    });
    const own = { first, last, name: `release ${last}`, at, account: BY.account, before, peers };
    const together = release?.together ? { limit: 60_000 } : undefined;
    const numbered = this.journal.append(
      changes,
      BY,
      at,
      () => release && this.releases.add({ ...own, together }),
      release,
    );
    this.journal.confirm();
    this.#woken();
    return numbered;
  }

  setRules(rules: Pick<SiteRules, 'groups' | 'links'>): void {
    this.journal.setRules(siteRules.parse(rules), BY, this.#now());
    this.#woken();
  }

  #woken(): void {
    this.notifier.wake(SITE);
    this.#word.look();
  }
}

import type { LinkMessage } from '../../../../shared/contract/link.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { Route, Router } from '../../core/routes.ts';
import type { LinkSession } from '../../link/link-session.ts';
import type { Clock } from '../../ports.ts';
import type { Deliveries } from '../../store/deliveries.ts';
import type { Journal } from '../../store/journal.ts';
import { Feed } from './feed.ts';

/** What the notifier needs of a published site. */
export interface NotifiedSite {
  readonly name: string;
  readonly journal: Journal;
  readonly deliveries: Deliveries;
  readonly routes: readonly Route[];
  /** Of `routes`. Absent: the site has none. */
  readonly router: Router | undefined;
}

/** A mirror over one link. */
interface Told {
  readonly feeds: Map<string, Feed>;
  /** Sites of which it leaves paths out by itself. */
  readonly filtered: Set<string>;
}

/** Tells the mirrors: one feed for each mirror and site that it follows. Mirrors do not delay each other. */
export class Notifier {
  readonly #clock: Clock;
  readonly #sites: () => Iterable<NotifiedSite>;
  readonly #told = new Map<LinkSession, Told>();

  constructor(sites: () => Iterable<NotifiedSite>, clock: Clock) {
    this.#sites = sites;
    this.#clock = clock;
  }

  /** A change of `site` has been committed. */
  wake(site: string): void {
    for (const { feeds } of this.#told.values()) feeds.get(site)?.wake();
  }

  /** `site` was opened while mirrors are connected, or its routes are others now: its mirrors compare. */
  restart(site: string): void {
    for (const [session, told] of this.#told) this.#begin(site, session, told)?.snapshot();
  }

  /** A mirror has connected. The handlers of its link. */
  open(session: LinkSession): { onMessage(message: LinkMessage): void; onClose(): void } {
    const told: Told = { feeds: new Map(), filtered: new Set() };
    this.#told.set(session, told);
    return {
      onMessage: (message) => this.#receive(session, told, message),
      onClose: () => {
        this.#told.delete(session);
        this.#seen(session);
      },
    };
  }

  #receive(session: LinkSession, told: Told, message: LinkMessage): void {
    switch (message.type) {
      case 'hello':
        for (const { site, journal, seq, publishedSeq, filtered } of message.sites) {
          if (filtered) told.filtered.add(site);
          const feed = this.#begin(site, session, told);
          if (!feed) continue;
          const known = this.#site(site);
          if (known && journal === known.journal.id) {
            const cursor = { journal, receivedSeq: seq, publishedSeq: publishedSeq ?? 0, seenAt: this.#clock.now() };
            known.deliveries.progress(session.peer.id, cursor);
          } else known?.deliveries.progress(session.peer.id, { journal: null, receivedSeq: 0, publishedSeq: 0 });
          feed.begin(journal, seq);
        }
        return;
      case 'snapshotWanted':
        return told.feeds.get(message.site)?.page(message);
      case 'received': {
        const { journal, seq } = message;
        const site = this.#site(message.site);
        if (journal !== site?.journal.id || seq > site.journal.head) return;
        site.deliveries.progress(session.peer.id, { journal, receivedSeq: seq, seenAt: this.#clock.now() });
        return told.feeds.get(message.site)?.received(message);
      }
      case 'states': {
        const site = this.#site(message.site);
        if (message.journal !== site?.journal.id) return;
        const { publishedSeq, waiting, failing, held, items } = message;
        const { head } = site.journal;
        site.deliveries.reported(
          session.peer.id,
          items.filter(({ seq }) => seq <= head),
        );
        site.deliveries.progress(session.peer.id, {
          publishedSeq: Math.min(publishedSeq, head),
          waiting,
          failing,
          held,
          seenAt: this.#clock.now(),
        });
        return;
      }
      case 'bye':
        // The session has ended already, with the peer's reason.
        return;
      case 'notify':
      case 'snapshotNeeded':
      case 'snapshotPage':
        return session.close(new AppError('link.malformed', { reason: `a mirror does not send ${message.type}` }));
    }
  }

  /** A new feed, where the peer follows the site: a name in `hello` alone gives nobody a site. */
  #begin(name: string, session: LinkSession, { feeds, filtered }: Told): Feed | undefined {
    const site = this.#site(name);
    if (!site?.deliveries.subscription(session.peer.id)) return undefined;
    const { journal, deliveries, routes, router } = site;
    const own = { site: name, session, clock: this.#clock, filtered: filtered.has(name) };
    const feed = new Feed({ ...own, journal, deliveries, routes, router });
    feeds.set(name, feed);
    return feed;
  }

  #site(name: string): NotifiedSite | undefined {
    for (const site of this.#sites()) if (site.name === name) return site;
    return undefined;
  }

  #seen(session: LinkSession): void {
    for (const site of this.#sites()) {
      if (site.deliveries.subscription(session.peer.id))
        site.deliveries.progress(session.peer.id, { seenAt: this.#clock.now() });
    }
  }
}

import type { LinkMessage } from '../../../../shared/contract/link.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { Router } from '../../core/routes.ts';
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
  readonly router: Router | undefined;
}

/** Tells the mirrors: one feed for each mirror and site that it follows. Mirrors do not delay each other. */
export class Notifier {
  readonly #clock: Clock;
  readonly #sites: () => Iterable<NotifiedSite>;
  readonly #feeds = new Map<LinkSession, Map<string, Feed>>();

  constructor(sites: () => Iterable<NotifiedSite>, clock: Clock) {
    this.#sites = sites;
    this.#clock = clock;
  }

  /** A change of `site` has been committed. */
  wake(site: string): void {
    for (const feeds of this.#feeds.values()) feeds.get(site)?.wake();
  }

  /** `site` was opened while mirrors are connected, or its routes are others now: its mirrors compare. */
  restart(site: string): void {
    for (const [session, feeds] of this.#feeds) {
      const fresh = this.#feed(site, session);
      if (!fresh) continue;
      feeds.set(site, fresh);
      fresh.snapshot();
    }
  }

  /** A mirror has connected. The handlers of its link. */
  open(session: LinkSession): { onMessage(message: LinkMessage): void; onClose(): void } {
    this.#feeds.set(session, new Map());
    return {
      onMessage: (message) => this.#receive(session, message),
      onClose: () => {
        this.#feeds.delete(session);
        this.#seen(session);
      },
    };
  }

  #receive(session: LinkSession, message: LinkMessage): void {
    switch (message.type) {
      case 'hello':
        for (const { site, journal, seq, publishedSeq } of message.sites) {
          const feed = this.#feed(site, session);
          if (!feed) continue;
          this.#feeds.get(session)?.set(site, feed);
          const known = this.#site(site);
          if (known && journal === known.journal.id) {
            const cursor = { journal, receivedSeq: seq, publishedSeq: publishedSeq ?? 0, seenAt: this.#clock.now() };
            known.deliveries.progress(session.peer.id, cursor);
          } else known?.deliveries.progress(session.peer.id, { journal: null, receivedSeq: 0, publishedSeq: 0 });
          feed.begin(journal, seq);
        }
        return;
      case 'snapshotWanted':
        return this.#feeds.get(session)?.get(message.site)?.page(message);
      case 'received': {
        const { journal, seq } = message;
        const site = this.#site(message.site);
        if (journal === site?.journal.id) {
          site.deliveries.progress(session.peer.id, { journal, receivedSeq: seq, seenAt: this.#clock.now() });
        }
        return this.#feeds.get(session)?.get(message.site)?.received(message);
      }
      case 'states': {
        const site = this.#site(message.site);
        if (message.journal !== site?.journal.id) return;
        const { publishedSeq, waiting, failing, held } = message;
        site.deliveries.reported(session.peer.id, message.items);
        site.deliveries.progress(session.peer.id, { publishedSeq, waiting, failing, held, seenAt: this.#clock.now() });
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

  /** A feed, where the peer follows the site: a name in `hello` alone gives nobody a site. */
  #feed(name: string, session: LinkSession): Feed | undefined {
    const site = this.#site(name);
    if (!site?.deliveries.subscription(session.peer.id)) return undefined;
    const { journal, deliveries, router } = site;
    return new Feed({ site: name, journal, deliveries, router, session, clock: this.#clock });
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

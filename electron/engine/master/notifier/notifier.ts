import type { LinkConditions } from '../../../../shared/contract/conditions.ts';
import type { LinkMessage, LinkMessageOf } from '../../../../shared/contract/link.ts';
import type { WaitingAtMirror } from '../../../../shared/contract/status.ts';
import { heldDeletes } from '../../../../shared/domain/waiting-decisions.ts';
import type { LinkSession } from '../../link/link-session.ts';
import type { Live } from '../../live/live.ts';
import type { Clock } from '../../ports.ts';
import { LastSaid, type WaitingThere } from './last-said.ts';
import { MirrorLink, type MirrorTalk } from './mirror-link.ts';
import type { NotifiedSite } from './notified-site.ts';

export interface NotifierOptions {
  readonly sites: () => Iterable<NotifiedSite>;
  readonly clock: Clock;
  /** Something that `status` tells may have changed. */
  readonly onChange?: () => void;
  /** A mirror was told what the site's journal does not hold: it was put back from a backup. Absent: it is renewed. */
  readonly onForked?: (site: string) => void;
  /** What this master asks of a mirror. Absent: nothing of any. */
  readonly conditions?: (peer: string) => LinkConditions;
  readonly live?: Pick<Live, 'reported'>;
  readonly talk?: MirrorTalk;
}

/** Tells the mirrors: one feed for each mirror and site that it follows. Mirrors do not delay each other. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #links = new Set<MirrorLink>();
  readonly #said = new LastSaid();

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  /** The conditions that a mirror has set for itself, as it last said. Times are by this machine's clock. */
  ownConditions(site: string, peer: string): LinkConditions {
    return this.#said.conditions(site, peer);
  }

  /** What waits at the mirrors of a site, by the mirror's id. */
  waiting(site: string): ReadonlyMap<string, WaitingThere> {
    return this.#said.waiting(site);
  }

  /** What this master asks of a mirror has changed; without `peer`: of all of them. */
  conditionsChanged(peer?: string): void {
    for (const link of this.#links) if (peer === undefined || link.peer === peer) link.conditionsChanged();
    for (const { word } of this.#options.sites()) word.look();
  }

  /** Whether a mirror is paused, by itself or by this master: it is told nothing then, and releases do not wait for it. */
  isPaused(site: string, peer: string): boolean {
    return this.#asked(peer).pausedAt !== undefined || this.ownConditions(site, peer).pausedAt !== undefined;
  }

  /** The word is given: a release may appear. */
  go(name: string, release: number): void {
    const site = this.#site(name);
    if (!site) return;
    for (const link of this.#links)
      if (link.isTold(name) && !this.isPaused(name, link.peer))
        link.send({ type: 'releaseGo', site: name, journal: site.journal.id, release });
  }

  /** A person at the master decides about something that waits at a mirror. False: the mirror is not linked. */
  resolve(site: string, peer: string, item: WaitingAtMirror, how: 'publish' | 'discard'): boolean {
    const link = this.#linkOf(site, peer);
    const count = heldDeletes(item);
    link?.send({ type: 'resolve', site, id: item.id, how, ...(count !== undefined && { count }) });
    return link !== undefined;
  }

  /** Asks a mirror to read all of its copy and compare it, or to stop that. `away`: there is no link; `old`: it cannot do it. */
  askCheck(name: string, peer: string, how: LinkMessageOf<'checkWanted'>['how']): 'asked' | 'away' | 'old' {
    const site = this.#site(name);
    const link = this.#linkOf(name, peer);
    if (!site || !link) return 'away';
    if (!link.understands('check')) return 'old';
    link.send({ type: 'checkWanted', site: name, journal: site.journal.id, how });
    return 'asked';
  }

  /** A mirror does not follow the site any more, or follows it by another pairing: over the links that are open it is neither told nor heard. */
  forget(site: string, peer: string): void {
    this.#said.forget(site, peer);
    for (const link of this.#links) if (link.peer === peer) link.forget(site);
  }

  /** The site is not open any more: what its mirrors are told, and have said, begins anew with `restart`. */
  closed(site: string): void {
    for (const { peer } of this.#links) this.forget(site, peer);
  }

  /** A change of `site` has been committed. */
  wake(site: string): void {
    this.#site(site)?.announcer?.wake();
    for (const link of this.#links) link.wake(site);
  }

  /** How changes of `site` are announced has changed: its mirrors are told. */
  offer(site: string): void {
    for (const link of this.#links) link.offer(site);
  }

  /** `site` was opened while mirrors are connected, or its routes have changed: its mirrors compare. */
  restart(site: string): void {
    for (const link of this.#links) link.restart(site);
  }

  /** The journal of `site` was put back from a backup: its mirrors take it for another one, and compare. */
  renew(site: string): void {
    this.#site(site)?.journal.renew();
    this.restart(site);
  }

  /** A mirror has connected. The handlers of its link. */
  open(session: LinkSession): { onMessage(message: LinkMessage): void; onClose(): void } {
    const { clock, live, talk, onChange = () => undefined, onForked = (site) => this.renew(site) } = this.#options;
    const peer = session.peer.id;
    const link = new MirrorLink({
      session,
      clock,
      site: (name) => this.#site(name),
      said: this.#said,
      conditions: () => this.#asked(peer),
      isPaused: (site) => this.isPaused(site, peer),
      onChange,
      onForked,
      live,
      talk,
    });
    this.#links.add(link);
    return {
      onMessage: (message) => link.receive(message),
      onClose: () => {
        this.#links.delete(link);
        link.stop();
        this.#noteSeen(peer);
        this.#noteAway(link);
        talk?.lost(peer);
      },
    };
  }

  #asked(peer: string): LinkConditions {
    return this.#options.conditions?.(peer) ?? {};
  }

  #linkOf(site: string, peer: string): MirrorLink | undefined {
    for (const link of this.#links) if (link.peer === peer && link.isTold(site)) return link;
    return undefined;
  }

  #site(name: string): NotifiedSite | undefined {
    for (const site of this.#options.sites()) if (site.name === name) return site;
    return undefined;
  }

  #noteSeen(peer: string): void {
    const seenAt = this.#options.clock.now();
    for (const { deliveries } of this.#options.sites())
      if (deliveries.subscription(peer)) deliveries.progress(peer, { seenAt });
  }

  /** Nothing counts as being fetched by a mirror that is away, unless another link of it has taken the place of this one. */
  #noteAway({ peer, ahead }: MirrorLink): void {
    if ([...this.#links].some((other) => other.peer === peer)) return;
    for (const { name, deliveries } of this.#options.sites())
      deliveries.away(peer, (was) => {
        const items = was.map((each) => ({ ...each, state: 'queued' as const }));
        this.#options.live?.reported(name, peer, items, ahead);
      });
  }
}

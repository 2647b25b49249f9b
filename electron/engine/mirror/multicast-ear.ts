import { X509Certificate } from 'node:crypto';
import type { FollowConfig } from '../../../shared/contract/config.ts';
import type { LinkMessageOf } from '../../../shared/contract/link.ts';
import type { Change } from '../../../shared/domain/change.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { compileRoutes, type Router } from '../core/routes.ts';
import { type Announcement, SECRET_BYTES } from '../link/multicast/datagram.ts';
import { FollowedSite } from '../link/multicast/followed-site.ts';
import { GapTracker } from '../link/multicast/gap-tracker.ts';
import { multicastGroup } from '../link/multicast/group.ts';
import { MulticastReceiver } from '../link/multicast/receiver.ts';
import type { Logger } from '../ports.ts';

export interface MulticastEarOptions {
  readonly follow: FollowConfig;
  /** PEM: the master's pinned certificate. */
  readonly certificate: () => string | undefined;
  /** The journal that is followed, and how far it is here. */
  readonly position: () => { readonly journal: string | null; readonly cursor: number };
  /** Announced, in the journal's order: of all from `first` up to `through` what is for this mirror. */
  readonly onChanges: (changes: readonly Change[], first: number, through: number) => void;
  /** What comes after `after` was missed: the link has to tell it. */
  readonly onGap: (after: number) => void;
  /** Announcements come through; called once for each offer. */
  readonly onHeard: () => void;
  readonly logger: Logger;
}

/** Hears what the master announces of one site by multicast (SPEC §5): what is not for this mirror is passed over. */
export class MulticastEar {
  readonly #options: MulticastEarOptions;
  #offer: (LinkMessageOf<'multicast'>['offer'] & object) | undefined;
  #journal = '';
  #router: Router | undefined;
  #receiver: MulticastReceiver | undefined;
  #followed: FollowedSite | undefined;
  #following = '';
  #heard = false;
  #changing: Promise<void> = Promise.resolve();

  constructor(options: MulticastEarOptions) {
    this.#options = options;
  }

  /** The master says where it announces. */
  offered(message: LinkMessageOf<'multicast'>): Promise<void> {
    this.#changing = this.#changing.then(() => this.#listen(message));
    return this.#changing;
  }

  async #listen({ journal, offer }: LinkMessageOf<'multicast'>): Promise<void> {
    await this.#deafen();
    const { follow, certificate, logger } = this.#options;
    const pem = certificate();
    if (!offer || follow.multicast === false || pem === undefined) return;
    const secret = Buffer.from(offer.secret, 'base64');
    if (secret.length !== SECRET_BYTES) return;
    try {
      const receiver = new MulticastReceiver({
        group: multicastGroup({ group: offer.group, port: offer.port, interface: follow.multicast.interface }),
        logger,
        onAnnouncement: (_site, announcement) => {
          this.tune();
          this.#followed?.hear(this.#usable(announcement));
          if (this.#heard) return;
          this.#heard = true;
          this.#options.onHeard();
        },
      });
      receiver.follow(follow.site, { secret, verifyKey: new X509Certificate(pem).publicKey });
      receiver.start();
      this.#receiver = receiver;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.warn({ code: error.code, params: error.params }, 'announcements are not listened for');
      return;
    }
    this.#journal = journal;
    this.#offer = offer;
    const mine = offer.routes?.map(({ glob, wanted }) => ({ glob, mirrors: wanted ? ('all' as const) : [] }));
    this.#router = mine && compileRoutes(mine);
    this.tune();
  }

  /** The cursor has moved, or another journal is followed. */
  tune(): void {
    const { position, onGap, onChanges } = this.#options;
    const { journal, cursor } = position();
    if (!this.#offer || journal !== this.#journal) return;
    if (this.#following === journal) return this.#followed?.advance(cursor);
    this.#followed?.stop();
    this.#following = journal;
    this.#followed = new FollowedSite({
      tracker: new GapTracker(journal, cursor),
      onChanges: (changes) => this.#pass(changes, onChanges),
      onGap: ({ after }) => onGap(after),
    });
  }

  /** What was passed on could not be taken: it is waited for again. */
  retune(): void {
    this.#following = '';
    this.tune();
  }

  /** Idempotent. */
  stop(): Promise<void> {
    this.#changing = this.#changing.then(() => this.#deafen());
    return this.#changing;
  }

  async #deafen(): Promise<void> {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#followed?.stop();
    this.#followed = undefined;
    this.#following = '';
    this.#offer = undefined;
    this.#heard = false;
    await receiver?.stop();
  }

  /** Where this mirror may hold one of a rename's names only, the master has to tell it entry by entry. */
  #usable(announcement: Announcement): Announcement {
    const isPartial = this.#router !== undefined || this.#options.follow.exclude.length > 0;
    if (!isPartial || announcement.kind !== 'change' || announcement.change.op !== 'rename') return announcement;
    return { kind: 'byLink', journal: announcement.journal, seq: announcement.change.seq };
  }

  #pass(changes: readonly Change[], onChanges: MulticastEarOptions['onChanges']): void {
    const [first, last] = [changes[0], changes.at(-1)];
    const router = this.#router;
    if (first && last)
      onChanges(router ? changes.filter(({ path }) => router(path, '')) : changes, first.seq, last.seq);
  }
}

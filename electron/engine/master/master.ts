import type { Limits } from '../../../shared/contract/conditions.ts';
import type { SiteConfig } from '../../../shared/contract/config.ts';
import type { LinkMessage, MirrorDisk, PairReply, PairRequest } from '../../../shared/contract/link.ts';
import { LINK_PROTOCOL, LINK_UNDERSTOOD } from '../../../shared/contract/link.ts';
import { ROOT } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { VERSION } from '../../../shared/version.ts';
import { DeepChecks } from '../deep/deep-checks.ts';
import type { Peer } from '../core/peer.ts';
import type { LinkSession } from '../link/link-session.ts';
import type { Live } from '../live/live.ts';
import type { RootedSite } from '../tree/lost-roots.ts';
import type { Node } from '../install/node.ts';
import { masterPlan } from './check-plan.ts';
import { MirrorConditions } from './mirror-conditions.ts';
import { MirrorVerdicts } from './mirror-verdicts.ts';
import { Notifier } from './notifier/notifier.ts';
import { LOCAL_USER, OwnLogins } from './own-logins.ts';
import { type PairingCaller, Pairings } from './pairings.ts';
import type { PublishedSite } from './published-site.ts';
import { PublishedSites } from './published-sites.ts';
import type { PutBack } from './put-back.ts';
import type { ScanOptions, ScanOutcome } from './rescan.ts';
import { routedReads } from './routed-reads.ts';
import type { Accounts, Login } from './site-files.ts';

/** The sites of a master, its accounts, and the mirrors that are told. Without listeners: those are the engine's. */
export class Master implements Accounts {
  readonly notifier: Notifier;
  /** What it asks of its mirrors. */
  readonly conditions: MirrorConditions;
  /** How this install logs in at its own FTP server. */
  readonly ownLogins = new OwnLogins();
  /** Thorough checks of its sites. */
  readonly checks: DeepChecks;
  readonly #verdicts: MirrorVerdicts;
  readonly #node: Node;
  readonly #sites: PublishedSites;
  readonly #pairings: Pairings;
  readonly #disks = new Map<string, MirrorDisk | undefined>();
  readonly #onChange: () => void;
  /** Called when a peer is gone; set by the engine. */
  onPeersChanged: () => void = () => undefined;
  /** The FTP server that listens; set by the engine. */
  ftp: { readonly port: number; endSessions(of: (login: Login) => boolean): Promise<void> } | undefined;

  constructor(node: Node, live: Live, onChange: () => void, onBug: (error: unknown) => void) {
    this.#node = node;
    this.#onChange = onChange;
    this.conditions = new MirrorConditions(node);
    this.checks = new DeepChecks(
      (name) =>
        masterPlan(
          node.store,
          this.site(name).files,
          (options, mend, tell) => this.#verdicts.ask(name, this.#mirrorsOf(name), mend, options.signal, tell),
          () => this.#sites.get(name)?.watch,
        ),
      () => node.now(),
    );
    this.#sites = new PublishedSites({
      node,
      live,
      onChange,
      notifier: () => this.notifier,
      endSessions: (site) => this.#endSessions(({ files }) => files === site.files),
      endCheck: (site) => this.checks.cancel(site.name),
    });
    this.notifier = new Notifier({
      sites: () => this.#sites.all(),
      clock: node.ports.clock,
      onChange,
      onForked: (name) => void this.#sites.renew(name),
      conditions: (peer) => this.conditions.of(peer),
      live,
      talk: {
        checked: (peer, message) => this.#verdicts.heard(peer, message),
        lost: (peer) => this.#verdicts.lost(peer),
        left: (session, farewell) => this.#pairings.left(session, farewell),
      },
    });
    this.#verdicts = new MirrorVerdicts((site, peer, how) => this.notifier.askCheck(site, peer, how));
    this.#pairings = new Pairings({
      node,
      sites: this.#sites,
      notifier: this.notifier,
      conditions: this.conditions,
      ftpPort: () => this.ftp?.port,
      endSessions: (users) => this.#endSessions(({ user }) => users.has(user)),
      onEnded: (peer, site) => this.#disks.delete(`${peer} ${site}`),
      onPeersChanged: () => this.onPeersChanged(),
      onChange,
      onBug,
    });
  }

  sites(): PublishedSite[] {
    return this.#sites.all();
  }

  /** Sites whose journal was put back from an older copy. */
  get putBack(): PutBack {
    return this.#sites.putBack;
  }

  /** Throws `site.unknown`. */
  site(name: string): PublishedSite {
    const site = this.#sites.get(name);
    if (!site) throw new AppError('site.unknown', { site: name });
    return site;
  }

  /** See `PublishedSites.apply`. */
  apply(configs: readonly SiteConfig[]): Promise<Map<string, AppError>> {
    return this.#sites.apply(configs);
  }

  /** See `PublishedSites.startWatching`. */
  startWatching(): void {
    this.#sites.startWatching();
  }

  /** See `PublishedSites.rooted`. */
  rooted(): RootedSite[] {
    return this.#sites.rooted();
  }

  /** See `PublishedSites.adoptRoot`. */
  adoptRoot(name: string, root: string): Promise<void> {
    return this.#sites.adoptRoot(name, root);
  }

  /** See `PublishedSites.rescan`. Rejects `site.unknown`. */
  rescan(name: string, options: Pick<ScanOptions, 'allowedDeletes'> = {}): Promise<ScanOutcome> {
    return this.#sites.rescan(name, options);
  }

  stop(): Promise<void> {
    return this.#sites.stop();
  }

  sweep(): Promise<void> {
    return this.#sites.sweep();
  }

  isOwn(user: string): boolean {
    return this.ownLogins.has(user);
  }

  isKnown(user: string): boolean {
    return this.#node.accounts.has(user);
  }

  isMirror(user: string): boolean {
    return this.#node.accounts.has(user, 'mirror');
  }

  async verify(user: string, password: string): Promise<Login | undefined> {
    if (this.isOwn(user)) {
      const own = this.ownLogins.verify(user, password);
      const site = this.#sites.get(own?.site ?? '');
      return own && site && { user: LOCAL_USER, kind: 'publisher', folder: ROOT, files: site.files, drop: own.drop };
    }
    const account = await this.#node.accounts.verify(user, password);
    if (!account) return undefined;
    const site = this.#sites.get(account.site);
    if (!site) throw new AppError('site.root-missing');
    const { user: name, kind, folder, releasesOnly, peer } = account;
    const login = { user: name, kind, folder, releasesOnly, files: site.files };
    if (peer === null) return login;
    const reads = routedReads(site.files, (path) => this.#sites.gets(site.name, peer, path));
    return { ...login, peer, reads, pace: this.conditions.pace(peer) };
  }

  /** A mirror has connected: it hears which sites it may follow. */
  open(session: LinkSession): { onMessage(message: LinkMessage): void; onClose(): void } {
    const handlers = this.notifier.open(session);
    const { config } = this.#node;
    const followed = this.sites().filter(({ deliveries }) => deliveries.subscription(session.peer.id));
    const conditions = this.conditions.of(session.peer.id);
    session.send({
      type: 'hello',
      protocol: LINK_PROTOCOL,
      node: { name: config.node.name, role: 'master', version: VERSION },
      now: this.#node.now(),
      understands: [...LINK_UNDERSTOOD],
      ...(Object.keys(conditions).length > 0 && { conditions }),
      ...(this.ftp && config.ftp && { ftp: { port: this.ftp.port, tls: config.ftp.tls } }),
      sites: followed.map(({ name, journal }) => ({ site: name, journal: journal.id, seq: journal.head })),
    });
    return {
      onMessage: (message) => {
        if (message.type === 'hello')
          for (const { site, disk } of message.sites)
            if (this.#sites.get(site)?.deliveries.subscription(session.peer.id))
              this.#disks.set(`${session.peer.id} ${site}`, disk);
        handlers.onMessage(message);
      },
      onClose: () => handlers.onClose(),
    };
  }

  /** What a mirror has said of the disk that it keeps the site on; undefined: nothing, since this master was started. */
  diskOf(peer: string, site: string): MirrorDisk | undefined {
    return this.#disks.get(`${peer} ${site}`);
  }

  /** See `Pairings.pair`. */
  pair(request: PairRequest, caller: PairingCaller): Promise<PairReply> {
    return this.#pairings.pair(request, caller);
  }

  /** See `Pairings.forget`. */
  forget(peer: Peer): Promise<void> {
    return this.#pairings.forget(peer);
  }

  /** Pauses a mirror, or all of them (undefined). Durable, and in force when it returns. */
  pause(peer: string | undefined): void {
    this.conditions.pause(peer);
    this.#conditionsChanged(peer);
  }

  /** Ends what `pause` began, in the same way. */
  resume(peer: string | undefined): void {
    this.conditions.resume(peer);
    this.#conditionsChanged(peer);
  }

  limit(peer: string, limits: Limits): void {
    this.conditions.setLimits(peer, limits);
    this.#conditionsChanged(peer);
  }

  #conditionsChanged(peer: string | undefined): void {
    this.notifier.conditionsChanged(peer);
    this.#onChange();
  }

  /** Sets another password, and ends the FTP sessions that have logged in with the old one. Rejects `account.unknown`. */
  async setPassword(user: string, password: string): Promise<void> {
    await this.#node.accounts.setPassword(user, password);
    await this.#endSessions((login) => login.user === user);
  }

  /** Removes an account and ends its FTP sessions. Rejects `account.unknown`. */
  async removeAccount(user: string): Promise<void> {
    this.#node.accounts.remove(user);
    await this.#endSessions((login) => login.user === user);
  }

  async #endSessions(of: (login: Login) => boolean): Promise<void> {
    await this.ftp?.endSessions(of);
  }

  /** The names of a site's mirrors by their ids, in the order of the names. */
  #mirrorsOf(name: string): Map<string, string> {
    const { peers } = this.#node;
    const ids = this.site(name)
      .deliveries.subscriptions()
      .map(({ peer }) => peer);
    const known = ids.flatMap((id) => {
      const peer = peers.get(id);
      return peer === undefined ? [] : [[id, peer.name] as const];
    });
    return new Map(known.toSorted(([, one], [, other]) => one.localeCompare(other)));
  }
}

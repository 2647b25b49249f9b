import { createHash, randomBytes } from 'node:crypto';
import type { SiteConfig } from '../../../shared/contract/config.ts';
import type { LinkMessage, MirrorDisk, PairReply, PairRequest } from '../../../shared/contract/link.ts';
import { LINK_PROTOCOL, LINK_UNDERSTOOD } from '../../../shared/contract/link.ts';
import type { Limits } from '../../../shared/contract/conditions.ts';
import { ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { compileRoutes, type Router } from '../core/routes.ts';
import type { LinkSession, Peer } from '../link/link-session.ts';
import { DeepChecks } from '../deep/deep-checks.ts';
import type { Live } from '../live/live.ts';
import { type Node, VERSION } from '../node.ts';
import { Deliveries } from '../store/deliveries.ts';
import { Journal } from '../store/journal.ts';
import type { ReleaseStore } from '../store/releases.ts';
import { isSubscribed, noteDeparture, pairingOf } from '../store/departures.ts';
import { findSite } from '../store/sites.ts';
import { claimRoot } from '../tree/root-mark.ts';
import { SiteRoot } from '../tree/site-root.ts';
import { masterPlan } from './check-plan.ts';
import { createReferenceFinder } from './find-references.ts';
import { MirrorConditions } from './mirror-conditions.ts';
import { Announcer } from './notifier/announcer.ts';
import { Notifier } from './notifier/notifier.ts';
import { WordGiver } from './release/word-giver.ts';
import type { ScanOptions, ScanOutcome } from './rescan.ts';
import { RULES_AUTHOR, rulesOf } from './rules.ts';
import { Scans } from './scans.ts';
import { MirrorVerdicts } from './mirror-verdicts.ts';
import { OwnLogins } from './own-logins.ts';
import { PutBack } from './put-back.ts';
import { MasterSite } from './site.ts';
import type { Accounts, Login } from './site-files.ts';
import { SiteWatch } from './watch/site-watch.ts';

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

/** Who has the data folder, or its console, needs no account; this stands for them in the history. */
export const LOCAL_USER = 'local';

/** How an unpaired install showed itself. */
export interface PairingCaller {
  readonly id: string;
  readonly pem: string;
  readonly remoteAddress: string;
}

/** The sites of a master, its accounts, and the mirrors that are told. Without listeners: those are the engine's. */
export class Master implements Accounts {
  readonly notifier: Notifier;
  /** What it asks of its mirrors. */
  readonly conditions: MirrorConditions;
  /** How this install logs in at its own FTP server. */
  readonly ownLogins = new OwnLogins();
  readonly putBack = new PutBack();
  /** Thorough checks of its sites. */
  readonly checks: DeepChecks;
  readonly #verdicts: MirrorVerdicts;
  readonly #node: Node;
  readonly #sites = new Map<string, PublishedSite>();
  readonly #disks = new Map<string, MirrorDisk | undefined>();
  /** Sites that could not be opened the last time, and why: it is logged once. */
  #faults = new Map<string, string>();
  readonly #live: Live;
  readonly #onChange: () => void;
  readonly #onBug: (error: unknown) => void;
  #watching = false;
  /** A peer is gone; set by the engine. */
  onPeersChanged: () => void = () => undefined;
  /** Ends FTP sessions; set by the engine. */
  endSessions: (of: (login: Login) => boolean) => Promise<void> = () => Promise.resolve();

  constructor(node: Node, live: Live, onChange: () => void, onBug: (error: unknown) => void) {
    this.#node = node;
    this.#onBug = onBug;
    this.#live = live;
    this.#onChange = onChange;
    this.conditions = new MirrorConditions(node);
    this.checks = new DeepChecks(
      (name) =>
        masterPlan(node.store, this.site(name).files, (options, mend, tell) =>
          this.#verdicts.ask(name, this.#mirrorsOf(name), mend, options.signal, tell),
        ),
      () => node.now(),
    );
    this.notifier = new Notifier(
      () => this.#sites.values(),
      node.ports.clock,
      onChange,
      (name) => void this.#renew(name),
      (peer) => this.conditions.of(peer),
      live,
      {
        checked: (peer, message) => this.#verdicts.heard(peer, message),
        lost: (peer) => this.#verdicts.lost(peer),
        left: (session, { site, pairing }) =>
          void this.#left(session, site, pairing).catch((error: unknown) => this.#notLeft(session, error)),
      },
    );
    this.#verdicts = new MirrorVerdicts((site, peer, how) => this.notifier.askCheck(site, peer, how));
  }

  sites(): PublishedSite[] {
    return [...this.#sites.values()];
  }

  /** Throws `site.unknown`. */
  site(name: string): PublishedSite {
    const site = this.#sites.get(name);
    if (!site) throw new AppError('site.unknown', { site: name });
    return site;
  }

  /** Opens, closes and changes sites until they are what the config says. A site that cannot be opened is reported, the others go on. */
  async apply(configs: readonly SiteConfig[]): Promise<Map<string, AppError>> {
    const faults = new Map<string, AppError>();
    for (const name of [...this.#sites.keys()]) {
      const config = configs.find((candidate) => candidate.name === name);
      if (!config || config.root !== this.#sites.get(name)?.config.root) await this.#close(name);
    }
    for (const config of configs) {
      try {
        await this.#open(config);
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        faults.set(config.name, error);
        if (this.#faults.get(config.name) !== error.code)
          this.#node.ports.logger.error(
            { site: config.name, code: error.code, params: error.params },
            'site not opened',
          );
      }
    }
    this.#faults = new Map([...faults].map(([name, { code }]) => [name, code]));
    return faults;
  }

  /** From now on sites are watched where the config says so, and read once where they are new: not by a data folder at rest. */
  startWatching(): void {
    this.#watching = true;
    for (const site of this.#sites.values()) this.#startWatch(site);
    for (const name of this.#sites.keys()) void this.#announce(name);
  }

  /** See `rescan`. */
  async rescan(name: string, options: Pick<ScanOptions, 'allowDeletes'> = {}): Promise<ScanOutcome> {
    const { scans, watch } = this.site(name);
    const waited = this.putBack.waits(name);
    const outcome = await scans.scan(options);
    watch?.retry();
    if (waited && this.putBack.waits(name) && this.#sites.get(name)?.scans === scans) {
      this.putBack.end(name);
      this.notifier.renew(name);
      await this.#announce(name, 'anew');
    }
    return outcome;
  }

  async stop(): Promise<void> {
    for (const name of [...this.#sites.keys()]) await this.#close(name);
  }

  /** Drops what is older than the config keeps, and parts that nobody continued. */
  async sweep(): Promise<void> {
    for (const { name, files, journal, releases, config } of this.#sites.values()) {
      try {
        const before = this.#node.now() - config.keepDays * 86_400_000;
        await files.sweep();
        journal.trim(before);
        releases.trim(before);
      } catch (error) {
        this.#node.ports.logger.error({ err: error, site: name }, 'site not swept');
      }
    }
  }

  isOwn(user: string): boolean {
    return this.ownLogins.has(user);
  }

  isKnown(user: string): boolean {
    return this.#node.accounts.has(user);
  }

  async verify(user: string, password: string): Promise<Login | undefined> {
    if (this.isOwn(user)) {
      const own = this.#sites.get(this.ownLogins.verify(user, password) ?? '');
      return own && { user: LOCAL_USER, kind: 'publisher', folder: ROOT, files: own.files };
    }
    const account = await this.#node.accounts.verify(user, password);
    const site = account && this.#sites.get(account.site);
    if (!site) return undefined;
    const { user: name, kind, folder, releasesOnly, peer } = account;
    const login = { user: name, kind, folder, releasesOnly, files: site.files };
    return peer === null ? login : { ...login, peer, pace: this.conditions.pace(peer) };
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
      ...(this.ftpPort === undefined || !config.ftp ? {} : { ftp: { port: this.ftpPort, tls: config.ftp.tls } }),
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

  /** Where the FTP server listens; set by the engine. */
  ftpPort: number | undefined;

  /** A mirror shows an invitation: it becomes a peer with a read-only account. Throws `pair.*`. */
  async pair(request: PairRequest, caller: PairingCaller): Promise<PairReply> {
    const { ftp } = this.#node.config;
    if (request.protocol !== LINK_PROTOCOL)
      throw new AppError('link.version', { ours: LINK_PROTOCOL, theirs: request.protocol });
    const { peers, accounts, config, store } = this.#node;
    const { site: name } = peers.redeem(request.secret, this.#node.now());
    const user = mirrorUser(caller.id, name);
    const password = randomBytes(32).toString('base64url');
    const hash = await accounts.hash('mirror', password);
    const site = this.site(name);
    const port = this.ftpPort ?? ftp?.port ?? 0;
    const dial = request.link && request.link.port > 0 ? 'us' : 'them';
    const host = request.link?.host ?? caller.remoteAddress;
    const peer = {
      id: caller.id,
      name: request.node.name,
      role: 'mirror',
      certificate: caller.pem,
      address: dial === 'us' && request.link ? formatAddress(host, request.link.port) : null,
      dial,
    } as const;
    const account = { user, site: name, folder: ROOT, kind: 'mirror', releasesOnly: false, peer: peer.id } as const;
    // Without a pause: what the mirror says of an earlier pairing comes before all of this, or after.
    this.notifier.forget(name, peer.id);
    store.transaction(() => {
      peers.save(peer, this.#node.now());
      accounts.removeOf(peer.id, name);
      accounts.insert(account, hash);
      site.releases.dropPeer(peer.id);
      site.deliveries.subscribe(peer.id, request.pairing);
    });
    site.word.look();
    this.#onChange();
    return {
      ok: true,
      node: { id: this.#node.identity.id, name: config.node.name },
      site: { name: site.name, journal: site.journal.id },
      ftp: { port, tls: ftp?.tls ?? 'required', user, password },
      dial: dial === 'us' ? 'master' : 'mirror',
    };
  }

  /** Ends a pairing: the mirror's accounts and subscriptions go, and its FTP sessions. */
  async forget(peer: Peer): Promise<void> {
    const { accounts, peers } = this.#node;
    const users = new Set(accounts.list().flatMap((account) => (account.peer === peer.id ? [account.user] : [])));
    accounts.removeOf(peer.id);
    for (const { name, deliveries, releases, word } of this.#sites.values()) {
      this.notifier.forget(name, peer.id);
      deliveries.unsubscribe(peer.id);
      releases.dropPeer(peer.id);
      word.look();
    }
    peers.remove(peer.id);
    this.conditions.forget(peer.id);
    for (const name of this.#sites.keys()) this.#disks.delete(`${peer.id} ${name}`);
    // What is announced from now on is sealed with a secret that it does not know.
    for (const { name, announcer } of this.sites()) if (announcer) await this.#announce(name, 'anew');
    await this.endSessions(({ user }) => users.has(user));
  }

  /**
   * A mirror says that it does not follow a site any more: it is told nothing more of it, its account goes, and the pairing with
   * the last of its sites. Answered once that is durable; said twice it is answered twice. Where another pairing is named than
   * there is, it has crossed that one, and nothing ends.
   */
  async #left(session: LinkSession, name: string, pairing: string | undefined): Promise<void> {
    const { peer } = session;
    const { accounts, store, ports } = this.#node;
    const answer = { type: 'left', site: name, ...(pairing !== undefined && { pairing }) } as const;
    const current = pairingOf(store, peer.id, name) ?? pairing;
    if (current !== pairing) return session.send(answer);
    const users = new Set(
      accounts.list().flatMap((account) => (account.peer === peer.id && account.site === name ? [account.user] : [])),
    );
    if (users.size === 0 && !isSubscribed(store, peer.id, name)) {
      session.send(answer);
      return this.#endIfLast(peer);
    }
    const site = this.#sites.get(name);
    this.notifier.forget(name, peer.id);
    // Also of a site that is not open now.
    store.transaction(() => {
      accounts.removeOf(peer.id, name);
      noteDeparture(store, name, peer, this.#node.now());
    });
    site?.deliveries.unsubscribe(peer.id);
    site?.releases.dropPeer(peer.id);
    site?.word.look();
    this.#disks.delete(`${peer.id} ${name}`);
    ports.logger.info({ peer: peer.name, site: name }, 'the mirror does not follow the site any more');
    session.send(answer);
    // What is announced from now on is sealed with a secret that it does not know.
    if (site?.announcer) await this.#announce(name, 'anew');
    await this.endSessions(({ user }) => users.has(user));
    await this.#endIfLast(peer);
    this.#onChange();
  }

  /** A mirror that follows nothing any more is paired no longer. */
  async #endIfLast(peer: Peer): Promise<void> {
    const { store, peers } = this.#node;
    if (isSubscribed(store, peer.id) || !peers.get(peer.id)) return;
    await this.forget(peer);
    this.onPeersChanged();
    this.#onChange();
  }

  /** The database's disk is full, say: the mirror says it again when the link is back. */
  #notLeft(session: LinkSession, error: unknown): void {
    if (error instanceof AppError) session.close(error);
    else this.#onBug(error);
  }

  /** Pauses a mirror, or all (undefined): durable, and in force when it returns. So is `resume`. */
  pause(peer: string | undefined): void {
    this.conditions.pause(peer);
    this.#conditionsChanged(peer);
  }

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

  /** From now on another password counts, and who has logged in with the old one is out. Rejects `account.unknown`. */
  async setPassword(user: string, password: string): Promise<void> {
    await this.#node.accounts.setPassword(user, password);
    await this.endSessions((login) => login.user === user);
  }

  /** Removes an account and ends its FTP sessions. Rejects `account.unknown`. */
  async removeAccount(user: string): Promise<void> {
    this.#node.accounts.remove(user);
    await this.endSessions((login) => login.user === user);
  }

  async #open(config: SiteConfig): Promise<void> {
    const before = this.#sites.get(config.name);
    const { store, ports } = this.#node;
    if (before) {
      const watch = config.watch ? before.watch : undefined;
      if (watch !== before.watch) await before.watch?.stop();
      const site = { ...before, config, routes: config.routes, router: routerOf(config), watch };
      this.#sites.set(config.name, site);
      this.#startWatch(site);
      if (JSON.stringify(before.config.routes) !== JSON.stringify(config.routes)) this.notifier.restart(config.name);
      await site.files.setRules((rules) => rulesOf(config, rules), RULES_AUTHOR);
      await this.#announce(config.name);
      return;
    }
    const { name, routes } = config;
    const isNew = findSite(store, name) === undefined;
    const root = await SiteRoot.open(config.root, isNew);
    const journal = new Journal(store, name);
    await claimRoot(store, name, root, isNew);
    const deliveries = new Deliveries(store, journal.site);
    const logger = ports.logger.child({ site: name });
    const uploadBytesMax = (): number => this.#node.config.ftp?.limits.uploadBytes ?? Number.MAX_SAFE_INTEGER;
    const current = (): SiteConfig => this.#sites.get(name)?.config ?? config;
    const files = new MasterSite({
      name,
      root,
      store,
      journal,
      clock: ports.clock,
      logger,
      get uploadBytesMax() {
        return uploadBytesMax();
      },
      referencesOf: createReferenceFinder(() => current().links.urls, logger),
      versions: () => current().versions,
      concerns: (paths) => this.#concerned(name, paths),
      committed: (changes, by) => this.#live.committed(name, changes, by),
      onAborted: (upload) => this.#live.aborted(name, upload),
      onChange: () => {
        this.notifier.wake(name);
        word.look();
        this.#onChange();
      },
    });
    const releases = files.releases.records;
    const word = new WordGiver({
      releases,
      clock: ports.clock,
      tell: (release) => this.notifier.go(name, release),
      isPaused: (peer) => this.notifier.isPaused(name, peer),
      onChange: this.#onChange,
    });
    const { complete } = await files.start();
    const scans = new Scans(files);
    const own = { name, config, routes, router: routerOf(config) };
    const site = {
      ...own,
      files,
      journal,
      releases,
      word,
      deliveries,
      scans,
      complete,
      announcer: undefined,
      watch: undefined,
    };
    this.#sites.set(name, site);
    word.look();
    this.#startWatch(site);
    this.notifier.restart(name);
    await files.setRules((rules) => rulesOf(config, rules), RULES_AUTHOR);
    await this.#announce(name);
  }

  /** Names by ids, in the order of the names. */
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

  /** The mirrors that are told of at least one of the paths. */
  #concerned(name: string, paths: readonly SitePath[]): string[] {
    const site = this.#sites.get(name);
    if (!site) return [];
    return site.deliveries.subscriptions().flatMap(({ peer }) => {
      const mirror = this.#node.peers.get(peer)?.name;
      const { router } = site;
      return mirror !== undefined && (!router || paths.some((path) => router(path, mirror))) ? [peer] : [];
    });
  }

  /** Announces changes by multicast where, and as, the config says. */
  async #announce(name: string, anew?: 'anew'): Promise<void> {
    const site = this.#sites.get(name);
    const { multicast } = site?.config ?? {};
    if (!site || !this.#watching) return;
    if (!anew && JSON.stringify(site.announcer?.config) === JSON.stringify(multicast)) return;
    await site.announcer?.stop();
    const { identity, ports } = this.#node;
    const logger = ports.logger.child({ site: name, part: 'multicast' });
    let announcer: Announcer | undefined;
    try {
      const own = { journal: site.journal, key: identity.key, clock: ports.clock, logger };
      announcer = multicast && new Announcer({ ...own, config: multicast });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.error({ code: error.code, params: error.params }, 'changes are told over links only');
    }
    this.#sites.set(name, { ...site, announcer });
    this.notifier.offer(name);
  }

  /**
   * The data folder is an older copy. The tree may be ahead of the index: it is read first, so that mirrors need not give up
   * and fetch again what came since. The site may end in between.
   */
  async #renew(name: string): Promise<void> {
    if (!this.#sites.has(name) || !this.putBack.begin(name)) return;
    const logger = this.#node.ports.logger.child({ site: name });
    logger.warn('the journal was put back from an older copy: the tree is read, and the mirrors compare everything');
    try {
      await this.rescan(name);
    } catch (error) {
      if (!this.#sites.has(name)) return this.putBack.end(name);
      // By this index mirrors would delete what came after the copy was made.
      logger.error({ err: error }, 'the mirrors are told nothing before the tree is read: lockstep site rescan');
      this.putBack.failed(name, error, this.#node.now());
      this.#onChange();
    }
  }

  #startWatch(site: PublishedSite): void {
    if (!this.#watching || site.watch) return;
    const { clock, logger } = this.#node.ports;
    if (!site.config.watch) {
      // Nothing but rules was ever journalled: it was added to the config by hand. Or a crash left what cannot be rolled forward.
      const { head, rules } = site.journal;
      if ((head === rules.seq && site.journal.files() === 0) || !site.complete) this.#scan(site);
      return;
    }
    const watch = new SiteWatch({
      site: site.files,
      scan: (options) => site.scans.scan(options),
      clock,
      logger: logger.child({ site: site.name, part: 'watch' }),
      onChange: this.#onChange,
    });
    this.#sites.set(site.name, { ...site, watch });
    watch.start();
  }

  /** In the background: the site's end is the scan's too. */
  #scan({ name, scans }: PublishedSite): void {
    const logger = this.#node.ports.logger.child({ site: name });
    scans.scan().then(
      ({ found }) => logger.info({ found }, 'a new site has been read'),
      (error: unknown) => logger.error({ err: error }, 'a new site was not read to its end'),
    );
  }

  async #close(name: string): Promise<void> {
    const site = this.#sites.get(name);
    if (!site) return;
    this.#sites.delete(name);
    await this.endSessions(({ files }) => files === site.files);
    site.word.stop();
    await site.announcer?.stop();
    await this.checks.cancel(name);
    await site.watch?.stop();
    await site.scans.stop();
    await site.files.stop();
    this.putBack.end(name);
    site.deliveries.close();
  }
}

export function formatAddress(host: string, port: number): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Made of hashes: no two mirrors or sites share one, and it is never too long. */
function mirrorUser(peer: string, site: string): string {
  return `mirror-${peer.slice(0, 24)}-${createHash('sha256').update(site).digest('hex').slice(0, 24)}`;
}

function routerOf(config: SiteConfig): Router | undefined {
  return config.routes.length === 0 ? undefined : compileRoutes(config.routes);
}

import type { FollowConfig } from '../../../shared/contract/config.ts';
import { LINK_PROTOCOL, LINK_UNDERSTOOD, type LinkMessage, type LinkMessageOf } from '../../../shared/contract/link.ts';
import type { LinkConditions } from '../../../shared/contract/conditions.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { VERSION } from '../../../shared/version.ts';
import { defined } from '../core/defined.ts';
import { DAY_MILLIS } from '../core/keeping.ts';
import { DeepChecks } from '../deep/deep-checks.ts';
import { splitAddress } from '../link/connect.ts';
import type { Peer } from '../core/peer.ts';
import type { LinkSession } from '../link/link-session.ts';
import type { Live } from '../live/live.ts';
import type { RootedSite } from '../tree/lost-roots.ts';
import type { Node } from '../install/node.ts';
import { findSite } from '../store/sites.ts';
import { fileError, rootError } from '../tree/file-error.ts';
import { makeFolder } from '../tree/make-folder.ts';
import { claimFolder } from '../claim/claim-folder.ts';
import { claimRoot, forgetMark } from '../claim/root-mark.ts';
import { SiteRoot } from '../tree/site-root.ts';
import { AskedChecks } from './asked-checks.ts';
import { AskedConditions } from './asked-conditions.ts';
import { describeDisk } from './describe-disk.ts';
import { Farewells } from './farewells.ts';
import { MirrorSite, SOURCE_ID } from './mirror-site.ts';
import type { OwnConditions } from './site-conditions.ts';

/** The sites that a mirror follows, and what their masters last said of themselves. */
export class Mirror {
  /** Thorough checks of its sites. */
  readonly checks: DeepChecks;
  /** A peer is gone, or will be dialled no more; set by the engine. */
  onPeersChanged: () => void = () => undefined;
  readonly #node: Node;
  readonly #sites = new Map<string, MirrorSite>();
  readonly #sessions = new Map<string, LinkSession>();
  readonly #asked = new AskedConditions((peer, conditions) => this.#inForce(peer, conditions));
  readonly #askedChecks: AskedChecks;
  readonly #farewells: Farewells;
  /** Links whose master has said `hello`, which it does once. */
  readonly #greetedBy = new WeakSet<LinkSession>();
  /** Head of each site's journal as the master last told it. */
  readonly #heads = new Map<string, number>();
  readonly #live: Live;
  readonly #onChange: () => void;
  readonly #onBug: (error: unknown) => void;

  constructor(node: Node, live: Live, onChange: () => void, onBug: (error: unknown) => void) {
    this.#node = node;
    this.#live = live;
    this.#onChange = onChange;
    this.#onBug = onBug;
    this.checks = new DeepChecks(
      (name) => this.site(name).checkPlan(this.#masterName(this.site(name))),
      () => node.now(),
    );
    this.#askedChecks = new AskedChecks(this.checks);
    this.#farewells = new Farewells(node.peers, () => this.onPeersChanged());
  }

  sites(): MirrorSite[] {
    return [...this.#sites.values()];
  }

  /** What has a folder that may be lost; see `LostRoots`. */
  rooted(): RootedSite[] {
    return this.sites().map((site) => ({
      name: site.follow.site,
      root: site.root,
      rootChanged: (error) => {
        const logger = this.#node.ports.logger.child({ site: site.follow.site });
        if (error)
          logger.error(
            { code: error.code, params: error.params },
            'the folder of the site is lost: nothing is fetched',
          );
        else logger.warn('the folder of the site is there again');
        site.lookAtRoot();
      },
    }));
  }

  /** The head of the master's journal, as far as this mirror has heard. */
  headSeq(site: MirrorSite): number {
    return Math.max(site.state.cursor, this.#heads.get(site.follow.site) ?? 0);
  }

  /** Opens and closes sites until they are what the config says. One that cannot be opened is reported, the others go on. */
  async apply(follows: readonly FollowConfig[]): Promise<Map<string, AppError>> {
    const faults = new Map<string, AppError>();
    for (const [name, site] of [...this.#sites]) {
      const follow = follows.find((candidate) => candidate.site === name);
      if (follow && fixedPart(follow) === fixedPart(site.follow))
        site.setConditions({ own: this.#ownConditions(follow) });
      else await this.#close(name);
    }
    for (const follow of follows) {
      if (this.#sites.has(follow.site)) continue;
      try {
        await this.#open(follow);
      } catch (thrown) {
        const error = rootError(thrown, follow.root);
        if (!(error instanceof AppError)) throw error;
        faults.set(follow.site, error);
      }
    }
    return faults;
  }

  /** Pauses a followed site, or all (undefined): durable, and in force when it returns. So is `resume`. */
  pause(site: string | undefined): void {
    this.#node.pauses.pause(site === undefined ? { what: 'all' } : { what: 'site', name: site }, this.#node.now());
    this.#pausesChanged();
  }

  resume(site: string | undefined): void {
    this.#node.pauses.resume(site === undefined ? { what: 'all' } : { what: 'site', name: site });
    this.#pausesChanged();
  }

  #pausesChanged(): void {
    for (const site of this.#sites.values()) site.setConditions({ own: this.#ownConditions(site.follow) });
  }

  #ownConditions(follow: FollowConfig): OwnConditions {
    const { pauses } = this.#node;
    const all = pauses.since({ what: 'all' });
    const own = pauses.since({ what: 'site', name: follow.site });
    if (all === undefined) return { follow, pausedHere: own === undefined ? undefined : { since: own } };
    return { follow, pausedHere: { since: Math.min(all, own ?? all), all: true } };
  }

  async stop(): Promise<void> {
    this.#asked.stop();
    for (const name of [...this.#sites.keys()]) await this.#close(name);
  }

  /** Throws `site.unknown`. */
  site(name: string): MirrorSite {
    const site = this.#sites.get(name);
    if (!site) throw new AppError('site.unknown', { site: name });
    return site;
  }

  /** The folder of a site is gone for good, a person says: it is made anew, and all of it is fetched. */
  async restore(follow: FollowConfig): Promise<void> {
    await makeRoot(follow.root);
    const { store } = this.#node;
    forgetMark(store, follow.site);
    const root = await SiteRoot.open(follow.root, true, { follows: follow.site });
    const { claimant } = this.#node;
    await claimFolder(root.folder, follow.site, { claimant, takeOver: true });
    await claimRoot(store, follow.site, this.#sites.get(follow.site)?.root ?? root, true, claimant);
    if (!this.#sites.has(follow.site)) await this.#open(follow);
    const site = this.site(follow.site);
    // Nobody has removed its files one by one, who might want them to stay away.
    await site.rescan(true);
    await site.resolve(SOURCE_ID, 'publish', this.#node.config.node.name);
  }

  async sweep(): Promise<void> {
    const before = this.#node.now() - this.#node.config.historyDays * DAY_MILLIS;
    this.#farewells.trim(this.#node.now());
    for (const site of this.#sites.values()) {
      try {
        await site.sweep(before);
      } catch (error) {
        this.#node.ports.logger.error({ err: error, site: site.follow.site }, 'site not swept');
      }
    }
  }

  /** The link to a master is open: it hears where this mirror stands in each site. */
  open(session: LinkSession): { onMessage(message: LinkMessage): void; onClose(): void } {
    this.#sessions.set(session.peer.id, session);
    const followed = this.#of(session.peer);
    session.send({
      type: 'hello',
      protocol: LINK_PROTOCOL,
      node: { name: this.#node.config.node.name, role: 'mirror', version: VERSION },
      now: this.#node.now(),
      understands: [...LINK_UNDERSTOOD],
      sites: followed.map(({ follow, state, journal, conditions }) => ({
        ...(Object.keys(conditions.told).length > 0 && { conditions: conditions.told }),
        filtered: follow.exclude.length > 0,
        site: follow.site,
        journal,
        seq: state.cursor,
        ...(state.term !== null && { term: state.term }),
        ...(state.knownTo < state.cursor && { knownTo: state.knownTo }),
        ...defined({ told: state.toldBeyond(journal) }),
        publishedSeq: state.publishedSeq(),
        ...defined({ disk: describeDisk(follow.root) }),
      })),
    });
    for (const site of followed) site.opened(session);
    return {
      onMessage: (message) => this.#receive(session, message),
      onClose: () => {
        if (this.#sessions.get(session.peer.id) === session) this.#sessions.delete(session.peer.id);
        for (const site of this.#of(session.peer)) site.closed(session);
        this.#asked.closed(session);
      },
    };
  }

  #receive(session: LinkSession, message: LinkMessage): void {
    switch (message.type) {
      case 'hello':
        return this.#greeted(session, message);
      case 'conditions':
        return this.#asked.ask(session, message.conditions);
      case 'checkWanted': {
        const site = this.#sites.get(message.site);
        if (site?.follow.master === session.peer.id && site.state.journal === message.journal)
          this.#askedChecks.ask(session, site, message.how);
        return;
      }
      case 'left':
        return this.#farewells.heard(session.peer, message);
      case 'bye':
        // The session has ended already, with the peer's reason.
        return;
      case 'notify':
      case 'rules':
      case 'releaseGo':
      case 'resolve':
      case 'multicast':
      case 'snapshotNeeded':
      case 'snapshotPage':
      case 'digestPage':
      case 'entriesPage': {
        const site = this.#sites.get(message.site);
        if (!site || site.follow.master !== session.peer.id) return;
        if (message.type === 'notify') this.#heads.set(message.site, message.headSeq);
        return site.receive(session, message);
      }
      default:
        return session.close(new AppError('link.malformed', { reason: `a master does not send ${message.type}` }));
    }
  }

  #greeted(session: LinkSession, hello: LinkMessageOf<'hello'>): void {
    if (this.#greetedBy.has(session))
      return session.close(new AppError('link.malformed', { reason: 'it has greeted already' }));
    this.#greetedBy.add(session);
    // Before anything is fetched.
    this.#asked.ask(session, hello.conditions ?? {});
    const heads = new Map(hello.sites.map(({ site, seq }) => [site, seq]));
    for (const site of this.#of(session.peer)) {
      const head = heads.get(site.follow.site);
      if (head !== undefined) this.#heads.set(site.follow.site, head);
      site.greeted(hello.understands ?? []);
      this.#fetchFrom(site, session, hello.ftp);
    }
    this.#farewells.greeted(session, hello);
    this.#onChange();
  }

  /** Sites of a master are not followed any more: it is told so, now or when there is a link. The caller has closed them. */
  leave(master: string, sites: readonly string[]): void {
    const { peers, config } = this.#node;
    if (!peers.get(master)) return;
    const whole = !config.follows.some((follow) => follow.master === master);
    peers.leave(master, sites, whole, this.#node.now());
    const session = this.#sessions.get(master);
    if (session) this.#farewells.say(session);
    this.onPeersChanged();
  }

  #masterName({ follow }: MirrorSite): string {
    return this.#node.peers.nameOf(follow.master);
  }

  #inForce(peer: Peer, conditions: LinkConditions): void {
    this.#node.peers.setConditions(peer.id, conditions);
    for (const site of this.#of(peer)) site.setConditions({ asked: conditions });
  }

  #fetchFrom(site: MirrorSite, session: LinkSession, ftp: LinkMessageOf<'hello'>['ftp']): void {
    const { peer } = session;
    const login = this.#node.peers.ftpLogin(peer.id, site.follow.site);
    if (!login) return;
    const dialled =
      peer.dial === 'us' && peer.address !== null ? splitAddress(peer.address).host : session.remoteAddress;
    const host = ftp?.host ?? dialled;
    const port = ftp?.port ?? login.port;
    if (host !== login.host || port !== login.port)
      this.#node.peers.saveFtpLogin(peer.id, site.follow.site, { ...login, host, port });
    const certificate = site.follow.transport === 'plain' ? null : peer.certificate;
    site.fetchFrom({ host, port, user: login.user, password: login.password, certificate });
  }

  #of(peer: Peer): MirrorSite[] {
    return this.sites().filter((site) => site.follow.master === peer.id);
  }

  async #open(follow: FollowConfig): Promise<void> {
    const { store, ports } = this.#node;
    const fresh = (findSite(store, follow.site)?.journal ?? null) === null;
    if (fresh) await makeRoot(follow.root);
    const root = await SiteRoot.open(follow.root, fresh, { follows: follow.site });
    // What was told before the first time stands in the site's row.
    store.run('INSERT INTO site (name) VALUES (?) ON CONFLICT DO NOTHING', follow.site);
    await claimRoot(store, follow.site, root, fresh, this.#node.claimant);
    const site = new MirrorSite({
      ...this.#ownConditions(follow),
      asked: this.#node.peers.conditions(follow.master),
      root,
      store,
      clock: ports.clock,
      certificate: () => this.#node.peers.get(follow.master)?.certificate,
      logger: ports.logger.child({ site: follow.site }),
      onBug: this.#onBug,
      onChange: this.#onChange,
      watcher: this.#live.watcher(follow.site, this.#node.identity.id, follow.master),
    });
    await site.start();
    this.#sites.set(follow.site, site);
    const session = this.#sessions.get(follow.master);
    // A link that is open already was greeted without this site.
    session?.close(new AppError('link.renewed'));
  }

  async #close(name: string): Promise<void> {
    const site = this.#sites.get(name);
    if (!site) return;
    this.#sites.delete(name);
    this.#heads.delete(name);
    await this.checks.cancel(name);
    await site.stop();
  }
}

/** What cannot be changed while the site is open. */
function fixedPart(follow: FollowConfig): string {
  const free = {
    bytesPerSecond: undefined,
    hours: undefined,
    connections: undefined,
    deleteGuard: undefined,
    drift: undefined,
  };
  return JSON.stringify({ ...follow, ...free });
}

async function makeRoot(folder: string): Promise<void> {
  await makeFolder(folder).catch((error: unknown) => {
    throw fileError(error, folder);
  });
}

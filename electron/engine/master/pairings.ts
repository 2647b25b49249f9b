import { createHash, randomBytes } from 'node:crypto';
import type { LinkMessageOf, PairReply, PairRequest } from '../../../shared/contract/link.ts';
import { LINK_PROTOCOL } from '../../../shared/contract/link.ts';
import { ROOT } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { formatAddress } from '../link/format-address.ts';
import type { Peer } from '../core/peer.ts';
import type { LinkSession } from '../link/link-session.ts';
import type { Node } from '../install/node.ts';
import { isSubscribed, noteDeparture, pairingOf } from '../store/departures.ts';
import type { MirrorConditions } from './mirror-conditions.ts';
import type { Notifier } from './notifier/notifier.ts';
import type { PublishedSites } from './published-sites.ts';

/** How an unpaired install showed itself. */
export interface PairingCaller {
  readonly id: string;
  readonly pem: string;
  readonly remoteAddress: string;
}

export interface PairingsOptions {
  readonly node: Node;
  readonly sites: PublishedSites;
  readonly notifier: Notifier;
  readonly conditions: MirrorConditions;
  /** Where the FTP server listens. */
  readonly ftpPort: () => number | undefined;
  /** Ends the FTP sessions of these accounts. */
  readonly endSessions: (users: ReadonlySet<string>) => Promise<void>;
  /** A mirror follows nothing, or not that site, any more. */
  readonly onEnded: (peer: string, site: string) => void;
  /** A peer is gone. */
  readonly onPeersChanged: () => void;
  readonly onChange: () => void;
  readonly onBug: (error: unknown) => void;
}

/** How mirrors come to a master, and how they go. */
export class Pairings {
  readonly #options: PairingsOptions;
  readonly #node: Node;

  constructor(options: PairingsOptions) {
    this.#options = options;
    this.#node = options.node;
  }

  /** A mirror shows an invitation: it becomes a peer with a read-only account. Throws `pair.*`. */
  async pair(request: PairRequest, caller: PairingCaller): Promise<PairReply> {
    const { ftp } = this.#node.config;
    if (request.protocol !== LINK_PROTOCOL)
      throw new AppError('link.version', { ours: LINK_PROTOCOL, theirs: request.protocol });
    const { peers, accounts, config, store } = this.#node;
    const { sites, notifier } = this.#options;
    const { site: name } = peers.findInvitation(request.secret, this.#node.now());
    const user = mirrorUser(caller.id, name);
    const password = randomBytes(32).toString('base64url');
    const hash = await accounts.hash('mirror', password);
    const site = sites.get(name);
    if (!site) throw new AppError('site.unknown', { site: name });
    const port = this.#options.ftpPort() ?? ftp?.port ?? 0;
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
    store.transaction(() => {
      // With all else, or not at all: what has failed can be tried again by the same code.
      peers.redeem(request.secret, this.#node.now());
      peers.save(peer, this.#node.now());
      accounts.removeOf(peer.id, name);
      accounts.insert(account, hash);
      site.releases.dropPeer(peer.id);
      site.deliveries.subscribe(peer.id, request.pairing, this.#node.now());
    });
    notifier.forget(name, peer.id);
    site.word.look();
    this.#options.onChange();
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
    const { sites, notifier, conditions, endSessions, onEnded } = this.#options;
    const users = new Set(accounts.list().flatMap((account) => (account.peer === peer.id ? [account.user] : [])));
    accounts.removeOf(peer.id);
    for (const { name, deliveries } of sites.all()) {
      notifier.forget(name, peer.id);
      deliveries.unsubscribe(peer.id);
    }
    peers.remove(peer.id);
    for (const { word } of sites.all()) word.look();
    conditions.forget(peer.id);
    for (const { name } of sites.all()) onEnded(peer.id, name);
    // What is announced from now on is sealed with a secret that it does not know.
    for (const { name, announcer } of sites.all()) if (announcer) await sites.announce(name, 'anew');
    await endSessions(users);
  }

  /** A mirror's farewell; see `#leave`. */
  left(session: LinkSession, { site, pairing }: LinkMessageOf<'leave'>): void {
    void this.#leave(session, site, pairing).catch((error: unknown) => {
      // The database's disk is full, say: the mirror says it again when the link is back.
      if (error instanceof AppError) session.close(error);
      else this.#options.onBug(error);
    });
  }

  /**
   * A mirror says that it does not follow a site any more: it is told nothing more of it, its account goes, and the pairing with
   * the last of its sites. Answered once that is durable; said twice it is answered twice. Where another pairing is named than
   * there is, it has crossed that one, and nothing ends.
   */
  async #leave(session: LinkSession, name: string, pairing: string | undefined): Promise<void> {
    const { peer } = session;
    const { accounts, store, ports } = this.#node;
    const { sites, notifier, endSessions, onEnded } = this.#options;
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
    const site = sites.get(name);
    notifier.forget(name, peer.id);
    // Also of a site that is not open now.
    store.transaction(() => {
      accounts.removeOf(peer.id, name);
      noteDeparture(store, name, peer, this.#node.now());
    });
    site?.deliveries.unsubscribe(peer.id);
    site?.word.look();
    onEnded(peer.id, name);
    ports.logger.info({ peer: peer.name, site: name }, 'the mirror does not follow the site any more');
    session.send(answer);
    // What is announced from now on is sealed with a secret that it does not know.
    if (site?.announcer) await sites.announce(name, 'anew');
    await endSessions(users);
    await this.#endIfLast(peer);
    this.#options.onChange();
  }

  /** A mirror that follows nothing any more is paired no longer. */
  async #endIfLast(peer: Peer): Promise<void> {
    const { store, peers } = this.#node;
    if (isSubscribed(store, peer.id) || !peers.get(peer.id)) return;
    await this.forget(peer);
    this.#options.onPeersChanged();
    this.#options.onChange();
  }
}

/** Made of hashes: no two mirrors or sites share one, and it is never too long. */
function mirrorUser(peer: string, site: string): string {
  return `mirror-${peer.slice(0, 24)}-${createHash('sha256').update(site).digest('hex').slice(0, 24)}`;
}

import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { PairReply, PairRequest } from '../../../shared/contract/link.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { BackOff } from '../core/back-off.ts';
import { defined } from '../core/defined.ts';
import type { Clock, Logger } from '../ports.ts';
import type { Identity } from './identity.ts';
import { LinkDialer } from './link-dialer.ts';
import { LinkServer, type LinkServerLimits, type PairCaller } from './link-server.ts';
import type { Peer } from '../core/peer.ts';
import type { LinkHandlers, LinkSession } from './link-session.ts';
import type { Rate } from './token-bucket.ts';
import { Twins } from './twins.ts';
import { type Heartbeat, WsSession } from './ws-session.ts';

export interface PeerDirectory {
  get(id: string): Peer | undefined;
  list(): Peer[];
}

export interface LinkHubOptions {
  readonly identity: Identity;
  readonly peers: PeerDirectory;
  readonly handlers: LinkHandlers;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where peers may connect; absent: this install dials them all. */
  readonly listen?: { readonly host: string; readonly port: number };
  readonly pair?: (request: PairRequest, caller: PairCaller) => Promise<PairReply>;
  /** Throws `pair.*` for a secret that `pair` would refuse. */
  readonly checkInvitation?: (secret: string) => void;
  readonly heartbeat?: Heartbeat;
  readonly rate?: Rate;
  readonly serverLimits?: LinkServerLimits;
  readonly backOff?: BackOff;
  readonly random?: () => number;
  /** Names this start of the program, as against any other of the same install: see `Twins`. */
  readonly run?: string;
}

/** How the link to a peer stands. */
export interface LinkState {
  readonly connected: boolean;
  readonly lastSeenAt?: number;
  /** Of the open link, once it is known. */
  readonly roundTripMillis?: number | undefined;
  /** Why it is down, or was down the last time. While it is up: that two installs take it from each other. */
  readonly error?: AppError;
  readonly nextAttemptAt?: number;
}

export interface LinkHub {
  /** Listens and dials. Rejects `port.busy`, `port.denied`. */
  start(): Promise<void>;
  /** Closes all links. Idempotent; nothing is open when it resolves. */
  stop(): Promise<void>;
  readonly address: { readonly host: string; readonly port: number } | null;
  /** Listens there from now on, or not at all; links that are open stay. Rejects `port.*`: then it is as before. */
  listen(address: { readonly host: string; readonly port: number } | undefined): Promise<void>;
  /** Links are closed and opened again: what was said in the greeting has changed. */
  greetAnew(): void;
  /** The directory has changed: new peers are dialled, links to removed ones are closed. */
  refresh(): void;
  session(peer: string): LinkSession | undefined;
  state(peer: string): LinkState;
  /** Dials now. */
  kick(peer: string): void;
}

const HEARTBEAT: Heartbeat = { pingMillis: 4_000, deadMillis: 8_000 };
const BACK_OFF: BackOff = { first: 250, longest: 30_000 };
/** Far above what an honest peer sends (it bundles under load), far below what harms. */
export const LINK_BURST_MESSAGES = 20_000;
export const LINK_MESSAGES_A_SECOND = 5_000;
const RATE: Rate = { burst: LINK_BURST_MESSAGES, perSecond: LINK_MESSAGES_A_SECOND };

/** The links of an install: it listens, dials, and keeps at most one link to each peer. */
export function createLinkHub(options: LinkHubOptions): LinkHub {
  return new Hub(options);
}

/** What is remembered of a peer's links when there is none. */
interface Past {
  readonly lastSeenAt?: number;
  readonly error?: AppError;
}

/** No other start of a program on this machine has it, and one elsewhere but by the rarest chance. */
const RUN = `${process.pid}-${Math.trunc(performance.timeOrigin)}`;

class Hub implements LinkHub {
  readonly #options: LinkHubOptions;
  #server: LinkServer | undefined;
  readonly #dialers = new Map<string, LinkDialer>();
  readonly #sessions = new Map<string, WsSession>();
  /** Also those that are being closed, and no longer anybody's link. */
  readonly #open = new Set<WsSession>();
  readonly #past = new Map<string, Past>();
  readonly #twins = new Twins();
  #state: 'new' | 'running' | 'stopped' = 'new';
  #stopping: Promise<void> | undefined;

  constructor(options: LinkHubOptions) {
    this.#options = options;
    this.#server = options.listen && this.#createServer(options.listen);
  }

  get address(): { host: string; port: number } | null {
    return this.#server?.address ?? null;
  }

  async start(): Promise<void> {
    await this.#server?.listen();
    if (this.#state === 'stopped') return this.#server?.stop();
    this.#state = 'running';
    this.refresh();
  }

  async listen(address: { readonly host: string; readonly port: number } | undefined): Promise<void> {
    if (this.#state !== 'running') return;
    const before = this.#server;
    const known = before?.address;
    before?.close();
    try {
      const next = address && this.#createServer(address);
      await next?.listen();
      this.#server = next;
    } catch (error) {
      this.#server = known ? this.#createServer(known) : undefined;
      await this.#server?.listen();
      throw error;
    }
  }

  greetAnew(): void {
    for (const session of this.#sessions.values()) session.close(new AppError('link.renewed'));
  }

  stop(): Promise<void> {
    this.#state = 'stopped';
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const dialers = [...this.#dialers.values()].map((dialer) => dialer.stop());
    for (const session of this.#sessions.values()) session.close(new AppError('link.stopped'));
    await Promise.all([...dialers, ...[...this.#open].map((session) => session.over)]);
    await this.#server?.stop();
  }

  refresh(): void {
    if (this.#state !== 'running') return;
    const { peers } = this.#options;
    for (const [id, dialer] of this.#dialers) {
      const peer = peers.get(id);
      if (peer?.dial === 'us' && peer.address === dialer.peer.address) continue;
      void dialer.stop();
      this.#dialers.delete(id);
    }
    for (const [id, session] of this.#sessions) {
      if (!peers.get(id)) session.close(new AppError('link.unknown-peer'));
    }
    for (const id of this.#past.keys()) if (!peers.get(id)) this.#past.delete(id);
    for (const peer of peers.list()) {
      if (peer.dial !== 'us' || this.#dialers.has(peer.id)) continue;
      const dialer = this.#createDialer(peer);
      this.#dialers.set(peer.id, dialer);
      if (!this.#sessions.has(peer.id)) dialer.dial();
    }
  }

  session(peer: string): LinkSession | undefined {
    return this.#sessions.get(peer);
  }

  state(peer: string): LinkState {
    const session = this.#sessions.get(peer);
    if (session) {
      const { lastSeenAt, roundTripMillis } = session;
      return defined({ connected: true, lastSeenAt, roundTripMillis, error: this.#twins.of(peer) });
    }
    const nextAttemptAt = this.#dialers.get(peer)?.nextAttemptAt;
    return { connected: false, ...this.#past.get(peer), ...(nextAttemptAt !== undefined && { nextAttemptAt }) };
  }

  kick(peer: string): void {
    if (!this.#sessions.has(peer)) this.#dialers.get(peer)?.dial();
  }

  #createServer(listen: { readonly host: string; readonly port: number }): LinkServer {
    const { identity, peers, pair, checkInvitation, logger, serverLimits } = this.#options;
    return new LinkServer({
      listen,
      identity,
      find: (id) => peers.get(id),
      onLink: (peer, socket, transport, run) => this.#adopt(peer, socket, transport, run),
      pair,
      checkInvitation,
      logger,
      limits: serverLimits,
    });
  }

  #createDialer(peer: Peer): LinkDialer {
    const { identity, clock, logger } = this.#options;
    return new LinkDialer({
      peer,
      identity,
      backOff: this.#options.backOff ?? BACK_OFF,
      now: () => clock.now(),
      random: this.#options.random ?? Math.random,
      run: this.#options.run ?? RUN,
      // The directory may know more of the peer by now than when it was dialled first.
      onLink: (socket, tls) => this.#adopt(this.#options.peers.get(peer.id), socket, tls),
      onFailure: (error) => {
        const known = this.#past.get(peer.id);
        if (known?.error?.code !== error.code)
          logger.info({ peer: peer.name, error: error.toJSON() }, 'there is no link');
        this.#past.set(peer.id, { ...known, error });
      },
    });
  }

  /** A peer that connects anew takes the place of its old link, which it may have lost without our noticing. */
  #adopt(peer: Peer | undefined, socket: WebSocket, transport: Socket, run?: string): void {
    if (this.#state !== 'running' || !peer) {
      socket.on('error', () => undefined);
      return socket.terminate();
    }
    const { handlers, clock, logger } = this.#options;
    const session = new WsSession({
      peer,
      socket,
      transport,
      heartbeat: this.#options.heartbeat ?? HEARTBEAT,
      rate: this.#options.rate ?? RATE,
      clock,
      logger,
      onClosed: (closed, error) => this.#closed(closed, error),
    });
    const older = this.#sessions.get(peer.id);
    this.#sessions.set(peer.id, session);
    this.#open.add(session);
    void session.over.then(() => this.#open.delete(session));
    this.#dialers.get(peer.id)?.rest();
    const twins =
      run === undefined ? undefined : this.#twins.dialled(peer.id, { id: run, from: session.remoteAddress });
    older?.close(twins ?? new AppError('link.replaced'));
    logger.info({ peer: peer.name, from: session.remoteAddress }, 'the link is open');
    session.begin(handlers);
  }

  #closed(session: WsSession, error: AppError): void {
    const { id, name } = session.peer;
    this.#options.logger.info({ peer: name, error: error.toJSON() }, 'the link is closed');
    // A newer link of this peer is there already.
    if (this.#sessions.get(id) !== session) return;
    this.#sessions.delete(id);
    // The peer says so, who has heard both.
    if (error.code === 'link.replaced' && error.params['from'] !== undefined) this.#twins.note(id, error);
    if (this.#options.peers.get(id)) this.#past.set(id, { lastSeenAt: session.lastSeenAt, error });
    this.#dialers.get(id)?.resume(session.livedMillis);
  }
}

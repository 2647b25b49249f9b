import { setTimeout as delay } from 'node:timers/promises';
import type { EngineEvent } from '../../shared/contract/bridge.ts';
import type { CallName, CallParams, CallResult } from '../../shared/contract/calls.ts';
import type { Config } from '../../shared/contract/config.ts';
import type { Status } from '../../shared/contract/status.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { SWEEP_MILLIS } from './core/keeping.ts';
import { type Caller, createCaller } from './calls/calls.ts';
import { watchConfig } from './config/watch-config.ts';
import { createConsole } from './console/console.ts';
import { Greetings } from './status/greetings.ts';
import { InstallSites } from './install-sites.ts';
import { createLinkHub, type LinkHub } from './link/link-hub.ts';
import type { Peer } from './core/peer.ts';
import type { LinkHandlers, LinkSession } from './link/link-session.ts';
import { type Listener, Listening } from './listening.ts';
import { createFtpServer } from './master/ftp-server/ftp-server.ts';
import { Hooks } from './hooks/hooks.ts';
import { Live } from './live/live.ts';
import { News } from './status/news.ts';
import { Node } from './install/node.ts';
import type { Ports } from './ports.ts';
import { HookEvents } from './store/hook-events.ts';
import { Publishing } from './publishing/publishing.ts';
import { readStatus } from './status/status.ts';
import type { StatusSources } from './status/sources.ts';

export interface Engine extends Caller {
  /**
   * Tells the status, now and whenever it changes, and what happens, each gathered over a moment; with `want` the status only.
   * Returns how to unsubscribe.
   */
  subscribe(listener: (event: EngineEvent) => void, want?: 'status'): () => void;
  listeners(): Status['listeners'];
  /** Ends transfers and listeners cleanly. Idempotent. */
  stop(): Promise<void>;
}

export interface EngineOptions {
  /** The built interface, for the console. */
  readonly staticDir?: string;
}

/** Long enough for the answer to whoever moved the console to leave the old one. */
const ANSWERED_MILLIS = 1000;
/** How often a site that could not be opened is tried again. */
const FAULT_MILLIS = 5_000;

/** Opens an install and runs it. Rejects `node.missing`, `config.*`, `store.*`, `port.*`. */
export async function createEngine(ports: Ports, dataDir: string, options: EngineOptions = {}): Promise<Engine> {
  const node = await Node.open(ports, dataDir);
  const engine = new RunningEngine(node, options);
  try {
    await engine.start();
    return engine;
  } catch (error) {
    await engine.stop();
    throw error;
  }
}

class RunningEngine implements Engine {
  readonly #node: Node;
  readonly #live: Live;
  readonly #hooks: Hooks;
  readonly #sites: InstallSites;
  readonly #hub: LinkHub;
  readonly #greetings = new Greetings();
  readonly #listening: Listening;
  readonly #publishing: Publishing;
  readonly #caller: Caller;
  #configFault: AppError | undefined;
  readonly #news = new News(() => readStatus(this.#sources()));
  readonly #background = new Set<Promise<void>>();
  #watch: { stop(): void } | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #faultTimer: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;

  constructor(node: Node, { staticDir }: EngineOptions) {
    this.#node = node;
    this.#hooks = this.#createHooks();
    this.#live = this.#createLive();
    this.#sites = new InstallSites(node, this.#live, () => this.#changed());
    this.#hub = this.#createHub();
    const { master, mirror } = this.#sites;
    for (const role of [master, mirror]) if (role) role.onPeersChanged = () => this.#hub.refresh();
    this.#listening = this.#createListening(staticDir);
    this.#publishing = new Publishing({
      node,
      logins: master?.ownLogins,
      site: (name) => this.#sites.published(name),
      listener: () => {
        const address = this.#listening.ftp?.address;
        return address ? Promise.resolve(address) : Promise.reject(new AppError('node.not-running'));
      },
      onChange: (jobs) => this.#news.tell({ type: 'publishing', jobs }),
    });
    this.#caller = createCaller({
      node,
      master,
      mirror,
      live: this.#live,
      publishing: this.#publishing,
      sources: () => this.#sources(),
      applied: (asked) => this.#applied(asked),
      dial: (peer) => this.#hub.kick(peer),
      unlock: (who) => {
        const unlocked = this.#listening.ftp?.unlock(who) ?? false;
        if (unlocked) this.#changed();
        return unlocked;
      },
      signIn: () => this.#listening.console.signInUrl,
    });
  }

  async start(): Promise<void> {
    await this.#hooks.apply(this.#node.config.hooks);
    await this.#applySites();
    // Before releases are forgotten that are old by now: one of them may be that of a drop.
    this.#publishing.restore('to run on');
    await this.#sites.sweep();
    this.#inBackground(this.#publishing.sent.clear());
    await this.#listening.start();
    this.#sites.master?.startWatching();
    this.#watch = watchConfig(
      this.#node.dataDir,
      () => this.#node.config,
      (result) => {
        if (result.ok) this.#inBackground(this.#reload(result.value));
        else this.#refuse(result.error);
      },
      () => {
        this.#sites.lookAtFolders();
        return this.#sites.lookAtRoots();
      },
    );
    this.#sweepTimer = setInterval(() => {
      this.#inBackground(this.#sites.sweep());
      this.#inBackground(this.#publishing.sent.sweep());
    }, SWEEP_MILLIS);
    this.#tryFaultyLater();
    // Before the last stop something may have happened that hooks were not told of.
    this.#changed();
  }

  call<N extends CallName>(name: N, params: CallParams<N>): Promise<CallResult<N>> {
    return this.#caller.call(name, params);
  }

  subscribe(listener: (event: EngineEvent) => void, want?: 'status'): () => void {
    return this.#news.subscribe(listener, want, { type: 'publishing', jobs: this.#publishing.list() });
  }

  listeners(): Status['listeners'] {
    return this.#listening.addresses();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#watch?.stop();
    clearInterval(this.#sweepTimer);
    clearTimeout(this.#faultTimer);
    this.#live.stop();
    this.#news.stop();
    await Promise.all(this.#background);
    await this.#publishing.stop();
    await this.#listening.stop();
    await this.#hooks.stop();
    await this.#sites.stop();
    this.#node.close();
  }

  #createHooks(): Hooks {
    const { identity, config, dataDir, store, ports } = this.#node;
    return new Hooks({
      node: { id: identity.id, name: config.node.name },
      dataDir,
      events: new HookEvents(store),
      clock: ports.clock,
      logger: ports.logger.child({ part: 'hooks' }),
      nameOf: (peer) => this.#nameOf(peer),
      onChange: () => this.#changed(),
    });
  }

  #createLive(): Live {
    return new Live({
      clock: this.#node.ports.clock,
      nameOf: (peer) => this.#nameOf(peer),
      isHeard: () => this.#news.isHeard,
      tell: (batch) => this.#news.tellListeners(batch),
      hooks: {
        wants: () => this.#hooks.wants('published'),
        fared: (site, rows) => this.#hooks.fared(site, rows),
      },
    });
  }

  #createHub(): LinkHub {
    const { identity, config, peers, ports } = this.#node;
    const { master } = this.#sites;
    return createLinkHub({
      identity,
      peers: { get: (id) => peers.get(id), list: () => peers.linked() },
      clock: ports.clock,
      logger: ports.logger.child({ part: 'link' }),
      ...(config.link ? { listen: config.link } : {}),
      ...(master && {
        checkInvitation: (secret: string) => void peers.findInvitation(secret, this.#node.now()),
        pair: async (request, caller) => {
          const reply = await master.pair(request, caller);
          // It may be a mirror that is to be dialled.
          this.#hub.refresh();
          return reply;
        },
      }),
      handlers: { onOpen: (session) => this.#linkOpened(session) },
    });
  }

  #createListening(staticDir: string | undefined): Listening {
    const { identity, config, dataDir, ports } = this.#node;
    const { clock, logger } = ports;
    const { master } = this.#sites;
    return new Listening({
      config,
      hub: this.#hub,
      createFtp:
        master &&
        ((own) =>
          createFtpServer({
            config: own,
            tls: identity,
            accounts: master,
            clock,
            logger: logger.child({ part: 'ftp' }),
            onEvent: ({ type }) => {
              if (type === 'lockedOut' || type === 'certificateFault') this.#changed();
            },
            onBytes: ({ files, peer }, kind, bytes) => {
              if (kind === 'upload') this.#live.uploaded(files.name, bytes);
              else if (peer !== undefined) this.#live.passed(files.name, peer, bytes);
            },
          })),
      createConsole: (own) =>
        createConsole({
          config: own,
          identity,
          call: (name, params) => this.call(name, params),
          subscribe: (listener) => this.subscribe(listener),
          status: () => Promise.resolve(readStatus(this.#sources())),
          ftpSessions: () => this.#listening.ftp?.sessions().length,
          // Looked up when it is used: `#publishing` is made later, as it has to know where the FTP server listens.
          sent: {
            put: (...part) => this.#publishing.sent.put(...part),
            discard: (id) => this.#publishing.sent.discard(id),
          },
          dataDir,
          logger: logger.child({ part: 'console' }),
          ...(staticDir === undefined ? {} : { staticDir }),
        }),
      onFtp: (server, port) => {
        if (master) master.ftp = { port, endSessions: (of) => server.endSessions(of) };
      },
      later: (task) => this.#inBackground(delay(ANSWERED_MILLIS).then(task)),
    });
  }

  #linkOpened(session: LinkSession): ReturnType<LinkHandlers['onOpen']> {
    const { peer } = session;
    const { master, mirror } = this.#sites;
    this.#noteSeen(peer);
    this.#changed();
    const handlers = peer.role === 'mirror' ? master?.open(session) : mirror?.open(session);
    return {
      onMessage: (message) => {
        if (message.type === 'hello') this.#greetings.note(peer.id, message, this.#node.now());
        handlers?.onMessage(message);
      },
      onClose: () => {
        handlers?.onClose();
        this.#noteSeen(peer);
        this.#changed();
      },
    };
  }

  #nameOf(peer: string): string {
    const { identity, config, peers } = this.#node;
    return peer === identity.id ? config.node.name : peers.nameOf(peer);
  }

  /** What `config.json` says now cannot be in force: what was in force before stays. */
  #refuse(error: AppError): void {
    this.#configFault = error;
    this.#node.ports.logger.error({ error: error.toJSON() }, 'config.json is not in force');
    this.#changed();
  }

  /** The config was edited by hand. */
  async #reload(config: Config): Promise<void> {
    try {
      this.#node.adopt(config);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      return this.#refuse(error);
    }
    await this.#applied();
  }

  /** See `CallContext.applied`. */
  async #applied(asked: readonly Listener[] = []): Promise<AppError | undefined> {
    this.#configFault = undefined;
    await this.#hooks.apply(this.#node.config.hooks);
    await this.#applySites();
    this.#tryFaultyLater();
    this.#hub.refresh();
    const before = new Set(this.#listening.faults.values());
    await this.#listening.adopt(this.#node.config, asked);
    const { faults } = this.#listening;
    for (const [listener, fault] of faults)
      if (!before.has(fault))
        this.#node.ports.logger.error(
          { listener, error: fault.toJSON() },
          'a listener stays where it was, not where config.json says',
        );
    this.#changed();
    return asked.map((listener) => faults.get(listener)).find((fault) => fault !== undefined);
  }

  async #applySites(): Promise<void> {
    await this.#sites.apply();
    this.#hooks.sitesAway(this.#sites.faulty);
  }

  /** Tries sites again that could not be opened: their disk may be mounted by then. */
  #tryFaultyLater(): void {
    clearTimeout(this.#faultTimer);
    if (this.#sites.faulty.length === 0 || this.#stopping) return;
    this.#faultTimer = setTimeout(() => {
      const tried = this.#applySites().then(() => this.#changed());
      this.#inBackground(tried.finally(() => this.#tryFaultyLater()));
    }, FAULT_MILLIS);
  }

  /** A failure of what nobody waits for must not end the engine. */
  #inBackground(task: Promise<void>): void {
    const watched = task
      .catch((error: unknown) => this.#node.ports.logger.error({ err: error }, 'a task in the background failed'))
      .finally(() => this.#background.delete(watched));
    this.#background.add(watched);
  }

  /** Notes when the master was last heard of, for commands that ask while nothing runs. A master notes it of its mirrors with what they report. */
  #noteSeen({ id, role }: Peer): void {
    if (role !== 'master') return;
    try {
      this.#node.peers.noteSeen(id, this.#hub.state(id).lastSeenAt ?? this.#node.now());
    } catch (error) {
      // The database's disk is full, say.
      if (!(error instanceof AppError)) throw error;
      this.#node.ports.logger.warn({ code: error.code }, 'when the master was last heard of was not noted');
    }
  }

  #sources(): StatusSources {
    const sources = this.#sites.sources(true, this.listeners(), this.#live, (peer) => ({
      ...this.#hub.state(peer),
      ...this.#greetings.of(peer),
    }));
    const certificateFault = this.#listening.ftp?.certificateFault;
    const [listenFault] = this.#listening.faults.values();
    const configFault = this.#configFault ?? listenFault;
    return {
      ...sources,
      ...(configFault && { configFault }),
      ...(certificateFault && { certificateFault }),
      hooks: this.#hooks.status,
      lockOuts: this.#listening.ftp?.lockOuts() ?? [],
    };
  }

  /** Something that `status` tells may have changed. */
  #changed(): void {
    const { master } = this.#sites;
    if (master) this.#hooks.lookAt(() => master.sites());
    this.#news.statusChanged();
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import type { EngineEvent } from '../../shared/contract/bridge.ts';
import type { CallName, CallParams, CallResult } from '../../shared/contract/calls.ts';
import type { Config } from '../../shared/contract/config.ts';
import type { Status } from '../../shared/contract/status.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { type Caller, createCaller } from './calls.ts';
import { watchConfig } from './config-file.ts';
import { createConsole } from './console/console.ts';
import { Lock } from './core/lock.ts';
import { FtpAtRest } from './ftp-at-rest.ts';
import { createLinkHub, type LinkHub } from './link/link-hub.ts';
import type { Peer } from './link/link-session.ts';
import { Listening } from './listening.ts';
import { createFtpServer } from './master/ftp-server/ftp-server.ts';
import { Hooks } from './hooks/hooks.ts';
import { Live } from './live/live.ts';
import { LostRoots } from './lost-roots.ts';
import { Master } from './master/master.ts';
import { Mirror } from './mirror/mirror.ts';
import { Node } from './node.ts';
import type { Ports } from './ports.ts';
import { HookEvents } from './store/hook-events.ts';
import { Publishing } from './publishing/publishing.ts';
import { readStatus, type StatusSources } from './status.ts';

export interface Engine extends Caller {
  /**
   * Status, now and whenever it changes, and what happens, each gathered over a moment; who wants the status only is not told
   * what happens. Returns how to unsubscribe.
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

const STATUS_MILLIS = 200;
/** While something moves its rates are told this often, and that all is quiet, as a sign of life, this often. */
const RATES_MILLIS = 1000;
const QUIET_MILLIS = 5000;
/** A clock that differs by more is wrong by more than anybody has to know. */
const CLOCK_MILLIS_MAX = 1e15;
/** By then the answer to whoever asked for another console has left the old one. */
const ANSWERED_MILLIS = 1000;
const SWEEP_MILLIS = 60 * 60 * 1000;
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

/** The same calls on a data folder whose engine is not running: no listeners, no links. Waits so long for another who has it open. */
export async function openAtRest(
  ports: Ports,
  dataDir: string,
  patienceMillis?: number,
): Promise<Caller & { close(): Promise<void> }> {
  const node = await Node.open(ports, dataDir, patienceMillis);
  const none = { ftp: null, link: null, console: null };
  const live = new Live({ clock: ports.clock, nameOf: (peer) => peer, isHeard: () => false, tell: () => undefined });
  const body = new Body(node, live, () => undefined);
  const sources = (): StatusSources => body.sources(false, none, undefined, () => undefined);
  const ftp = new FtpAtRest(node, body.master);
  const publishing = new Publishing({
    node,
    logins: body.master?.ownLogins,
    listener: () => ftp.listen(),
    onChange: () => undefined,
  });
  await body.apply();
  body.lookAtUnfit();
  return {
    ...createCaller({
      node,
      master: body.master,
      mirror: body.mirror,
      publishing,
      sources,
      applied: () => body.apply(),
    }),
    close: async () => {
      await publishing.stop();
      await ftp.stop();
      await body.stop();
      node.close();
    },
  };
}

/** The sites of an install, of the one role or the other. */
class Body {
  readonly master: Master | undefined;
  readonly mirror: Mirror | undefined;
  readonly #node: Node;
  readonly #lock = new Lock();
  readonly #lost = new LostRoots();
  readonly #onChange: () => void;
  #faults = new Map<string, AppError>();

  constructor(node: Node, live: Live, onChange: () => void) {
    this.#node = node;
    this.#onChange = onChange;
    const onBug = (error: unknown): void => {
      node.ports.logger.fatal({ err: error }, 'a bug: the engine stops');
      // Whatever supervises this process starts it again from what is on disk.
      setImmediate(() => {
        throw error;
      });
    };
    if (node.config.node.role === 'master') this.master = new Master(node, live, onChange, onBug);
    else this.mirror = new Mirror(node, live, onChange, onBug);
  }

  /** Sites that could not be opened. */
  get faulty(): string[] {
    return [...this.#faults.keys()];
  }

  /** Opens, closes and changes sites until they are what the config says. */
  apply(): Promise<void> {
    return this.#lock.run(async () => {
      const { sites, follows } = this.#node.config;
      const faults = this.master ? this.master.apply(sites) : this.mirror?.apply(follows);
      this.#faults = (await faults) ?? new Map<string, AppError>();
    });
  }

  /** Whether each site still has its folder: a disk may be unmounted, and be there again. */
  lookAtRoots(): void {
    const sites = [...(this.master?.rooted() ?? []), ...(this.mirror?.rooted() ?? [])];
    if (this.#lost.look(sites, this.#node.now())) this.#onChange();
  }

  /** Whether what could not be published is still there. */
  lookAtUnfit(): void {
    for (const { files } of this.master?.sites() ?? []) files.unfit.look();
  }

  sources(
    running: boolean,
    listeners: Status['listeners'],
    live: Live | undefined,
    link: StatusSources['link'],
  ): StatusSources {
    this.lookAtRoots();
    return {
      node: this.#node,
      master: this.master,
      mirror: this.mirror,
      running,
      listeners,
      live,
      link,
      siteFaults: this.#faults,
      lostRoots: this.#lost.all,
    };
  }

  sweep(): Promise<void> {
    return this.#lock.run(async () => {
      await this.master?.sweep();
      await this.mirror?.sweep();
    });
  }

  /** After what is under way. */
  stop(): Promise<void> {
    return this.#lock.run(async () => {
      await this.master?.stop();
      await this.mirror?.stop();
    });
  }
}

class RunningEngine implements Engine {
  readonly #node: Node;
  readonly #live: Live;
  readonly #hooks: Hooks;
  readonly #body: Body;
  readonly #hub: LinkHub;
  readonly #listening: Listening;
  readonly #publishing: Publishing;
  readonly #caller: Caller;
  /** How far each peer's clock was ahead of ours when its link was opened, in milliseconds. */
  readonly #clocks = new Map<string, number>();
  /** The version that each peer said it is of. */
  readonly #versions = new Map<string, string>();
  readonly #subscribers = new Set<(event: EngineEvent) => void>();
  /** Of these such as want to hear all. */
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  #watch: { stop(): void } | undefined;
  #statusTimer: NodeJS.Timeout | undefined;
  #quietTimer: NodeJS.Timeout | undefined;
  #sweepTimer: NodeJS.Timeout | undefined;
  #faultTimer: NodeJS.Timeout | undefined;
  #stopping: Promise<void> | undefined;
  readonly #background = new Set<Promise<void>>();

  constructor(node: Node, { staticDir }: EngineOptions) {
    this.#node = node;
    const { identity, config, peers } = node;
    const { clock, logger } = node.ports;
    const nameOf = (peer: string): string =>
      peer === identity.id ? node.config.node.name : (peers.get(peer)?.name ?? peer.slice(0, 12));
    this.#hooks = new Hooks({
      node: { id: identity.id, name: config.node.name },
      dataDir: node.dataDir,
      events: new HookEvents(node.store),
      clock,
      logger: logger.child({ part: 'hooks' }),
      nameOf,
      onChange: () => this.#changed(),
    });
    this.#live = new Live({
      clock,
      nameOf,
      isHeard: () => this.#listeners.size > 0,
      tell: (batch) => tellAll(this.#listeners, batch),
      hooks: {
        wants: () => this.#hooks.wants('published'),
        fared: (site, rows) => this.#hooks.fared(site, rows),
      },
    });
    this.#body = new Body(node, this.#live, () => this.#changed());
    const { master, mirror } = this.#body;
    this.#hub = createLinkHub({
      identity,
      peers: { get: (id) => peers.get(id), list: () => peers.linked() },
      clock,
      logger: logger.child({ part: 'link' }),
      ...(config.link ? { listen: config.link } : {}),
      ...(master && {
        checkInvitation: (secret: string) => void peers.findInvitation(secret, node.now()),
        pair: async (request, caller) => {
          const reply = await master.pair(request, caller);
          // It may be a mirror that is to be dialled.
          this.#hub.refresh();
          return reply;
        },
      }),
      handlers: {
        onOpen: (session) => {
          this.#noteSeen(session.peer);
          this.#changed();
          const handlers = session.peer.role === 'mirror' ? master?.open(session) : mirror?.open(session);
          return {
            onMessage: (message) => {
              if (message.type === 'hello') {
                // Whatever it says, it stays a number that others can read.
                const ahead = Math.max(-CLOCK_MILLIS_MAX, Math.min(CLOCK_MILLIS_MAX, message.now - node.now()));
                this.#clocks.set(session.peer.id, ahead);
                this.#versions.set(session.peer.id, message.node.version);
              }
              handlers?.onMessage(message);
            },
            onClose: () => {
              handlers?.onClose();
              this.#noteSeen(session.peer);
              this.#changed();
            },
          };
        },
      },
    });
    for (const role of [master, mirror]) if (role) role.onPeersChanged = () => this.#hub.refresh();
    const tls = { key: identity.key, cert: identity.cert };
    this.#listening = new Listening({
      config,
      hub: this.#hub,
      createFtp:
        master &&
        ((own) =>
          createFtpServer({
            config: own,
            tls,
            accounts: master,
            clock,
            logger: logger.child({ part: 'ftp' }),
            onEvent: ({ type }) => {
              if (type === 'lockedOut') this.#changed();
            },
            onBytes: (login, kind, bytes) => this.#live.moved(login, kind, bytes),
          })),
      createConsole: (own) =>
        createConsole({
          config: own,
          identity: tls,
          call: (name, params) => this.call(name, params),
          subscribe: (listener) => this.subscribe(listener),
          status: () => Promise.resolve(readStatus(this.#sources())),
          ftpSessions: () => this.#listening.ftp?.sessions().length,
          dataDir: node.dataDir,
          logger: logger.child({ part: 'console' }),
          ...(staticDir === undefined ? {} : { staticDir }),
        }),
      onFtp: (server, port) => {
        if (!master) return;
        master.ftpPort = port;
        master.endSessions = (of) => server.endSessions(of);
      },
      later: (task) => this.#inBackground(delay(ANSWERED_MILLIS).then(task)),
    });
    this.#publishing = new Publishing({
      node,
      logins: master?.ownLogins,
      listener: () => {
        const address = this.#listening.ftp?.address;
        return address ? Promise.resolve(address) : Promise.reject(new AppError('node.not-running'));
      },
      onChange: (jobs) => tellAll(this.#subscribers, { type: 'publishing', jobs }),
    });
    const sources = (): StatusSources => this.#sources();
    this.#caller = createCaller({
      node,
      master,
      mirror,
      live: this.#live,
      publishing: this.#publishing,
      sources,
      applied: () => this.#applied(),
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
    await this.#body.sweep();
    await this.#listening.start();
    this.#body.master?.startWatching();
    this.#watch = watchConfig(
      this.#node.dataDir,
      (result) => {
        if (result.ok) this.#inBackground(this.#reload(result.value));
        else this.#node.ports.logger.error({ error: result.error.toJSON() }, 'config.json is not in force');
      },
      () => {
        this.#body.lookAtRoots();
        this.#body.lookAtUnfit();
      },
    );
    this.#sweepTimer = setInterval(() => this.#inBackground(this.#body.sweep()), SWEEP_MILLIS);
    this.#tryFaultyLater();
    // Before the last stop something may have happened that hooks were not told of.
    this.#changed();
  }

  call<N extends CallName>(name: N, params: CallParams<N>): Promise<CallResult<N>> {
    return this.#caller.call(name, params);
  }

  subscribe(listener: (event: EngineEvent) => void, want?: 'status'): () => void {
    this.#subscribers.add(listener);
    if (want === undefined) this.#listeners.add(listener);
    const status = readStatus(this.#sources());
    listener({ type: 'status', status });
    listener({ type: 'publishing', jobs: this.#publishing.list() });
    this.#tellQuietly(status);
    return () => {
      this.#subscribers.delete(listener);
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) clearTimeout(this.#quietTimer);
    };
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
    clearTimeout(this.#statusTimer);
    clearTimeout(this.#quietTimer);
    this.#live.stop();
    this.#subscribers.clear();
    this.#listeners.clear();
    await Promise.all(this.#background);
    await this.#publishing.stop();
    await this.#listening.stop();
    await this.#hooks.stop();
    await this.#body.stop();
    this.#node.close();
  }

  /** The config was edited by hand. Where it cannot be listened as it says now, that listener stays as it was. */
  async #reload(config: Config): Promise<void> {
    if (config.node.role !== this.#node.config.node.role) {
      this.#node.ports.logger.error('config.json is not in force: the role of an install does not change');
      return;
    }
    this.#node.adopt(config);
    try {
      await this.#applied();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#node.ports.logger.error(
        { error: error.toJSON() },
        'a listener stays where it was, not where config.json says',
      );
    }
  }

  async #applied(): Promise<void> {
    await this.#hooks.apply(this.#node.config.hooks);
    await this.#applySites();
    this.#tryFaultyLater();
    this.#hub.refresh();
    try {
      await this.#listening.adopt(this.#node.config);
    } finally {
      this.#changed();
    }
  }

  async #applySites(): Promise<void> {
    await this.#body.apply();
    this.#hooks.sitesAway(this.#body.faulty);
  }

  /** A disk that was not mounted may be by then. */
  #tryFaultyLater(): void {
    clearTimeout(this.#faultTimer);
    if (this.#body.faulty.length === 0 || this.#stopping) return;
    this.#faultTimer = setTimeout(() => {
      const tried = this.#applySites().then(() => this.#changed());
      this.#inBackground(tried.finally(() => this.#tryFaultyLater()));
    }, FAULT_MILLIS);
  }

  /** What nobody waits for must not end the engine. */
  #inBackground(task: Promise<void>): void {
    const watched = task
      .catch((error: unknown) => this.#node.ports.logger.error({ err: error }, 'a task in the background failed'))
      .finally(() => this.#background.delete(watched));
    this.#background.add(watched);
  }

  /** For who asks when nothing runs any more. A master knows of its mirrors by what they have told it. */
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
    const sources = this.#body.sources(true, this.listeners(), this.#live, (peer) => ({
      ...this.#hub.state(peer),
      clockAheadMillis: this.#clocks.get(peer),
      version: this.#versions.get(peer),
    }));
    return { ...sources, hooks: this.#hooks.status, lockOuts: this.#listening.ftp?.lockOuts() ?? [] };
  }

  #changed(): void {
    const { master } = this.#body;
    if (master) this.#hooks.lookAt(() => master.sites());
    if (this.#subscribers.size === 0) return;
    this.#statusTimer ??= setTimeout(() => {
      this.#statusTimer = undefined;
      if (this.#subscribers.size === 0) return;
      const status = readStatus(this.#sources());
      tellAll(this.#subscribers, { type: 'status', status });
      this.#tellQuietly(status);
    }, STATUS_MILLIS);
  }

  /** Rates and times of contact go on changing where nothing happens any more. */
  #tellQuietly(known: Status): void {
    clearTimeout(this.#quietTimer);
    if (this.#stopping || this.#listeners.size === 0) return;
    const delay = isMoving(known) ? RATES_MILLIS : QUIET_MILLIS;
    this.#quietTimer = setTimeout(() => {
      const status = readStatus(this.#sources());
      tellAll(this.#listeners, { type: 'status', status, quiet: true });
      this.#tellQuietly(status);
    }, delay);
  }
}

function tellAll(listeners: Iterable<(event: EngineEvent) => void>, event: EngineEvent): void {
  for (const listener of listeners) listener(event);
}

function isMoving({ sites }: Status): boolean {
  const moves = (rates: { changesPerSecond?: number | undefined; bytesPerSecond?: number | undefined }): boolean =>
    (rates.changesPerSecond ?? 0) + (rates.bytesPerSecond ?? 0) > 0;
  return sites.some((site) => moves(site) || site.peers.some(moves));
}

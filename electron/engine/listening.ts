import type { Config } from '../../shared/contract/config.ts';
import type { Status } from '../../shared/contract/status.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { Console } from './console/console.ts';
import { Lock } from './core/lock.ts';
import type { LinkHub } from './link/link-hub.ts';
import type { FtpServer } from './master/ftp-server/ftp-server.ts';
import type { FtpConfig } from './master/ftp-server/server-context.ts';

export type Listener = 'ftp' | 'link' | 'console';
type Bound = Pick<Config, Listener>;

export interface ListeningOptions {
  readonly config: Bound;
  readonly hub: LinkHub;
  /** Undefined at a mirror, which has no FTP server. */
  readonly createFtp: ((config: FtpConfig) => FtpServer) | undefined;
  readonly createConsole: (config: Config['console']) => Console;
  /** The FTP server listens there now. */
  readonly onFtp: (server: FtpServer, port: number) => void;
  /** Runs what ends a console that another one has replaced, a moment later. */
  readonly later: (task: () => Promise<void>) => void;
}

/**
 * What others reach an install by: the FTP server, the listener of links, the console. Where the config says otherwise they
 * are bound anew; what cannot be bound stays what it was. What of the settings of FTP needs no binding (`adoptable`) ends no
 * transfer.
 */
export class Listening {
  readonly #options: ListeningOptions;
  readonly #lock = new Lock();
  /** The settings by which what listens now was made. */
  #bound: Bound;
  /** Those by which it was tried last, and why what could not be bound by them could not. */
  #tried: Bound;
  readonly #faults = new Map<Listener, AppError>();
  #ftp: FtpServer | undefined;
  #console: Console;
  #stopped = false;

  constructor(options: ListeningOptions) {
    this.#options = options;
    this.#bound = options.config;
    this.#tried = options.config;
    this.#ftp = options.config.ftp && options.createFtp?.(options.config.ftp);
    this.#console = options.createConsole(options.config.console);
  }

  get ftp(): FtpServer | undefined {
    return this.#ftp;
  }

  get console(): Console {
    return this.#console;
  }

  addresses(): Status['listeners'] {
    const { address, url } = this.#console;
    const tls = this.#bound.ftp?.tls;
    return {
      ftp: this.#ftp?.address && tls ? { ...this.#ftp.address, tls } : null,
      link: this.#options.hub.address,
      console: address && url !== null ? { ...address, url } : null,
    };
  }

  /** Rejects `port.*`. */
  async start(): Promise<void> {
    if (this.#ftp) await this.#begin(this.#ftp);
    await this.#named(this.#options.hub.start());
    await this.#named(this.#console.listen());
  }

  /** `port.*`: why a listener stays where it was, and does not go where the config says. */
  get faults(): ReadonlyMap<Listener, AppError> {
    return this.#faults;
  }

  /**
   * Listens as `config` says; what cannot stays what it was: see `faults`. That is tried again only where the config says something else
   * by then, or a person has `asked` for it, as each try ends FTP sessions.
   */
  adopt(config: Bound, asked: readonly Listener[] = []): Promise<void> {
    const bindLink = async (): Promise<void> => {
      await this.#options.hub.listen(config.link);
      this.#bound = { ...this.#bound, link: config.link };
    };
    return this.#lock.run(async () => {
      await this.#move('ftp', config, asked, () => this.#adoptFtp(config.ftp));
      await this.#move('link', config, asked, bindLink);
      await this.#move('console', config, asked, () => this.#adoptConsole(config.console));
    });
  }

  async #move(what: Listener, config: Bound, asked: readonly Listener[], bind: () => Promise<void>): Promise<void> {
    if (this.#stopped) return;
    const isThere = !differ(config[what], this.#bound[what]);
    if (!isThere && !asked.includes(what) && !differ(config[what], this.#tried[what])) return;
    this.#tried = { ...this.#tried, [what]: config[what] };
    this.#faults.delete(what);
    if (isThere) return;
    try {
      await this.#named(bind());
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.#faults.set(what, error);
    }
  }

  /** Idempotent. Whatever is to be adopted later is not. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#lock.run(() => Promise.all([this.#ftp?.stop(), this.#options.hub.stop(), this.#console.stop()]));
  }

  /** Says `port.own` where the busy port is one of this install's own listeners. */
  async #named<T>(listening: Promise<T>): Promise<T> {
    try {
      return await listening;
    } catch (error) {
      const port = error instanceof AppError && error.code === 'port.busy' ? error.params['port'] : undefined;
      const own = Object.values(this.addresses()).some((address) => address !== null && address.port === port);
      throw own && port !== undefined ? new AppError('port.own', { port }, error) : error;
    }
  }

  async #adoptFtp(config: FtpConfig | undefined): Promise<void> {
    const { createFtp, hub } = this.#options;
    const before = this.#bound.ftp;
    if (!createFtp || !config || !before) return;
    const port = this.#ftp?.address?.port ?? before.port;
    // Port 0 means any free one: as long as the config does not change, the one that it has.
    const samePlace = config.host === before.host && config.port === before.port;
    if (samePlace && config.tls === before.tls) {
      await this.#ftp?.adopt({ ...config, port });
      this.#bound = { ...this.#bound, ftp: config };
      return;
    }
    await this.#ftp?.stop();
    try {
      await this.#begin(createFtp(samePlace ? { ...config, port } : config));
      this.#bound = { ...this.#bound, ftp: config };
    } catch (error) {
      await this.#begin(createFtp({ ...before, port }));
      throw error;
    }
    // Mirrors are told of it when a link opens.
    hub.greetAnew();
  }

  async #begin(server: FtpServer): Promise<void> {
    const { port } = await server.listen();
    this.#ftp = server;
    this.#options.onFtp(server, port);
  }

  /** The new one is there before the old one goes: whoever asked for it gets the answer. */
  async #adoptConsole(config: Config['console']): Promise<void> {
    const before = this.#console;
    const next = this.#options.createConsole(config);
    // On the same port, but at another address, both cannot listen at once.
    if (config.port !== 0 && config.port === before.address?.port) await before.makeRoom(() => next.listen());
    else await next.listen();
    this.#console = next;
    this.#bound = { ...this.#bound, console: config };
    this.#options.later(() => before.stop());
  }
}

function differ(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}

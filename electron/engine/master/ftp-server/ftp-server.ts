import { devNull } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { FileSystem } from 'ftp-srv';
import { LOCK_OUTS_TOLD, type LockOut } from '../../../../shared/contract/status.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { addressKey } from '../../core/address-key.ts';
import { Lock } from '../../core/lock.ts';
import { listenError } from '../../listen/listen-error.ts';
import type { Clock, Logger } from '../../ports.ts';
import type { Accounts, Login } from '../site-files.ts';
import { AccountPace } from './account-pace.ts';
import { createBaseServer } from './base-server.ts';
import { STOP_MILLIS } from './limits.ts';
import { LoginThrottle } from './login-throttle.ts';
import { RefusalLog } from './refusal-log.ts';
import { reply } from './reply.ts';
import { adoptable, type FtpConfig, type FtpEvent, type FtpSessionInfo, type ServerContext } from './server-context.ts';
import { ServerTls } from './server-tls.ts';
import { CommandQueue } from './command-queue.ts';
import { Session } from './session.ts';

export interface FtpServerOptions {
  readonly config: FtpConfig;
  /** PEM, of the install's identity. */
  readonly tls: { readonly key: string; readonly cert: string };
  readonly accounts: Accounts;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly onEvent?: (event: FtpEvent) => void;
  readonly onBytes?: ServerContext['onBytes'];
}

export interface FtpServer {
  /** Resolves the address that is listened at. Rejects `port.busy`, `port.denied`. */
  listen(): Promise<{ host: string; port: number }>;
  /** Undefined unless listening. */
  readonly address: { readonly host: string; readonly port: number } | undefined;
  sessions(): FtpSessionInfo[];
  /** Why the certificate of the settings is not in force. Undefined: it is, or there is none. */
  readonly certificateFault: AppError | undefined;
  /** Who is kept out after too many wrong passwords, the latest first. */
  lockOuts(): LockOut[];
  /** Lets an address or an account in again. False: it is not locked out. */
  unlock(who: string): boolean;
  /** From now on the settings that are `adoptable` are those of `config`; address and TLS stay. */
  adopt(config: FtpConfig): Promise<void>;
  /** Ends the sessions of these logins as `stop` does: their account or site is gone. */
  endSessions(of: (login: Login) => boolean): Promise<void>;
  /** Takes no more clients, lets commits that are under way be answered, and ends all sessions. Idempotent. */
  stop(): Promise<void>;
}

/** The monitored FTP server (SPEC §3): ftp-srv's listener and login, our sessions. */
export function createFtpServer(options: FtpServerOptions): FtpServer {
  const { accounts, logger } = options;
  let { config } = options;
  const base = createBaseServer(config.host, config.port, logger);
  const sessions = new Map<string, Session>();
  const tls = new ServerTls({
    identity: options.tls,
    files: config.certificate,
    clock: options.clock,
    logger,
    onFault: () => context.onEvent({ type: 'certificateFault' }),
  });
  const context: ServerContext = {
    get config() {
      return config;
    },
    tls,
    throttle: new LoginThrottle(),
    accountPace: new AccountPace(),
    passwords: { strangers: new Lock(), known: new Lock() },
    refusalLog: new RefusalLog(),
    accounts,
    clock: options.clock,
    logger,
    onEvent: options.onEvent ?? (() => {}),
    onBytes: options.onBytes ?? (() => {}),
  };
  let address: { host: string; port: number } | undefined;
  let stopped: Promise<void> | undefined;

  base.on('connect', ({ connection, id }) => {
    const commandsOf = (of: Session): CommandQueue => new CommandQueue(of);
    const session = new Session(context, connection, commandsOf, () => {
      if (sessions.delete(id)) context.onEvent({ type: 'sessionClosed', session: id, address: session.address });
    });
    const refusal = stopped
      ? 'The server is being stopped.'
      : overLimit([...sessions.values()], session, config.limits);
    if (refusal !== undefined) {
      session.end(reply(421, `${refusal} Try again later.`));
      return;
    }
    sessions.set(id, session);
    context.onEvent({ type: 'sessionOpened', session: id, address: session.address });
  });

  base.on('login', ({ connection, username, password }, resolve, reject) => {
    accounts.verify(username, password).then((login) => {
      if (!login) return reject(new AppError('account.bad-password'));
      sessions.get(connection.id)?.loggedIn(login);
      // ftp-srv wants a file system. Ours are the verbs; nothing is below the null device.
      return resolve({ fs: new FileSystem(connection, { root: devNull, cwd: '/' }) });
    }, reject);
  });

  async function listen(): Promise<{ host: string; port: number }> {
    await tls.start();
    try {
      await base.listen();
    } catch (error) {
      await tls.stop();
      throw error instanceof Error ? listenError(error, config) : error;
    }
    const bound = base.server.address();
    if (bound === null || typeof bound === 'string') throw new TypeError('a TCP listener without a port');
    address = { host: bound.address, port: bound.port };
    return address;
  }

  async function stop(): Promise<void> {
    const listening = address !== undefined;
    address = undefined;
    if (listening) base.server.close();
    await end([...sessions.values()], 'The server is being stopped: connect again later.');
    if (listening) await base.close();
    await tls.stop();
  }

  async function endSessions(of: (login: Login) => boolean): Promise<void> {
    const found = [...sessions.values()].filter(({ access }) => access.kind === 'in' && of(access.login));
    await end(found, 'The account or its site was changed or removed: log in again.');
  }

  return {
    listen,
    endSessions,
    adopt(changed) {
      config = { ...config, ...adoptable(changed) };
      return tls.use(config.certificate);
    },
    get certificateFault() {
      return tls.fault;
    },
    get address() {
      return address;
    },
    lockOuts: () => lockOutsOf(context),
    unlock(who) {
      const now = performance.now();
      const [address, account] = [context.throttle.unlock(who, now), context.accountPace.unlock(who, now)];
      return address || account;
    },
    sessions: () => [...sessions.values()].map((session) => session.info),
    stop: () => (stopped ??= stop()),
  };
}

/** Names that are no accounts may be passwords, typed in the wrong place: they are shown to nobody. */
function lockOutsOf({ throttle, accountPace, accounts, clock }: ServerContext): LockOut[] {
  const now = performance.now();
  const at = (steady: number): number => Math.ceil(clock.now() + steady - now);
  const addresses = throttle.locked(now).map(
    ({ address, lockedUntil, tried }): LockOut => ({
      kind: 'address',
      who: address,
      until: at(lockedUntil),
      ...(tried !== undefined && { tried }),
    }),
  );
  const users = accountPace
    .slowed(now)
    .filter(({ user }) => accounts.isKnown(user))
    .map(({ user, until }): LockOut => ({ kind: 'account', who: user, until: at(until) }));
  return [...addresses.slice(0, LOCK_OUTS_TOLD), ...users.slice(0, LOCK_OUTS_TOLD)];
}

interface WithAddress {
  readonly address: string;
}

/** Why there is no room for one more session; undefined: there is. */
export function overLimit(
  sessions: readonly WithAddress[],
  peer: WithAddress,
  limits: Pick<FtpConfig['limits'], 'sessions' | 'sessionsPerAddress'>,
): string | undefined {
  if (sessions.length >= limits.sessions) return `There are ${limits.sessions} sessions already.`;
  const key = addressKey(peer.address);
  const same = sessions.filter(({ address }) => addressKey(address) === key).length;
  return same >= limits.sessionsPerAddress ? `Your address has ${same} sessions already.` : undefined;
}

/** Lets commits that are under way be answered first, for `STOP_MILLIS` at most. */
async function end(sessions: readonly Session[], why: string): Promise<void> {
  const late = new AbortController();
  const ended = Promise.all(sessions.map((session) => session.stop(why)));
  await Promise.race([ended, sleep(STOP_MILLIS, undefined, { signal: late.signal })]).finally(() => late.abort());
  for (const session of sessions) session.control.destroy();
}

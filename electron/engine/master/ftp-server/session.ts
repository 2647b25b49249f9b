import type { FtpConnection } from 'ftp-srv';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import type { Millis } from '../../../../shared/domain/change.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { BreakReason } from '../../../../shared/errors/problems.ts';
import { plainAddress } from '../../core/address-key.ts';
import type { Logger } from '../../ports.ts';
import type { Actor, Login, ReleaseFiles, SiteFiles, SiteReads } from '../site-files.ts';
import { clientPath, resolvePath } from './client-path.ts';
import { ControlConnection } from './control.ts';
import { DataChannel } from './data-channel.ts';
import { DATA_LINGER_MILLIS, LOGIN_MILLIS } from './limits.ts';
import type { Line } from './line-reader.ts';
import { Refusal, type Reply, reply } from './reply.ts';
import { type Announced, NOTHING_TOLD, type Said, type Told } from './said.ts';
import type { FtpSessionInfo, ServerContext } from './server-context.ts';
import type { DataTls } from './server-tls.ts';
import type { Outcome, Transfer } from './current-transfer.ts';

/** How far a session has come. */
export type Access =
  | { readonly kind: 'none' }
  | { readonly kind: 'named'; readonly user: string }
  | { readonly kind: 'in'; readonly login: Login };

/** What comes of a password. */
export type LoginOutcome = 'in' | 'refused' | 'no-site';

/** How far TLS has come (RFC 4217). `data`: what PBSZ, and PROT after it, have said of data connections. */
export type Security =
  | { readonly kind: 'plain' }
  | { readonly kind: 'tls'; readonly tls: DataTls; readonly data: 'unsized' | 'clear' | 'protected' };

/** The lines of one client, which are commands to be run one after the other. */
export interface Commands {
  take(line: Line): void;
  /** How many wait for their turn. */
  readonly waiting: number;
  /** Forgets those that wait. */
  drop(): void;
  readonly isRunning: boolean;
  /** Resolves when none is being run, and none waits. */
  done(): Promise<void>;
}

/** One client: its control connection, and what it has told so far. */
export class Session {
  readonly context: ServerContext;
  readonly connection: FtpConnection;
  readonly control: ControlConnection;
  readonly data: DataChannel;
  readonly logger: Logger;
  readonly address: string;
  readonly localAddress: string;
  readonly since: Millis;
  /** What SITE RELEASE has begun or joined. It ends with the session, unless it is held. */
  release: ReleaseFiles | undefined;

  readonly #onClosed: () => void;
  readonly #loginDeadline: NodeJS.Timeout;
  readonly #commands: Commands;
  #access: Access = { kind: 'none' };
  #failedLogins = 0;
  #security: Security = { kind: 'plain' };
  #told: Told = NOTHING_TOLD;
  #transfer: Transfer | undefined;
  #onEnding = (): void => {};
  #ending = false;
  #committing = false;

  /** Takes the control connection over from ftp-srv: its line splitting, its dispatch, its replies and its connector. */
  constructor(
    context: ServerContext,
    connection: FtpConnection,
    commandsOf: (session: Session) => Commands,
    onClosed: () => void,
  ) {
    const socket = connection.commandSocket;
    this.context = context;
    this.connection = connection;
    this.address = plainAddress(socket.remoteAddress);
    this.localAddress = plainAddress(socket.localAddress);
    this.since = context.clock.now();
    this.logger = context.logger.child({ session: connection.id.slice(0, 8), address: this.address });
    this.data = new DataChannel(context.config.tls === 'required', () => this.dataTls);
    this.#onClosed = onClosed;
    this.#commands = commandsOf(this);
    socket.removeAllListeners('data');
    socket.removeAllListeners('timeout');
    connection.connector = { end: () => this.data.drop() };
    connection.commands = { handle: () => Promise.resolve() };
    connection.reply = (code, ...letters) => {
      this.send(reply(Number(code), String(letters[0] ?? REPLY_TEXTS[Number(code)] ?? '')));
      return Promise.resolve();
    };
    this.control = new ControlConnection(socket, context.config.limits.idleSeconds * 1000, {
      onLine: (line) => this.#commands.take(line),
      onEnded: () => this.#finish(),
      onGone: () => this.#gone(),
      onIdle: () => {
        if (!this.#commands.isRunning) this.end(reply(421, 'The session was idle for too long: connect again.'));
      },
    });
    this.#loginDeadline = setTimeout(
      () => this.end(reply(421, 'You did not log in in time: connect again.')),
      LOGIN_MILLIS,
    );
  }

  get access(): Access {
    return this.#access;
  }

  get security(): Security {
    return this.#security;
  }

  get told(): Told {
    return this.#told;
  }

  /** The one that is under way. */
  get transfer(): Transfer | undefined {
    return this.#transfer;
  }

  get login(): Login {
    if (this.access.kind !== 'in') throw new Refusal(530, 'Log in first: send USER and PASS.');
    return this.access.login;
  }

  /** The site as this client sees it. */
  get files(): SiteFiles {
    return this.release ?? this.login.files;
  }

  /** What this client may read of it. */
  get reads(): SiteReads {
    return this.release ?? this.login.reads ?? this.login.files;
  }

  get actor(): Actor {
    const { user, drop } = this.login;
    return { account: user, address: this.address, ...(drop !== undefined && { drop }) };
  }

  get info(): FtpSessionInfo {
    const { id } = this.connection;
    const login = this.access.kind === 'in' ? this.access.login : undefined;
    const { transfer } = this;
    return {
      id,
      address: this.address,
      secure: this.security.kind === 'tls',
      since: this.since,
      folder: login ? clientPath(login.folder, this.told.cwd) : '/',
      ...(login && { user: login.user }),
      ...(transfer && {
        transfer: { kind: transfer.kind, path: transfer.path, bytes: transfer.bytes, startedAt: transfer.startedAt },
      }),
    };
  }

  /** Throws a `Refusal` where this client has not logged in, or (`publisher`) may not change the site now. */
  requireAccess(needs: 'account' | 'publisher'): void {
    const { kind, releasesOnly } = this.login;
    if (needs === 'account') return;
    if (kind !== 'publisher')
      throw new Refusal(
        550,
        'This account belongs to a mirror and may only read: log in as a publisher to change the site.',
      );
    if (releasesOnly && !this.release)
      throw new Refusal(
        550,
        'This account publishes by releases only, and none is open in this session: send SITE RELEASE BEGIN name, upload everything, then SITE RELEASE COMMIT.',
      );
  }

  /** Nothing more is to be run. */
  get isEnding(): boolean {
    return this.#ending;
  }

  /** Whether something came after the command that is being run. */
  get hasUnread(): boolean {
    return this.#commands.waiting > 0 || this.control.pending > 0;
  }

  /** Asks ftp-srv to log in, whose server has the accounts decide. False for a wrong user or password. */
  async logIn(user: string, password: string): Promise<LoginOutcome> {
    try {
      await this.connection.login(user, password);
      return this.access.kind === 'in' ? 'in' : 'refused';
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (error.code === 'account.bad-password') return 'refused';
      if (error.code === 'site.root-missing') return 'no-site';
      throw error;
    }
  }

  loggedIn(login: Login): void {
    clearTimeout(this.#loginDeadline);
    this.#access = { kind: 'in', login };
    this.tell({ cwd: login.folder });
  }

  /** USER. */
  name(user: string): void {
    this.#access = { kind: 'named', user };
  }

  /** Returns how often that was. */
  loginFailed(): number {
    this.#access = { kind: 'none' };
    this.#failedLogins += 1;
    return this.#failedLogins;
  }

  /** Of commands that are still to come. */
  say(said: Partial<Said>): void {
    this.tell({ said: { ...this.told.said, ...said } });
  }

  announce(announced: Announced): void {
    this.say({ announced: { ...this.told.said.announced, ...announced } });
  }

  tell(told: Partial<Told>): void {
    this.#told = { ...this.#told, ...told };
  }

  /** What was said before the handshake may be another's word: nothing of it holds after it (RFC 4217 §12). */
  startTls(): void {
    this.#access = { kind: 'none' };
    this.#told = NOTHING_TOLD;
    const { tls, config } = this.context;
    const mustResume = config.resumeTls;
    const acceptor = mustResume ? tls.ofOne() : tls.asNow();
    this.#security = { kind: 'tls', tls: { acceptor, mustResume }, data: 'unsized' };
    this.control.secure(acceptor);
    this.connection.commandSocket = this.control.socket;
  }

  /** PBSZ and PROT. A data connection that stands open is of the one kind or the other. */
  protectData(data: 'clear' | 'protected'): void {
    if (this.#security.kind === 'plain') throw new TypeError('nothing is encrypted');
    const before = this.dataTls;
    this.#security = { ...this.#security, data };
    if (this.data.sendsBlocks && this.dataTls !== before) this.data.drop();
  }

  /** Waits, but not longer than the client. */
  async wait(millis: number): Promise<void> {
    if (this.#ending) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, millis);
      this.#onEnding = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The site's path for what a client named; never the account's root itself. Throws `path.*`, or a `Refusal`. */
  pathOf(arg: string): SitePath {
    if (arg === '') throw new Refusal(501, 'Name a file or folder after the command.');
    const path = resolvePath(this.login.folder, this.told.cwd, arg, 'refuse');
    if (path === this.login.folder)
      throw new Refusal(550, 'This cannot be done to the top folder: name something in it.');
    return path;
  }

  /** As `pathOf`, but the root is allowed, and '' is the working folder. */
  folderOf(arg: string): SitePath {
    return resolvePath(this.login.folder, this.told.cwd, arg, 'refuse');
  }

  /** What data connections are protected by. Undefined: they go in the clear. */
  get dataTls(): DataTls | undefined {
    const { security } = this;
    return security.kind === 'tls' && security.data === 'protected' ? security.tls : undefined;
  }

  send(answer: Reply): void {
    this.logger.trace({ code: answer.code, text: answer.text }, 'reply');
    this.control.send(answer);
  }

  /** Ends the session: nothing more is read. A transfer that is not being committed is aborted. */
  end(last?: Reply, reason: BreakReason = 'control-lost'): void {
    if (this.#ending) return;
    if (last) this.send(last);
    this.#close(reason);
    this.control.end(DATA_LINGER_MILLIS);
  }

  /** The command that is being run is past the point of no return: what it commits is not aborted, and the client is answered. */
  beginCommit(): void {
    this.#committing = true;
  }

  /** The client was answered. */
  commandEnded(): void {
    this.#committing = false;
  }

  abortTransfer(reason: BreakReason): void {
    if (!this.#committing) this.transfer?.abort(reason);
  }

  /** Ends the session when the commit that is under way, if any, has been answered. */
  async stop(why: string): Promise<void> {
    this.#commands.drop();
    if (this.#committing) await this.#commands.done();
    this.end(reply(421, why), 'ended');
    await this.#commands.done();
  }

  transferBegins(transfer: Transfer): void {
    this.#transfer = transfer;
  }

  transferEnded(transfer: Transfer, outcome: Outcome): void {
    this.#transfer = undefined;
    const { kind, path, bytes, startedAt } = transfer;
    this.logger.debug({ kind, path, bytes, outcome }, 'a transfer has ended');
    const user = this.login.user;
    this.context.onEvent({
      type: 'transferEnded',
      session: this.connection.id,
      user,
      kind,
      path,
      bytes,
      startedAt,
      outcome,
    });
  }

  /**
   * The client has closed its side. What it asked for before is answered, as it may have sent all its commands in one go;
   * an upload is not believed to be whole, as a client that is killed ends in the same way.
   */
  #finish(): void {
    if (this.transfer?.kind === 'upload') this.abortTransfer('control-lost');
    this.#commands
      .done()
      .then(() => this.end())
      .catch(() => {});
  }

  #gone(): void {
    this.#close('control-lost');
    // The server forgets the session when its last work is done: a stop waits for that.
    this.#commands
      .done()
      .then(() => this.#giveUp())
      .then(this.#onClosed, this.#onClosed);
  }

  /** A release that this session has not committed is given up, unless it is held, or another session works on it. */
  async #giveUp(): Promise<void> {
    await this.release?.leave().catch((error: unknown) => {
      this.logger.error({ err: error }, 'a release could not be cleared away');
    });
  }

  #close(reason: BreakReason): void {
    this.#ending = true;
    this.#onEnding();
    this.#commands.drop();
    clearTimeout(this.#loginDeadline);
    this.abortTransfer(reason);
    this.data.end();
  }
}

/** For the handlers that are ftp-srv's own and leave the text to the code. */
const REPLY_TEXTS: Readonly<Record<number, string>> = {
  200: 'All right.',
  215: 'UNIX Type: L8',
  504: 'This is not served here: only stream mode (MODE S) and file structure (STRU F) are.',
};

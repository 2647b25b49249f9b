import { randomBytes, X509Certificate } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { Clock, Logger } from '../../ports.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { IDENTITY_SERVER_NAME } from '../../link/identity-name.ts';
import { type CertificateFiles, readCertificate } from './certificate-files.ts';
import { HeldSocket } from './held-socket.ts';

interface Pem {
  readonly key: string;
  readonly cert: string;
}

/** The server side of TLS for a connection that has come. */
export interface TlsAcceptor {
  accept(socket: Duplex): TLSSocket;
}

/** How a session goes over TLS from its AUTH on: its control connection, and those for data. */
export interface DataTls {
  readonly acceptor: TlsAcceptor;
  /** Data connections have to resume a TLS session of this acceptor. */
  readonly mustResume: boolean;
}

export interface ServerTlsOptions {
  /** PEM, of the install's own identity. */
  readonly identity: Pem;
  /** What the public is shown instead. */
  readonly files: CertificateFiles | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** `fault` has changed. */
  readonly onFault?: () => void;
}

/** As Node wants them: a name, and two keys. */
const TICKET_KEY_BYTES = 48;

/** How often it is looked whether the files were changed: a renewal is weeks ahead of the need. */
const CERTIFICATE_LOOK_MILLIS = 10_000;

/**
 * The server side of TLS of the FTP server. It shows a person's certificate where there is a good one, else the install's own, and always
 * that one to who asks for it by its name (SNI): mirrors, which pin it. A renewed certificate is in force for the next
 * session; one that is not right leaves the one before in force.
 */
export class ServerTls {
  readonly #options: ServerTlsOptions;
  /** One for all connections, so that clients can resume the control connection's session for data. */
  readonly #own: SecureContext;
  #shown: SecureContext;
  #shownPem: Pem;
  #stamp = '';
  #until = Infinity;
  #fault: AppError | undefined;
  #files: CertificateFiles | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: ServerTlsOptions) {
    this.#options = options;
    this.#files = options.files;
    this.#own = contextOf(options.identity);
    this.#shown = this.#own;
    this.#shownPem = options.identity;
  }

  async start(): Promise<void> {
    if (!this.#files || this.#timer) return;
    await this.look();
    this.#timer = setInterval(() => {
      this.#looking = this.look();
    }, CERTIFICATE_LOOK_MILLIS);
    this.#timer.unref();
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#looking;
  }

  /** From now on what these files hold, or the install's own without them: for the next session, as a renewed one is. */
  async use(files: CertificateFiles | undefined): Promise<void> {
    if (files?.cert === this.#files?.cert && files?.key === this.#files?.key) return;
    await this.stop();
    this.#files = files;
    this.#stamp = '';
    if (files) return this.start();
    this.#shown = this.#own;
    this.#shownPem = this.#options.identity;
    this.#until = Infinity;
    this.#note(undefined);
  }

  /** As it stands: a client refuses data connections with another certificate, or another TLS session, than its control connection has. */
  asNow(): TlsAcceptor {
    const [own, shown] = [this.#own, this.#shown];
    return { accept: (socket) => accept(socket, own, shown) };
  }

  /** For one client: what is handed out for a resumption is of no use elsewhere, so that who resumes is that client. */
  ofOne(): TlsAcceptor {
    const keys = randomBytes(TICKET_KEY_BYTES);
    const own = contextOf(this.#options.identity, keys);
    const shown = this.#shown === this.#own ? own : contextOf(this.#shownPem, keys);
    return { accept: (socket) => accept(socket, own, shown) };
  }

  /** Whether a person's certificate, which the public is shown, is of that host; undefined: there is none. */
  isOf(host: string): boolean | undefined {
    if (this.#shown === this.#own) return undefined;
    const certificate = new X509Certificate(this.#shownPem.cert);
    return (isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined;
  }

  /** Why what the files hold is not in force, or should not be any more. Undefined: it is, or there are none. */
  get fault(): AppError | undefined {
    return this.#fault;
  }

  /**
   * Takes the files into force if they were changed since, or could not be then: a right to read them, or time, mends that. Never
   * rejects: what is wrong with them is logged, and told by status and doctor.
   */
  async look(): Promise<void> {
    const { clock, logger } = this.#options;
    const files = this.#files;
    if (!files) return;
    const stamp = await stampOf(files);
    if (stamp === this.#stamp && !this.#fault && clock.now() <= this.#until) return;
    this.#stamp = stamp;
    try {
      const { cert, key, until } = await readCertificate(files, clock.now());
      this.#shown = contextOf({ cert, key });
      this.#shownPem = { cert, key };
      this.#until = until;
      this.#note(undefined);
      logger.info({ file: files.cert, until: new Date(until).toISOString() }, 'the certificate of FTP is in force');
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (this.#note(error)) logger.error({ error: error.toJSON() }, 'the certificate of FTP is not in force');
    }
  }

  /** False: it is the fault that was known. */
  #note(fault: AppError | undefined): boolean {
    if (JSON.stringify(fault) === JSON.stringify(this.#fault)) return false;
    this.#fault = fault;
    this.#options.onFault?.();
    return true;
  }
}

function accept(socket: Duplex, own: SecureContext, shown: SecureContext): TLSSocket {
  const secured = new TLSSocket(socket, {
    isServer: true,
    secureContext: shown,
    ...(shown !== own && {
      SNICallback: (name, done) => done(null, name === IDENTITY_SERVER_NAME ? own : shown),
    }),
  });
  // Node tells of a forged or damaged record on a `Server` of its own only: without this, what comes next here would be a clean end.
  secured.on('_tlsError', (error: Error) => {
    if (!(socket instanceof HeldSocket) || socket.isDamage()) secured.destroy(error);
  });
  return secured;
}

function contextOf({ cert, key }: Pem, ticketKeys?: Buffer): SecureContext {
  return createSecureContext({
    cert,
    key,
    minVersion: 'TLSv1.2',
    sessionIdContext: 'lockstep-ftp',
    ...(ticketKeys && { ticketKeys }),
  });
}

async function stampOf({ cert, key }: CertificateFiles): Promise<string> {
  const looked = await Promise.all([cert, key].map((file) => stat(file).catch(() => undefined)));
  return looked.map((info) => (info ? `${info.mtimeMs} ${info.size} ${info.ino}` : 'none')).join(' ');
}

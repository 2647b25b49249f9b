import { stat } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import type { Clock, Logger } from '../../ports.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { IDENTITY_SERVER_NAME } from '../../link/identity-name.ts';
import { type CertificateFiles, readCertificate } from './certificate-files.ts';

export interface ServerTlsOptions {
  /** PEM, of the install's own identity. */
  readonly identity: { readonly key: string; readonly cert: string };
  /** What the public is shown instead. */
  readonly files: CertificateFiles | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often it is looked whether the files were changed: a renewal is weeks ahead of the need. */
export const CERTIFICATE_LOOK_MILLIS = 10_000;

/**
 * The server side of TLS of the FTP server. It shows a person's certificate where there is a good one, else the install's own, and always
 * that one to who asks for it by its name (SNI): mirrors, which pin it. A renewed certificate is in force for the next
 * connection; one that is not right leaves the one before in force.
 */
export class ServerTls {
  readonly #options: ServerTlsOptions;
  /** One for all connections, so that clients can resume the control connection's session for data. */
  readonly #own: SecureContext;
  #shown: SecureContext;
  #stamp = '';
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: ServerTlsOptions) {
    this.#options = options;
    this.#own = contextOf(options.identity);
    this.#shown = this.#own;
  }

  async start(): Promise<void> {
    if (!this.#options.files || this.#timer) return;
    await this.look();
    this.#timer = setInterval(() => {
      this.#looking = this.look();
    }, CERTIFICATE_LOOK_MILLIS);
    this.#timer.unref();
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  accept(socket: Duplex): TLSSocket {
    return new TLSSocket(socket, {
      isServer: true,
      secureContext: this.#shown,
      ...(this.#shown !== this.#own && {
        SNICallback: (name, done) => done(null, name === IDENTITY_SERVER_NAME ? this.#own : this.#shown),
      }),
    });
  }

  /** Takes the files into force if they were changed since. Never rejects: what is wrong with them is logged, and the doctor says it. */
  async look(): Promise<void> {
    const { files, clock, logger } = this.#options;
    if (!files) return;
    const stamp = await stampOf(files);
    if (stamp === this.#stamp) return;
    this.#stamp = stamp;
    try {
      const { cert, key, until } = await readCertificate(files, clock.now());
      this.#shown = contextOf({ cert, key });
      logger.info({ file: files.cert, until: new Date(until).toISOString() }, 'the certificate of FTP is in force');
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.error({ error: error.toJSON() }, 'the certificate of FTP is not in force');
    }
  }
}

function contextOf(pem: { readonly key: string; readonly cert: string }): SecureContext {
  return createSecureContext({ cert: pem.cert, key: pem.key, minVersion: 'TLSv1.2', sessionIdContext: 'lockstep-ftp' });
}

async function stampOf({ cert, key }: CertificateFiles): Promise<string> {
  const looked = await Promise.all([cert, key].map((file) => stat(file).catch(() => undefined)));
  return looked.map((info) => (info ? `${info.mtimeMs} ${info.size} ${info.ino}` : 'none')).join(' ');
}

import { createHash } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import { Client, FTPError } from 'basic-ftp';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { IDENTITY_SERVER_NAME } from '../../link/identity-name.ts';
import type { Logger } from '../../ports.ts';

/** Where and how a master's FTP server is reached. */
export interface FtpSource {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  /** The master's pinned certificate, PEM: with it FTPS, null: plain. */
  readonly certificate: string | null;
}

/** Nothing came for this long: the transfer has stalled. */
const STALL_MILLIS = 30_000;
/** Idle connections are kept alive; servers close silent ones after some minutes. */
const KEEP_ALIVE_MILLIS = 60_000;

interface Member {
  readonly client: Client;
  busy: boolean;
  /** Preparing the next data connection, or a NOOP: has to end before the client can work. */
  pending: Promise<unknown>;
  usedAt: number;
}

/**
 * Warm control connections to one master. Each keeps its next data connection open ahead (EPSV and connect are done while
 * idle), so that a notified file costs one round trip until its first byte.
 */
export class FtpPool {
  readonly #source: FtpSource;
  #size: number;
  readonly #logger: Logger;
  readonly #members = new Set<Member>();
  readonly #waiting: Array<() => void> = [];
  readonly #timer: NodeJS.Timeout;
  #stopped = false;

  constructor(source: FtpSource, size: number, logger: Logger) {
    this.#source = source;
    this.#size = size;
    this.#logger = logger;
    this.#timer = setInterval(() => this.#keepAlive(), KEEP_ALIVE_MILLIS);
    this.#timer.unref();
  }

  /** Connects one ahead of need. Failures are found again by the first fetch. */
  warm(): void {
    if (this.#stopped || this.#members.size > 0) return;
    void this.use(async () => undefined).catch((error: unknown) =>
      this.#logger.debug({ err: error }, 'no connection could be opened ahead'),
    );
  }

  /**
   * Lends a client for one job. After a failure other than a negative reply the client is closed and forgotten.
   * `signal` closes it at once. Rejects `fetch.*`.
   */
  async use<T>(job: (client: Client) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const member = await this.#acquire(signal);
    if (signal?.aborted) {
      this.#release(member, true);
      throw new AppError('fetch.superseded');
    }
    const abort = (): void => member.client.close();
    signal?.addEventListener('abort', abort, { once: true });
    try {
      const value = await job(member.client);
      this.#release(member, true);
      return value;
    } catch (error) {
      this.#release(member, error instanceof FTPError && !member.client.closed);
      if (signal?.aborted) throw new AppError('fetch.superseded', {}, error);
      throw error;
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  /** So many connections at most from now on: those that are one too many are closed when they are given back. */
  resize(size: number): void {
    this.#size = size;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    for (const member of this.#members) member.client.close();
    this.#members.clear();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #acquire(signal?: AbortSignal): Promise<Member> {
    for (;;) {
      if (this.#stopped || signal?.aborted) {
        // Whoever woke us meant somebody to go on.
        this.#waiting.shift()?.();
        throw new AppError('fetch.superseded');
      }
      const idle = [...this.#members].filter((member) => !member.busy).sort((a, b) => b.usedAt - a.usedAt)[0];
      if (idle) {
        idle.busy = true;
        await idle.pending.catch(() => undefined);
        if (!idle.client.closed) return idle;
        this.#members.delete(idle);
        continue;
      }
      if (this.#members.size < this.#size) return this.#connect();
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async #connect(): Promise<Member> {
    const client = new Client(STALL_MILLIS, { allowSeparateTransferHost: false });
    const member: Member = { client, busy: true, pending: Promise.resolve(), usedAt: Date.now() };
    this.#members.add(member);
    try {
      const { host, port, user, password, certificate } = this.#source;
      const secureOptions = certificate === null ? {} : pinned(certificate);
      await client.access({ host, port, user, password, secure: certificate !== null, secureOptions });
      client.ftp.socket.setNoDelay(true);
      if (this.#stopped) throw new AppError('fetch.superseded');
      await keepPrepared(client);
      return member;
    } catch (error) {
      client.close();
      this.#members.delete(member);
      this.#waiting.shift()?.();
      throw connectError(error, this.#source);
    }
  }

  #release(member: Member, usable: boolean): void {
    member.busy = false;
    member.usedAt = Date.now();
    if (!usable || this.#stopped || this.#members.size > this.#size) {
      member.client.close();
      this.#members.delete(member);
    } else {
      // One connection with its data connection ready serves the next file; more would only hold ports.
      member.pending = this.#waiting.length === 0 ? prepareAhead(member.client) : Promise.resolve();
    }
    this.#waiting.shift()?.();
  }

  #keepAlive(): void {
    for (const member of this.#members) {
      if (member.busy || Date.now() - member.usedAt < KEEP_ALIVE_MILLIS) continue;
      member.pending = member.pending
        .catch(() => undefined)
        .then(() => (member.busy ? undefined : member.client.send('NOOP')))
        .catch((error: unknown) => {
          this.#logger.debug({ err: error }, 'an idle connection is gone');
          member.client.close();
          this.#members.delete(member);
        });
    }
  }
}

/** TLS options that accept exactly this certificate, whatever name it bears. */
export function pinned(certificate: string): ConnectionOptions {
  return {
    ca: [certificate],
    minVersion: 'TLSv1.2',
    servername: IDENTITY_SERVER_NAME,
    checkServerIdentity: (_host, peer) => {
      const expected = fingerprintOf(certificate);
      return createHash('sha256').update(peer.raw).digest('hex') === expected
        ? undefined
        : new Error('another certificate');
    },
  };
}

function fingerprintOf(pem: string): string {
  const der = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64');
  return createHash('sha256').update(der).digest('hex');
}

/**
 * Uses a data connection that stands ready instead of making one. basic-ftp puts the kind that the server has (EPSV, PASV)
 * in the place of its first `prepareTransfer` when that has found it: ours has to come after that.
 */
async function keepPrepared(client: Client): Promise<void> {
  await client.prepareTransfer(client.ftp);
  client.ftp.dataSocket?.on('error', () => undefined);
  const prepare = client.prepareTransfer;
  client.prepareTransfer = async (ftp) => {
    if (isOpen(client)) return { code: 229, message: '' };
    return prepare(ftp);
  };
}

async function prepareAhead(client: Client): Promise<void> {
  try {
    await client.prepareTransfer(client.ftp);
    client.ftp.dataSocket?.on('error', () => undefined);
  } catch {
    // The next transfer makes its own, and reports why it cannot.
  }
}

function isOpen(client: Client): boolean {
  const socket = client.ftp.dataSocket;
  return socket !== undefined && !socket.destroyed && !socket.readableEnded && socket.readyState === 'open';
}

/** Why no connection could be made, as `fetch.*`. */
export function connectError(error: unknown, { host, port }: FtpSource): unknown {
  if (error instanceof AppError) return error;
  const address = `${host}:${port}`;
  if (error instanceof FTPError) {
    const code =
      error.code === 530 || error.code === 331 || error.code === 332 ? 'fetch.login-refused' : 'fetch.refused';
    return new AppError(code, { address, reply: error.code }, error);
  }
  if (!(error instanceof Error)) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (/CERT|SELF_SIGNED|SSL|TLS/.test(code) || error.message.includes('another certificate')) {
    return new AppError('fetch.certificate', { address }, error);
  }
  return new AppError('fetch.unreachable', { address, reason: code || error.message.slice(0, 100) }, error);
}

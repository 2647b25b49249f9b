import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
// Not by its name: an older Node does not have it, and would refuse the whole file before it can say which Node is needed.
import tls, {
  type ConnectionOptions,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  TLSSocket,
} from 'node:tls';
import { Client, type FileInfo, FTPError, type FTPResponse } from 'basic-ftp';
import type { ShownCertificate, TargetPlace } from '../../../shared/contract/publishing.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { withDeadline } from '../core/deadline.ts';
import { ftpError } from './ftp-error.ts';

/** Where drops go, and how they get in. */
export interface Endpoint extends Pick<TargetPlace, 'host' | 'port' | 'protocol' | 'user' | 'trust'> {
  readonly password: string;
  /** What the server is asked for (SNI), where that is not its host. */
  readonly serverName?: string;
}

/** Nothing came or went for this long: the connection counts as lost. */
const STALL_MILLIS = 60_000;
/** Long enough for a server that hashes a large file, or commits a large release. */
const SLOW_COMMAND_MILLIS = 15 * 60_000;
const LISTING_BYTES_MAX = 64 * 1024 * 1024;
/** Each becomes an object of some hundred bytes. */
export const LISTING_ENTRIES_MAX = 500_000;
const NAME_CHARACTERS_MAX = 200;

/** One session at an FTP server, logged in. One thing at a time. */
export class Connection {
  /** Lines of FEAT, in capitals. */
  readonly features: ReadonlySet<string>;
  /** Where the login leads. */
  readonly home: string;
  readonly #client: Client;

  private constructor(client: Client, features: ReadonlySet<string>, home: string) {
    this.#client = client;
    this.features = features;
    this.home = home;
  }

  /**
   * Connects and logs in. The password is not sent before the server has shown a certificate that is trusted.
   * Rejects `publish.unreachable`, `.no-tls`, `.certificate`, `.unconfirmed`, `.login-refused`, `cancelled`.
   */
  static async open(endpoint: Endpoint, signal: AbortSignal): Promise<Connection> {
    const client = await connect(endpoint, signal);
    return guarded(client, signal, async () => {
      try {
        if (endpoint.protocol === 'ftps') requireTrusted(client, endpoint);
        await client.login(endpoint.user, endpoint.password);
        await client.useDefaultSettings();
        if (endpoint.protocol === 'ftps') protectData(client, endpoint);
        const { code, message } = await client.sendIgnoringError('FEAT');
        const lines = code < 400 ? message.split('\n') : [];
        // Its refusal is the answer: LIST says of a folder that is not there what it likes.
        if (client.availableListCommands.includes('MLSD')) client.availableListCommands = ['MLSD'];
        const features = new Set(lines.map((line) => line.trim().replaceAll('*', '').toUpperCase()));
        if ([...features].some((line) => /^HASH\b.*\bSHA-256\b/.test(line)))
          await client.sendIgnoringError('OPTS HASH SHA-256');
        client.ftp.socket.setNoDelay(true);
        return new Connection(client, features, await client.pwd());
      } catch (error) {
        client.close();
        throw ftpError(error, endpoint);
      }
    });
  }

  /** What the server shows before anything is sent to it; undefined: it speaks without TLS. Rejects as `open`. */
  static async look(endpoint: Omit<Endpoint, 'password'>, signal: AbortSignal): Promise<ShownCertificate | undefined> {
    const client = await connect(endpoint, signal);
    try {
      return endpoint.protocol === 'ftps' ? shownBy(client) : undefined;
    } finally {
      client.close();
    }
  }

  get closed(): boolean {
    return this.#client.closed;
  }

  has(feature: string): boolean {
    return [...this.features].some((line) => line === feature || line.startsWith(`${feature} `));
  }

  /** Sends a command and resolves the text of its reply. A refusal is an FTPError. */
  async command(text: string): Promise<string> {
    return textOf(await this.#client.send(text));
  }

  /** As `command`; undefined where the server refuses. */
  async ask(text: string): Promise<string | undefined> {
    const answer = await this.#client.sendIgnoringError(text);
    return answer.code < 400 ? textOf(answer) : undefined;
  }

  /** As `command`, for what may take the server minutes. */
  async slowCommand(text: string): Promise<string> {
    const { socket } = this.#client.ftp;
    const answered = this.#client.send(text);
    // basic-ftp sets its own limit when it sends.
    socket.setTimeout(SLOW_COMMAND_MILLIS);
    try {
      return textOf(await answered);
    } finally {
      socket.setTimeout(0);
    }
  }

  /** A folder's entries; undefined where it is not there. */
  async list(folder: string): Promise<FileInfo[] | undefined> {
    try {
      if (this.has('MLST')) return await this.#client.list(folder);
      // Some servers take the path of LIST for a pattern, or do not take one at all.
      await this.#client.cd(folder);
      return await this.#client.list();
    } catch (error) {
      if (error instanceof FTPError && (error.code === 550 || error.code === 501)) return undefined;
      throw error;
    }
  }

  /**
   * Sends a file. What has to come right before STOR comes after the data connection has been opened: REST holds for the next
   * command only (RFC 3659 §5.3).
   */
  async upload(content: AsyncIterable<Uint8Array>, path: string, before: readonly string[] = []): Promise<void> {
    await this.#client.prepareTransfer(this.#client.ftp);
    const { dataSocket } = this.#client.ftp;
    dataSocket?.on('error', () => undefined);
    // The handshake, the content and the end are small pieces: held back for an acknowledgement they cost 40 ms a file.
    dataSocket?.setNoDelay(true);
    // Listened for from now on: some servers begin TLS at once, and are done with it before they answer STOR.
    const source = Readable.from(afterwards(isSecure(dataSocket), content), {
      objectMode: false,
      highWaterMark: 256 * 1024,
    });
    for (const text of before) await this.#client.send(text);
    const prepare = this.#client.prepareTransfer;
    this.#client.prepareTransfer = () => Promise.resolve(PREPARED);
    try {
      await this.#client.uploadFrom(source, path);
    } finally {
      this.#client.prepareTransfer = prepare;
      source.destroy();
      if (this.closed) dataSocket?.destroy();
    }
  }

  /** At once: what is under way rejects. */
  close(): void {
    this.#client.close();
  }

  /** Says goodbye first. */
  async end(): Promise<void> {
    if (!this.closed) await Promise.race([this.ask('QUIT').catch(() => undefined), sleep(QUIT_MILLIS)]);
    this.close();
  }
}

/**
 * Resolves when the handshake is over. basic-ftp takes a session that is to be resumed for one that is done: the end of an empty
 * file would come before it, and break it.
 */
async function isSecure(socket: Socket | undefined): Promise<void> {
  if (!(socket instanceof TLSSocket) || socket.destroyed) return;
  await new Promise<void>((resolve) => {
    socket.once('secureConnect', () => resolve());
    socket.once('close', () => resolve());
  });
}

async function* afterwards(start: Promise<void>, content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  await start;
  yield* content;
}

const QUIT_MILLIS = 500;
const PREPARED: FTPResponse = { code: 229, message: '' };

/** Connected, and with TLS where it is wanted; nothing of the login was sent. */
async function connect(endpoint: Omit<Endpoint, 'password'>, signal: AbortSignal): Promise<Client> {
  const { host, port, protocol } = endpoint;
  const client = new Client(STALL_MILLIS, { allowSeparateTransferHost: false, maxListingBytes: LISTING_BYTES_MAX });
  const { parseList } = client;
  client.parseList = (listing) => {
    if (hasMoreLines(listing, LISTING_ENTRIES_MAX)) throw new AppError('limit.exceeded', { limit: 'listing' });
    return parseList(listing);
  };
  return guarded(client, signal, async () => {
    try {
      await client.connect(host, port);
      // basic-ftp does not limit the handshake.
      if (protocol === 'ftps')
        await withDeadline(client.useTLS(tlsOptions(host, endpoint.serverName)), STALL_MILLIS, signal);
      return client;
    } catch (error) {
      client.close();
      if (protocol === 'ftps' && error instanceof FTPError && error.code >= 500)
        throw new AppError('publish.no-tls', { address: `${host}:${port}` }, error);
      throw ftpError(error, endpoint);
    }
  });
}

function hasMoreLines(text: string, most: number): boolean {
  for (let [lines, at] = [0, text.indexOf('\n')]; at >= 0; at = text.indexOf('\n', at + 1))
    if (++lines > most) return true;
  return false;
}

/**
 * Closes the client when `signal` is aborted, and does not wait for what it does then: of a handshake that is broken off
 * basic-ftp never hears.
 */
async function guarded<T>(client: Client, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  if (signal.aborted) {
    client.close();
    throw new AppError('cancelled');
  }
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => {
    client.close();
    aborted.reject(new AppError('cancelled'));
  };
  signal.addEventListener('abort', abort, { once: true });
  const done = work();
  done.catch(() => undefined);
  try {
    return await Promise.race([done, aborted.promise]);
  } catch (error) {
    throw signal.aborted ? new AppError('cancelled', {}, error) : error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/**
 * The handshake is always completed, and judged right after it: a certificate that no authority vouches for has to be seen to be
 * confirmed.
 */
function tlsOptions(host: string, serverName = host): ConnectionOptions {
  return {
    host,
    // Names only: RFC 6066 §3 forbids addresses.
    ...(/^[\d.]+$|:/.test(serverName) ? {} : { servername: serverName }),
    secureContext: authorities(),
    rejectUnauthorized: false,
  };
}

/**
 * Those of Node, and those of the system: a company's own stand there. Read once: each connection for data would take 17 ms to
 * read them again.
 */
function authorities(): SecureContext {
  const ca = known ? [] : [...new Set([...tls.getCACertificates('default'), ...tls.getCACertificates('system')])];
  known ??= createSecureContext({ minVersion: 'TLSv1.2', ca });
  return known;
}
let known: SecureContext | undefined;

function requireTrusted(client: Client, endpoint: Endpoint): void {
  const { host, port, trust } = endpoint;
  const shown = shownBy(client);
  const address = `${host}:${port}`;
  if (trust.by === 'fingerprint' && shown.fingerprint !== trust.fingerprint)
    throw new AppError('publish.certificate', { address, fingerprint: shown.fingerprint });
  if (trust.by === 'authority' && shown.problem !== undefined)
    throw new AppError('publish.unconfirmed', { address, reason: shown.problem, fingerprint: shown.fingerprint });
}

/** Data connections show a certificate of their own, unless they resume the session of the control connection. */
function protectData(client: Client, endpoint: Endpoint): void {
  let prepare = client.prepareTransfer;
  const expected = shownBy(client).fingerprint;
  const guard: typeof prepare = async (ftp) => {
    const prepared = await prepare(ftp);
    // basic-ftp puts the kind that the server has (EPSV, PASV) in the place of its first one when that has found it.
    if (client.prepareTransfer !== guard) prepare = client.prepareTransfer;
    client.prepareTransfer = guard;
    const socket = ftp.dataSocket;
    if (!(socket instanceof TLSSocket)) throw new AppError('publish.no-tls', { address: endpoint.host });
    socket.once('secureConnect', () => {
      if (!socket.isSessionReused() && fingerprintOf(socket.getPeerCertificate()) !== expected)
        socket.destroy(new Error('another certificate on the data connection'));
    });
    return prepared;
  };
  client.prepareTransfer = guard;
}

function shownBy(client: Client): ShownCertificate {
  const { socket } = client.ftp;
  if (!(socket instanceof TLSSocket)) throw new TypeError('a connection without TLS');
  const peer = socket.getPeerCertificate();
  const problem: unknown = socket.authorizationError;
  return {
    fingerprint: fingerprintOf(peer),
    subject: nameOf(peer.subject),
    issuer: nameOf(peer.issuer),
    validFrom: Date.parse(peer.valid_from) || 0,
    validTo: Date.parse(peer.valid_to) || 0,
    ...(socket.authorized
      ? {}
      : { problem: problem instanceof Error ? problem.message.slice(0, 100) : String(problem) }),
  };
}

function fingerprintOf({ fingerprint256 = '' }: Partial<PeerCertificate>): string {
  return fingerprint256.replaceAll(':', '').toLowerCase();
}

function nameOf(subject: PeerCertificate['subject'] | undefined): string {
  const text = subject?.CN ?? subject?.O ?? '';
  return String(text)
    .replace(/\p{Cc}/gu, ' ')
    .slice(0, NAME_CHARACTERS_MAX);
}

function textOf({ message }: FTPResponse): string {
  return message.replace(/^\d{3}[ -]/, '');
}

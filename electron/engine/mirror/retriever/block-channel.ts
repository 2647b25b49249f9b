import type { Socket } from 'node:net';
import { Client, FTPError, type FTPResponse } from 'basic-ftp';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { BlockReader } from '../../core/block-mode.ts';
import { withDeadline } from '../../core/deadline.ts';
import { connectError, transferError } from './ftp-errors.ts';
import { accessOptions, type FtpSource } from './ftp-source.ts';
import { askForData, type DataAddress, type DataReader, openData } from './open-data.ts';
import type { Sink } from './sink.ts';

/** Nothing came for this long: the transfer has stalled. */
const STALL_MILLIS = 30_000;
/** A login takes no longer. basic-ftp limits each of its commands, but not the handshake of TLS. */
const LOGIN_MILLIS = 60_000;
/** What stands idle is kept in the memory of the firewalls between. */
const TCP_KEEP_ALIVE_MILLIS = 60_000;
/** A file that is given up is read to its end where less than this is to come; else the connection is closed. */
const SKIP_BYTES_MAX = 256 * 1024;
const NO_DATA_CONNECTION = 425;

/** A file that is asked for. */
export interface Retrieval {
  readonly path: SitePath;
  /** Bytes that are here already. */
  readonly offset: number;
  /** Of the whole file, in bytes. */
  readonly size: number;
  readonly sink: Sink;
  readonly signal: AbortSignal;
}

/** What has been sent on the control connection and is not answered to its end yet. */
type Asked = { readonly kind: 'command' } | AskedFile;

interface AskedFile {
  readonly kind: 'file';
  readonly retrieval: Retrieval;
  /** The server has said that it sends the file. */
  accepted: boolean;
  /** Nobody wants it any more: what comes of it is dropped. */
  givenUp: boolean;
  /** Bytes that were dropped. */
  skipped: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One session at a master's FTP server in block mode (RFC 959 §3.4.2): files are asked for ahead of their turn, and come one after
 * the other over one data connection that stays open. A new file costs half a round trip to be asked for, and half one to come.
 * basic-ftp connects, logs in and opens the data connection; what is sent and read from then on is ours.
 */
export class BlockChannel {
  readonly #client: Client;
  readonly #reader = new BlockReader();
  /** In the order in which they were sent and will be answered. */
  readonly #asked: Asked[] = [];
  /** Those accepted: their bytes come in this order. */
  readonly #coming: AskedFile[] = [];
  /** Those whose last byte is not here yet. */
  readonly #files = new Set<AskedFile>();
  readonly #stall: NodeJS.Timeout;
  readonly #onFree: () => void;
  /** With why it has ended. */
  readonly #ending = new AbortController();
  #data: Socket | undefined;
  #taking = false;
  #corked = false;
  usedAt: number;

  private constructor(client: Client, onFree: () => void) {
    this.#client = client;
    this.#onFree = onFree;
    this.usedAt = Date.now();
    this.#stall = setTimeout(() => this.#stalled(), STALL_MILLIS);
    this.#stall.unref();
  }

  /** Rejects `fetch.*`. `onFree`: called when more can be asked for, and when the channel has ended. */
  static async open(source: FtpSource, signal: AbortSignal, onFree: () => void): Promise<BlockChannel> {
    const client = new Client(STALL_MILLIS, { allowSeparateTransferHost: false });
    const giveUp = (): void => client.close();
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      await withDeadline(client.access(accessOptions(source)), LOGIN_MILLIS, signal);
      client.ftp.socket.setNoDelay(true);
      await client.send('MODE B');
      const address = await askForData(client);
      signal.throwIfAborted();
      const channel = new BlockChannel(client, onFree);
      await channel.#open(address);
      return channel;
    } catch (error) {
      client.close();
      throw signal.aborted ? new AppError('fetch.superseded', {}, error) : connectError(error, source);
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  get closed(): boolean {
    return this.#ending.signal.aborted;
  }

  /** What has been asked for and is not here yet. */
  get load(): { readonly files: number; readonly bytes: number } {
    let bytes = 0;
    for (const { retrieval } of this.#files) bytes += retrieval.size - retrieval.sink.size;
    return { files: this.#files.size, bytes };
  }

  /** Resolves when the sink has got the last byte. Rejects `fetch.*`, `file.*`; `NotBegun` where the channel ended before its turn. */
  retrieve(retrieval: Retrieval): Promise<void> {
    const { path, offset, signal } = retrieval;
    return new Promise((resolve, reject) => {
      const file: AskedFile = { kind: 'file', retrieval, accepted: false, givenUp: false, skipped: 0, resolve, reject };
      this.#files.add(file);
      signal.addEventListener('abort', () => this.#giveUp(file, new AppError('fetch.superseded', { path })), {
        once: true,
      });
      if (offset > 0) this.#send({ kind: 'command' }, `REST ${offset}`);
      this.#send(file, `RETR /${path}`);
    });
  }

  /** So that the server does not take the session for forgotten. */
  keepAlive(): void {
    this.#send({ kind: 'command' }, 'NOOP');
  }

  close(): void {
    this.#end(new AppError('fetch.superseded'));
  }

  #send(asked: Asked, line: string): void {
    this.usedAt = Date.now();
    // What is asked for in one go leaves in one packet; a single file waits for nothing.
    if (this.#asked.length > 0) this.#cork();
    this.#asked.push(asked);
    this.#stall.refresh();
    try {
      this.#client.ftp.send(line);
    } catch (error) {
      this.#end(error);
    }
  }

  #cork(): void {
    if (this.#corked) return;
    const { socket } = this.#client.ftp;
    this.#corked = true;
    socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      socket.uncork();
    });
  }

  /** Listens to the session, and opens its data connection. Rejects with what has ended the one or the other. */
  async #open(address: DataAddress): Promise<void> {
    const { ftp } = this.#client;
    ftp
      .handle(undefined, (response) => {
        if (response instanceof FTPError || !(response instanceof Error)) this.#answered(response);
        else this.#end(response);
      })
      .catch((error: unknown) => this.#end(error));
    // It is for one task, and would close what stands idle.
    ftp.socket.setTimeout(0);
    const { signal } = this.#ending;
    signal.throwIfAborted();
    const reader = this.#reader;
    const coming: DataReader = {
      get pending() {
        return reader.pending;
      },
      push: (bytes) => {
        reader.push(bytes);
        this.#came();
      },
    };
    const data = await openData(this.#client, address, coming, STALL_MILLIS, signal).catch((error: unknown) => {
      this.#end(error);
      throw signal.reason;
    });
    this.#data = data;
    data.setKeepAlive(true, TCP_KEEP_ALIVE_MILLIS);
    data.on('error', (error) => this.#end(error));
    data.on('close', () => this.#end(new Error('the data connection was closed')));
    data.on('end', () => this.#end(new Error('the data connection was closed')));
    data.resume();
  }

  /** The reader has got bytes of the data connection. */
  #came(): void {
    this.#stall.refresh();
    this.#read();
  }

  #answered({ code, message }: FTPResponse | FTPError): void {
    this.#stall.refresh();
    const [asked] = this.#asked;
    if (code === 125 || code === 150) {
      if (asked?.kind !== 'file' || asked.accepted) return this.#end(new Error(`${code} where nothing was asked for`));
      asked.accepted = true;
      this.#coming.push(asked);
      return this.#read();
    }
    this.#asked.shift();
    if (asked?.kind === 'command') return;
    if (asked === undefined || (code < 400 && !asked.accepted))
      return this.#end(new Error(`${code} where it has no place`));
    if (code < 400) return;
    const error = new FTPError({ code, message });
    // What was begun and did not come to its end leaves the data connection in the middle of a block; or there is none any more, at the other end.
    if (asked.accepted || code === NO_DATA_CONNECTION) return this.#end(error);
    this.#files.delete(asked);
    asked.reject(transferError(error, asked.retrieval.path));
    this.#onFree();
  }

  /** Takes what has come, file by file, as fast as the sinks do. */
  #read(): void {
    try {
      while (!this.#taking && !this.closed) {
        const [file] = this.#coming;
        // Bytes may be here before the reply that goes ahead of them.
        const block = file && this.#reader.next(file.retrieval.sink.pieceBytes);
        if (block === undefined) break;
        if (block.kind === 'end') this.#finish();
        else if (file?.givenUp) this.#skip(file, block.bytes.length);
        else if (file) this.#take(file, block.bytes);
      }
    } catch (error) {
      return this.#end(error);
    }
    if (this.#taking || (this.#coming.length === 0 && this.#reader.pending > 0)) this.#data?.pause();
    else if (this.#data?.isPaused()) this.#data.resume();
  }

  /** The file may be larger than it was said to be. */
  #skip(file: AskedFile, bytes: number): void {
    file.skipped += bytes;
    if (file.skipped > SKIP_BYTES_MAX) this.#end(new AppError('fetch.superseded', { path: file.retrieval.path }));
  }

  #take(file: AskedFile, bytes: Buffer): void {
    const taken = file.retrieval.sink.take(bytes);
    if (!taken) return;
    this.#taking = true;
    taken
      .catch((error: unknown) => this.#giveUp(file, error))
      .finally(() => {
        this.#taking = false;
        this.#stall.refresh();
        this.#read();
      });
  }

  #finish(): void {
    const file = this.#coming.shift();
    if (!file) return;
    this.#files.delete(file);
    if (!file.givenUp) file.retrieval.sink.end().then(file.resolve, file.reject);
    this.#onFree();
  }

  #giveUp(file: AskedFile, error: unknown): void {
    if (!this.#files.has(file) || file.givenUp) return;
    file.givenUp = true;
    file.reject(error);
    const { sink, size } = file.retrieval;
    if (size - sink.size > SKIP_BYTES_MAX) this.#end(error);
  }

  #stalled(): void {
    if (this.#asked.length > 0 || this.#files.size > 0) this.#end(new Error('timeout'));
  }

  /** The first file is the one that something was wrong with; those behind it have not had their turn. */
  #end(error: unknown): void {
    if (this.closed) return;
    this.#ending.abort(error);
    clearTimeout(this.#stall);
    this.#client.close();
    this.#data?.destroy();
    const [first, ...others] = this.#files;
    this.#files.clear();
    first?.reject(transferError(error, first.retrieval.path));
    for (const file of others) file.reject(new NotBegun());
    this.#onFree();
  }
}

/** The channel ended before it was this file's turn: it is to be asked for again. */
export class NotBegun extends Error {}

import { unlink } from 'node:fs/promises';
import { Writable } from 'node:stream';
import type { Hash } from 'node:crypto';
import { type Client, FTPError } from 'basic-ftp';
import type { Content } from '../../../../shared/domain/change.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { DataFile } from '../../tree/data-file.ts';
import { fileError, systemCode } from '../../tree/file-error.ts';
import { hashStart } from '../../tree/hash.ts';
import type { FtpPool } from './ftp-pool.ts';
import type { Throttle } from '../../core/throttle.ts';

const WRITE_BYTES = 1024 * 1024;
/** Under a limit less is gathered: the connection has to be read every now and then, or it is taken for a stalled one. */
const THROTTLED_WRITE_BYTES = 16 * 1024;

export interface FetchOrder {
  readonly path: SitePath;
  readonly content: Content;
  /** Absolute path in the staging folder. What is there is the beginning of the same content, from an earlier try. */
  readonly staged: string;
  readonly signal: AbortSignal;
  readonly throttle: Throttle;
  /** Bytes have come. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Fetches one file into staging: resumes, verifies size and SHA-256, sets the time, flushes. Resolves the bytes that went
 * over the wire. Rejects `fetch.*` (the file in staging stays where it is of use for the next try) or `file.*`.
 */
export async function fetchFile(pool: FtpPool, order: FetchOrder): Promise<number> {
  const { path, content, staged, signal } = order;
  const { file, there } = openStaged(staged, path);
  try {
    const { sink, offset } = await openSink(file, there, order);
    if (offset < content.size) {
      const download = pool.use((client) => retrieve(client, sink, path, offset), signal);
      // All is here with the last byte: the server's 226 and the end of the connection are not waited for.
      await Promise.race([download, sink.complete]);
      download.catch(() => undefined);
    }
    if (sink.size < content.size)
      throw new AppError('fetch.broken-off', { path, received: sink.size, size: content.size });
    if (sink.sha256() !== content.sha256) throw new AppError('fetch.hash-mismatch', { path });
    file.setTime(content.mtime);
    await file.sync();
    return sink.size - offset;
  } catch (error) {
    const failure = fileError(error, path);
    // Wrong bytes are of no use for the next try; a right beginning is.
    if (
      failure instanceof AppError &&
      (failure.code === 'fetch.hash-mismatch' || failure.code === 'fetch.size-mismatch')
    ) {
      await unlink(staged).catch(() => undefined);
    }
    throw failure;
  } finally {
    file.close();
  }
}

/** The file in staging, and the bytes that an earlier try has left there. */
function openStaged(staged: string, path: SitePath): { file: DataFile; there: number } {
  try {
    return { file: DataFile.create(staged), there: 0 };
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw fileError(error, path);
  }
  try {
    const file = DataFile.open(staged);
    return { file, there: file.size };
  } catch (error) {
    throw fileError(error, path);
  }
}

async function openSink(file: DataFile, there: number, order: FetchOrder) {
  const { content } = order;
  const offset = there <= content.size ? there : 0;
  if (offset !== there) file.truncate(0);
  const hash = await hashStart(file, offset);
  return { sink: new Sink(file, hash, offset, order), offset };
}

async function retrieve(client: Client, sink: Sink, path: SitePath, offset: number): Promise<void> {
  try {
    await client.downloadTo(sink, `/${path}`, offset);
  } catch (error) {
    if (sink.failure) throw sink.failure;
    throw transferError(error, path);
  }
}

/** Hashes and writes what comes, and refuses more than was announced. */
class Sink extends Writable {
  readonly #file: DataFile;
  readonly #hash: Hash;
  readonly #limit: number;
  readonly #path: SitePath;
  readonly #throttle: Throttle;
  readonly #signal: AbortSignal;
  readonly #onBytes: (bytes: number) => void;
  size: number;
  failure: Error | undefined;
  /** Resolves when as many bytes as were announced have been written. */
  readonly complete: Promise<void>;
  readonly #completed: () => void;

  constructor(file: DataFile, hash: Hash, size: number, order: FetchOrder) {
    const { path, content, throttle, signal, onBytes } = order;
    super({ highWaterMark: throttle.rate === undefined ? WRITE_BYTES : THROTTLED_WRITE_BYTES });
    this.#onBytes = onBytes;
    this.#file = file;
    this.#hash = hash;
    this.#limit = content.size;
    this.#path = path;
    this.#throttle = throttle;
    this.#signal = signal;
    this.size = size;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.complete = promise;
    this.#completed = resolve;
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#take([chunk]).then(() => done(), done);
  }

  override _writev(chunks: Array<{ chunk: Buffer }>, done: (error?: Error | null) => void): void {
    this.#take(chunks.map(({ chunk }) => chunk)).then(() => done(), done);
  }

  async #take(chunks: Buffer[]): Promise<void> {
    try {
      const [first] = chunks;
      const data = chunks.length === 1 && first ? first : Buffer.concat(chunks);
      const position = this.size;
      this.size += data.length;
      if (this.size > this.#limit) {
        throw new AppError('fetch.size-mismatch', { path: this.#path, received: this.size, size: this.#limit });
      }
      this.#onBytes(data.length);
      const written = this.#file.write(data, position);
      this.#hash.update(data);
      await written;
      await this.#throttle.take(data.length, this.#signal);
      if (this.size === this.#limit) this.#completed();
    } catch (error) {
      const failure = fileError(error, this.#path);
      this.failure = failure instanceof Error ? failure : new Error('not written', { cause: failure });
      throw this.failure;
    }
  }
}

function transferError(error: unknown, path: SitePath): unknown {
  if (error instanceof AppError) return error;
  if (error instanceof FTPError) {
    const gone = error.code === 550 || error.code === 553;
    const login = error.code === 530;
    return new AppError(
      gone ? 'fetch.gone' : login ? 'fetch.login-refused' : 'fetch.broken-off',
      { path, reply: error.code },
      error,
    );
  }
  if (error instanceof Error && /timeout/i.test(error.message)) return new AppError('fetch.stalled', { path }, error);
  const reason = systemCode(error) ?? (error instanceof Error ? error.message.slice(0, 100) : '');
  return new AppError('fetch.broken-off', { path, reason }, error);
}

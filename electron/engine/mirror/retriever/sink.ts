import type { Hash } from 'node:crypto';
import type { Content } from '../../../../shared/domain/change.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import type { Throttle } from '../../core/throttle.ts';
import type { DataFile } from '../../tree/data-file.ts';
import { fileError } from '../../tree/file-error.ts';

/** What is put together before it is written. */
const PIECE_BYTES = 1024 * 1024;
/** Under a limit less is taken at once: the connection has to be read every now and then, or it counts as stalled. */
const THROTTLED_PIECE_BYTES = 16 * 1024;
const SCRATCH_BYTES = PIECE_BYTES + 128 * 1024;

export interface SinkOptions {
  readonly path: SitePath;
  readonly content: Content;
  /** Where it goes; what it holds up to `offset` is in `hash` already. */
  readonly file: DataFile;
  readonly offset: number;
  readonly hash: Hash;
  readonly throttle: Throttle;
  readonly signal: AbortSignal;
  /** Bytes have come. */
  readonly onBytes: (bytes: number) => void;
}

/** Hashes and writes what comes of one file, and refuses more than was announced. Pieces are taken one after the other. */
export class Sink {
  readonly #options: SinkOptions;
  readonly #hash: Hash;
  #pieces: Buffer[] = [];
  #gathered = 0;
  /** The next one first. */
  #scratch: Buffer[] = [];
  #writing: Promise<void> = Promise.resolve();
  /** Bytes that are here, of this try and those before. */
  size: number;

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#hash = options.hash;
    this.size = options.offset;
  }

  /** The most that one piece should have, and what is written at once. */
  get pieceBytes(): number {
    return this.#options.throttle.rate === undefined ? PIECE_BYTES : THROTTLED_PIECE_BYTES;
  }

  /** Resolves when the next piece may come; undefined: at once. Rejects `fetch.size-mismatch`, `file.*`. */
  take(piece: Buffer): Promise<void> | undefined {
    const { content, path, throttle, signal, onBytes } = this.#options;
    this.size += piece.length;
    if (this.size > content.size)
      return Promise.reject(new AppError('fetch.size-mismatch', { path, received: this.size, size: content.size }));
    onBytes(piece.length);
    this.#hash.update(piece);
    this.#pieces.push(piece);
    this.#gathered += piece.length;
    const written = this.#gathered >= this.pieceBytes ? this.#write() : undefined;
    if (throttle.rate === undefined) return written;
    return Promise.all([written, throttle.take(piece.length, signal)]).then(() => undefined);
  }

  /** Resolves when all that came has been written. Rejects `file.*`. */
  end(): Promise<void> {
    if (this.#gathered > 0) void this.#write();
    return this.#writing;
  }

  sha256(): string {
    return this.#hash.digest('hex');
  }

  /** Of a large file in one of two buffers that take turns, the other one being written: fresh ones would keep V8 busy collecting them. */
  #together(): Buffer {
    const [first] = this.#pieces;
    if (this.#pieces.length === 1 && first) return first;
    if (this.#gathered < PIECE_BYTES || this.#gathered > SCRATCH_BYTES) return Buffer.concat(this.#pieces);
    const next = this.#scratch.length < 2 ? undefined : this.#scratch.shift();
    const buffer = next ?? Buffer.allocUnsafeSlow(SCRATCH_BYTES);
    this.#scratch.push(buffer);
    let length = 0;
    for (const piece of this.#pieces) length += piece.copy(buffer, length);
    return buffer.subarray(0, length);
  }

  /** One write after the other. Resolves when the one before is done: meanwhile the next pieces are put together. */
  #write(): Promise<void> {
    const data = this.#together();
    const position = this.size - data.length;
    this.#pieces = [];
    this.#gathered = 0;
    const before = this.#writing;
    this.#writing = before
      .then(() => this.#options.file.write(data, position))
      .catch((error: unknown) => {
        throw fileError(error, this.#options.path);
      });
    // It is told by `end` too.
    this.#writing.catch(() => undefined);
    return before;
  }
}

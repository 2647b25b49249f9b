import type { Hash } from 'node:crypto';
import type { Content } from '../../../../shared/domain/change.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { Landing } from '../../core/landing.ts';
import { LARGE_BUFFER_BYTES } from '../../core/buffers.ts';
import type { Throttle } from '../../core/throttle.ts';
import type { DataFile } from '../../tree/data-file.ts';
import { fileError } from '../../tree/file-error.ts';

/** What is written at once, but for the end: enough that the way through the thread pool does not matter. */
const WRITE_BYTES_MIN = 256 * 1024;
/** Under a limit less is taken at once: the connection has to be read every now and then, or it counts as stalled. */
const THROTTLED_PIECE_BYTES = 16 * 1024;
/** Bytes of one file that wait for the disk, or are being written. */
const HELD_BYTES_MAX = 2 * LARGE_BUFFER_BYTES;

export interface SinkOptions {
  readonly path: SitePath;
  readonly content: Content;
  /** Where it goes, asked for with the first bytes; what it holds up to `offset` is in `hash` already. */
  readonly file: () => DataFile;
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
  readonly #landing: Landing;
  #written: number;
  #writing: Promise<void> | undefined;
  #isWriting = false;
  #hasEnded = false;
  #failure: Error | undefined;
  /** Told when the landing is not full any more. */
  #room: PromiseWithResolvers<void> | undefined;
  /** Bytes that are here, of this try and those before. */
  size: number;

  constructor(options: SinkOptions) {
    this.#options = options;
    this.#landing = new Landing(HELD_BYTES_MAX, options.content.size - options.offset);
    this.#written = options.offset;
    this.size = options.offset;
  }

  /** The most that one piece should have. */
  get pieceBytes(): number {
    return this.#options.throttle.rate === undefined ? LARGE_BUFFER_BYTES : THROTTLED_PIECE_BYTES;
  }

  /** Copies the piece. Resolves when the next may come; undefined: at once. Rejects `fetch.size-mismatch`, `file.*`. */
  take(piece: Buffer): Promise<void> | undefined {
    const { content, path, throttle, signal, onBytes } = this.#options;
    this.size += piece.length;
    if (this.size > content.size)
      return Promise.reject(new AppError('fetch.size-mismatch', { path, received: this.size, size: content.size }));
    if (this.#failure) return Promise.reject(this.#failure);
    onBytes(piece.length);
    this.#landing.put(piece);
    this.#write();
    const room = this.#landing.isFull ? (this.#room ??= Promise.withResolvers()).promise : undefined;
    if (throttle.rate === undefined) return room;
    return Promise.all([room, throttle.take(piece.length, signal)]).then(() => undefined);
  }

  /** Resolves when all that came has been written. Rejects `file.*`. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    this.#write();
    await this.#writing;
    if (this.#failure) throw this.#failure;
    this.#landing.end();
  }

  /** Of all that came, after its end. */
  sha256(): string {
    return this.#options.hash.digest('hex');
  }

  #write(): void {
    if (this.#isWriting || !this.#isDue) return;
    this.#isWriting = true;
    this.#writing = this.#writeAll();
  }

  get #isDue(): boolean {
    const { waiting } = this.#landing;
    const least = this.#hasEnded ? 1 : Math.min(WRITE_BYTES_MIN, this.pieceBytes);
    return waiting >= least && !this.#failure;
  }

  /** One write after the other; meanwhile what is being written is hashed, and more lands. Never rejects. */
  async #writeAll(): Promise<void> {
    const { hash, path } = this.#options;
    try {
      const file = this.#options.file();
      while (this.#isDue) {
        const bytes = this.#landing.take();
        if (!bytes) break;
        const written = file.write(bytes, this.#written);
        this.#written += bytes.length;
        hash.update(bytes);
        await written;
        this.#landing.release();
        if (this.#landing.isFull) continue;
        this.#room?.resolve();
        this.#room = undefined;
      }
    } catch (error) {
      const failure = fileError(error, path);
      this.#failure = failure instanceof Error ? failure : new Error('not written', { cause: failure });
      this.#room?.reject(this.#failure);
    }
    // In the same turn as the look at what is due: what comes from now on begins anew.
    this.#isWriting = false;
  }
}

import {
  closeSync,
  constants,
  fdatasync,
  fsync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  read,
  write,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';

const readAt = promisify(read);
const writeAt = promisify(write);
const syncAll = promisify(fsync);
const syncData = promisify(fdatasync);

/** The beginning of a file is written without a way through the thread pool: for small files that way costs more than the write. */
const DIRECT_BYTES = 64 * 1024;

const SYNC_AHEAD_BYTES = 8 * 1024 * 1024;

/**
 * A file of ours in the reserved folder while its content arrives. Opening, times and closing are synchronous: they touch
 * metadata of a local disk only, and are on the way of every single file. Errors are those of the operating system.
 */
export class DataFile {
  readonly #fd: number;
  #open = true;
  #closing = false;
  #unsynced = 0;
  #failure: Error | undefined;
  #syncing: Promise<void> | undefined;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** A new file; throws EEXIST where there is one. */
  static create(absolute: string): DataFile {
    return new DataFile(openSync(absolute, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | noFollow, 0o644));
  }

  /** A file that is there; links are not followed. */
  static open(absolute: string): DataFile {
    return new DataFile(openSync(absolute, constants.O_RDWR | noFollow));
  }

  get size(): number {
    return fstatSync(this.#fd).size;
  }

  /** In whole milliseconds. */
  get mtime(): number {
    return Math.round(fstatSync(this.#fd).mtimeMs);
  }

  truncate(size: number): void {
    ftruncateSync(this.#fd, size);
  }

  /** Bytes read; 0 at the end. */
  async read(buffer: Uint8Array, length: number, position: number): Promise<number> {
    return (await readAt(this.#fd, buffer, 0, length, position)).bytesRead;
  }

  /**
   * The same, and writes what it has read to where it was. A flush of it may have failed, also as an earlier process ended, so that nobody was
   * told: the next one would take what that one could not write for written.
   */
  async readAnew(buffer: Uint8Array, length: number, position: number): Promise<number> {
    const bytes = await this.read(buffer, length, position);
    await this.write(buffer.subarray(0, bytes), position);
    return bytes;
  }

  /** Writes all of `chunk`, which must not change until then. */
  async write(chunk: Uint8Array, position: number): Promise<void> {
    if (position + chunk.length <= DIRECT_BYTES) {
      for (let done = 0; done < chunk.length; ) {
        done += writeSync(this.#fd, chunk, done, chunk.length - done, position + done);
      }
      return;
    }
    for (let done = 0; done < chunk.length; ) {
      done += (await writeAt(this.#fd, chunk, done, chunk.length - done, position + done)).bytesWritten;
    }
    this.#unsynced += chunk.length;
    if (this.#unsynced >= SYNC_AHEAD_BYTES && !this.#syncing) this.#syncAhead();
  }

  /** Access and modification time, in milliseconds; see `setTime`. */
  setTime(mtime: number): void {
    // As a number Node takes a time before 1970 for now.
    const time = new Date(mtime);
    futimesSync(this.#fd, time, time);
  }

  /** Resolves when the content is on disk, and the time that was set. */
  async sync(): Promise<void> {
    // Beside one that is under way: the system tells one of the two what it could not take.
    const flushing = this.#failure ? undefined : syncAll(this.#fd);
    await Promise.all([this.#syncing, flushing?.catch((error: unknown) => this.#flushFailed(error))]);
    if (this.#failure) throw this.#failure;
  }

  /**
   * False: a flush has failed, and nobody knows which bytes the disk has. The system tells of it once, and takes what it still has
   * in memory for written: a later flush, also by another descriptor, succeeds without them. The file is of no use any more.
   */
  async isIntact(): Promise<boolean> {
    await this.#syncing;
    return this.#failure === undefined;
  }

  /** A large file goes to disk while it arrives, so that little is left for the end. */
  #syncAhead(): void {
    this.#unsynced = 0;
    this.#syncing = syncData(this.#fd)
      .catch((error: unknown) => this.#flushFailed(error))
      .finally(() => {
        this.#syncing = undefined;
        if (this.#closing) this.close();
      });
  }

  #flushFailed(error: unknown): void {
    this.#failure = error instanceof Error ? error : new Error('not on disk', { cause: error });
  }

  /** Idempotent; where a sync is under way, when it has ended. */
  close(): void {
    this.#closing = true;
    if (!this.#open || this.#syncing) return;
    this.#open = false;
    closeSync(this.#fd);
  }
}

const noFollow = constants.O_NOFOLLOW ?? 0;

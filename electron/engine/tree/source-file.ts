import { closeSync, constants, fstatSync, openSync, read, readlinkSync, readSync, type Stats } from 'node:fs';
import { platform } from 'node:process';
import { promisify } from 'node:util';

const readAt = promisify(read);

/** To read a small piece costs less than the way through the thread pool, where it is in memory or the disk is quick. */
const DIRECT_BYTES = 64 * 1024;
/** Where everybody had to wait so long for a piece, others are read through the pool for the next while. */
const SLOW_MILLIS = 4;
const POOL_MILLIS = 1000;
let directFrom = 0;

/** A file that is read: the one that was opened, whatever takes its name meanwhile. Errors are those of the operating system. */
export class SourceFile {
  /** As it was when it was opened. */
  readonly info: Stats;
  readonly #fd: number;
  #open = true;
  #closing = false;
  #reading = 0;

  /** Links are not followed, and what is no file (a pipe) is not waited for. */
  constructor(absolute: string) {
    this.#fd = openSync(absolute, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    this.info = fstatSync(this.#fd);
  }

  /** Its absolute path, as the system has it by now; undefined where none tells. */
  get place(): string | undefined {
    if (platform !== 'linux') return undefined;
    try {
      return readlinkSync(`/proc/self/fd/${this.#fd}`);
    } catch {
      return undefined;
    }
  }

  /** Bytes read; 0 at the end. */
  async read(buffer: Uint8Array, length: number, position: number): Promise<number> {
    const begun = performance.now();
    if (length <= DIRECT_BYTES && begun >= directFrom) {
      const bytes = readSync(this.#fd, buffer, 0, length, position);
      const now = performance.now();
      if (now - begun > SLOW_MILLIS) directFrom = now + POOL_MILLIS;
      return bytes;
    }
    this.#reading += 1;
    try {
      return (await readAt(this.#fd, buffer, 0, length, position)).bytesRead;
    } finally {
      this.#reading -= 1;
      if (this.#closing) this.close();
    }
  }

  /** Idempotent; where something is being read, when that has ended: another file could have its number by then. */
  close(): void {
    this.#closing = true;
    if (!this.#open || this.#reading > 0) return;
    this.#open = false;
    closeSync(this.#fd);
  }
}

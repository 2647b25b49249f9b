import { closeSync, constants, fstatSync, openSync, read, readSync, type Stats } from 'node:fs';
import { promisify } from 'node:util';

const readAt = promisify(read);

/** A small piece of what was written a moment ago is in memory still: to read it costs less than the way through the thread pool. */
const DIRECT_BYTES = 64 * 1024;
const FRESH_MILLIS = 60_000;

/** A file that is read: the one that was opened, whatever takes its name meanwhile. Errors are those of the operating system. */
export class SourceFile {
  /** As it was when it was opened. */
  readonly info: Stats;
  readonly #fd: number;
  readonly #isFresh: boolean;
  #open = true;
  #closing = false;
  #reading = 0;

  /** Links are not followed, and what is no file (a pipe) is not waited for. */
  constructor(absolute: string) {
    this.#fd = openSync(absolute, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
    this.info = fstatSync(this.#fd);
    this.#isFresh = Math.abs(Date.now() - this.info.ctimeMs) < FRESH_MILLIS;
  }

  /** Bytes read; 0 at the end. */
  async read(buffer: Uint8Array, length: number, position: number): Promise<number> {
    if (this.#isFresh && length <= DIRECT_BYTES) return readSync(this.#fd, buffer, 0, length, position);
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

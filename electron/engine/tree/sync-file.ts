import { closeSync, fsync, openSync } from 'node:fs';
import { platform } from 'node:process';
import { promisify } from 'node:util';

const flush = promisify(fsync);

/** Resolves when a file and its time are on disk. */
export async function syncFile(absolute: string): Promise<void> {
  // Windows flushes only what is open for writing; elsewhere a file may be read-only.
  await sync(absolute, platform === 'win32' ? 'r+' : 'r');
}

/** Resolves when the names in a folder are on disk. On Windows folders cannot be opened; NTFS journals its metadata. */
export async function syncFolder(absolute: string): Promise<void> {
  if (platform === 'win32') return;
  await sync(absolute, 'r');
}

/** Only the flush itself takes long enough for the thread pool. */
async function sync(absolute: string, flags: 'r' | 'r+'): Promise<void> {
  const descriptor = openSync(absolute, flags);
  try {
    await flush(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The system has told that it could not take something to the disk, rather than that there is nothing to flush. */
export function isFailedFlush(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && (error.syscall === 'fsync' || error.syscall === 'fdatasync');
}

/**
 * Flushes the names in one folder for many who ask: those who come while a flush is under way share the next one. A flush that
 * fails is told of once, and the next one succeeds without what it could not take: so it has failed for all names that were there
 * then, also for those of whom nobody has asked yet.
 */
export class FolderFlush {
  readonly #folder: string;
  #failures = 0;
  #failure: unknown;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** To be taken before a name is made, and handed to `flush`. Where it is another one by then, the name has to be made anew. */
  get mark(): number {
    return this.#failures;
  }

  /** Resolves when every name that was made between `mark` and the call is on disk. */
  async flush(mark: number): Promise<void> {
    await this.#share();
    if (mark !== this.#failures) throw this.#failure;
  }

  #share(): Promise<void> {
    if (!this.#running) return this.#start();
    const running = this.#running;
    this.#next ??= running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#start();
      });
    return this.#next;
  }

  #start(): Promise<void> {
    const flushing = syncFolder(this.#folder)
      .catch((error: unknown) => {
        this.#failures += 1;
        this.#failure = error;
        throw error;
      })
      .finally(() => {
        if (this.#running === flushing) this.#running = undefined;
      });
    this.#running = flushing;
    return flushing;
  }
}

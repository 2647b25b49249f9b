import { closeSync, fsync, openSync } from 'node:fs';
import { platform } from 'node:process';
import { promisify } from 'node:util';
import { AppError } from '../../../shared/errors/app-error.ts';
import { systemCode } from './file-error.ts';

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

/** What a person is told of a failed flush, once what was written is taken back. */
export function unflushed(path: string, cause: unknown): AppError {
  const reason = systemCode(cause);
  return new AppError('disk.unflushed', { path, ...(reason !== undefined && { reason }) }, cause);
}

/**
 * What is known of failed flushes of names in one site. A file system that has one log for all of it may have lost names in other
 * folders than the one that was flushed.
 */
export class FailedFlushes {
  /** Called with each, before anybody is told: the process may end at any moment, and nobody else knows of it. */
  onFailed: () => void = () => undefined;
  #count = 0;
  #last: unknown;

  get count(): number {
    return this.#count;
  }

  /** What the system said the last time. */
  get last(): unknown {
    return this.#last;
  }

  note(error: unknown): void {
    this.#count += 1;
    this.#last = error;
    this.onFailed();
  }
}

/**
 * Flushes the names in one folder for many who ask: those who come while a flush is under way share the next one. A flush that
 * fails is told of once, and the next one succeeds without what it could not take: so it has failed for all names that were there
 * then, also for those of whom nobody has asked yet.
 */
export class FolderFlush {
  readonly #folder: string;
  readonly #failed: FailedFlushes;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(folder: string, failed = new FailedFlushes()) {
    this.#folder = folder;
    this.#failed = failed;
  }

  /** To be taken before a name is made, and handed to `flush`. Where it is another one by then, the name has to be made anew. */
  get mark(): number {
    return this.#failed.count;
  }

  /** Resolves when every name that was made between `mark` and the call is on disk. */
  async flush(mark: number): Promise<void> {
    await this.#share();
    if (mark !== this.#failed.count) throw this.#failed.last;
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
        if (isFailedFlush(error)) this.#failed.note(error);
        throw error;
      })
      .finally(() => {
        if (this.#running === flushing) this.#running = undefined;
      });
    this.#running = flushing;
    return flushing;
  }
}

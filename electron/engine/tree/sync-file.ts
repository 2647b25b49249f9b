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

/** Flushes the names in one folder for many who ask: those who come while a flush is under way share the next one. */
export class FolderFlush {
  readonly #folder: string;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Resolves when every name that was made before the call is on disk. */
  flush(): Promise<void> {
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
    const flushing = syncFolder(this.#folder).finally(() => {
      if (this.#running === flushing) this.#running = undefined;
    });
    this.#running = flushing;
    return flushing;
  }
}

import type { Change, Millis, Sha256 } from '../../../shared/domain/change.ts';
import type { Throttle } from '../core/throttle.ts';
import type { InHand } from './in-hand.ts';
import { fetchFile } from './retriever/fetch.ts';
import type { FtpPool } from './retriever/ftp-pool.ts';
import type { Staging } from './staging.ts';

/** A content on its way into staging, before its want is there. */
export interface Begun {
  readonly sha256: Sha256;
  readonly mtime: Millis;
  readonly bytes: Promise<number>;
  readonly abort: AbortController;
}

export interface FetchAheadOptions {
  readonly inHand: InHand;
  readonly staging: Staging;
  readonly throttle: Throttle;
  readonly onBytes: (bytes: number) => void;
}

/**
 * The file that has just been notified, fetched while the notification is still being stored: the way to the master and the
 * disk of the inbox do not wait for each other. One at most.
 */
export class FetchAhead {
  readonly #options: FetchAheadOptions;
  #begun: Begun | undefined;

  constructor(options: FetchAheadOptions) {
    this.#options = options;
  }

  get isBusy(): boolean {
    return this.#begun !== undefined;
  }

  /** Resolves when it is on its way to the disk, or did not come. */
  begin(pool: FtpPool, change: Extract<Change, { op: 'put' }>): Promise<void> {
    const { staging, throttle, onBytes } = this.#options;
    const abort = new AbortController();
    const staged = staging.absolute(staging.nameOf(change.sha256));
    const { path } = change;
    const { promise: flushing, resolve: onFlush } = Promise.withResolvers<void>();
    const bytes = fetchFile(pool, {
      path,
      content: change,
      staged,
      staging,
      signal: abort.signal,
      throttle,
      onBytes,
      onFlush,
    });
    bytes.then(() => undefined, onFlush);
    this.#begun = { sha256: change.sha256, mtime: change.mtime, bytes, abort };
    return flushing;
  }

  /** What was begun of this content is the caller's from now on. */
  take(sha256: Sha256): Begun | undefined {
    const begun = this.#begun?.sha256 === sha256 ? this.#begun : undefined;
    if (begun) this.#begun = undefined;
    return begun;
  }

  /** What was begun and nobody took is given up. Resolves when its file has been let go; undefined: there is none. */
  end(): Promise<void> | undefined {
    const { inHand } = this.#options;
    const begun = this.#begun;
    if (!begun) return undefined;
    this.#begun = undefined;
    begun.abort.abort();
    // Nobody else works on its file in staging until it has let go.
    inHand.takeContent(begun.sha256);
    return begun.bytes.then(ignore, ignore).then(() => {
      inHand.letGoContent(begun.sha256);
      inHand.dropStaged(begun.sha256);
    });
  }
}

function ignore(): void {}

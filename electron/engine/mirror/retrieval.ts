import type { Millis } from '../../../shared/domain/change.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Throttle } from '../core/throttle.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { FetchAhead } from './fetch-ahead.ts';
import type { FileWant } from './file-queue.ts';
import type { LocalContent } from './local-content.ts';
import type { Ready } from './ready.ts';
import type { Reporter } from './reporter.ts';
import { fetchFile } from './retriever/fetch.ts';
import type { FtpPool } from './retriever/ftp-pool.ts';
import type { Staging } from './staging.ts';

export interface RetrievalOptions {
  readonly state: MirrorState;
  readonly staging: Staging;
  readonly local: LocalContent;
  readonly ahead: FetchAhead;
  /** The way to the master's files; undefined: it is not known. */
  readonly pool: () => FtpPool | undefined;
  readonly reporter: Reporter;
  readonly throttle: Throttle;
  /** Bytes of files have come. */
  readonly onBytes: (bytes: number) => void;
  readonly now: () => Millis;
}

/** Brings the content of a file here: it is in its place already, a copy of it is here under another name, or it is fetched. */
export class Retrieval {
  readonly #options: RetrievalOptions;

  constructor(options: RetrievalOptions) {
    this.#options = options;
  }

  /** What is here is looked for before the first turn of the event loop. Rejects with why it does not come, or with why it was aborted. */
  async bring(want: FileWant, signal: AbortSignal): Promise<Ready> {
    const { state, staging, local, ahead, reporter, now } = this.#options;
    const { path, target } = want;
    const begun = ahead.take(target.sha256);
    const found = begun ? undefined : local.find(path, target);
    const staged = staging.nameOf(target.sha256);
    const seen = found && (await local.findThere(path, target, found));
    if (seen !== undefined)
      return { want, verdict: state.hashAt(path) === target.sha256 ? 'touch' : 'already-here', staged: null, seen };
    if (found && (await local.copy(target, staged, found))) return { want, verdict: 'copy', staged };
    reporter.touch(want.transfer, 'fetching');
    signal.addEventListener('abort', () => begun?.abort.abort(), { once: true });
    const bytes = await (begun?.bytes ?? this.#fetch(want, signal));
    // What was begun may have been so for an older change of the same content.
    const fetched = begun ? { ...want, target: { ...target, mtime: begun.mtime } } : want;
    return { want: fetched, verdict: 'fetch', staged, fetchedAt: now(), bytes };
  }

  async #fetch({ path, target }: FileWant, signal: AbortSignal): Promise<number> {
    const { staging, throttle, onBytes } = this.#options;
    const pool = this.#options.pool();
    if (!pool) throw new AppError('fetch.unreachable');
    const staged = staging.absolute(staging.nameOf(target.sha256));
    return fetchFile(pool, { path, content: target, staged, staging, signal, throttle, onBytes });
  }
}

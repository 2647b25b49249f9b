import { AppError } from '../../../shared/errors/app-error.ts';
import { Lock } from '../core/lock.ts';
import { rescan, type ScanOptions, type ScanOutcome } from './rescan.ts';
import type { MasterSite } from './site.ts';

/** The rescans of one site: one at a time, and none goes on once the site is closed. */
export class Scans {
  readonly #site: MasterSite;
  readonly #lock = new Lock();
  readonly #ending = new AbortController();

  constructor(site: MasterSite) {
    this.#site = site;
  }

  /** See `rescan`. */
  scan(options: ScanOptions = {}): Promise<ScanOutcome> {
    const signal = AbortSignal.any([this.#ending.signal, ...(options.signal ? [options.signal] : [])]);
    return this.#lock.run(() => rescan(this.#site, { ...options, signal }));
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    this.#ending.abort(new AppError('cancelled'));
    await this.#lock.idle();
  }
}

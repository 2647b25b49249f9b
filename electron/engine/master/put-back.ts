import type { Millis } from '../../../shared/domain/change.ts';
import { AppError, type ErrorJson } from '../../../shared/errors/app-error.ts';

/** What could not be read is looked at again so much later. */
const AGAIN_MILLIS = 60_000;

/** Why a tree could not be read, and since when. */
export interface Unread {
  readonly error: ErrorJson;
  readonly since: Millis;
}

/** Sites whose journal was put back from an older copy, until their tree has been read, and the index is up to date again. */
export class PutBack {
  readonly #reading = new Set<string>();
  readonly #unread = new Map<string, Unread>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** False: it is being read already. */
  begin(site: string): boolean {
    if (this.#reading.has(site)) return false;
    this.#forgetTimer(site);
    this.#reading.add(site);
    return true;
  }

  /** `again`: called after a while, where nobody has to agree to anything: a folder may be there again, or a disk work. */
  failed(site: string, error: unknown, now: Millis, again: () => void): void {
    this.#reading.delete(site);
    const known = error instanceof AppError ? error : new AppError('internal', {}, error);
    this.#unread.set(site, { error: known.toJSON(), since: this.#unread.get(site)?.since ?? now });
    this.#forgetTimer(site);
    if (known.code !== 'guard.held') this.#timers.set(site, setTimeout(again, AGAIN_MILLIS));
  }

  waits(site: string): boolean {
    return this.#reading.has(site) || this.#unread.has(site);
  }

  trouble(site: string): Unread | undefined {
    return this.#unread.get(site);
  }

  /** It was read, or is closed. */
  end(site: string): void {
    this.#reading.delete(site);
    this.#unread.delete(site);
    this.#forgetTimer(site);
  }

  #forgetTimer(site: string): void {
    clearTimeout(this.#timers.get(site));
    this.#timers.delete(site);
  }
}

import type { Present } from '../../../../shared/domain/change.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { createPace, type Pace } from '../../core/pace.ts';
import { type Had, indexNow, missingAt, recordLoss, requireOwnRoot, standing } from '../compare.ts';
import type { MasterSite } from '../site.ts';

/**
 * Deletes are gathered until no more come, but no longer than this: the guard judges them together, so that a tree that is
 * being emptied does not pass it piece by piece.
 */
const GATHER_MILLIS = 60_000;
/** What is gone from the folder, until no more goes. */
export class Gone {
  readonly #site: MasterSite;
  readonly #missing = new Map<SitePath, Present>();
  #first = 0;
  #last = 0;
  /** Before anything of it was gone: what a folder holds that was renamed comes meanwhile. */
  #had: Had = { files: 0, head: 0 };

  constructor(site: MasterSite) {
    this.#site = site;
  }

  get waiting(): boolean {
    return this.#missing.size > 0;
  }

  /** When something of it was missed last, by the steady clock. */
  get last(): number {
    return this.#last;
  }

  async add(path: SitePath, now: number, pace: Pace): Promise<void> {
    for (const entry of await missingAt(this.#site, path, pace)) {
      if (this.#missing.size === 0) {
        this.#first = now;
        this.#had = indexNow(this.#site);
      }
      if (!this.#missing.has(entry.path)) this.#last = now;
      this.#missing.set(entry.path, entry);
    }
  }

  /**
   * Journals them when it is time to; `isComing`: more may go, or it may be on its way under another name. Rejects `guard.held`, and nothing of
   * them is journalled.
   */
  async flush(now: number, isComing: boolean, signal: AbortSignal): Promise<void> {
    if (isComing && now < this.#first + GATHER_MILLIS) return;
    const entries = await this.#stillMissing(createPace(signal));
    requireOwnRoot(this.#site);
    await recordLoss(this.#site, entries, this.#had, signal);
    this.#missing.clear();
  }

  /** Without what has come back since, and what was in a folder that a file has the place of: that is journalled already, and counted. */
  async #stillMissing(pace: Pace): Promise<Present[]> {
    const missing: Present[] = [];
    for (const entry of this.#missing.values()) {
      const { path } = entry;
      const isThere = await standing(this.#site, path);
      if (!isThere && this.#site.journal.index.entry(path)) missing.push(entry);
      await pace();
    }
    return missing;
  }
}

import type { Millis } from '../../../shared/domain/change.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import type { SiteRoot } from './site-root.ts';

/** An open site whose folder is not there, or is another one. */
export interface LostRoot {
  readonly error: AppError;
  readonly since: Millis;
}

export interface RootedSite {
  readonly name: string;
  readonly root: SiteRoot;
  /** Its folder is away from now on, or (undefined) there again. */
  readonly rootChanged: (error: AppError | undefined) => void;
}

/** Knows which of the open sites have lost their folder: a few looks at the disk for each, and nothing is listed. */
export class LostRoots {
  #lost = new Map<string, LostRoot>();

  get all(): ReadonlyMap<string, LostRoot> {
    return this.#lost;
  }

  /** True: a folder was lost, or is there again. */
  look(sites: readonly RootedSite[], now: Millis): boolean {
    const before = this.#lost;
    this.#lost = new Map();
    let isNews = false;
    for (const { name, root, rootChanged } of sites) {
      const known = before.get(name);
      const error = root.trouble;
      if (error) this.#lost.set(name, { error, since: known?.since ?? now });
      if (error?.code === known?.error.code) continue;
      isNews = true;
      rootChanged(error);
    }
    return isNews;
  }
}

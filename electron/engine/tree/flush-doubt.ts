import type { Logger } from '../ports.ts';
import type { Store } from '../store/open.ts';
import { isThisBoot, thisBoot } from './boot.ts';
import type { SiteRoot } from './site-root.ts';
import { readUnflushed, removeUnflushed, writeUnflushed } from './unflushed-mark.ts';

/**
 * A flush of a site has failed since the machine was started. The system takes what it could not write for written, so that a later flush
 * says nothing of it: nobody knows what of the last changes the disk has, until it shows that after the next start of the machine.
 */
export class FlushDoubt {
  readonly #store: Store;
  readonly #site: number;
  readonly #root: SiteRoot;
  readonly #logger: Logger;
  /** `unnoted`: the database does not know of it. */
  #state: 'none' | 'unnoted' | 'noted' = 'none';

  constructor(store: Store, site: number, root: SiteRoot, logger: Logger) {
    this.#store = store;
    this.#site = site;
    this.#root = root;
    this.#logger = logger;
  }

  get isThere(): boolean {
    return this.#state !== 'none';
  }

  /** At start. True: one has failed before the machine was started anew: what was done may be on the disk, and not what was done before it. */
  recall(): boolean {
    const noted = this.#store.get('SELECT flush_failed FROM site WHERE id = ?', this.#site)?.['flush_failed'];
    const isNoted = typeof noted === 'string';
    this.#state = isNoted && isThisBoot(noted) ? 'noted' : 'none';
    const isOfBefore = isNoted && !this.isThere;
    this.#readMark();
    return isOfBefore;
  }

  /** A database that was put back since a flush has failed knows nothing of it. */
  #readMark(): void {
    try {
      const marked = readUnflushed(this.#root.folder);
      if (marked === undefined) return;
      if (!isThisBoot(marked)) return removeUnflushed(this.#root.folder);
      if (this.isThere) return;
      this.#state = 'unnoted';
      this.note();
    } catch (error) {
      this.#logger.error({ err: error }, 'what is known of failed flushes cannot be brought up to date yet');
    }
  }

  /** One has failed just now. */
  raise(): void {
    if (this.isThere) return;
    this.#state = 'unnoted';
    this.#logger.error(
      'the disk did not take a flush of the site: until this machine is started anew nobody knows what of the last changes it has; they are kept, and done again then where they are missing',
    );
    for (const note of [() => writeUnflushed(this.#root.folder, thisBoot()), () => this.note()])
      try {
        note();
      } catch (error) {
        this.#logger.error({ err: error }, 'that a flush has failed cannot be noted yet');
      }
  }

  /** In the database, if it does not know of it yet. */
  note(): void {
    if (this.#state !== 'unnoted') return;
    this.#store.run('UPDATE site SET flush_failed = ? WHERE id = ?', thisBoot(), this.#site);
    this.#state = 'noted';
  }

  /** Within a transaction: a flush has taken all that was done. */
  settle(): void {
    this.#store.run('UPDATE site SET flush_failed = NULL WHERE id = ? AND flush_failed IS NOT NULL', this.#site);
  }
}

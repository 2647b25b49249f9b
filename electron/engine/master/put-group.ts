import type { Change } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Mutation } from './mutation.ts';
import type { Actor } from './site-files.ts';

/** Files of one transaction: each of them waits for all that are before it. */
const GROUP_MAX = 64;

/** A file that has come, and is to be committed as soon as what is under way has been. */
export interface WaitingPut {
  readonly path: SitePath;
  readonly by: Actor;
  readonly decide: () => Promise<Omit<Mutation, 'before'>>;
  readonly resolve: (change: Change) => void;
  readonly reject: (error: unknown) => void;
}

/** Files that wait for the site's lock. One flush of the journal serves all that wait at the same time (group commit). */
export class PutGroup {
  #waiting: WaitingPut[] = [];

  /** Asked for again: before those that have come since. */
  putBack(puts: readonly WaitingPut[]): void {
    this.#waiting = [...puts, ...this.#waiting];
  }

  add(put: WaitingPut): void {
    this.#waiting.push(put);
  }

  drop(put: WaitingPut): void {
    this.#waiting = this.#waiting.filter((each) => each !== put);
  }

  /** In the order in which they came, those that can be decided side by side: no two of one path, also on a disk that folds case. */
  take(): WaitingPut[] {
    const taken: WaitingPut[] = [];
    const left: WaitingPut[] = [];
    const names = new Set<string>();
    for (const put of this.#waiting) {
      const name = put.path.toLowerCase();
      if (taken.length === GROUP_MAX || names.has(name)) left.push(put);
      else taken.push(put);
      names.add(name);
    }
    this.#waiting = left;
    return taken;
  }
}

import type { Verdict } from '../../../shared/domain/verdict.ts';
import type { Want } from '../core/want.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { InHand } from './in-hand.ts';
import type { Ready } from './ready.ts';

/** That are decided together. */
const BATCH = 500;
/** Of a backlog more is taken when this share of it is left: what is in hand is looked up again with each batch. */
const REFILL = 0.5;

/** Folders and deletes: nothing has to be fetched for them. */
export class LocalQueue {
  readonly #state: MirrorState;
  readonly #inHand: InHand;
  /** Nothing can be picked until something changes. */
  #isDry = false;

  constructor(state: MirrorState, inHand: InHand) {
    this.#state = state;
    this.#inHand = inHand;
  }

  lookAgain(): void {
    this.#isDry = false;
  }

  /** A content is published, or not wanted any more: it may be what deletes have waited for. */
  lookForFreed(): void {
    if (this.#state.wants.hasQueuedDelete()) this.lookAgain();
  }

  /** They are in hand from now on. */
  take(): Ready[] {
    if (this.#isDry || this.#inHand.locals > REFILL * BATCH) return [];
    this.#isDry = true;
    const limit = this.#inHand.locals + BATCH;
    const { wants } = this.#state;
    const picked = [...wants.queuedDirs(limit), ...wants.queuedDeletes(limit)].filter(
      ({ path }) => !this.#inHand.has(path),
    );
    for (const want of picked) this.#inHand.take(want);
    return picked.map((want) => ({ want, verdict: this.#verdict(want), staged: null }));
  }

  #verdict({ path, target }: Want): Verdict {
    if (target.kind === 'dir') return 'mkdir';
    return this.#state.kindAt(path) === 'dir' ? 'rmdir' : 'delete';
  }
}

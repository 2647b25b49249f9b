import type { Change } from '../../../shared/domain/change.ts';

/** Beyond it they are taken at once. */
export const LATE_REMOVALS_MAX = 100_000;

/**
 * Deletes of a change (the old names of a folder that was renamed, say) of which more is to come: what it brings has come by then,
 * and a release of which it is a part is not shown without it. Told again where the link ends before.
 */
export class LateRemovals {
  #waiting: Change[] = [];

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Of changes that are told up to `through` all is known. False: the change is to be taken now. */
  defer(change: Change, through: number): boolean {
    const isRemoval = change.op === 'delete' || change.op === 'rmdir';
    const waits = isRemoval && change.seq > through && this.#waiting.length < LATE_REMOVALS_MAX;
    if (waits) this.#waiting.push(change);
    return waits;
  }

  /** Those of changes before `seq`, which are told to the end; they wait no longer. */
  takeBefore(seq: number): readonly Change[] {
    if ((this.#waiting[0]?.seq ?? seq) >= seq) return [];
    const due = this.#waiting.filter((change) => change.seq < seq);
    this.#waiting = this.#waiting.filter((change) => change.seq >= seq);
    return due;
  }

  clear(): void {
    this.#waiting = [];
  }
}

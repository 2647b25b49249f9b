import type { Change } from '../../../../shared/domain/change.ts';
import type { Announcement } from './datagram.ts';
import type { Gap, GapTracker } from './gap-tracker.ts';

export interface FollowedSiteOptions {
  readonly tracker: GapTracker;
  /** Changes in the journal's order, each right after the one before it. */
  readonly onChanges: (changes: readonly Change[]) => void;
  /** The link is to be asked. Called again after a while for as long as the gap stays. */
  readonly onGap: (gap: Gap) => void;
  /** A steady clock, milliseconds. */
  readonly now?: () => number;
}

/** Gives a `GapTracker` its clock: what was announced of one site goes in as it comes, and comes out in order. */
export class FollowedSite {
  readonly #options: FollowedSiteOptions;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: FollowedSiteOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  hear(announcement: Announcement): void {
    this.#pass(this.#options.tracker.hear(announcement, this.#now()));
  }

  /** The link has told all up to `through`. */
  advance(through: number): void {
    this.#pass(this.#options.tracker.advance(through, this.#now()));
  }

  /** Idempotent. */
  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #pass(changes: readonly Change[]): void {
    if (this.#isStopped) return;
    if (changes.length > 0) this.#options.onChanges(changes);
    this.#wait();
  }

  #wait(): void {
    clearTimeout(this.#timer);
    const { dueAt } = this.#options.tracker;
    if (this.#isStopped || dueAt === undefined) return;
    this.#timer = setTimeout(() => this.#look(), Math.max(0, dueAt - this.#now()));
  }

  #look(): void {
    const gap = this.#options.tracker.takeGap(this.#now());
    this.#wait();
    if (gap !== undefined) this.#options.onGap(gap);
  }
}

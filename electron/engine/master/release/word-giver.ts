import type { Millis } from '../../../../shared/domain/change.ts';
import { decideWord, wordProgress } from '../../core/word.ts';
import type { Clock } from '../../ports.ts';
import type { Release, ReleaseStore } from '../../store/releases.ts';

export interface WordGiverOptions {
  readonly releases: ReleaseStore;
  readonly clock: Clock;
  /** The mirror of this id is paused: it is not waited for, as if it were not there. */
  readonly isPaused: (peer: string) => boolean;
  /** Tells the mirrors that a release may appear. */
  readonly tell: (release: number) => void;
  /** Whether more mirrors than are ready are needed has changed. */
  readonly onChange: () => void;
}

/** Gives the word for releases that appear everywhere at the same moment: when all mirrors have all of it, or by the policy. */
export class WordGiver {
  readonly #options: WordGiverOptions;
  #timer: NodeJS.Timeout | undefined;
  #asking: ReadonlyMap<number, number> = new Map();

  constructor(options: WordGiverOptions) {
    this.#options = options;
  }

  /** Releases for which too few mirrors were ready in time, and how many are needed. */
  get asking(): ReadonlyMap<number, number> {
    return this.#asking;
  }

  /** How near a release is to the word; undefined: it waits for none. */
  progress(id: number): (ReturnType<typeof wordProgress> & { readonly name: string }) | undefined {
    const release = this.#options.releases.get(id);
    if (!release?.together || release.goAt !== undefined) return undefined;
    return { name: release.name, ...wordProgress(waitingOf(release, this.#options.isPaused)) };
  }

  /** A release was committed, or a mirror has reported. */
  look(): void {
    const { releases, clock, isPaused, onChange } = this.#options;
    clearTimeout(this.#timer);
    const now = clock.now();
    const asking = new Map<number, number>();
    let next = Number.POSITIVE_INFINITY;
    for (const release of releases.awaitingGo()) {
      const word = decideWord(waitingOf(release, isPaused), now);
      if (word.kind === 'go') this.give(release.id);
      else if (word.kind === 'wait') next = Math.min(next, word.until);
      else asking.set(release.id, word.quorum);
    }
    const changed = asking.size !== this.#asking.size;
    this.#asking = asking;
    if (changed) onChange();
    if (next < Number.POSITIVE_INFINITY)
      this.#timer = setTimeout(() => this.look(), Math.min(TIMER_MILLIS_MAX, Math.max(1, next - now)));
  }

  /** By the policy, or by a person. Durable before anybody is told. */
  give(release: number): void {
    const { releases, clock, tell } = this.#options;
    if (releases.go(release, clock.now())) tell(release);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

const TIMER_MILLIS_MAX = 60_000;
const LIMIT_DEFAULT: Millis = 60_000;

function waitingOf({ at, together, peers }: Release, isPaused: (peer: string) => boolean) {
  const counted = peers.filter(
    ({ peer, readyAt, publishedAt }) => (readyAt ?? publishedAt) !== undefined || !isPaused(peer),
  );
  return {
    at,
    limit: together?.limit ?? LIMIT_DEFAULT,
    quorum: together?.quorum,
    ready: counted.map(({ readyAt, publishedAt }) => (readyAt ?? publishedAt) !== undefined),
  };
}

import type { Millis } from '../../../../shared/domain/change.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
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
  /** Which releases need more mirrors than are ready, or how many, has changed. */
  readonly onChange: () => void;
}

/** Gives the word for releases that appear everywhere at the same moment: when all mirrors have all of it, or by the policy. */
export class WordGiver {
  readonly #options: WordGiverOptions;
  #timer: NodeJS.Timeout | undefined;
  #asking: ReadonlyMap<number, number> = new Map();
  /** How long releases had waited when this process first looked at them, and when that was by the steady clock. */
  readonly #waited = new Map<number, { readonly millis: number; readonly at: number }>();
  /** What was committed before this process began has been looked at: whatever comes now was committed a moment ago. */
  #hasLooked = false;

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
    return { name: release.name, ...wordProgress(this.#waitingOf(release, this.#options.clock.now())) };
  }

  /** A release was committed, or a mirror has reported. */
  look(): void {
    clearTimeout(this.#timer);
    try {
      this.#look();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      // The database's disk is full, say: nobody is told a word that is not durable.
      this.#timer = setTimeout(() => this.look(), RETRY_MILLIS);
    }
  }

  #look(): void {
    const { releases, clock, onChange } = this.#options;
    // Read once: the clock may be set at any moment.
    const now = clock.now();
    const asking = new Map<number, number>();
    let next = Number.POSITIVE_INFINITY;
    const awaiting = releases.awaitingGo();
    for (const id of this.#waited.keys()) if (!awaiting.some((release) => release.id === id)) this.#waited.delete(id);
    for (const release of awaiting) {
      const word = decideWord(this.#waitingOf(release, now), now);
      if (word.kind === 'go') this.give(release.id);
      else if (word.kind === 'wait') next = Math.min(next, word.until);
      else asking.set(release.id, word.quorum);
    }
    this.#hasLooked = true;
    const known = this.#asking;
    const changed = asking.size !== known.size || [...asking].some(([id, quorum]) => known.get(id) !== quorum);
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

  #waitingOf(release: Release, now: Millis) {
    const { isPaused } = this.#options;
    const limit = release.together?.limit ?? LIMIT_DEFAULT;
    const counted = release.peers.filter(
      ({ peer, readyAt, publishedAt }) => (readyAt ?? publishedAt) !== undefined || !isPaused(peer),
    );
    return {
      at: this.#beganAt(release, limit, now),
      limit,
      quorum: release.together?.quorum,
      ready: counted.map(({ readyAt, publishedAt }) => (readyAt ?? publishedAt) !== undefined),
    };
  }

  /** When it was committed, as if the clock had never been set since: a limit is a duration. What was before the start only the clock can tell. */
  #beganAt({ id, at }: Release, limit: number, now: Millis): Millis {
    const steady = performance.now();
    const before = this.#hasLooked ? 0 : Math.min(limit, Math.max(0, now - at));
    const known = this.#waited.get(id) ?? { millis: before, at: steady };
    this.#waited.set(id, known);
    return now - known.millis - (steady - known.at);
  }
}

const RETRY_MILLIS = 5_000;
const TIMER_MILLIS_MAX = 60_000;
const LIMIT_DEFAULT: Millis = 60_000;

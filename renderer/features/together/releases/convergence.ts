import type { Release } from '../../../../shared/contract/releases.ts';

export interface Convergence {
  readonly state: 'nobody' | 'everywhere' | 'on its way' | 'waits for the word';
  readonly shown: number;
  /** Mirrors that have all of it, shown or not. */
  readonly ready: number;
  readonly of: number;
}

/** How far a release is at the mirrors that get a part of it. */
export function convergence({ peers, together, goAt }: Release): Convergence {
  const shown = peers.filter(({ publishedAt }) => publishedAt !== undefined).length;
  const ready = peers.filter(({ readyAt, publishedAt }) => (readyAt ?? publishedAt) !== undefined).length;
  const counts = { shown, ready, of: peers.length };
  if (peers.length === 0) return { state: 'nobody', ...counts };
  if (shown === peers.length) return { state: 'everywhere', ...counts };
  return { state: together !== undefined && goAt === undefined ? 'waits for the word' : 'on its way', ...counts };
}

/** A release as a score: x runs from 0 (the commit) to 1 (`span` milliseconds later). */
export interface ReleaseScore {
  readonly span: number;
  readonly lanes: readonly {
    readonly peer: string;
    readonly ready: number | undefined;
    readonly shown: number | undefined;
  }[];
  /** When the word was given. */
  readonly go: number | undefined;
  /** From the first mirror that showed it to the last; undefined: not all have. */
  readonly bracket: readonly [number, number] | undefined;
}

const LEAST_SPAN = 100;

/** Times of mirrors are by the master's clock, but may lie a little before the commit where clocks differ. */
export function planReleaseScore({ at, peers, goAt }: Release, now: number): ReleaseScore {
  const shownAt = peers.flatMap(({ publishedAt }) => publishedAt ?? []);
  const all = shownAt.length === peers.length && peers.length > 0;
  const times = [...peers.flatMap(({ readyAt }) => readyAt ?? []), ...shownAt, ...(goAt === undefined ? [] : [goAt])];
  const span = Math.max(LEAST_SPAN, ...(all ? times : [...times, now]).map((time) => time - at));
  const x = (time: number): number => Math.min(1, Math.max(0, (time - at) / span));
  const maybe = (time: number | undefined): number | undefined => (time === undefined ? undefined : x(time));
  return {
    span,
    lanes: peers.map(({ peer, readyAt, publishedAt }) => ({ peer, ready: maybe(readyAt), shown: maybe(publishedAt) })),
    go: maybe(goAt),
    bracket: all ? [x(Math.min(...shownAt)), x(Math.max(...shownAt))] : undefined,
  };
}

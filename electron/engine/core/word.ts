import type { Millis } from '../../../shared/domain/change.ts';

/** A release that is to appear everywhere at the same moment (SPEC §8), as far as the master knows. */
export interface Waiting {
  /** When it was committed. */
  readonly at: Millis;
  /** Milliseconds after which those that are late are not waited for. */
  readonly limit: number;
  /** So many mirrors must be ready all the same; undefined: more than half. */
  readonly quorum: number | undefined;
  /** Of the mirrors that it concerns: whether each has all of it. */
  readonly ready: readonly boolean[];
}

/** `go`: the word is given. `wait`: look again at `until`. `ask`: too few were ready in time; more of them, or a person, decide. */
export type Word =
  | { readonly kind: 'go' }
  | { readonly kind: 'wait'; readonly until: Millis }
  | { readonly kind: 'ask'; readonly quorum: number };

export function decideWord(waiting: Waiting, now: Millis): Word {
  const { ready, of, quorum, limitAt } = wordProgress(waiting);
  if (ready === of) return { kind: 'go' };
  if (now < limitAt) return { kind: 'wait', until: limitAt };
  return ready >= quorum ? { kind: 'go' } : { kind: 'ask', quorum };
}

/** How many mirrors are ready, of how many, and how many of them are enough from `limitAt` on. */
export function wordProgress({ at, limit, quorum, ready }: Waiting): {
  ready: number;
  of: number;
  quorum: number;
  limitAt: Millis;
} {
  const needed = Math.min(ready.length, quorum ?? Math.floor(ready.length / 2) + 1);
  return { ready: ready.filter(Boolean).length, of: ready.length, quorum: needed, limitAt: at + limit };
}

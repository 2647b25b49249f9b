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

export function decideWord({ at, limit, quorum, ready }: Waiting, now: Millis): Word {
  const count = ready.filter(Boolean).length;
  if (count === ready.length) return { kind: 'go' };
  if (now < at + limit) return { kind: 'wait', until: at + limit };
  const needed = Math.min(ready.length, quorum ?? Math.floor(ready.length / 2) + 1);
  return count >= needed ? { kind: 'go' } : { kind: 'ask', quorum: needed };
}

import type { LinkMessageOf } from '../../../shared/contract/link.ts';
import type { Millis } from '../../../shared/domain/change.ts';

/** A clock that differs by more is wrong by more than anybody has to know. */
const AHEAD_MILLIS_MAX = 1e15;

/** What a peer said of itself when its link was opened last. */
interface Greeting {
  /** Its clock less ours. */
  readonly clockAheadMillis: number | undefined;
  readonly version: string | undefined;
}

const NOTHING: Greeting = { clockAheadMillis: undefined, version: undefined };

/** Remembers what each peer said of itself, for as long as the engine runs. */
export class Greetings {
  readonly #said = new Map<string, Greeting>();

  note(peer: string, { now, node }: LinkMessageOf<'hello'>, ourNow: Millis): void {
    // Whatever it says, it stays a number that others can read.
    const clockAheadMillis = Math.max(-AHEAD_MILLIS_MAX, Math.min(AHEAD_MILLIS_MAX, now - ourNow));
    this.#said.set(peer, { clockAheadMillis, version: node.version });
  }

  of(peer: string): Greeting {
    return this.#said.get(peer) ?? NOTHING;
  }
}

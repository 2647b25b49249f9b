import type { LinkConditions } from '../../../shared/contract/conditions.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Peer } from '../core/peer.ts';
import type { LinkSession } from '../link/link-session.ts';

/** What a master asks is changed no more often. */
const ASKED_MILLIS = 100;

/** What masters ask of this mirror. The last of many counts: each is written to the disk, and other masters are not to wait for that. */
export class AskedConditions {
  readonly #inForce: (peer: Peer, conditions: LinkConditions) => void;
  /** Links whose master has asked something a moment ago, which is in force; `next` comes after a while. */
  readonly #asking = new Map<LinkSession, { readonly timer: NodeJS.Timeout; next?: LinkConditions }>();

  constructor(inForce: (peer: Peer, conditions: LinkConditions) => void) {
    this.#inForce = inForce;
  }

  ask(session: LinkSession, conditions: LinkConditions): void {
    const asking = this.#asking.get(session);
    if (asking) {
      asking.next = conditions;
      return;
    }
    this.#asking.set(session, { timer: setTimeout(() => this.#askNext(session), ASKED_MILLIS) });
    this.#inForce(session.peer, conditions);
  }

  /** The link has ended: what was asked last is in force at once. */
  closed(session: LinkSession): void {
    const next = this.#end(session);
    if (next) this.#inForce(session.peer, next);
  }

  stop(): void {
    for (const session of [...this.#asking.keys()]) this.#end(session);
  }

  #askNext(session: LinkSession): void {
    const next = this.#end(session);
    try {
      if (next) this.ask(session, next);
    } catch (error) {
      // The disk of the database is full, say: the master says it again when the link is back.
      if (!(error instanceof AppError)) throw error;
      session.close(error);
    }
  }

  /** What is to come into force yet. */
  #end(session: LinkSession): LinkConditions | undefined {
    const { timer, next } = this.#asking.get(session) ?? {};
    clearTimeout(timer);
    this.#asking.delete(session);
    return next;
  }
}

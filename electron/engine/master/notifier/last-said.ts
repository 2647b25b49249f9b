import type { LinkConditions } from '../../../../shared/contract/conditions.ts';
import type { WaitingAtMirror } from '../../../../shared/contract/status.ts';

/** What a mirror says of what waits there. Times are by this machine's clock. */
export interface WaitingThere {
  readonly items: readonly WaitingAtMirror[];
  /** With those that are not listed. */
  readonly total: number;
}

const NO_CONDITIONS: LinkConditions = {};

/** What mirrors say of themselves, by site and mirror, as they last did: it holds while they are away, too. */
export class LastSaid {
  readonly #waiting = new Map<string, Map<string, WaitingThere>>();
  readonly #conditions = new Map<string, Map<string, LinkConditions>>();

  /** What waits at the mirrors of a site, by the mirror's id. */
  waiting(site: string): ReadonlyMap<string, WaitingThere> {
    return this.#waiting.get(site) ?? new Map();
  }

  /** What a mirror has set for itself. Times are by this machine's clock. */
  conditions(site: string, peer: string): LinkConditions {
    return this.#conditions.get(site)?.get(peer) ?? NO_CONDITIONS;
  }

  noteWaiting(site: string, peer: string, there: WaitingThere): void {
    const known = this.#waiting.get(site) ?? new Map<string, WaitingThere>();
    this.#waiting.set(site, known.set(peer, there));
  }

  noteConditions(site: string, peer: string, conditions: LinkConditions): void {
    const known = this.#conditions.get(site) ?? new Map<string, LinkConditions>();
    this.#conditions.set(site, known.set(peer, conditions));
  }

  forget(site: string, peer: string): void {
    this.#waiting.get(site)?.delete(peer);
    this.#conditions.get(site)?.delete(peer);
  }
}

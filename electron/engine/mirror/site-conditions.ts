import type { FollowConfig } from '../../../shared/contract/config.ts';
import type { Hours, LinkConditions, Paused, ConditionsInForce } from '../../../shared/contract/conditions.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { isOpen, nextChange, opensAt } from '../core/hours.ts';
import { defined } from '../core/defined.ts';

/** A connection that gets less is of no use beside others. */
const CONNECTION_BYTES_PER_SECOND = 8 * 1024;

/** What was set here for one followed site. */
export interface OwnConditions {
  readonly follow: FollowConfig;
  /** Undefined: not paused here. */
  readonly pausedHere: Omit<Paused, 'by'> | undefined;
}

/** Under which conditions a followed site is fetched: what its master asks, and what was set here (SPEC §7). Both hold. */
export class SiteConditions {
  readonly #now: () => Millis;
  own: OwnConditions;
  asked: LinkConditions;

  constructor(own: OwnConditions, asked: LinkConditions, now: () => Millis) {
    this.own = own;
    this.asked = asked;
    this.#now = now;
  }

  /** By whom, from here: undefined where it is not. */
  get paused(): Paused | undefined {
    const { pausedHere } = this.own;
    if (pausedHere) return { by: 'here', ...pausedHere };
    const { pausedAt } = this.asked;
    return pausedAt === undefined ? undefined : { by: 'there', since: Math.min(pausedAt, this.#now()) };
  }

  get bytesPerSecond(): number | undefined {
    const both = [this.own.follow.bytesPerSecond, this.asked.bytesPerSecond].filter((rate) => rate !== undefined);
    return both.length === 0 ? undefined : Math.min(...both);
  }

  /** How many files may be fetched at once: at a low rate fewer, so that each moves. */
  get connections(): number {
    const { connections } = this.own.follow;
    const rate = this.bytesPerSecond;
    return rate === undefined
      ? connections
      : Math.max(1, Math.min(connections, Math.floor(rate / CONNECTION_BYTES_PER_SECOND)));
  }

  get mode(): 'open' | 'closed' | 'paused' {
    if (this.paused) return 'paused';
    return isOpen(this.#hours, this.#now()) ? 'open' : 'closed';
  }

  /** When `mode` changes by the clock alone; undefined: never. */
  get changesAt(): Millis | undefined {
    return nextChange(this.#hours, this.#now());
  }

  /** What the master is told. */
  get told(): LinkConditions {
    const { follow, pausedHere } = this.own;
    return defined({
      pausedAt: pausedHere?.since,
      bytesPerSecond: follow.bytesPerSecond,
      hours: follow.hours,
      opensAt: opensAt(this.#hours, this.#now()),
    });
  }

  /** Undefined: there are none. */
  get inForce(): ConditionsInForce | undefined {
    const hours = this.#hours;
    const { bytesPerSecond } = this;
    if (bytesPerSecond === undefined && hours.length === 0) return undefined;
    return defined({
      bytesPerSecond,
      hours: hours.length === 0 ? undefined : hours,
      opensAt: opensAt(hours, this.#now()),
    });
  }

  get #hours(): Hours[] {
    return [this.own.follow.hours, this.asked.hours].filter((hours) => hours !== undefined);
  }
}

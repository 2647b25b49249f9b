import type { Limits, LinkConditions, Paused } from '../../../shared/contract/conditions.ts';
import { Throttle } from '../core/throttle.ts';
import type { Node } from '../install/node.ts';
import { defined } from '../core/defined.ts';
import type { Pace } from './site-files.ts';

/** What this master asks of its mirrors: who is paused, and how fast each may fetch. */
export class MirrorConditions {
  readonly #node: Pick<Node, 'pauses' | 'peers' | 'now'>;
  /** By the mirror's id: all that it fetches goes through one. */
  readonly #throttles = new Map<string, Throttle>();

  constructor(node: Pick<Node, 'pauses' | 'peers' | 'now'>) {
    this.#node = node;
  }

  /** Undefined: not paused by this master. */
  paused(peer: string): Omit<Paused, 'by'> | undefined {
    const { pauses } = this.#node;
    const all = pauses.since({ what: 'all' });
    const own = pauses.since({ what: 'peer', name: peer });
    if (all === undefined && own === undefined) return undefined;
    const since = Math.min(all ?? Number.POSITIVE_INFINITY, own ?? Number.POSITIVE_INFINITY);
    return all === undefined ? { since } : { since, all: true };
  }

  limits(peer: string): Limits {
    const { bytesPerSecond, hours } = this.#node.peers.conditions(peer);
    return defined({ bytesPerSecond, hours });
  }

  /** As the mirror is told them. */
  of(peer: string): LinkConditions {
    return defined({ pausedAt: this.paused(peer)?.since, ...this.limits(peer) });
  }

  /** Without a peer: everything. */
  pause(peer: string | undefined): void {
    this.#node.pauses.pause(peer === undefined ? { what: 'all' } : { what: 'peer', name: peer }, this.#node.now());
  }

  resume(peer: string | undefined): void {
    this.#node.pauses.resume(peer === undefined ? { what: 'all' } : { what: 'peer', name: peer });
  }

  /** In force at once, also for what is being fetched. */
  setLimits(peer: string, limits: Limits): void {
    this.#node.peers.setConditions(peer, limits);
    const throttle = this.#throttles.get(peer);
    if (throttle) throttle.rate = limits.bytesPerSecond;
  }

  forget(peer: string): void {
    this.resume(peer);
    this.#throttles.delete(peer);
  }

  /** How the FTP server serves the mirror, whatever the mirror itself keeps to. */
  pace(peer: string): Pace {
    let throttle = this.#throttles.get(peer);
    if (!throttle) this.#throttles.set(peer, (throttle = new Throttle(this.limits(peer).bytesPerSecond)));
    const own = throttle;
    return {
      isStopped: () => this.paused(peer) !== undefined,
      rate: () => own.rate,
      take: (bytes, signal) => own.take(bytes, signal),
    };
  }
}

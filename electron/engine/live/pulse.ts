import type { Millis } from '../../../shared/domain/change.ts';
import { Meter } from './meter.ts';
import { RecentNumbers, RecentTimes } from './recent.ts';

/** More than a mirror tells again when its link opens. */
const RECENT_PUBLISHED = 2048;
const RECENT_CHANGES = 4096;
/** A delay is the median of so many: what is usual now. */
const LAGS = 25;
/** What was published longer ago is news that was missed, and no measure of now. */
const NEWS_MILLIS = 60_000;

export interface PeerRates {
  readonly changesPerSecond: number;
  readonly bytesPerSecond: number;
  /** How long a change usually takes until it is visible there; undefined: none has been seen since the start. */
  readonly lagMillis: number | undefined;
  /** Since the start. */
  readonly totals: { readonly published: number; readonly bytes: number; readonly failures: number };
}

/** How much goes to one mirror; at a mirror: comes here. */
class PeerPulse {
  readonly published = new Meter();
  readonly bytes = new Meter();
  readonly #known = new RecentNumbers(RECENT_PUBLISHED);
  readonly #lags: number[] = [];
  #next = 0;
  #publishedTotal = 0;
  #failures = 0;

  fail(): void {
    this.#failures += 1;
  }

  /** False where it was told before. */
  publish(seq: number, at: Millis, changedAt: Millis | undefined, now: Millis): boolean {
    if (!this.#known.add(seq)) return false;
    this.#publishedTotal += 1;
    if (now - at > NEWS_MILLIS) return true;
    this.published.add(1, now);
    if (changedAt === undefined) return true;
    this.#lags[this.#next] = Math.max(0, at - changedAt);
    this.#next = (this.#next + 1) % LAGS;
    return true;
  }

  rates(now: Millis): PeerRates {
    const sorted = this.#lags.toSorted((one, other) => one - other);
    return {
      changesPerSecond: this.published.rate(now),
      bytesPerSecond: this.bytes.rate(now),
      lagMillis: sorted[Math.floor(sorted.length / 2)],
      totals: { published: this.#publishedTotal, bytes: this.bytes.total, failures: this.#failures },
    };
  }
}

/** What moves at one site, in numbers. It always runs, whoever looks. */
export class SitePulse {
  readonly changes = new Meter();
  /** Of uploads. */
  readonly bytes = new Meter();
  readonly times = new RecentTimes(RECENT_CHANGES);
  readonly #peers = new Map<string, PeerPulse>();

  peer(id: string): PeerPulse {
    let pulse = this.#peers.get(id);
    if (!pulse) this.#peers.set(id, (pulse = new PeerPulse()));
    return pulse;
  }
}

import type { Millis } from '../../../../shared/domain/change.ts';
import { addressKey } from '../../core/address-key.ts';

/** Failures of one address that cost nothing but the wait of the first, and how the wait grows with each further one. */
export const FAILURE_DELAY_FIRST_MILLIS = 250;
export const FAILURE_DELAY_MAX_MILLIS = 8_000;
/** So many failures lock an address out for a while. One is forgotten each minute. */
export const FAILURES_MAX = 10;
export const FORGET_MILLIS = 60_000;
export const LOCK_OUT_MILLIS = 15 * 60_000;
/** Addresses that are remembered; the one that failed longest ago is forgotten first. */
export const ADDRESSES_MAX = 10_000;

/** An address that is locked out. */
export interface LockedAddress {
  /** The one of which the last wrong password came: of IPv6 its whole network is locked out. */
  readonly address: string;
  readonly lockedUntil: Millis;
  /** The account that was tried last, where there is one of that name. */
  readonly tried: string | undefined;
}

interface Record extends LockedAddress {
  readonly failures: number;
  readonly at: Millis;
}

/**
 * Slows down and then locks out addresses that guess passwords. A right password does not undo the failures: who has an account
 * of his own must not use it to go on guessing another's. IPv6 addresses count by their /64, which one machine commands.
 */
export class LoginThrottle {
  readonly #records = new Map<string, Record>();

  /** Milliseconds until the address may try again; 0 where it is not locked out. */
  lockedFor(address: string, now: Millis): number {
    const record = this.#records.get(addressKey(address));
    return record ? Math.max(0, record.lockedUntil - now) : 0;
  }

  /** Those that are locked out, who failed last first. */
  locked(now: Millis): LockedAddress[] {
    return [...this.#records.values()].filter(({ lockedUntil }) => lockedUntil > now).toReversed();
  }

  /** Forgets all that the address has done. False: it is not locked out. */
  unlock(address: string, now: Millis): boolean {
    return this.lockedFor(address, now) > 0 && this.#records.delete(addressKey(address));
  }

  /** Notes a wrong password; milliseconds to wait before it is answered. `tried`: for this account, where there is one. */
  failed(address: string, now: Millis, tried?: string): number {
    const key = addressKey(address);
    const before = this.#records.get(key);
    const remembered = before ? Math.max(0, before.failures - Math.floor((now - before.at) / FORGET_MILLIS)) : 0;
    const failures = remembered + 1;
    const lockedUntil = failures >= FAILURES_MAX ? now + LOCK_OUT_MILLIS : (before?.lockedUntil ?? 0);
    this.#records.delete(key);
    this.#records.set(key, {
      address,
      failures: failures % FAILURES_MAX,
      at: now,
      lockedUntil,
      tried: tried ?? before?.tried,
    });
    const [oldest] = this.#records.keys();
    if (this.#records.size > ADDRESSES_MAX && oldest !== undefined) this.#records.delete(oldest);
    return Math.min(FAILURE_DELAY_FIRST_MILLIS * 2 ** (failures - 1), FAILURE_DELAY_MAX_MILLIS);
  }
}

import type { Millis } from '../../../../shared/domain/change.ts';
import { addressKey } from '../../core/address-key.ts';
import { ADDRESSES_MAX, FORGET_MILLIS } from './login-throttle.ts';

/** Wrong passwords for one account, from anywhere, that slow nobody down. One is forgotten each minute. */
export const ACCOUNT_FAILURES_FREE = 20;
/** Beyond it passwords for the account are looked at one by one, so far apart. */
export const ACCOUNT_SPACING_MILLIS = 1000;
/** Who would have to wait longer is sent away. */
export const ACCOUNT_WAIT_MAX_MILLIS = 30_000;
/** Longer names of users, in bytes, are of no account, and are not remembered. */
export const USER_BYTES_MAX = 256;
/** Addresses from which somebody has logged in to an account, the latest ones. */
export const KNOWN_ADDRESSES_MAX = 16;

interface Pace {
  readonly failures: number;
  readonly at: Millis;
  readonly nextAt: Millis;
}

/**
 * Slows down guesses at one account that come from many addresses. It does not lock the account, as then anybody could lock out its
 * owner: an address from which the owner has logged in before waits for nothing. Names that are no accounts are treated alike.
 */
export class AccountPace {
  readonly #paces = new Map<string, Pace>();
  /** Where each was logged in to from. Names that somebody only tries take no room of these. */
  readonly #known = new Map<string, readonly string[]>();

  /** Milliseconds to wait before the password is looked at; undefined where that would be too long. Takes a turn. */
  enter(user: string, address: string, now: Millis): number | undefined {
    const pace = this.#paces.get(user);
    if (!pace || failuresOf(pace, now) < ACCOUNT_FAILURES_FREE) return 0;
    if (this.isKnownAt(user, address)) return 0;
    const turn = Math.max(now, pace.nextAt);
    if (turn - now > ACCOUNT_WAIT_MAX_MILLIS) return undefined;
    this.#set(user, { ...pace, nextAt: turn + ACCOUNT_SPACING_MILLIS });
    return turn - now;
  }

  /** Somebody has logged in to the account from this address, a while ago perhaps. */
  isKnownAt(user: string, address: string): boolean {
    return this.#known.get(user)?.includes(addressKey(address)) === true;
  }

  /** The accounts whose passwords are looked at one by one just now, and until when, if nobody goes on guessing. */
  slowed(now: Millis): { readonly user: string; readonly until: Millis }[] {
    return [...this.#paces]
      .flatMap(([user, pace]) => {
        const over = failuresOf(pace, now) - ACCOUNT_FAILURES_FREE;
        return over < 0 ? [] : [{ user, until: now + (over + 1) * FORGET_MILLIS - ((now - pace.at) % FORGET_MILLIS) }];
      })
      .toReversed();
  }

  /** Forgets the wrong passwords of an account. False: it is not slowed down. */
  unlock(user: string, now: Millis): boolean {
    const pace = this.#paces.get(user);
    if (!pace || failuresOf(pace, now) < ACCOUNT_FAILURES_FREE) return false;
    this.#paces.set(user, { ...pace, failures: 0, nextAt: now });
    return true;
  }

  failed(user: string, now: Millis): void {
    const pace = this.#paces.get(user) ?? { failures: 0, at: now, nextAt: now };
    this.#set(user, { ...pace, failures: failuresOf(pace, now) + 1, at: now });
  }

  succeeded(user: string, address: string): void {
    const key = addressKey(address);
    const known = this.#known.get(user) ?? [];
    if (known[0] === key) return;
    const now = [key, ...known.filter((each) => each !== key)].slice(0, KNOWN_ADDRESSES_MAX);
    remember(this.#known, user, now);
  }

  #set(user: string, pace: Pace): void {
    if (Buffer.byteLength(user) <= USER_BYTES_MAX) remember(this.#paces, user, pace);
  }
}

/** What was touched longest ago is forgotten first. */
function remember<T>(all: Map<string, T>, user: string, value: T): void {
  all.delete(user);
  all.set(user, value);
  const [oldest] = all.keys();
  if (all.size > ADDRESSES_MAX && oldest !== undefined) all.delete(oldest);
}

function failuresOf({ failures, at }: Pace, now: Millis): number {
  return Math.max(0, failures - Math.floor((now - at) / FORGET_MILLIS));
}

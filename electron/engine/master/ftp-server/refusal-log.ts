import type { Millis } from '../../../../shared/domain/change.ts';
import type { Logger } from '../../ports.ts';

/** Refused logins that are logged one by one within a minute. The others are counted, so that guessing does not fill the disk. */
export const REFUSALS_LOGGED_MAX = 60;
const MINUTE = 60_000;

/** What the log says of refused logins. */
export class RefusalLog {
  #since: Millis = 0;
  #count = 0;

  note(logger: Logger, details: { user?: string; attempts: number }, now: Millis): void {
    if (now - this.#since >= MINUTE) {
      if (this.#count > REFUSALS_LOGGED_MAX)
        logger.warn({ more: this.#count - REFUSALS_LOGGED_MAX }, 'more logins were refused within a minute');
      this.#since = now;
      this.#count = 0;
    }
    this.#count += 1;
    if (this.#count <= REFUSALS_LOGGED_MAX) logger.info(details, 'a login was refused');
  }
}

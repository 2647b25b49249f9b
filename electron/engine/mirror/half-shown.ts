import type { Millis } from '../../../shared/domain/change.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import type { Logger } from '../ports.ts';
import { UNDO_MILLIS, untilUndoneAgain } from '../tree/left-to-start.ts';
import type { SourceTrouble } from './source-trouble.ts';

export interface HalfShownOptions {
  readonly now: () => Millis;
  readonly logger: Logger;
  /** There is such a thing, or there is no more. */
  readonly onChange: () => void;
}

/** What belongs together could not be shown, and a part of it cannot be undone yet, as the disk or a right is in the way: nothing else is published meanwhile. */
export class HalfShown {
  readonly #options: HalfShownOptions;
  readonly #leaving = new AbortController();
  #trouble: SourceTrouble | undefined;
  #begun = Promise.withResolvers<void>();

  constructor(options: HalfShownOptions) {
    this.#options = options;
  }

  get trouble(): SourceTrouble | undefined {
    return this.#trouble;
  }

  /** Resolves once there is such a thing. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** Resolves when it may be tried again to undo it. Rejects `LeftToStart`. */
  stay(error: AppError): Promise<void> {
    const { now, logger, onChange } = this.#options;
    const { since = now() } = this.#trouble ?? {};
    const isNew = this.#trouble === undefined;
    this.#trouble = { error, since, nextAttemptAt: now() + UNDO_MILLIS };
    if (isNew) {
      logger.error(
        { err: error },
        'what belongs together is shown in part, and cannot be undone: nothing is published until it is',
      );
      this.#begun.resolve();
      onChange();
    }
    return untilUndoneAgain(error, this.#leaving.signal);
  }

  /** It is undone. */
  over(): void {
    if (!this.#trouble) return;
    this.#trouble = undefined;
    this.#begun = Promise.withResolvers<void>();
    this.#options.onChange();
  }

  /** It is left to the next start. */
  leave(): void {
    this.#leaving.abort();
  }
}

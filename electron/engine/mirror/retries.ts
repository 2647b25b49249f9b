import type { Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { nextAttempt } from '../core/retry.ts';
import type { Want } from '../core/want.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { Reporter } from './reporter.ts';

export interface RetriesOptions {
  readonly state: MirrorState;
  readonly reporter: Reporter;
  /** Noted as failed, within a transaction. */
  readonly onFailed: (path: SitePath) => void;
  readonly now: () => Millis;
  readonly random: () => number;
}

/** What has failed at one path, and is tried again. */
export class Retries {
  readonly #options: RetriesOptions;
  /** What clashed with a name may have its place by now. */
  #isNameFreed = false;
  /** When the first is due; Infinity: none is. */
  #dueAt: Millis = 0;

  constructor(options: RetriesOptions) {
    this.#options = options;
  }

  get dueAt(): Millis {
    return this.#dueAt;
  }

  /** What waits for a moment waits as long as before. */
  clockSet(by: Millis): void {
    this.#dueAt += by;
  }

  /** What is gone may have stood in the way of a name that this disk takes for the same. */
  nameFreed(): void {
    this.#isNameFreed = true;
  }

  /** Within a transaction: notes the failure and when the next attempt is due. */
  note(want: Want, error: AppError): void {
    const { state, now, random, reporter, onFailed } = this.#options;
    const attempts = want.attempts + 1;
    const nextAt = nextAttempt(error, attempts, now(), random());
    state.wants.set({ ...want, state: 'failed', attempts, nextAt, error: error.toJSON(), staged: null });
    state.transfers.update(want.transfer, { state: 'failed', attempts, nextAttemptAt: nextAt, error: error.toJSON() });
    if (nextAt !== null) this.#dueAt = Math.min(this.#dueAt, nextAt);
    reporter.touch(want.transfer);
    onFailed(want.path);
  }

  /** Queues what is due. False: nothing was. */
  requeue(): boolean {
    const { wants } = this.#options.state;
    const { now } = this.#options;
    const isNameFreed = this.#isNameFreed;
    if (isNameFreed) wants.requeueClashes();
    this.#isNameFreed = false;
    if (this.#dueAt > now()) return isNameFreed;
    const { requeued, next } = wants.requeueDue(now());
    this.#dueAt = next ?? Infinity;
    return isNameFreed || requeued > 0;
  }
}

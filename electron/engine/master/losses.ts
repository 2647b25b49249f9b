import { AppError } from '../../../shared/errors/app-error.ts';
import { mustAsk } from '../core/delete-guard.ts';

/** Share of the files that may disappear without FTP before a person is asked. */
const DELETE_SHARE = 0.5;
/** Deletes are judged together with those that were journalled so shortly before: a tree that is emptied slowly is emptied, too. */
export const LOSSES_MILLIS = 600_000;
/** Losses that are remembered one by one; older ones are added to the next. */
const REMEMBERED_MAX = 1_000;

interface Loss {
  readonly at: number;
  /** Files that went. */
  readonly gone: number;
  /** Files that there were before it. */
  readonly of: number;
}

/**
 * What one site has lost without FTP in the last while. Times by the steady clock. What has come in the meantime makes up for what
 * went: a tree that is built anew under other names has lost nothing.
 */
export class Losses {
  #recent: Loss[] = [];
  /** A person was asked: what that was about is not forgotten by the passing of time. */
  #isHeld = false;

  /** Throws `guard.held` when so many files, of those that there were, would be journalled as deleted that a person must be asked. */
  requireFew(gone: number, files: number, now: number): void {
    if (!this.#isHeld) this.#recent = this.#recent.filter(({ at }) => now - at < LOSSES_MILLIS);
    const most = Math.max(files, ...this.#recent.map(({ of }) => of));
    const all = this.#recent.reduce((sum, loss) => sum + loss.gone, gone);
    const judged = [
      { count: gone, of: files },
      { count: Math.min(all, most - (files - gone)), of: most },
    ];
    const asked = gone === 0 ? undefined : judged.find(({ count, of }) => mustAsk(count, of, DELETE_SHARE));
    this.#isHeld = asked !== undefined;
    if (asked) throw new AppError('guard.held', asked);
  }

  /** They are journalled. */
  note(gone: number, files: number, now: number): void {
    if (gone === 0) return;
    this.#recent.push({ at: now, gone, of: files });
    if (this.#recent.length <= REMEMBERED_MAX) return;
    const [one, other, ...others] = this.#recent;
    if (!one || !other) return;
    this.#recent = [{ at: other.at, gone: one.gone + other.gone, of: Math.max(one.of, other.of) }, ...others];
  }

  /** Somebody has said yes to what is lost: the count begins anew. */
  forget(): void {
    this.#recent = [];
    this.#isHeld = false;
  }
}

import type { Millis } from '../../../shared/domain/change.ts';

/** Lines of one text that are logged within a minute; the others are counted. A flood must not fill the disk. */
export const LOG_SAME_LINES_MAX = 200;
const MINUTE = 60_000;
/** Texts are few, as they stand in the code; should they not be, those beyond are taken for one. */
const TEXTS_MAX = 1000;
const OTHERS = 'others';

/** How often each text of the log has been logged of late. */
export class LinePace {
  readonly #counts = new Map<string, number>();
  readonly #report: (text: string, more: number) => void;
  #since: Millis;
  #timer: NodeJS.Timeout | undefined;

  /** `report` is told once a minute of each text of which lines were left out, and how many. */
  constructor(report: (text: string, more: number) => void, now: Millis = Date.now()) {
    this.#report = report;
    this.#since = now;
  }

  /** True when a line of this text may be written. */
  take(text: string, now: Millis = Date.now()): boolean {
    // A clock that was set back begins a new minute, too.
    if (Math.abs(now - this.#since) >= MINUTE) this.#begin(now);
    const key = this.#counts.has(text) || this.#counts.size < TEXTS_MAX ? text : OTHERS;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (count <= LOG_SAME_LINES_MAX) return true;
    this.#timer ??= setTimeout(() => this.#begin(Date.now()), MINUTE).unref();
    return false;
  }

  #begin(now: Millis): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#since = now;
    const before = [...this.#counts];
    this.#counts.clear();
    for (const [text, count] of before) if (count > LOG_SAME_LINES_MAX) this.#report(text, count - LOG_SAME_LINES_MAX);
  }
}

import { LOG_LINES_MAX, type LogLine, type LogPage } from '../../../shared/contract/log.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import type { Bridge } from '../../bridge/bridge.ts';
import { refusalOf } from '../../ui/refusal.ts';

/** How often it is asked what has been added. */
const POLL_MILLIS = 1000;

export interface LogView {
  /** The oldest first. */
  readonly lines: readonly LogLine[];
  readonly recorded: LogPage['recorded'] | undefined;
  /** The first answer is still awaited. */
  readonly isReading: boolean;
  readonly error: ErrorJson | undefined;
}

/** The log as far as it is kept, and what is added to it, once a second. */
export class LogTail {
  readonly #bridge: Bridge;
  readonly #listeners = new Set<() => void>();
  #view: LogView = { lines: [], recorded: undefined, isReading: true, error: undefined };
  #last: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  view = (): LogView => this.#view;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  start(): void {
    this.#stopped = false;
    void this.#read();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async record(level: LogPage['recorded']): Promise<void> {
    await this.#bridge.call('log.record', { level });
    this.#show({ recorded: level });
  }

  async #read(): Promise<void> {
    try {
      const after = this.#last === undefined ? {} : { after: this.#last };
      const page = await this.#bridge.call('log.page', { ...after, limit: LOG_LINES_MAX });
      if (this.#last !== undefined && page.last < this.#last) {
        // Another start: it counts from the beginning.
        this.#last = undefined;
        this.#show({ lines: [] });
        if (!this.#stopped) return await this.#read();
      }
      this.#last = page.last;
      const { recorded } = page;
      const isNews =
        page.lines.length > 0 || recorded !== this.#view.recorded || this.#view.isReading || this.#view.error;
      const lines = [...this.#view.lines, ...page.lines].slice(-LOG_LINES_MAX);
      if (isNews) this.#show({ lines, recorded, isReading: false, error: undefined });
    } catch (error) {
      this.#show({ error: refusalOf(error), isReading: false });
    }
    if (!this.#stopped) this.#timer = setTimeout(() => void this.#read(), POLL_MILLIS);
  }

  #show(news: Partial<LogView>): void {
    this.#view = { ...this.#view, ...news };
    for (const listener of this.#listeners) listener();
  }
}

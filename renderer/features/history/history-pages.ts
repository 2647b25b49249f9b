import type { CallParams } from '../../../shared/contract/calls.ts';
import type { HistoryPageRow } from '../../../shared/contract/status.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import type { Bridge } from '../../bridge/bridge.ts';
import { createAsker } from '../../ui/asker.ts';
import { refusalOf } from '../../ui/refusal.ts';
import { type HistoryPage, leavesGap, withStretch } from './history-rows.ts';

export type HistoryFilter = Omit<CallParams<'history.page'>, 'before' | 'limit'>;

/** The part of the history that has been asked for. Always a whole stretch from the newest row on. */
export interface HistoryView {
  readonly rows: readonly HistoryPageRow[];
  /** `asking`: for more, or for the first. `more`: there is more. `end`: this is all. */
  readonly is: 'asking' | 'more' | 'end' | 'failed';
  readonly error: ErrorJson | undefined;
  readonly about: number | undefined;
  /** How far back it was looked, also where nothing was found. */
  readonly lookedBackTo: number | undefined;
}

/** Rows of the first page: more than fit on a screen, few enough to come at once. Of those that follow, more. */
const PAGE = 200;
const NEXT_PAGE = 500;
/** Of rows that are on the screen and may change. */
const REFRESH_MAX = 100;
/** Pages that are asked for to close the gap to what is known, after a burst of changes. */
const GAP_PAGES_MAX = 5;

/** Reads the history of one filter page by page, and keeps its head, and what is on the screen, true. */
export class HistoryPages {
  readonly #bridge: Bridge;
  readonly filter: HistoryFilter;
  readonly #listeners = new Set<() => void>();
  readonly #asker: ReturnType<typeof createAsker>;
  #view: HistoryView = { rows: [], is: 'asking', error: undefined, about: undefined, lookedBackTo: undefined };
  #next: string | undefined;
  /** Grows when rows that were known are dropped. */
  #generation = 0;
  /** The rows that the person sees, by their index. */
  #seen: readonly [first: number, last: number] = [0, 0];
  #reading = false;
  #stopped = false;

  constructor(bridge: Bridge, filter: HistoryFilter) {
    this.#bridge = bridge;
    this.filter = filter;
    this.#asker = createAsker(() => this.#refresh());
  }

  view = (): HistoryView => this.#view;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  see(first: number, last: number): void {
    this.#seen = [first, last];
  }

  /** Reads on. Nothing happens where that is being done already, or there is no more. */
  async more(): Promise<void> {
    if (this.#reading || this.#stopped || this.#view.is === 'end') return;
    this.#reading = true;
    this.#show({ is: 'asking', error: undefined });
    const generation = this.#generation;
    try {
      const before = this.#next;
      const page = await this.#page(before);
      // Where the list was begun anew meanwhile, this page does not follow on it.
      if (this.#stopped || generation !== this.#generation) return;
      this.#next = page.next;
      this.#show({
        rows: withStretch(this.#view.rows, before, page),
        is: page.next === undefined ? 'end' : 'more',
        lookedBackTo: page.lookedBackTo ?? this.#view.lookedBackTo,
        ...(page.about === undefined ? {} : { about: page.about }),
      });
    } catch (error) {
      if (generation === this.#generation) this.#show({ is: 'failed', error: refusalOf(error) });
    } finally {
      this.#reading = false;
    }
  }

  /** Something has changed at the engine. */
  changed(): void {
    this.#asker.ask();
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  stop(): void {
    this.#stopped = true;
    this.#asker.stop();
  }

  async #refresh(): Promise<void> {
    // Until the first page is there, there is nothing that could be old.
    if (this.#next === undefined && this.#view.is !== 'end') return;
    try {
      await this.#refreshTop();
      await this.#refreshSeen();
    } catch {
      // The engine went away; when it is back there is a new revision, and with it another try.
    }
  }

  async #refreshTop(): Promise<void> {
    const rows: HistoryPageRow[] = [];
    let about: number | undefined;
    let next: string | undefined;
    for (let pages = 0; pages < GAP_PAGES_MAX; pages += 1) {
      const page = await this.#page(next);
      if (this.#stopped) return;
      rows.push(...page.rows);
      about ??= page.about;
      ({ next } = page);
      if (leavesGap(this.#view.rows, page)) continue;
      const known = this.#view;
      // Where nothing was known, this is the first page; where there is nothing below, the last.
      const isFirst = known.is === 'end' && known.rows.length === 0 && rows.length > 0;
      if (isFirst || next === undefined) this.#next = next;
      this.#show({
        rows: withStretch(known.rows, undefined, { rows, ...(next !== undefined && { next }) }),
        about,
        ...(next === undefined && !this.#reading && { is: 'end' as const }),
        ...(isFirst && next !== undefined && { is: 'more' as const }),
      });
      return;
    }
    // Of what is beyond the gap nothing is shown: the list would have a hole. It is read again when it is scrolled to.
    this.#generation += 1;
    this.#next = next;
    this.#show({ rows, is: 'more', about });
  }

  /** What is on the screen far below the top may have come further too. */
  async #refreshSeen(): Promise<void> {
    const { rows } = this.#view;
    const [first, last] = this.#seen;
    const above = rows[first - 1]?.id;
    const count = Math.min(last - first + 1, REFRESH_MAX);
    if (above === undefined || first < PAGE || count < 1) return;
    const page = await this.#bridge.call('history.page', { ...this.filter, before: above, limit: count });
    if (!this.#stopped) this.#show({ rows: withStretch(this.#view.rows, above, page) });
  }

  #page(before: string | undefined): Promise<HistoryPage> {
    return this.#bridge.call(
      'history.page',
      before === undefined ? { ...this.filter, limit: PAGE } : { ...this.filter, limit: NEXT_PAGE, before },
    );
  }

  #show(news: Partial<HistoryView>): void {
    if (this.#stopped) return;
    this.#view = { ...this.#view, ...news };
    for (const listener of this.#listeners) listener();
  }
}

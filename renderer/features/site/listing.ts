import type { TreePage, TreeRow } from '../../../shared/contract/site-tree.ts';
import type { ErrorJson } from '../../../shared/errors/app-error.ts';
import { refusalOf } from '../../ui/refusal.ts';

export type ReadPage = (after: string | undefined) => Promise<TreePage>;

interface Page {
  /** Where it begins; undefined: at the first. */
  readonly after: string | undefined;
  readonly rows: readonly TreeRow[];
  readonly next: string | undefined;
}

/** What one question (a folder, or something that is looked for) has been answered so far, page by page. */
export class Listing {
  readonly #read: ReadPage;
  readonly #onChange: () => void;
  #pages: readonly Page[] = [];
  #reading: Promise<void> | undefined;
  #stopped = false;
  #error: ErrorJson | undefined;

  constructor(read: ReadPage, onChange: () => void) {
    this.#read = read;
    this.#onChange = onChange;
  }

  get rows(): readonly TreeRow[] {
    return this.#pages.flatMap(({ rows }) => rows);
  }

  /** `more`: there is more, or the first page is not there yet. */
  get is(): 'more' | 'end' | 'failed' {
    if (this.#error) return 'failed';
    const last = this.#pages.at(-1);
    return last && last.next === undefined ? 'end' : 'more';
  }

  get error(): ErrorJson | undefined {
    return this.#error;
  }

  /** Reads on, one page at a time; whoever asks meanwhile waits for the same page. */
  more(): Promise<void> {
    if (this.#stopped || this.is === 'end') return Promise.resolve();
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = undefined;
      if (!this.#stopped) this.#onChange();
    });
    return this.#reading;
  }

  /** Asks anew for the pages that hold the rows from `first` to `last`. What does not follow on them any more is dropped, and read again. */
  async refresh(first: number, last: number): Promise<void> {
    let start = 0;
    for (const page of this.#pages) {
      const end = start + page.rows.length;
      if (end >= first && start <= last) await this.#refreshPage(page);
      start = end;
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  async #readOn(): Promise<void> {
    this.#error = undefined;
    try {
      const last = this.#pages.at(-1);
      const page = await this.#page(last?.next);
      // Meanwhile the page before may have become another one.
      if (last === this.#pages.at(-1)) this.#pages = [...this.#pages, page];
    } catch (error) {
      this.#error = refusalOf(error);
    }
  }

  async #refreshPage(page: Page): Promise<void> {
    const fresh = await this.#page(page.after);
    const at = this.#pages.indexOf(page);
    if (this.#stopped || at < 0) return;
    const follows = fresh.next === page.next ? this.#pages.slice(at + 1) : [];
    const same = follows.length > 0 || at === this.#pages.length - 1;
    if (same && JSON.stringify(fresh.rows) === JSON.stringify(page.rows) && fresh.next === page.next) return;
    this.#pages = [...this.#pages.slice(0, at), fresh, ...follows];
    this.#onChange();
  }

  async #page(after: string | undefined): Promise<Page> {
    const { rows, next } = await this.#read(after);
    return { after, rows, next };
  }
}

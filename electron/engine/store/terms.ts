import { randomBytes } from 'node:crypto';
import type { Store } from './open.ts';
import { int } from './rows.ts';

/** More than that are not remembered; a mirror whose cursor is of an older one compares the whole index. */
const TERMS_MAX = 1000;

/**
 * The terms of one site's journal. Seqs alone do not tell that a journal was put back from an older copy: it grows again, and
 * gives the same numbers to other changes. Every opening writes under a name of its own, so a cursor that was told under a
 * name that this copy has never heard of, or beyond that term's end, is of a future that was taken back.
 */
export class Terms {
  readonly #store: Store;
  readonly #site: number;
  #current: string | undefined;

  constructor(store: Store, site: number) {
    this.#store = store;
    this.#site = site;
  }

  /** The term of this opening, begun with the seq after `head` where it has not been: before a mirror is told of it. */
  current(head: number): string {
    this.#current ??= this.#begin(head);
    return this.#current;
  }

  /** True where `seq` was told under `term` by another copy of this journal, which since then has gone another way than this one. */
  isForked(term: string, seq: number, { head, floor }: { head: number; floor: number }): boolean {
    const row = this.#store.get('SELECT number FROM term WHERE site = ? AND id = ?', this.#site, term);
    // Below the floor terms are forgotten: the cursor is of no use, and nothing else is known of it.
    if (!row) return seq >= floor;
    const sql = 'SELECT min(first) AS first FROM term WHERE site = ? AND number > ?';
    const next = this.#store.get(sql, this.#site, int(row['number']))?.['first'];
    return seq > (typeof next === 'number' ? next - 1 : head);
  }

  /** Another journal begins. */
  forget(): void {
    this.#store.run('DELETE FROM term WHERE site = ?', this.#site);
    this.#current = undefined;
  }

  /** Drops terms that ended below `floor`. */
  trim(floor: number): void {
    const ended = `site = ?1 AND number < (SELECT max(number) FROM term WHERE site = ?1 AND first <= ?2)`;
    this.#store.run(`DELETE FROM term WHERE ${ended}`, this.#site, floor);
    const old = 'SELECT number FROM term WHERE site = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2';
    this.#store.run(`DELETE FROM term WHERE site = ?1 AND number <= (${old})`, this.#site, TERMS_MAX);
  }

  #begin(head: number): string {
    const id = randomBytes(8).toString('hex');
    this.#store.run('INSERT INTO term (site, id, first) VALUES (?, ?, ?)', this.#site, id, head + 1);
    return id;
  }
}

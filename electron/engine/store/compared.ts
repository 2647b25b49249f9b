import type { Row, Store } from './open.ts';
import { int, optionalInt, textOrNull } from './rows.ts';

/**
 * Up to where a mirror is being told of a journal that it knows a part of only: a catch-up is under way, the index is compared, or more
 * of one change is to come; or the link broke meanwhile.
 */
export interface Compared {
  readonly journal: string;
  readonly seq: number;
  /** All changes up to there are known. */
  readonly since: number;
  /** Null: not known. */
  readonly term: string | null;
}

/** The last that a mirror was told. */
export type Told = Pick<Compared, 'journal' | 'seq'> & { readonly term: string };

/** From a row of `site`. */
export function toCompared(row: Row | undefined): Compared | undefined {
  const journal = textOrNull(row?.['compared_journal']);
  if (journal === null) return undefined;
  const since = optionalInt(row?.['compared_since']) ?? 0;
  return { journal, seq: int(row?.['compared_seq']), since, term: textOrNull(row?.['compared_term']) };
}

export function saveCompared(store: Store, site: number, compared: Compared | undefined): void {
  const { journal, seq, since, term } = compared ?? { journal: null, seq: null, since: null, term: null };
  const sql = `UPDATE site SET compared_journal = ?, compared_seq = ?, compared_since = ?, compared_term = ? WHERE id = ?`;
  store.run(sql, journal, seq, since, term, site);
}

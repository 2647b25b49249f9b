import type { Row, Store } from './open.ts';
import { int, textOrNull } from './rows.ts';

/** A place in a journal with whose index a mirror compares its own, or has. */
export interface Compared {
  readonly journal: string;
  readonly seq: number;
  /** Null: not known. */
  readonly term: string | null;
}

/** The last that a mirror was told. */
export type Told = Compared & { readonly term: string };

/** Of a row of `site`. */
export function toCompared(row: Row | undefined): Compared | undefined {
  const journal = textOrNull(row?.['compared_journal']);
  if (journal === null) return undefined;
  return { journal, seq: int(row?.['compared_seq']), term: textOrNull(row?.['compared_term']) };
}

export function saveCompared(store: Store, site: number, compared: Compared | undefined): void {
  const sql = 'UPDATE site SET compared_journal = ?, compared_seq = ?, compared_term = ? WHERE id = ?';
  store.run(sql, compared?.journal ?? null, compared?.seq ?? null, compared?.term ?? null, site);
}

import type { CallResult } from '../../../shared/contract/calls.ts';
import type { HistoryPageRow } from '../../../shared/contract/status.ts';
import { comparePlaces, parsePlace } from '../../../shared/domain/history-place.ts';

export type HistoryPage = CallResult<'history.page'>;

/**
 * What is known, with one stretch of it as the engine has just told it: what lay between `after` (undefined: the top) and the
 * place at which the page ended makes way for the rows of the page. Rows above and below stay the same objects.
 */
export function withStretch(
  known: readonly HistoryPageRow[],
  after: string | undefined,
  { rows, next }: Pick<HistoryPage, 'rows' | 'next'>,
): HistoryPageRow[] {
  const above = after === undefined ? [] : known.slice(0, firstOlder(known, after));
  const below = next === undefined ? [] : known.slice(firstOlder(known, next));
  return [...above, ...rows, ...below];
}

/** True: in between there may be rows that nobody has asked for. */
export function leavesGap(known: readonly HistoryPageRow[], { next }: Pick<HistoryPage, 'next'>): boolean {
  const [newest] = known;
  return next !== undefined && newest !== undefined && isOlder(newest.id, next);
}

/** Rows lie in order: of 100,000 a few are looked at. */
function firstOlder(rows: readonly HistoryPageRow[], place: string): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const row = rows[middle];
    if (row !== undefined && isOlder(row.id, place)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isOlder(one: string, other: string): boolean {
  return comparePlaces(parsePlace(one), parsePlace(other)) > 0;
}

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
  const above = after === undefined ? [] : known.filter(({ id }) => !isOlder(id, after));
  const below = next === undefined ? [] : known.filter(({ id }) => isOlder(id, next));
  return [...above, ...rows, ...below];
}

/** True: in between there may be rows that nobody has asked for. */
export function leavesGap(known: readonly HistoryPageRow[], { next }: Pick<HistoryPage, 'next'>): boolean {
  const [newest] = known;
  return next !== undefined && newest !== undefined && isOlder(newest.id, next);
}

export function isOlder(one: string, other: string): boolean {
  return comparePlaces(parsePlace(one), parsePlace(other)) > 0;
}

import type { CallResult } from '../../../shared/contract/calls.ts';
import { type HistoryPlace, parsePlace, placeText } from '../../../shared/domain/history-place.ts';
import type { HistoryPageRow, HistoryRow } from '../../../shared/contract/status.ts';
import { compileGlob } from '../core/routes.ts';
import { masterSources } from './of-master.ts';
import { mirrorSources } from './of-mirror.ts';
import { type Found, type HistoryNode, type HistoryQuery, merge, type Source } from './source.ts';
import { defined } from '../core/defined.ts';

/** Rows that are looked at for one page: the engine does nothing else meanwhile. */
const LOOKED_AT_MAX = 10_000;
/** Rows that are read in one go. */
const CHUNK = 1000;

/** What happened, the newest first: at a master its changes and how each fares at each mirror, at a mirror what came of them here. */
export function listHistory(node: HistoryNode, query: HistoryQuery): HistoryRow[] {
  const { rows } = read(sourcesOf(node, query), query, undefined, Number.POSITIVE_INFINITY);
  return rows.map(({ show }) => show());
}

/** One page of it; see the call `history.page`. `before`: where an earlier page ended. */
export function pageHistory(
  node: HistoryNode,
  query: HistoryQuery & { readonly before?: string | undefined },
): CallResult<'history.page'> {
  const sources = sourcesOf(node, query);
  const before = query.before === undefined ? undefined : parsePlace(query.before);
  const { rows, last, lookedBackTo, more } = read(sources, query, before, LOOKED_AT_MAX);
  return defined({
    rows: rows.map(({ place, show }): HistoryPageRow => ({ ...show(), id: placeText(place) })),
    next: more && last ? placeText(last) : undefined,
    lookedBackTo,
    about: before === undefined ? sources.reduce((sum, source) => sum + source.count(), 0) : undefined,
  });
}

function sourcesOf(node: HistoryNode, query: HistoryQuery): Source[] {
  return node.config.node.role === 'master' ? masterSources(node, query) : mirrorSources(node, query);
}

interface Outcome {
  readonly rows: Found[];
  /** The last row that was looked at, whether it fits or not. */
  readonly last: HistoryPlace | undefined;
  readonly lookedBackTo: number | undefined;
  readonly more: boolean;
}

function read(
  sources: readonly Source[],
  query: HistoryQuery,
  before: HistoryPlace | undefined,
  most: number,
): Outcome {
  const matches = query.glob === undefined ? () => true : compileGlob(query.glob);
  const rows: Found[] = [];
  let last = before;
  let lookedBackTo: number | undefined;
  for (let looked = 0; looked < most; ) {
    // Without a filter nearly every row fits: no more are read than are shown.
    const size = Math.min(CHUNK, query.glob === undefined && !query.states && !query.peer ? query.limit : CHUNK);
    const merged = merge(sources.map((source) => source.read(last, size))).slice(0, size);
    for (const found of merged) {
      last = found.place;
      lookedBackTo = found.at;
      looked += 1;
      if (!found.fits || !(matches(found.path) || (found.from !== undefined && matches(found.from)))) continue;
      rows.push(found);
      if (rows.length === query.limit) return { rows, last, lookedBackTo, more: true };
    }
    if (merged.length < size) return { rows, last, lookedBackTo, more: false };
  }
  return { rows, last, lookedBackTo, more: true };
}

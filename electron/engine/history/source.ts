import { comparePlaces, type HistoryPlace } from '../../../shared/domain/history-place.ts';
import type { HistoryRow } from '../../../shared/contract/status.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { TransferState } from '../../../shared/domain/verdict.ts';
import type { Node } from '../install/node.ts';

/** What of an install its history is read from. */
export type HistoryNode = Pick<Node, 'store' | 'peers' | 'config'>;

/** What is asked for; what is absent leaves out nothing. `glob`: of the path, or of the one before a rename. */
export interface HistoryQuery {
  readonly site?: string | undefined;
  readonly glob?: string | undefined;
  readonly since?: number | undefined;
  readonly until?: number | undefined;
  readonly op?: HistoryRow['op'] | undefined;
  readonly states?: readonly TransferState[] | undefined;
  readonly peer?: string | undefined;
  readonly limit: number;
}

/** A row that was looked at. What it takes more to know is read when it is shown. */
export interface Found {
  readonly place: HistoryPlace;
  /** What `lookedBackTo` says of it. */
  readonly at: number;
  readonly path: SitePath;
  readonly from: SitePath | undefined;
  /** What the database can tell of the query does not speak against it. */
  readonly fits: boolean;
  readonly show: () => HistoryRow;
}

/** A table's part of the history, of one site. */
export interface Source {
  /** The newest that stand before a place, `limit` at most. */
  read(before: HistoryPlace | undefined, limit: number): Found[];
  /** About how many there are. */
  count(): number;
}

/** What each source has read, the newest first; each source's own order stays. */
export function merge(chunks: readonly (readonly Found[])[]): Found[] {
  const queues = chunks.filter(({ length }) => length > 0).map((found) => ({ found, next: 0 }));
  const merged: Found[] = [];
  for (;;) {
    let newest: { found: readonly Found[]; next: number } | undefined;
    for (const queue of queues) if (isNewer(queue.found[queue.next], newest?.found[newest.next])) newest = queue;
    const head = newest?.found[newest.next];
    if (!newest || !head) return merged;
    merged.push(head);
    newest.next += 1;
  }
}

function isNewer(one: Found | undefined, other: Found | undefined): boolean {
  if (!one || !other) return one !== undefined;
  return comparePlaces(one.place, other.place) < 0;
}

/** The rows of a source that stand before a place are those whose (time, number) is less than this. */
export function boundOf(before: HistoryPlace | undefined, source: number): readonly [at: number, number: number] {
  if (!before) return [Number.MAX_SAFE_INTEGER, 0];
  if (source === before.source) return [before.at, before.number];
  return [before.at, source > before.source ? Number.MAX_SAFE_INTEGER : 0];
}

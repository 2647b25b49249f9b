import type { LivePast } from '../../../shared/contract/live.ts';
import { columnMillis, type ScoreSpan, scoreSpanNames, scoreSpans } from '../../../shared/domain/score.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { createPace } from '../core/pace.ts';
import type { Store } from '../store/open.ts';
import { int, text } from '../store/rows.ts';

/** Changes read in one go, and in all: the engine has other work. */
const CHUNK = 100;
const CHANGES_MAX = 20_000;

/** Which of an install's tables tell the past. `before`: the first seq, or at a mirror transfer, that is not a part of it. */
export type PastSource =
  | { readonly of: 'master'; readonly before: number; readonly nameOf: (peer: string) => string }
  | { readonly of: 'mirror'; readonly before: number; readonly own: string };

/** What happened at a site before the latest changes, in columns; see `livePast`. */
export async function readPast(store: Store, site: number, now: Millis, source: PastSource): Promise<LivePast> {
  const lanes = new Map<string | null, Columns>([[null, new Columns(now)]]);
  const laneOf = (peer: string | null): Columns => {
    let lane = lanes.get(peer);
    if (!lane) lanes.set(peer, (lane = new Columns(now)));
    return lane;
  };
  const pace = createPace();
  let lookedBackTo: Millis | undefined;
  let upTo = source.before;
  for (let read = 0; upTo > 0; read += CHUNK) {
    if (read >= CHANGES_MAX) return { lanes: told(lanes), ...(lookedBackTo !== undefined && { lookedBackTo }) };
    await pace();
    const part =
      source.of === 'master'
        ? readMaster(store, site, upTo, source.nameOf, laneOf)
        : readMirror(store, site, upTo, source.own, laneOf);
    if (part.oldest !== undefined && part.oldest < now - scoreSpans.day) break;
    lookedBackTo = part.oldest ?? lookedBackTo;
    upTo = part.next;
  }
  return { lanes: told(lanes) };
}

type LaneOf = (peer: string | null) => Columns;

/** What was read, down to `next`. */
interface Part {
  readonly next: number;
  /** Undefined: there was nothing. */
  readonly oldest: Millis | undefined;
}

function readMaster(store: Store, site: number, upTo: number, nameOf: (peer: string) => string, laneOf: LaneOf): Part {
  const from = Math.max(0, upTo - CHUNK);
  const ats = new Map<number, Millis>();
  const part = 'site = ? AND seq >= ? AND seq < ?';
  for (const row of store.all(`SELECT seq, at FROM journal WHERE ${part} AND op <> 'rules'`, site, from, upTo)) {
    ats.set(int(row['seq']), int(row['at']));
    laneOf(null).add(int(row['at']), 0);
  }
  const seen = `SELECT seq, peer, max(published_at) AS at FROM delivery WHERE ${part} AND published_at IS NOT NULL GROUP BY seq, peer`;
  for (const row of store.all(seen, site, from, upTo)) {
    const changedAt = ats.get(int(row['seq']));
    const at = Math.max(int(row['at']), changedAt ?? 0);
    laneOf(nameOf(text(row['peer']))).add(at, changedAt === undefined ? 0 : at - changedAt);
  }
  return { next: from, oldest: oldestOf([...ats.values()]) };
}

function readMirror(store: Store, site: number, upTo: number, own: string, laneOf: LaneOf): Part {
  const sql = `SELECT id, notified_at, received_at, published_at FROM transfer WHERE site = ? AND id < ? ORDER BY id DESC LIMIT ${CHUNK}`;
  const rows = store.all(sql, site, upTo);
  const times = rows.map((row) => int(row['notified_at']) || int(row['received_at']));
  for (const [index, row] of rows.entries()) {
    const changedAt = times[index] ?? 0;
    laneOf(null).add(changedAt, 0);
    if (row['published_at'] === null) continue;
    const at = int(row['published_at']);
    laneOf(own).add(at, Math.max(0, at - changedAt));
  }
  return { next: int(rows.at(-1)?.['id'] ?? 0), oldest: oldestOf(times) };
}

function oldestOf(times: readonly Millis[]): Millis | undefined {
  return times.length === 0 ? undefined : Math.min(...times);
}

/** How many there were in each column of each span, and the sum of their delays. */
class Columns {
  readonly #now: Millis;
  readonly #spans = new Map<ScoreSpan, Map<number, { count: number; lag: number }>>();

  constructor(now: Millis) {
    this.#now = now;
    for (const span of scoreSpanNames) this.#spans.set(span, new Map());
  }

  add(at: Millis, lag: Millis): void {
    for (const [span, columns] of this.#spans) {
      if (at <= this.#now - scoreSpans[span]) continue;
      const index = Math.floor(at / columnMillis(span));
      const column = columns.get(index);
      if (!column) columns.set(index, { count: 1, lag });
      else {
        column.count += 1;
        column.lag += lag;
      }
    }
  }

  tell(span: ScoreSpan): number[] {
    const columns = [...(this.#spans.get(span) ?? [])];
    return columns.flatMap(([index, { count, lag }]) => [index, count, Math.round(lag)]);
  }
}

function told(lanes: ReadonlyMap<string | null, Columns>): LivePast['lanes'] {
  return [...lanes].map(([peer, columns]) => ({
    peer,
    minute: columns.tell('minute'),
    hour: columns.tell('hour'),
    day: columns.tell('day'),
  }));
}

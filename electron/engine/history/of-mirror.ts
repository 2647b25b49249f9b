import type { HistoryRow } from '../../../shared/contract/status.ts';
import { defined } from '../core/defined.ts';
import { int, text } from '../store/rows.ts';
import { toTransfer } from '../store/transfers.ts';
import type { HistoryNode, HistoryQuery, Source } from './source.ts';

/** A mirror's history: what it was told, and what became of it here. All sites, in the order of telling. */
export function mirrorSources({ store, config }: HistoryNode, query: HistoryQuery): Source[] {
  const { site = null, since = 0, until = Number.MAX_SAFE_INTEGER, op = null, states, peer } = query;
  const own = config.node.name;
  if (op === 'aborted' || (peer !== undefined && peer !== own)) return [];
  const newest = int(store.get('SELECT coalesce(max(id), 0) AS id FROM transfer')?.['id']);
  const first = store.get('SELECT coalesce(min(id), 0) AS id FROM transfer');
  const sql = `SELECT s.name AS site_name, t.*, (?1 IS NULL OR s.name = ?1) AND (?2 IS NULL OR t.op = ?2)
      AND (?3 IS NULL OR t.state IN (SELECT value FROM json_each(?3))) AND t.received_at BETWEEN ?4 AND ?5 AS fits
    FROM transfer t JOIN site s ON s.id = t.site WHERE t.id < ?6 ORDER BY t.id DESC LIMIT ?7`;
  const wanted = states ? JSON.stringify(states) : null;
  const source: Source = {
    count: () => (newest === 0 ? 0 : newest - int(first?.['id']) + 1),
    read(before, limit) {
      const rows = store.all(sql, site, op, wanted, since, until, before?.number ?? Number.MAX_SAFE_INTEGER, limit);
      return rows.map((row) => {
        const { id, path, from, receivedAt, ...rest } = toTransfer(row);
        const {
          seq,
          op,
          size,
          notifiedAt,
          state,
          verdict,
          fetchedAt,
          publishedAt,
          nextAttemptAt,
          bytes,
          attempts,
          error,
        } = rest;
        const times = defined({
          notifiedAt,
          receivedAt,
          fetchedAt,
          publishedAt,
          nextAttemptAt,
          bytes,
          attempts,
          error,
        });
        return {
          // Not by time: the clock may have been set back.
          place: { at: 0, source: 0, number: id },
          at: receivedAt,
          path,
          from,
          fits: row['fits'] === 1,
          show: (): HistoryRow =>
            defined({
              site: text(row['site_name']),
              seq: seq || undefined,
              op,
              path,
              from,
              size,
              at: notifiedAt || receivedAt,
              deliveries: [{ peer: own, state, verdict, ...times }],
            }),
        };
      });
    },
  };
  return [source];
}

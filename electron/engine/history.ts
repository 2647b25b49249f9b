import { z } from 'zod';
import { errorJson } from '../../shared/contract/primitives.ts';
import type { HistoryRow } from '../../shared/contract/status.ts';
import { compileGlob } from './core/routes.ts';
import type { Node } from './node.ts';
import { toTransfer } from './store/transfers.ts';
import type { Row } from './store/open.ts';
import { defined, int, optionalInt, path, text } from './store/rows.ts';

export interface HistoryQuery {
  readonly site?: string | undefined;
  readonly glob?: string | undefined;
  readonly since?: number | undefined;
  readonly limit: number;
}

/** Rows looked at in one go while searching by glob. */
const PAGE = 1000;

/** What happened, the newest first: at a master its changes and how each fares at each mirror, at a mirror what came of them here. */
export function listHistory(node: Node, query: HistoryQuery): HistoryRow[] {
  const matches = query.glob === undefined ? () => true : compileGlob(query.glob);
  const rows: HistoryRow[] = [];
  const read = node.config.node.role === 'master' ? masterPage : mirrorPage;
  for (let offset = 0; rows.length < query.limit; offset += PAGE) {
    const page = read(node, query, offset);
    for (const row of page) {
      if (matches(row.path) || (row.from !== undefined && matches(row.from))) rows.push(row);
      if (rows.length >= query.limit) break;
    }
    if (page.length < PAGE) break;
  }
  return rows;
}

function masterPage(node: Node, { site, since }: HistoryQuery, offset: number): HistoryRow[] {
  const rows = node.store.all(
    `SELECT s.name AS site_name, s.id AS site_id, h.* FROM (
       SELECT site, seq, op, path, origin, size, at, account, NULL AS reason FROM journal WHERE op <> 'rules'
       UNION ALL
       SELECT site, NULL, 'aborted', path, NULL, bytes, at, account, reason FROM aborted
     ) h JOIN site s ON s.id = h.site
     WHERE (?1 IS NULL OR s.name = ?1) AND h.at >= ?2 ORDER BY h.at DESC, h.seq DESC LIMIT ?3 OFFSET ?4`,
    site ?? null,
    since ?? 0,
    PAGE,
    offset,
  );
  const names = new Map(node.peers.list().map((peer) => [peer.id, peer.name]));
  return rows.map((row) => {
    const seq = optionalInt(row['seq']);
    const op = text(row['op']) as HistoryRow['op'];
    return defined({
      site: text(row['site_name']),
      seq,
      op,
      path: path(row['path']),
      from: row['origin'] === null ? undefined : path(row['origin']),
      size: optionalInt(row['size']),
      at: int(row['at']),
      by: text(row['account']),
      error:
        op === 'aborted'
          ? { code: 'upload.aborted' as const, params: { path: text(row['path']), reason: text(row['reason']) } }
          : undefined,
      deliveries: seq === undefined ? [] : deliveriesOf(node, int(row['site_id']), seq, names),
    });
  });
}

/** A rename that was told entry by entry has several rows for a mirror: the one that is least far stands for all. */
function deliveriesOf(
  node: Node,
  site: number,
  seq: number,
  names: ReadonlyMap<string, string>,
): HistoryRow['deliveries'] {
  const rows = node.store.all(
    'SELECT * FROM delivery WHERE site = ? AND seq = ? ORDER BY peer, published_at IS NOT NULL, published_at DESC',
    site,
    seq,
  );
  const byPeer = new Map<string, Row>();
  for (const row of rows) if (!byPeer.has(text(row['peer']))) byPeer.set(text(row['peer']), row);
  return [...byPeer].map(([peer, row]) =>
    defined({
      peer: names.get(peer) ?? peer.slice(0, 12),
      state: text(row['state']) as HistoryRow['deliveries'][number]['state'],
      verdict:
        row['verdict'] === null ? undefined : (text(row['verdict']) as HistoryRow['deliveries'][number]['verdict']),
      notifiedAt: optionalInt(row['notified_at']),
      receivedAt: optionalInt(row['received_at']),
      fetchedAt: optionalInt(row['fetched_at']),
      publishedAt: optionalInt(row['published_at']),
      nextAttemptAt: optionalInt(row['next_attempt_at']),
      bytes: optionalInt(row['bytes']),
      error: row['error'] === null ? undefined : parseError(text(row['error'])),
    }),
  );
}

function mirrorPage(node: Node, { site, since }: HistoryQuery, offset: number): HistoryRow[] {
  const rows = node.store.all(
    `SELECT s.name AS site_name, t.* FROM transfer t JOIN site s ON s.id = t.site
     WHERE (?1 IS NULL OR s.name = ?1) AND t.received_at >= ?2 ORDER BY t.id DESC LIMIT ?3 OFFSET ?4`,
    site ?? null,
    since ?? 0,
    PAGE,
    offset,
  );
  return rows.map((row) => {
    const { seq, op, path, from, size, notifiedAt, state, verdict, ...rest } = toTransfer(row);
    const { receivedAt, fetchedAt, publishedAt, nextAttemptAt, bytes, attempts, error } = rest;
    const times = defined({ notifiedAt, receivedAt, fetchedAt, publishedAt, nextAttemptAt, bytes, attempts, error });
    const deliveries = [{ peer: node.config.node.name, state, verdict, ...times }];
    return defined({
      site: text(row['site_name']),
      seq,
      op,
      path,
      from,
      size,
      at: notifiedAt || receivedAt,
      deliveries,
    });
  });
}

function parseError(json: string): z.output<typeof errorJson> {
  return errorJson.parse(JSON.parse(json));
}

import type { z } from 'zod';
import { errorJson } from '../../../shared/contract/primitives.ts';
import type { HistoryRow } from '../../../shared/contract/status.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { compileRoutes, type Router } from '../core/routes.ts';
import { abortedError } from '../core/aborted-error.ts';
import type { Row, Store } from '../store/open.ts';
import { defined } from '../core/defined.ts';
import { int, optionalInt, path, text } from '../store/rows.ts';
import { boundOf, type HistoryNode, type HistoryQuery, type Source } from './source.ts';

/** Rows that are counted before it is said that there are many. */
const COUNTED_MAX = 1_000_000;

/** A master's history of each site: its journal, and the uploads that were broken off. */
export function masterSources({ store, peers, config }: HistoryNode, query: HistoryQuery): Source[] {
  const known = new Map<string, string>();
  const nameOf = (peer: string): string => {
    const name = known.get(peer) ?? peers.nameOf(peer);
    known.set(peer, name);
    return name;
  };
  const { site: only = null, op } = query;
  const sites = store.all('SELECT id, name FROM site WHERE ?1 IS NULL OR name = ?1 ORDER BY id', only);
  return sites.flatMap((row) => {
    const site = { id: int(row['id']), name: text(row['name']) };
    const router = compileRoutes(config.sites.find(({ name }) => name === site.name)?.routes ?? []);
    const mirrors = { peers, nameOf, router, shown: shownBy(store, site.id) };
    return [
      ...(op === 'aborted' ? [] : [journalOf(store, site, mirrors, query)]),
      // What was broken off is at no mirror.
      ...((op ?? 'aborted') === 'aborted' && !query.states && !query.peer ? [abortedOf(store, site, query)] : []),
    ];
  });
}

interface Site {
  readonly id: number;
  readonly name: string;
}

interface Mirrors {
  readonly peers: HistoryNode['peers'];
  /** Also of those that were removed. */
  readonly nameOf: (peer: string) => string;
  readonly router: Router;
  /** Up to which seq of the journal each shows all. */
  readonly shown: ReadonlyMap<string, number>;
}

function shownBy(store: Store, site: number): Map<string, number> {
  const sql = `SELECT peer, published_seq FROM subscription WHERE site = ?1 AND journal = (SELECT journal FROM site WHERE id = ?1)
    ORDER BY peer`;
  return new Map(store.all(sql, site).map((row) => [text(row['peer']), int(row['published_seq'])]));
}

function journalOf(store: Store, { id, name }: Site, mirrors: Mirrors, query: HistoryQuery): Source {
  const { since = 0, until = Number.MAX_SAFE_INTEGER, op = null, states } = query;
  const ids = query.peer === undefined ? undefined : mirrors.peers.idsOf(query.peer);
  // Of a mirror whose name nobody knows any more the deliveries are named by its id.
  const wanted = ids?.length === 0 ? [query.peer] : ids;
  const byDelivery = states !== undefined || wanted !== undefined;
  const fits = byDelivery
    ? `EXISTS (SELECT 1 FROM delivery d WHERE d.site = j.site AND d.seq = j.seq AND (?7 IS NULL OR EXISTS (SELECT 1 FROM json_each(?7) w WHERE substr(d.peer, 1, length(w.value)) = w.value))
         AND (?8 IS NULL OR d.state IN (SELECT value FROM json_each(?8))))`
    : '1';
  const sql = `SELECT seq, op, path, origin, size, at, account, release, (?6 IS NULL OR op = ?6) AND ${fits} AS fits FROM journal j
    WHERE site = ?1 AND at <= ?2 AND (at, seq) < (?2, ?3) AND at >= ?4 AND op <> 'rules' ORDER BY at DESC, seq DESC LIMIT ?5`;
  const source = 2 * id;
  return {
    count: () => countRows(store, 'journal', id, since, until),
    read(before, limit) {
      const [at, number] = boundOf(before, source);
      const values = [id, ...earlier([at, number], until), since, limit, op];
      const delivery = byDelivery
        ? [wanted ? JSON.stringify(wanted) : null, states ? JSON.stringify(states) : null]
        : [];
      return store.all(sql, ...values, ...delivery).map((row) => {
        const seq = int(row['seq']);
        const from = row['origin'] === null ? undefined : path(row['origin']);
        return {
          place: { at: int(row['at']), source, number: seq },
          at: int(row['at']),
          path: path(row['path']),
          from,
          fits: row['fits'] === 1,
          show: () =>
            defined({
              site: name,
              seq,
              op: text(row['op']) as HistoryRow['op'],
              path: path(row['path']),
              from,
              size: optionalInt(row['size']),
              at: int(row['at']),
              by: text(row['account']),
              release: optionalInt(row['release']),
              deliveries: deliveriesOf(store, id, { seq, path: path(row['path']) }, mirrors),
            }),
        };
      });
    },
  };
}

function abortedOf(
  store: Store,
  { id, name }: Site,
  { since = 0, until = Number.MAX_SAFE_INTEGER }: HistoryQuery,
): Source {
  const sql = `SELECT id, path, bytes, at, account, reason FROM aborted
    WHERE site = ?1 AND at <= ?2 AND (at, id) < (?2, ?3) AND at >= ?4 ORDER BY at DESC, id DESC LIMIT ?5`;
  const source = 2 * id + 1;
  return {
    count: () => countRows(store, 'aborted', id, since, until),
    read: (before, limit) =>
      store.all(sql, id, ...earlier(boundOf(before, source), until), since, limit).map((row) => ({
        place: { at: int(row['at']), source, number: int(row['id']) },
        at: int(row['at']),
        path: path(row['path']),
        from: undefined,
        fits: true,
        show: () => ({
          site: name,
          op: 'aborted',
          path: path(row['path']),
          size: int(row['bytes']),
          at: int(row['at']),
          by: text(row['account']),
          error: abortedError(path(row['path']), text(row['reason'])).toJSON(),
          deliveries: [],
        }),
      })),
  };
}

/** The place, or the time up to which is asked for, whichever is earlier. */
function earlier([at, number]: readonly [number, number], until: number): readonly [number, number] {
  return until < at ? [until, Number.MAX_SAFE_INTEGER] : [at, number];
}

function countRows(store: Store, table: 'journal' | 'aborted', site: number, since: number, until: number): number {
  const sql = `SELECT count(*) AS n FROM (SELECT 1 FROM ${table} WHERE site = ? AND at BETWEEN ? AND ? LIMIT ${COUNTED_MAX})`;
  return int(store.get(sql, site, since, until)?.['n']);
}

/**
 * A rename that was told entry by entry has several rows for a mirror: the one that is least far stands for all. One that has none,
 * and shows all up to there, was told of a later change of the path, or has compared its files with the whole index.
 */
function deliveriesOf(
  store: Store,
  site: number,
  { seq, path: at }: { readonly seq: number; readonly path: SitePath },
  { nameOf, router, shown }: Mirrors,
): HistoryRow['deliveries'] {
  const rows = store.all(
    "SELECT * FROM delivery WHERE site = ? AND seq = ? ORDER BY peer, published_at IS NOT NULL AND state = 'published', published_at DESC",
    site,
    seq,
  );
  const byPeer = new Map<string, Row>();
  for (const row of rows) if (!byPeer.has(text(row['peer']))) byPeer.set(text(row['peer']), row);
  const untold = [...shown].flatMap(([peer, upTo]) => {
    const name = nameOf(peer);
    const isThere = upTo >= seq && !byPeer.has(peer) && router(at, name);
    return isThere ? [{ peer: name, state: 'skipped' as const }] : [];
  });
  const told = [...byPeer].map(([peer, row]) =>
    defined({
      peer: nameOf(peer),
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
  return [...told, ...untold];
}

function parseError(json: string): z.output<typeof errorJson> {
  return errorJson.parse(JSON.parse(json));
}

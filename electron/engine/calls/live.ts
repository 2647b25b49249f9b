import { LIVE_ROWS_MAX } from '../../../shared/contract/live.ts';
import { listHistory } from '../history/history.ts';
import { readPast } from '../live/past.ts';
import type { Store } from '../store/open.ts';
import { int, optionalInt } from '../store/rows.ts';
import { findSite } from '../store/sites.ts';
import { type CallContext, chosenSite, type HandlersOf, siteNames, writeReports } from './context.ts';

export function liveHandlers(context: CallContext): HandlersOf<'live'> {
  const { node, live } = context;
  return {
    'live.snapshot': ({ site: given, limit }) => {
      const site = chosenSite(siteNames(context), given);
      writeReports(context);
      return { revision: live?.settle() ?? 0, at: node.now(), rows: listHistory(node, { site, limit }) };
    },

    'live.past': async ({ site: given, before }) => {
      const { store, peers, config } = node;
      const site = findSite(store, chosenSite(siteNames(context), given));
      if (!site) return { lanes: [] };
      if (config.node.role === 'mirror') {
        const transfer = firstTransfer(store, site.id, before);
        return readPast(store, site.id, node.now(), { of: 'mirror', before: transfer, own: config.node.name });
      }
      const nameOf = (peer: string): string => peers.nameOf(peer);
      const head = int(store.get('SELECT seq FROM site WHERE id = ?', site.id)?.['seq']);
      return readPast(store, site.id, node.now(), { of: 'master', before: before ?? head + 1, nameOf });
    },
  };
}

/** The first of a mirror's transfers that is not before the change `before`, as far back as a snapshot goes. */
function firstTransfer(store: Store, site: number, before: number | undefined): number {
  const newest = `SELECT id, seq FROM transfer WHERE site = ? ORDER BY id DESC LIMIT ${LIVE_ROWS_MAX}`;
  const row =
    before === undefined ? undefined : store.get(`SELECT min(id) AS id FROM (${newest}) WHERE seq >= ?`, site, before);
  return optionalInt(row?.['id']) ?? Number.MAX_SAFE_INTEGER;
}

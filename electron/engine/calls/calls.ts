import { type CallName, type CallParams, type CallResult, calls } from '../../../shared/contract/calls.ts';
import { parseParams } from '../../../shared/contract/issue.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { type CallContext, type HandlersOf, siteNames, writeReports } from './context.ts';
import { configHandlers } from './config.ts';
import { consoleHandlers } from './console.ts';
import { deepHandlers } from './deep.ts';
import { folderHandlers } from './folders.ts';
import { groupHandlers } from './groups.ts';
import { linkHandlers } from './links.ts';
import { followHandlers } from './follows.ts';
import { liveHandlers } from './live.ts';
import { logHandlers } from './log.ts';
import { nodeHandlers } from './node.ts';
import { pairingHandlers } from './pairing.ts';
import { peerHandlers } from './peers.ts';
import { publishHandlers, targetHandlers } from './publishing.ts';
import { releaseHandlers } from './releases.ts';
import { routeHandlers } from './routes.ts';
import { accountHandlers, siteHandlers } from './sites.ts';
import { versionHandlers } from './versions.ts';
import { waitingHandlers } from './waiting.ts';
import { listHistory, pageHistory } from '../history/history.ts';
import { readStatus } from '../status/status.ts';
import { findSite } from '../store/sites.ts';

export interface Caller {
  /** Rejects `call.unknown`, `call.invalid`, and what the call itself rejects. */
  call<N extends CallName>(name: N, params: CallParams<N>): Promise<CallResult<N>>;
}

/** The calls of shared/contract/calls.ts: the same on a running engine and at rest. */
export function createCaller(context: CallContext): Caller {
  const handlers = createHandlers(context);
  return {
    async call(name, params) {
      if (!Object.hasOwn(calls, name)) throw new AppError('call.unknown', { name: String(name).slice(0, 64) });
      const parsed = parseParams(name, calls[name].params, params);
      return handlers[name](parsed);
    },
  };
}

function createHandlers(context: CallContext): HandlersOf<string> {
  const { node, sources } = context;
  return {
    ...nodeHandlers(context),
    ...configHandlers(context),
    ...consoleHandlers(context),
    ...deepHandlers(context),
    ...siteHandlers(context),
    ...folderHandlers(context),
    ...accountHandlers(context),
    ...pairingHandlers(context),
    ...peerHandlers(context),
    ...followHandlers(context),
    'history.list': (query) => {
      beforeHistory(context, query.site);
      const rows = listHistory(node, query);
      // The history of a mirror that is gone is there still, also where its name is forgotten.
      if (rows.length === 0 && query.peer !== undefined) requireKnown(context, query.peer);
      return rows;
    },
    'history.page': (query) => {
      beforeHistory(context, query.site);
      return pageHistory(node, query);
    },
    ...liveHandlers(context),
    ...logHandlers(context),
    ...waitingHandlers(context),
    ...groupHandlers(context),
    ...linkHandlers(context),
    ...releaseHandlers(context),
    ...routeHandlers(context),
    ...versionHandlers(context),
    ...publishHandlers(context, context.publishing),
    ...targetHandlers(context.publishing),
    'step.seq': () => ({ sites: readStatus(sources()).sites.map(({ name, headSeq }) => ({ name, headSeq })) }),
  };
}

/** Throws `peer.unknown`. */
function requireKnown({ node: { config, peers } }: CallContext, peer: string): void {
  // Those whose name is forgotten are asked for by the beginning of their id.
  const isKnown =
    config.node.role === 'mirror'
      ? peer === config.node.name
      : peers.idsOf(peer).length > 0 || /^[0-9a-f]+$/.test(peer);
  if (!isKnown) throw new AppError('peer.unknown', { peer });
}

/** Of one that was taken out of the config by hand the history is there still. Throws `site.unknown`. */
function beforeHistory(context: CallContext, site: string | undefined): void {
  if (site !== undefined && !siteNames(context).includes(site) && !findSite(context.node.store, site))
    throw new AppError('site.unknown', { site });
  writeReports(context);
}

import type { CallResult } from '../../../shared/contract/calls.ts';
import type { Limits, LimitsChange } from '../../../shared/contract/conditions.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Peer } from '../core/peer.ts';
import type { Master } from '../master/master.ts';
import { defined } from '../core/defined.ts';
import { removeSite } from '../store/sites.ts';
import { releaseFolder } from '../claim/claim-folder.ts';
import { type CallContext, type HandlersOf, publishing } from './context.ts';

export function peerHandlers(context: CallContext): HandlersOf<'peer'> {
  const { node, master, applied } = context;
  return {
    'peer.list': () => listPeers(context),

    'peer.remove': async ({ peer: nameOrId, dryRun }) => {
      const peer = node.peers.find(nameOrId);
      const ending = { name: peer.name, sites: master ? sitesAtMaster(master, peer) : sitesAtMirror(context, peer) };
      if (dryRun) return ending;
      await node.edit((config) => ({
        ...config,
        follows: config.follows.filter((follow) => follow.master !== peer.id),
      }));
      if (master) await master.forget(peer);
      else if (ending.sites.length === 0 || !context.mirror) node.peers.remove(peer.id);
      else
        context.mirror.leave(
          peer.id,
          ending.sites.map(({ site }) => site),
        );
      await applied();
      if (!master) for (const { site, root } of ending.sites) await forgetFollow(context, site, root);
      return ending;
    },

    'peer.dial': ({ peer: nameOrId }) => {
      const peer = node.peers.find(nameOrId);
      if (!context.dial) throw new AppError('node.not-running');
      if (peer.dial !== 'us') throw new AppError('peer.dials-us', { peer: peer.name });
      context.dial(peer.id);
      return { name: peer.name };
    },

    'peer.pause': ({ peer: nameOrId }) => {
      const peer = mirrorOf(context, nameOrId);
      publishing(context).pause(peer.id);
      return { name: peer.name, pausedAt: node.pauses.since({ what: 'peer', name: peer.id }) ?? node.now() };
    },

    'peer.resume': ({ peer: nameOrId }) => {
      const peer = mirrorOf(context, nameOrId);
      publishing(context).resume(peer.id);
      return { name: peer.name };
    },

    'peer.limit': ({ peer: nameOrId, ...change }) => {
      const peer = mirrorOf(context, nameOrId);
      const sites = publishing(context);
      const limits = changedLimits(sites.conditions.limits(peer.id), change);
      sites.limit(peer.id, limits);
      return { name: peer.name, limits };
    },
  };
}

/** The installs that this one is paired with. */
export function listPeers({ node, master }: CallContext): CallResult<'peer.list'> {
  return node.peers.list().map(({ id, name, role, address, dial }) => {
    const pausedAt = node.pauses.since({ what: 'peer', name: id });
    const limits = master?.conditions.limits(id) ?? {};
    return {
      id,
      name,
      role,
      address,
      dial: (dial === 'us') === (node.config.node.role === 'master') ? 'master' : 'mirror',
      sites: [
        ...node.config.follows.flatMap((follow) => (follow.master === id ? [follow.site] : [])),
        ...(master?.sites() ?? []).flatMap((site) => (site.deliveries.subscription(id) ? [site.name] : [])),
      ],
      ...(Object.keys(limits).length > 0 && { limits }),
      ...(pausedAt !== undefined && { pausedAt }),
    };
  });
}

/** What ends at this mirror with a pairing, or with one of its sites. */
export function sitesAtMirror(
  { node, mirror }: CallContext,
  peer: Pick<Peer, 'id'>,
  site?: string,
): CallResult<'peer.remove'>['sites'] {
  return node.config.follows
    .filter((follow) => follow.master === peer.id && (site === undefined || follow.site === site))
    .map((follow) => ({
      site: follow.site,
      root: follow.root,
      files:
        mirror
          ?.sites()
          .find((each) => each.follow.site === follow.site)
          ?.state.files() ?? 0,
    }));
}

/** After it was taken out of the config and closed: what the database holds of it goes too, and the folder is free. */
export async function forgetFollow({ node }: CallContext, site: string, root: string | undefined): Promise<void> {
  node.pauses.resume({ what: 'site', name: site });
  removeSite(node.store, site);
  if (root !== undefined) await releaseFolder(root, node.identity.id);
}

export function changedLimits(before: Limits, { bytesPerSecond, hours }: LimitsChange): Limits {
  return defined({
    bytesPerSecond: bytesPerSecond === undefined ? before.bytesPerSecond : (bytesPerSecond ?? undefined),
    hours: hours === undefined ? before.hours : (hours ?? undefined),
  });
}

function sitesAtMaster(master: Master, { id }: Peer): CallResult<'peer.remove'>['sites'] {
  return master.sites().flatMap(({ name, journal, deliveries }) => {
    const subscription = deliveries.subscription(id);
    if (!subscription) return [];
    const told = subscription.journal === journal.id ? subscription.publishedSeq : 0;
    const behind = Math.max(subscription.waiting, journal.head - told, 0);
    return [{ site: name, files: journal.index.files(), behind }];
  });
}

/** Throws `node.wrong-role`, `peer.unknown`. */
function mirrorOf({ node }: CallContext, nameOrId: string): Peer {
  node.require('master');
  const peer = node.peers.find(nameOrId);
  if (peer.role !== 'mirror') throw new AppError('peer.unknown', { peer: nameOrId });
  return peer;
}

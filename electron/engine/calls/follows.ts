import { join } from 'node:path';
import type { CallResult } from '../../../shared/contract/calls.ts';
import { config as configSchema, type FollowConfig } from '../../../shared/contract/config.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { refuseFolders } from './refuse-folders.ts';
import { moveFolder } from './move-folder.ts';
import { type CallContext, chosenSite, following, type HandlersOf } from './context.ts';
import { changedLimits, forgetFollow, sitesAtMirror } from './peers.ts';

type Followed = CallResult<'follow.list'>[number];

export function followHandlers(context: CallContext): HandlersOf<'follow'> {
  const { node, applied } = context;
  return {
    'follow.list': () => {
      node.require('mirror');
      return node.config.follows.map((follow) => described(context, follow));
    },

    'follow.set': async ({ site: given, bytesPerSecond, hours, root, ...change }) => {
      const { site } = chosenFollow(context, given);
      if (root !== undefined) await moveFolder(context, site, root);
      const changed = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
      await node.edit((config) => {
        const before = config.follows.find((follow) => follow.site === site);
        // Another process may have taken it out a moment ago.
        if (!before) throw new AppError('site.unknown', { site });
        const mirrored = following(context)
          .sites()
          .find(({ follow }) => follow.site === site);
        refuseFolders(change.exclude ?? [], before.exclude, (path) => mirrored?.state.entry(path));
        const { bytesPerSecond: rate, hours: open, ...rest } = before;
        const limits = changedLimits(
          { ...(rate !== undefined && { bytesPerSecond: rate }), ...(open && { hours: open }) },
          { bytesPerSecond, hours },
        );
        const after = { ...rest, ...limits, ...changed };
        return configSchema.parse({
          ...config,
          follows: config.follows.map((follow) => (follow.site === site ? after : follow)),
        });
      });
      await applied();
      return described(context, chosenFollow(context, site));
    },

    'follow.pause': ({ site: given }) => {
      const { site } = chosenFollow(context, given);
      following(context).pause(site);
      return { site, pausedAt: node.pauses.since({ what: 'site', name: site }) ?? node.now() };
    },

    'follow.resume': ({ site: given }) => {
      const { site } = chosenFollow(context, given);
      following(context).resume(site);
      return { site };
    },

    'follow.drift': ({ site: given, limit }) => {
      const names =
        given === undefined ? node.config.follows.map(({ site }) => site) : [chosenFollow(context, given).site];
      const open = following(context)
        .sites()
        .filter(({ follow }) => names.includes(follow.site));
      return open.flatMap(({ follow, root, drift }) =>
        drift.list(limit).map(({ path, state, standing, at, sha256 }) => ({
          site: follow.site,
          path,
          state,
          missing: standing === null,
          at,
          ...(sha256 !== null && { keptAs: join(root.versions, sha256) }),
        })),
      );
    },

    'follow.remove': async ({ site: given, dryRun }) => {
      const { site, master, root } = chosenFollow(context, given);
      const peer = node.peers.get(master);
      const ending = {
        name: peer?.name ?? node.peers.nameOf(master),
        sites: sitesAtMirror(context, { id: master }, site),
      };
      if (dryRun) return ending;
      await node.edit((config) => ({
        ...config,
        follows: config.follows.filter((follow) => follow.site !== site),
      }));
      following(context).leave(master, [site]);
      await applied();
      await forgetFollow(context, site, root);
      return ending;
    },
  };
}

function described({ node }: CallContext, follow: FollowConfig): Followed {
  const pausedAt = node.pauses.since({ what: 'site', name: follow.site });
  const masterName = node.peers.nameOf(follow.master);
  return { ...follow, masterName, ...(pausedAt !== undefined && { pausedAt }) };
}

/** Throws `node.wrong-role`, `site.unknown`, `site.which`. */
function chosenFollow({ node }: CallContext, given: string | undefined): FollowConfig {
  node.require('mirror');
  const { follows } = node.config;
  const name = chosenSite(
    follows.map(({ site }) => site),
    given,
  );
  const found = follows.find(({ site }) => site === name);
  if (!found) throw new AppError('site.unknown', { site: name });
  return found;
}

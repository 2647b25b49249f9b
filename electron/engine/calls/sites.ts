import type { CallResult } from '../../../shared/contract/calls.ts';
import { config as configSchema } from '../../../shared/contract/config.ts';
import { parseSitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { unwrap } from '../../../shared/errors/result.ts';
import { defined } from '../core/defined.ts';
import { findSite, removeSite } from '../store/sites.ts';
import { claimFolder, releaseFolder } from '../claim/claim-folder.ts';
import { refuseClash } from '../claim/root-clash.ts';
import { changedSite } from '../core/changed-config.ts';
import { type CallContext, editSite, followedSite, type HandlersOf, publishing } from './context.ts';
import { moveFolder } from './move-folder.ts';
import { realFolder } from './real-folder.ts';
import { treeHandlers } from './site-tree.ts';

export function siteHandlers(context: CallContext): HandlersOf<'site'> {
  const { node, mirror, applied } = context;
  return {
    ...treeHandlers(context),

    'site.add': async ({ name, root, watch, takeOver }) => {
      const sites = publishing(context);
      const folder = await realFolder(root);
      if (node.config.sites.some((site) => site.name === name)) throw new AppError('site.exists', { site: name });
      refuseClash(folder, [...node.config.sites.map((site) => site.root), node.dataDir]);
      const wasKnown = findSite(node.store, name) !== undefined;
      let left = {};
      const claim = await claimFolder(folder, name, { claimant: node.claimant, takeOver });
      try {
        await node.edit((config) =>
          configSchema.parse({ ...config, sites: [...config.sites, { name, root: folder, watch }] }),
        );
        await applied();
        const fault = context.sources().siteFaults.get(name);
        if (fault) throw AppError.fromJSON(fault.toJSON());
        left = leftOut(await sites.rescan(name));
      } catch (error) {
        // What could not be added is not half there: not in the config, and not in the way of the next attempt.
        const isNamed = (): boolean => node.config.sites.some((site) => site.name === name);
        try {
          if (isNamed())
            await node.edit((config) => ({ ...config, sites: config.sites.filter((site) => site.name !== name) }));
          await applied();
          if (!wasKnown) removeSite(node.store, name);
        } finally {
          if (!isNamed()) await claim.undo();
        }
        throw error;
      }
      return { name, root: folder, ...left };
    },

    'site.remove': async ({ name, dryRun }) => {
      publishing(context);
      if (!node.config.sites.some((site) => site.name === name)) throw new AppError('site.unknown', { site: name });
      const ending = endingOf(context, name);
      if (dryRun) return ending;
      const root = node.config.sites.find((site) => site.name === name)?.root;
      await node.edit((config) => ({ ...config, sites: config.sites.filter((site) => site.name !== name) }));
      await applied();
      node.accounts.removeSite(name);
      removeSite(node.store, name);
      if (root !== undefined) await releaseFolder(root, node.identity.id);
      return ending;
    },

    'site.set': async ({ name, root, ...changes }) => {
      publishing(context);
      if (root !== undefined) await moveFolder(context, name, root);
      await editSite(context, name, (site) => changedSite(site, changes));
      return { name };
    },

    'site.rescan': async ({ name, allowDeletes }) => {
      if (mirror) return followedSite(context, name).rescan();
      const allowedDeletes = allowDeletes ? Number.POSITIVE_INFINITY : 0;
      const outcome = await publishing(context).rescan(name, { allowedDeletes });
      return { found: outcome.found, changed: outcome.changed, ...leftOut(outcome) };
    },
  };
}

/** What is not published, as far as there is any. */
function leftOut({ unfit, links }: { unfit: number; links: number }): { unfit?: number; links?: number } {
  return { ...(unfit > 0 && { unfit }), ...(links > 0 && { links }) };
}

/** What goes, and what stays, when a site is no longer published. */
function endingOf({ node, master }: CallContext, name: string): CallResult<'site.remove'> {
  const site = master?.sites().find((each) => each.name === name);
  const mirrors = site?.deliveries.subscriptions().flatMap(({ peer }) => node.peers.get(peer)?.name ?? []) ?? [];
  return {
    name,
    files: site?.journal.index.files() ?? 0,
    mirrors: mirrors.toSorted(),
    accounts: node.accounts.list().filter((each) => each.site === name && each.kind === 'publisher').length,
  };
}

export function accountHandlers(context: CallContext): HandlersOf<'account'> {
  const { node } = context;
  return {
    'account.add': async ({ user, site, folder, releasesOnly, password }) => {
      publishing(context).site(site);
      const path = unwrap(parseSitePath(folder));
      await node.accounts.add({ user, site, folder: path, kind: 'publisher', releasesOnly, peer: null }, password);
      return { user };
    },

    'account.list': () =>
      node.accounts.list().map(({ user, site, folder, kind, releasesOnly, peer }) =>
        defined({
          user,
          site,
          folder,
          kind,
          mirror: peer === null ? undefined : node.peers.get(peer)?.name,
          releasesOnly,
        }),
      ),

    'account.password': async ({ user, password }) => {
      await publishing(context).setPassword(user, password);
      return { user };
    },

    'account.unlock': ({ who }) => {
      publishing(context);
      // A lock-out lasts no longer than Lockstep runs: at rest there is none.
      if (context.unlock?.(who) !== true) throw new AppError('account.not-locked', { who });
      return { who };
    },

    'account.remove': async ({ user }) => {
      await publishing(context).removeAccount(user);
      return { user };
    },
  };
}

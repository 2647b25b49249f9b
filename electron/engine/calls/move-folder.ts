import type { Config } from '../../../shared/contract/config.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { refuseClash } from '../claim/root-clash.ts';
import { isFolderOf } from '../claim/root-mark.ts';
import type { CallContext } from './context.ts';
import { realFolder } from './real-folder.ts';

/**
 * The folder of a site, published or followed, stands elsewhere now: that very one. Where it cannot be used there, nothing is changed.
 * Rejects `site.unknown`, `site.no-folder`, `site.root-*`, `file.not-directory`.
 */
export async function moveFolder(context: CallContext, name: string, root: string): Promise<void> {
  const { node, applied } = context;
  const roots = [...node.config.sites, ...node.config.follows.map((follow) => ({ ...follow, name: follow.site }))];
  const before = roots.find((site) => site.name === name);
  if (!before) throw new AppError('site.unknown', { site: name });
  const folder = await realFolder(root);
  if (folder === before.root) return;
  refuseClash(folder, [...roots.filter((site) => site !== before).map((site) => site.root), node.dataDir]);
  if (!isFolderOf(node.store, name, folder)) throw new AppError('site.root-elsewhere', { root: folder, site: name });
  const stand = async (at: string): Promise<void> => {
    await node.edit((config) => standingAt(config, name, at));
    await applied();
  };
  await stand(folder);
  const fault = context.sources().siteFaults.get(name);
  if (!fault) return;
  await stand(before.root);
  throw AppError.fromJSON(fault.toJSON());
}

function standingAt(config: Config, name: string, root: string): Config {
  return {
    ...config,
    sites: config.sites.map((site) => (site.name === name ? { ...site, root } : site)),
    follows: config.follows.map((follow) => (follow.site === name ? { ...follow, root } : follow)),
  };
}

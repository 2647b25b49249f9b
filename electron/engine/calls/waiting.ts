import { heldDeletes } from '../../../shared/domain/waiting-decisions.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { HELD_ID } from '../mirror/decide-wants.ts';
import { listWaiting, resolveAtMaster, UNFIT_ID } from '../status/waiting.ts';
import type { CallContext, HandlersOf } from './context.ts';

function isRoot(code: string): boolean {
  return code === 'site.root-missing' || isOther(code);
}

/** Another folder than the site's is at its place, or another install has it. */
function isOther(code: string): boolean {
  return code === 'site.root-other' || code === 'site.root-taken';
}

export function waitingHandlers({ node, master, mirror, sources, applied }: CallContext): HandlersOf<'waiting'> {
  return {
    'waiting.list': () => listWaiting(sources()),

    'waiting.resolve': async ({ id, how, count }) => {
      const asked = listWaiting(sources()).find((item) => item.id === id);
      const deletes = (asked && heldDeletes(asked)) ?? 0;
      if (asked && count !== undefined && deletes > count) throw AppError.fromJSON(asked.error);
      if (resolveAtMaster({ node, master }, id, how)) return { id };
      // At a mirror that runs it is what keeps everything from being fetched, and has the id of that.
      const lost = listWaiting(sources()).find(
        (item) => (item.id === id || `${item.site}:site` === id) && !item.peer && isRoot(item.error.code),
      );
      const published = lost && node.config.sites.find(({ name }) => id === `${name}:site`);
      if (master && published && how === 'publish') {
        // What is not there cannot be taken for it.
        if (!isOther(lost.error.code)) throw AppError.fromJSON(lost.error);
        // A person says that this is the folder of the site from now on.
        await master.adoptRoot(lost.site, published.root);
        await applied();
        return { id };
      }
      const unfit = master?.sites().find(({ name }) => id.startsWith(`${name}:${UNFIT_ID}:`));
      if (master && unfit && how === 'publish') {
        await master.rescan(unfit.name);
        const left = listWaiting(sources()).find((item) => item.id === id);
        if (left) throw AppError.fromJSON(left.error);
        return { id };
      }
      const stopped = master
        ?.sites()
        .find(({ name, watch }) => (watch?.trouble || master.putBack.trouble(name)) && id.startsWith(`${name}:`));
      if (master && stopped && how === 'publish') {
        if (id === `${stopped.name}:${HELD_ID}`) await master.rescan(stopped.name, { allowedDeletes: deletes });
        else if (stopped.watch?.trouble) stopped.watch.retry();
        else await master.rescan(stopped.name);
        return { id };
      }
      // A person says that the folder of a followed site is gone for good.
      const follow = lost && node.config.follows.find(({ site }) => site === lost.site);
      if (mirror && follow && how === 'publish') {
        await mirror.restore(follow);
        await applied();
        return { id };
      }
      const site = mirror?.sites().find(({ follow }) => id.startsWith(`${follow.site}:`));
      const by = node.config.node.name;
      const known = await site?.resolve(id.slice(site.follow.site.length + 1), how, by, count);
      if (!known) throw new AppError('waiting.unknown', { id });
      return { id };
    },
  };
}

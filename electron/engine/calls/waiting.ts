import type { WaitingItem } from '../../../shared/contract/status.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { HELD_ID } from '../mirror/decide-wants.ts';
import { forgetMark } from '../tree/root-mark.ts';
import { listWaiting, resolveAtMaster } from '../waiting.ts';
import type { CallContext, HandlersOf } from './context.ts';

function isRoot(code: string): boolean {
  return code === 'site.root-missing' || code === 'site.root-other';
}

/** So many files a person was asked about, and by now says yes to. */
function askedAbout(waiting: readonly WaitingItem[], id: string): number {
  const count = waiting.find((item) => item.id === id)?.error.params['count'];
  return typeof count === 'number' ? count : 0;
}

export function waitingHandlers({ node, master, mirror, sources, applied }: CallContext): HandlersOf<'waiting'> {
  return {
    'waiting.list': () => listWaiting(sources()),

    'waiting.resolve': async ({ id, how }) => {
      if (resolveAtMaster({ node, master }, id, how)) return { id };
      const published = master
        ?.sites()
        .find(({ name, watch }) => (watch?.trouble || master.putBack.trouble(name)) && id.startsWith(`${name}:`));
      if (master && published && how === 'publish') {
        if (id === `${published.name}:${HELD_ID}`)
          await master.rescan(published.name, { allowedDeletes: askedAbout(listWaiting(sources()), id) });
        else if (published.watch?.trouble) published.watch.retry();
        else await master.rescan(published.name);
        return { id };
      }
      // A person says that the folder of a followed site is gone for good.
      const lost = listWaiting(sources()).find((item) => item.id === id && isRoot(item.error.code));
      const follow = lost && node.config.follows.find(({ site }) => site === lost.site);
      if (mirror && follow && how === 'publish') {
        await mirror.restore(follow);
        await applied();
        return { id };
      }
      if (master && lost && how === 'publish' && lost.error.code === 'site.root-other') {
        // A person says that this is the folder of the site from now on.
        forgetMark(node.store, lost.site);
        await applied();
        return { id };
      }
      const site = mirror?.sites().find(({ follow }) => id.startsWith(`${follow.site}:`));
      const by = node.config.node.name;
      const known = await site?.resolve(id.slice(site.follow.site.length + 1), how, by);
      if (!known) throw new AppError('waiting.unknown', { id });
      return { id };
    },
  };
}

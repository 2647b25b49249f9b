import type { PublishTo } from '../../../shared/contract/publishing.ts';
import type { PublishedSite } from '../master/published-site.ts';
import type { Comparison } from '../publishing/compare.ts';
import { doubtsAt } from '../publishing/mirror-doubts.ts';
import type { Destination, Publishing } from '../publishing/publishing.ts';
import { type CallContext, type HandlersOf, publishedSite, publishing as masterOf } from './context.ts';

export function publishHandlers(context: CallContext, publishing: Publishing): HandlersOf<'publish'> {
  const destination = (to: PublishTo): Destination =>
    to.kind === 'target' ? to : { kind: 'site', site: publishedSite(context, to.site) };
  return {
    'publish.plan': async ({ to, sources, into, delete: withDelete }) => {
      const place = destination(to);
      const { found, atOnce } = await publishing.plan({ to: place, sources, into, delete: withDelete });
      const { folders, files, unchanged, removed, refused, leftOut, bySizeOnly } = found;
      const [added, changed] = [files.filter(({ isNew }) => isNew), files.filter(({ isNew }) => !isNew)];
      return {
        new: [...folders, ...added.map(({ path }) => path)],
        changed: changed.map(({ path }) => path),
        unchanged,
        deleted: removed.map(({ path }) => path),
        refused,
        refusedCount: leftOut,
        bytes: files.reduce((sum, { size }) => sum + size, 0),
        sizes: {
          new: [...folders.map(() => null), ...added.map(({ size }) => size)],
          changed: changed.map(({ size }) => size),
        },
        bySizeOnly,
        atOnce,
        mirrors: place.kind === 'site' ? mirrorPlans(context, place.site, found) : [],
      };
    },

    'publish.start': ({ id, to, into, together, ...order }) =>
      publishing.start({ ...order, id, to: destination(to), into, together }),
    'publish.list': () => publishing.list(),
    'publish.cancel': ({ job }) => publishing.cancel(job),
    'publish.resume': ({ job, allowDeletes }) => publishing.resume(job, allowDeletes),
    'publish.dismiss': ({ job }) => {
      publishing.dismiss(job);
      return { job };
    },
  };
}

export function targetHandlers(publishing: Publishing): HandlersOf<'target'> {
  return {
    'target.list': () => publishing.targets(),
    'target.add': ({ target, password, remember, replace }) =>
      publishing.addTarget(target, password, { remember, replace }),
    'target.import': ({ text, only, dryRun }) => publishing.importTargets(text, { only, dryRun }),
    'target.remove': ({ name }) => {
      publishing.removeTarget(name);
      return { name };
    },
    'target.test': ({ name, target, password }) =>
      publishing.testTarget(target ?? publishing.savedTarget(name ?? ''), password),
  };
}

/** For each mirror of the site, what it may not be able to hold. */
function mirrorPlans(context: CallContext, { name: site, deliveries, router }: PublishedSite, found: Comparison) {
  const master = masterOf(context);
  return deliveries
    .subscriptions()
    .flatMap(({ peer }) => {
      const name = context.node.peers.get(peer)?.name;
      if (name === undefined) return [];
      const gets = (path: Parameters<NonNullable<typeof router>>[0]): boolean => !router || router(path, name);
      return [doubtsAt({ name, disk: master.diskOf(peer, site), gets }, found)];
    })
    .toSorted((one, other) => (one.mirror < other.mirror ? -1 : 1));
}

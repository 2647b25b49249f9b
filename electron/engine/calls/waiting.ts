import type { WaitingItem } from '../../../shared/contract/status.ts';
import { heldDeletes } from '../../../shared/domain/waiting-decisions.ts';
import { folderId } from '../../../shared/domain/waiting-id.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/codes.ts';
import { HELD_ID } from '../mirror/decide-wants.ts';
import { isStoppedId, isUnfitId, listWaiting, resolveAtMaster } from '../status/waiting.ts';
import type { CallContext, HandlersOf } from './context.ts';

export function waitingHandlers(context: CallContext): HandlersOf<'waiting'> {
  const { sources } = context;
  return {
    'waiting.list': () => listWaiting(sources()),

    'waiting.resolve': async ({ id, how, count }) => {
      const asked = listWaiting(sources()).find((item) => item.id === id);
      const deletes = (asked && heldDeletes(asked)) ?? 0;
      if (asked && count !== undefined && deletes > count) throw AppError.fromJSON(asked.error);
      for (const resolve of resolvers) if (await resolve(context, { id, how, count, deletes })) return { id };
      throw new AppError('waiting.unknown', { id });
    },
  };
}

/** What a person says of something that waits. */
interface Decision {
  readonly id: string;
  readonly how: 'publish' | 'discard';
  /** So many deletes the person was asked about; undefined: they were not counted. */
  readonly count: number | undefined;
  /** So many it is about now. */
  readonly deletes: number;
}

/** Decides about things of one kind. False: it is none of these. Throws why it still waits. */
type Resolver = (context: CallContext, decision: Decision) => boolean | Promise<boolean>;

/** Whose folder has gone, or is another one now: the person says that what stands there is the folder of the site. */
const lostAtMaster: Resolver = async ({ node, master, sources, applied }, { id, how }) => {
  const lost = findLostFolder(sources, id);
  const site = lost && node.config.sites.find(({ name }) => id === folderId(name));
  if (!master || !site || how === 'discard') return false;
  // What is not there cannot be taken for it.
  if (!OTHER_FOLDER.has(lost.error.code)) throw AppError.fromJSON(lost.error);
  await master.adoptRoot(lost.site, site.root);
  await applied();
  return true;
};

/** What could not be published: the person has mended it. */
const unfit: Resolver = async ({ master, sources }, { id, how }) => {
  const site = master?.sites().find(({ name }) => isUnfitId(name, id));
  if (!master || !site || how === 'discard') return false;
  await master.rescan(site.name);
  const left = listWaiting(sources()).find((item) => item.id === id);
  if (left) throw AppError.fromJSON(left.error);
  return true;
};

/** A watch that has stopped, or a tree that could not be read: it is tried again, with the deletes that the person has agreed to. */
const stopped: Resolver = async ({ master }, { id, how, deletes }) => {
  const site = master
    ?.sites()
    .find(({ name, watch }) => (watch?.trouble || master.putBack.trouble(name)) && isStoppedId(name, id));
  if (!master || !site || how === 'discard') return false;
  if (id === `${site.name}:${HELD_ID}`) await master.rescan(site.name, { allowedDeletes: deletes });
  else if (site.watch?.trouble) site.watch.retry();
  else await master.rescan(site.name);
  return true;
};

/** The folder of a followed site is gone for good: it is filled anew. */
const lostAtMirror: Resolver = async ({ node, mirror, sources, applied }, { id, how }) => {
  const lost = findLostFolder(sources, id);
  const follow = lost && node.config.follows.find(({ site }) => site === lost.site);
  if (!mirror || !follow || how === 'discard') return false;
  await mirror.restore(follow);
  await applied();
  return true;
};

const atMirror: Resolver = async ({ node, mirror }, { id, how, count }) => {
  const site = mirror?.sites().find(({ follow }) => id.startsWith(`${follow.site}:`));
  const by = node.config.node.name;
  return (await site?.resolve(id.slice(site.follow.site.length + 1), how, by, count)) ?? false;
};

/** The first that knows the id decides. */
const resolvers: readonly Resolver[] = [
  ({ node, master }, { id, how }) => resolveAtMaster({ node, master }, id, how),
  lostAtMaster,
  unfit,
  stopped,
  lostAtMirror,
  atMirror,
];

/** Another folder than the site's is at its place, or another install has it. */
const OTHER_FOLDER: ReadonlySet<ErrorCode> = new Set(['site.root-other', 'site.root-taken']);

/** A site of this install whose folder is lost. At a mirror that runs it is what keeps everything from being fetched, and has the id of that. */
function findLostFolder(sources: CallContext['sources'], id: string): WaitingItem | undefined {
  return listWaiting(sources()).find(
    ({ id: own, site, peer, error }) =>
      (own === id || folderId(site) === id) &&
      peer === undefined &&
      (error.code === 'site.root-missing' || OTHER_FOLDER.has(error.code)),
  );
}

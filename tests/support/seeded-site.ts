import { treeHandlers } from '../../electron/engine/calls/site-tree.ts';
import type { CallContext } from '../../electron/engine/calls/context.ts';
import { compileRoutes, type Route } from '../../electron/engine/core/routes.ts';
import { hashRoutes } from '../../electron/engine/master/notifier/feed.ts';
import { versionsOf } from '../../electron/engine/store/file-versions.ts';
import { Deliveries } from '../../electron/engine/store/deliveries.ts';
import { config } from '../../shared/contract/config.ts';
import type { SitePath } from '../../shared/domain/site-path.ts';
import type { Answers } from './scripted-engine.ts';
import type { SeededHistory } from './seeded-history.ts';

interface SeededMirror {
  /** As given to `addMirror`. */
  readonly id: string;
  /** -1: away since before the first change. */
  readonly publishedSeq: number;
  readonly connected?: boolean;
}

export interface SeededSite {
  readonly site: number;
  readonly head: number;
  readonly mirrors: readonly SeededMirror[];
  readonly routes?: readonly Route[];
}

/** The real answers about the tree of a seeded site, from its database. */
export function treeAnswers(history: SeededHistory, seeded: () => SeededSite): Answers {
  const handlers = (): ReturnType<typeof treeHandlers> => treeHandlers(contextOf(history, seeded()));
  return {
    'site.browse': (query: Parameters<ReturnType<typeof treeHandlers>['site.browse']>[0]) =>
      handlers()['site.browse'](query),
    'site.find': (query: Parameters<ReturnType<typeof treeHandlers>['site.find']>[0]) => handlers()['site.find'](query),
    'site.file': (query: Parameters<ReturnType<typeof treeHandlers>['site.file']>[0]) => handlers()['site.file'](query),
    'version.list': ({ path }: { path: SitePath }) => versionsOf(history.store, seeded().site, path, 20),
    'version.restore': () => ({
      site: 'www',
      id: 99,
      name: 'back',
      at: Date.now(),
      by: 'local',
      changes: 1,
      peers: [],
    }),
  };
}

export function contextOf(history: SeededHistory, seeded: SeededSite): CallContext {
  const { store, peers } = history;
  const routes = [...(seeded.routes ?? [])].map(({ glob, mirrors }) => ({
    glob,
    mirrors: mirrors === 'all' ? ('all' as const) : [...mirrors],
  }));
  const deliveries = new Deliveries(store, seeded.site);
  for (const { id, publishedSeq } of seeded.mirrors) {
    const peer = id.repeat(64);
    // Another pairing would end what is on its way.
    if (!deliveries.subscription(peer)) deliveries.subscribe(peer);
    deliveries.progress(peer, { journal: 'j', receivedSeq: seeded.head, publishedSeq });
    deliveries.toldBy(peer, hashRoutes(routes, peers.get(peer)?.name ?? ''));
  }
  deliveries.flush();
  const journal = { site: seeded.site, id: 'j', head: seeded.head };
  const router = routes.length === 0 ? undefined : compileRoutes(routes);
  const site = { name: 'www', journal, deliveries, routes, router, config: { routes } };
  const node = { store, peers, require: () => undefined, config: { ...history.config, sites: [{ name: 'www' }] } };
  config.shape.node.parse(node.config.node);
  const away = new Set(seeded.mirrors.filter(({ connected }) => connected === false).map(({ id }) => id.repeat(64)));
  const sources = () => ({ node, link: (peer: string) => ({ connected: !away.has(peer) }), siteFaults: new Map() });
  return {
    node,
    master: { site: () => site, sites: () => [site] },
    mirror: undefined,
    sources,
  } as unknown as CallContext;
}

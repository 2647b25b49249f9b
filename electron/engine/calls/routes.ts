import { AppError } from '../../../shared/errors/app-error.ts';
import { createPace } from '../core/pace.ts';
import { RouteComparison } from '../core/route-change.ts';
import { compileGlob } from '../core/routes.ts';
import type { Route } from '../core/routes.ts';
import { nearest } from '../../../shared/domain/nearest.ts';
import { refuseFolders } from './refuse-folders.ts';
import { type CallContext, editSite, type HandlersOf, publishedSite } from './context.ts';

/** Paths that are read in one go. */
const PATHS = 1000;

export function routeHandlers(context: CallContext): HandlersOf<'route'> {
  const { node } = context;
  return {
    'route.list': ({ site }) => publishedSite(context, site).config.routes,

    'route.set': async ({ site, routes, force }) => {
      const { index } = publishedSite(context, site).journal;
      const { config } = await editSite(context, site, (before) => {
        if (!force) {
          refuseUnknown(context, routes, before.routes);
          refuseFolders(routes.map(globOf), before.routes.map(globOf), (path) => index.entry(path));
        }
        return { ...before, routes };
      });
      return config.routes;
    },

    'route.add': async ({ site, route, at, force }) => {
      const { index } = publishedSite(context, site).journal;
      const { config } = await editSite(context, site, (before) => {
        if (before.routes.some(({ glob }) => glob === route.glob))
          throw new AppError('route.exists', { glob: route.glob });
        if (!force) {
          refuseUnknown(context, [route], before.routes);
          refuseFolders([route.glob], [], (path) => index.entry(path));
        }
        return {
          ...before,
          routes: before.routes.toSpliced(at === undefined ? before.routes.length : at - 1, 0, route),
        };
      });
      return config.routes;
    },

    'route.remove': async ({ site, glob }) => {
      const { config } = await editSite(context, site, (before) => {
        const routes = before.routes.filter((each) => each.glob !== glob);
        if (routes.length === before.routes.length) throw new AppError('route.unknown', { glob });
        return { ...before, routes };
      });
      return config.routes;
    },

    'route.preview': async ({ site, routes }) => {
      const { config, journal, deliveries } = publishedSite(context, site);
      const mirrors = deliveries.subscriptions().flatMap(({ peer }) => node.peers.get(peer)?.name ?? []);
      const comparison = new RouteComparison(config.routes, routes, mirrors.toSorted());
      const pace = createPace();
      for (let after: string | undefined = ''; after !== undefined; ) {
        const paths: string[] = journal.index.filePaths(after, PATHS);
        for (const path of paths) {
          comparison.add(path);
          await pace();
        }
        after = paths.length < PATHS ? undefined : paths.at(-1);
      }
      const { mirrors: effects, examples, ...counts } = comparison.result;
      return { ...counts, mirrors: [...effects], examples: [...examples] };
    },

    'route.test': ({ site, path }) => {
      const { routes, router, deliveries } = publishedSite(context, site);
      const mirrors = deliveries.subscriptions().flatMap(({ peer }) => {
        const name = node.peers.get(peer)?.name;
        return name !== undefined && (!router || router(path, name)) ? [name] : [];
      });
      const route = routes.find(({ glob }) => compileGlob(glob)(path)) ?? null;
      return { path, route, mirrors: mirrors.toSorted() };
    },
  };
}

/** A mistyped name would leave its mirror without what it is to have. A mirror that is gone may stay where it is named already. */
function refuseUnknown({ node }: CallContext, routes: readonly Route[], before: readonly Route[]): void {
  const mirrors = node.peers.list().map(({ name }) => name);
  const known = new Set([...mirrors, ...before.flatMap(namedIn)]);
  const unknown = routes.flatMap(namedIn).find((name) => !known.has(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, mirrors);
  throw new AppError('route.unknown-mirror', { mirror: unknown, ...(near !== undefined && { near }) });
}

function globOf({ glob }: Route): string {
  return glob;
}

function namedIn({ mirrors }: Route): readonly string[] {
  return mirrors === 'all' ? [] : mirrors;
}

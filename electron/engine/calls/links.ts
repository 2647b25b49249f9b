import type { CallResult } from '../../../shared/contract/calls.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { createPace } from '../core/pace.ts';
import { compileGlob } from '../core/routes.ts';
import { LinkGraph } from '../store/link-graph.ts';
import { findRules } from '../store/sites.ts';
import { type CallContext, chosenSite, editSite, type HandlersOf, siteNames } from './context.ts';

type Link = CallResult<'link.list'>[number];

export function linkHandlers(context: CallContext): HandlersOf<'link'> {
  return {
    'link.list': async ({ site, kind, glob, limit }) => {
      const matches = glob === undefined ? () => true : compileGlob(glob);
      const pace = createPace();
      const links: Link[] = [];
      for (const link of listLinks(context, chosenSite(siteNames(context), site), kind)) {
        if (links.length >= limit) break;
        await pace();
        if (matches(link.page) || matches(link.target.replace(/\/$/, ''))) links.push(link);
      }
      return links;
    },

    'link.add': async ({ site, glob, target }) => {
      const { name } = await editSite(context, site, (config) => {
        const { links } = config;
        const known = links.set.some((each) => each.glob === glob && each.target === target);
        return known ? config : { ...config, links: { ...links, set: [...links.set, { glob, target }] } };
      });
      return { site: name, glob, target };
    },

    'link.remove': async ({ site, glob, target }) => {
      const { name } = await editSite(context, site, (config) => {
        const { links } = config;
        const set = links.set.filter((each) => each.glob !== glob || each.target !== target);
        if (set.length === links.set.length) throw new AppError('setlink.unknown', { glob, target });
        return { ...config, links: { ...links, set } };
      });
      return { site: name, glob, target };
    },
  };
}

function* listLinks({ node }: CallContext, site: string, kind: 'all' | 'found' | 'set' | 'missing'): Generator<Link> {
  const { links } = findRules(node.store, site);
  const graph = new LinkGraph(node.store, site, links.index);
  if (kind === 'all' || kind === 'set')
    for (const { glob, target } of links.set)
      yield { site, page: glob, target, kind: 'set', missing: !graph.has(target) };
  if (kind === 'set') return;
  for (const link of kind === 'missing' ? graph.missing() : graph.found()) yield { site, ...link, kind: 'found' };
}

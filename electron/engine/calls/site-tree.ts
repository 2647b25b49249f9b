import type { TreePage, TreeRow } from '../../../shared/contract/site-tree.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { compileGlob } from '../core/routes.ts';
import { StatesAtMaster } from '../site-tree/at-master.ts';
import { StatesAtMirror } from '../site-tree/at-mirror.ts';
import { factsOf } from '../site-tree/facts.ts';
import type { TreeStates } from '../site-tree/states.ts';
import { type IndexPage, TreeIndex } from '../store/tree-index.ts';
import { type CallContext, followedSite, type HandlersOf, publishedSite, writeReports } from './context.ts';

/** The tree of a site, published or followed, from the index: the disk is not read. */
export function treeHandlers(
  context: CallContext,
): Pick<HandlersOf<'site'>, 'site.browse' | 'site.find' | 'site.file'> {
  return {
    'site.browse': async ({ site, folder, after, limit }) => {
      const tree = treeOf(context, site);
      return shown(tree, await tree.index.page(folder, after ?? '', limit));
    },

    'site.find': async ({ site, folder, glob, part, after, limit }) => {
      if ((glob === undefined) === (part === undefined))
        throw new AppError('call.invalid', {
          name: 'site.find',
          key: 'glob',
          problem: 'or “part” is needed, one of them',
        });
      const tree = treeOf(context, site);
      const fits = glob === undefined ? nameHas(part ?? '') : compileGlob(glob);
      return shown(tree, await tree.index.find(folder, fits, after ?? '', limit));
    },

    'site.file': ({ site, path }) => {
      const tree = treeOf(context, site);
      const facts = factsOf(context.node.store, tree, path);
      if (!facts) throw new AppError('file.not-found', { path });
      const mirrors = facts.kind === 'dir' ? [] : tree.states.mirrorsOf(facts);
      const routes = tree.routes;
      if (!routes) return { ...facts, mirrors };
      return { ...facts, mirrors, route: routes.find((route) => compileGlob(route.glob)(path)) ?? null };
    },
  };
}

interface Tree {
  readonly id: number;
  readonly name: string;
  readonly index: TreeIndex;
  readonly states: StatesAtMaster | StatesAtMirror;
  /** Of a master that has any. */
  readonly routes: ReturnType<typeof publishedSite>['routes'] | undefined;
}

function treeOf(context: CallContext, given: string | undefined): Tree {
  const { node, mirror, sources } = context;
  if (!mirror) {
    writeReports(context);
    const site = publishedSite(context, given);
    const { routes, name } = site;
    return {
      id: site.journal.site,
      name,
      index: new TreeIndex(node.store, site.journal.site, 'master'),
      states: new StatesAtMaster(sources(), site),
      routes: routes.length > 0 ? routes : undefined,
    };
  }
  const { state, follow } = followedSite(context, given);
  return {
    id: state.site,
    name: follow.site,
    index: new TreeIndex(node.store, state.site, 'mirror'),
    states: new StatesAtMirror(state, node.config.node.name),
    routes: undefined,
  };
}

function shown({ name, states }: Tree, { rows, next }: IndexPage): TreePage {
  const page = { site: name, rows: rows.map((row) => rowOf(states, row)) };
  return next === undefined ? page : { ...page, next };
}

function rowOf(states: TreeStates, row: IndexPage['rows'][number]): TreeRow {
  if (row.kind === 'dir') return { ...row, state: states.folder(row.path) };
  const { kind, path, size, mtime } = row;
  return { kind, path, size, mtime, ...states.file(row) };
}

/** Letters count the same in either case. */
function nameHas(part: string): (path: SitePath) => boolean {
  const wanted = part.normalize('NFC').toLowerCase();
  return (path) => path.toLowerCase().includes(wanted);
}

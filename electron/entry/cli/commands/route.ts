import type { CallResult } from '../../../../shared/contract/calls.ts';
import type { RouteChange } from '../../../engine/core/route-change.ts';
import { answer, command, EXIT, type Io, jsonOption, siteOf, siteOption } from '../command.ts';
import { wrong } from '../parse.ts';
import { ask, type Reach, withEngine } from '../reach.ts';
import { count, json, plain, table, things } from '../text.ts';
import { dataFolder, parseWhole, sameInstall, shellWord, typedPath } from '../values.ts';

type Routes = CallResult<'route.list'>;
type Preview = RouteChange;

const forceOption = {
  force: { type: 'boolean', help: 'allow a mirror that is not paired yet' },
} as const;

const dryRunOption = {
  'dry-run': { type: 'boolean', help: 'say who would get what, but change nothing' },
} as const;

export const routeList = command({
  words: 'route list',
  summary: 'master: which mirrors get which paths; the first match wins',
  options: { ...siteOption, ...jsonOption },
  run: ({ values }, io) => showRoutes(values, io, (engine) => engine.call('route.list', siteOf(values))),
});

export const routeSet = command({
  words: 'route set',
  summary: 'master: replace all routes, in the order given',
  options: {
    route: {
      type: 'string',
      value: 'GLOB=MIRROR,…|all|none',
      multiple: true,
      help: 'a pattern, and who gets the paths that match',
    },
    none: { type: 'boolean', help: 'no routes: every mirror gets everything' },
    ...forceOption,
    ...dryRunOption,
    ...siteOption,
    ...jsonOption,
  },
  async run({ values }, io) {
    if (values.none === values.route.length > 0)
      throw wrong(
        values.none ? '--none leaves no room for --route' : 'No route is given',
        'Write --route GLOB=all, or --none',
      );
    const routes = values.route.map(parseRoute);
    const change = () => routes;
    const params = { ...siteOf(values), routes, force: values.force };
    return changeRoutes(values, io, change, (engine) => engine.call('route.set', params));
  },
});

export const routeAdd = command({
  words: 'route add',
  summary: 'master: add a route',
  positionals: ['GLOB', 'MIRROR,…|all|none'],
  options: {
    at: { type: 'string', value: 'N', help: 'its place, counted from 1 (default: last)' },
    ...forceOption,
    ...dryRunOption,
    ...siteOption,
    ...jsonOption,
  },
  notes: [
    'Once there are routes, a path that matches none goes to no mirror. The command warns you if mirrors lose files by it.',
  ],
  run({ values, positionals: [glob = '', mirrors = ''] }, io) {
    const params = {
      ...siteOf(values),
      route: { glob, mirrors: parseMirrors(mirrors) },
      force: values.force,
      ...(values.at !== undefined && { at: parseWhole('--at', values.at, 1) }),
    };
    const change = (before: Routes): Routes =>
      before.toSpliced(params.at === undefined ? before.length : params.at - 1, 0, params.route);
    return changeRoutes(values, io, change, (engine) => engine.call('route.add', params));
  },
});

export const routeRemove = command({
  words: 'route remove',
  summary: 'master: remove a route',
  positionals: ['GLOB'],
  options: { ...dryRunOption, ...siteOption, ...jsonOption },
  run({ values, positionals: [glob = ''] }, io) {
    const params = { ...siteOf(values), glob };
    const change = (before: Routes): Routes => before.filter((route) => route.glob !== glob);
    return changeRoutes(values, io, change, (engine) => engine.call('route.remove', params));
  },
});

export const routeTest = command({
  words: 'route test',
  summary: 'master: which mirrors get a path, and by which route',
  positionals: ['PATH'],
  options: { ...siteOption, ...jsonOption },
  async run({ values, positionals: [path = ''] }, io) {
    const params = { ...siteOf(values), path: typedPath(path) };
    const tested = await ask(io, values, 'route.test', params);
    const by = tested.route === null ? '' : ` (by ${plain(tested.route.glob)})`;
    const to = tested.mirrors.join(', ') || 'no mirror';
    return answer(io, values, tested, () => `${plain(tested.path)} goes to ${to}${by}.`);
  },
});

/** `GLOB=MIRROR,MIRROR`, `GLOB=all` or `GLOB=none`: the last `=` counts, names of mirrors have none. */
export function parseRoute(text: string): Routes[number] {
  const at = text.lastIndexOf('=');
  if (at < 1)
    throw wrong(
      `--route ${text} does not say who gets it`,
      'Write --route GLOB=MIRROR,MIRROR, --route GLOB=all or --route GLOB=none',
    );
  return { glob: text.slice(0, at), mirrors: parseMirrors(text.slice(at + 1)) };
}

function parseMirrors(text: string): Routes[number]['mirrors'] {
  if (text === 'none') return [];
  return text === 'all' ? 'all' : text.split(',').map((each) => each.trim());
}

interface RouteValues {
  readonly data: string | undefined;
  readonly json: boolean;
}

type ChangeValues = RouteValues & { readonly site: string | undefined; readonly 'dry-run': boolean };

/** Changes routes, and says who loses what by it; with `--dry-run` only says so. With `--json` it is told by `--dry-run` alone. */
async function changeRoutes(
  values: ChangeValues,
  io: Io,
  change: (before: Routes) => Routes,
  work: (engine: Reach) => Promise<Routes>,
): Promise<number> {
  const preview = async (engine: Reach): Promise<{ effect: Preview; routes: Routes }> => {
    const routes = change(await engine.call('route.list', siteOf(values)));
    return { effect: await engine.call('route.preview', { ...siteOf(values), routes }), routes };
  };
  if (values['dry-run']) {
    const { effect, routes } = await withEngine(dataFolder(values.data, io), preview);
    return answer(io, values, effect, () => previewLines(effect, routes, sameSite(values)));
  }
  return showRoutes(values, io, async (engine) => {
    const told = values.json ? undefined : await preview(engine);
    const routes = await work(engine);
    for (const line of told ? lossLines(told.effect, told.routes, sameSite(values)) : []) io.err(line);
    return routes;
  });
}

/** What a command about the same site needs beside its words. */
function sameSite({ site, data }: ChangeValues): string {
  return `${site === undefined ? '' : ` --site ${shellWord(site)}`}${sameInstall(data)}`;
}

/** Who would lose, and gain, how many of the files that are there. */
function previewLines(effect: Preview, routes: Routes, same: string): string[] {
  const rows = effect.mirrors.map(({ mirror, loses, gains, gets }) => [
    mirror,
    `gets ${things(gets, 'file')} of ${count(effect.files)}`,
    [
      ...(loses > 0 ? [`${count(loses)} less than now`] : []),
      ...(gains > 0 ? [`${count(gains)} more than now`] : []),
    ].join(', '),
  ]);
  return [...table(rows), ...lossLines(effect, routes, same)];
}

/** What a person who changes routes may not have meant. */
export function lossLines({ mirrors, nobody, examples }: Preview, routes: Routes, same = ''): string[] {
  const losing = mirrors.filter(({ loses }) => loses > 0);
  if (losing.length === 0) return [];
  const most = Math.max(...losing.map(({ loses }) => loses));
  const names = losing.map(({ mirror, loses }) => `${mirror} (${count(loses)})`).join(', ');
  return [
    `With these routes ${things(losing.length, 'mirror')} no longer ${losing.length === 1 ? 'gets' : 'get'} up to ${things(most, 'file')}: ${names}.`,
    ...(examples.length > 0 ? [`For instance ${examples.map(plain).join(', ')}.`] : []),
    ...(nobody > 0 && !routes.some(({ glob }) => glob === '**')
      ? [`${things(nobody, 'file')} would go to no mirror at all. To keep them: lockstep route add '**' all${same}`]
      : []),
  ];
}

/** Prints the routes that `work` ends with, and names of mirrors in them that nobody has: they may be mistyped. */
async function showRoutes(values: RouteValues, io: Io, work: (engine: Reach) => Promise<Routes>): Promise<number> {
  await withEngine(dataFolder(values.data, io), async (engine) => {
    const routes = await work(engine);
    if (values.json) return io.out(json(routes));
    if (routes.length === 0) return io.out('No routes: every mirror gets everything.');
    for (const line of routeLines(routes)) io.out(line);
    const paired = new Set((await engine.call('peer.list', {})).map(({ name }) => name));
    const named = new Set(routes.flatMap(({ mirrors }) => (mirrors === 'all' ? [] : mirrors)));
    const unknown = [...named].filter((name) => !paired.has(name));
    if (unknown.length > 0) io.err(`No mirror of that name is paired yet: ${unknown.join(', ')}.`);
  });
  return EXIT.done;
}

export function routeLines(routes: Routes): string[] {
  const rows = routes.map(({ glob, mirrors }, at) => [
    String(at + 1),
    plain(glob),
    mirrors === 'all' ? 'all' : mirrors.join(', ') || 'no mirror',
  ]);
  return table(rows, ['right']);
}

import type { CallResult } from '../../../../shared/contract/calls.ts';
import { answer, command, EXIT, type Io, jsonOption, siteOf, siteOption } from '../command.ts';
import { wrong } from '../parse.ts';
import { ask } from '../reach.ts';
import { count, plain, table } from '../text.ts';
import { parseWhole, typedPath } from '../values.ts';

type Kind = 'all' | 'set' | 'missing';

/** As many as are shown where nothing else is said. */
const LISTED = 1000;

const listOptions = {
  ...siteOption,
  path: { type: 'string', value: 'GLOB', help: 'only if the page or the target matches' },
  limit: { type: 'string', value: 'N', help: `how many at most (default ${LISTED})` },
  ...jsonOption,
} as const;

export const linkAdd = command({
  words: 'link add',
  summary: 'master: files that match GLOB wait until PATH has changed too',
  positionals: ['GLOB', 'PATH'],
  options: { ...siteOption, ...jsonOption },
  notes: ['Lockstep finds links in HTML, CSS, manifests, sitemaps and feeds by itself.'],
  async run({ values, positionals: [glob = '', target = ''] }, io) {
    const params = { ...siteOf(values), glob, target: typedPath(target) };
    const added = await ask(io, values, 'link.add', params);
    return answer(io, values, added, () => `${plain(added.glob)} waits for ${plain(added.target)} from now on.`);
  },
});

export const linkList = command({
  words: 'link list',
  summary: 'links within a site, both set by hand and found in its documents',
  options: {
    set: { type: 'boolean', help: 'only those set by hand' },
    missing: { type: 'boolean', help: 'only those that lead nowhere' },
    ...listOptions,
  },
  run({ values }, io) {
    if (values.set && values.missing) throw wrong('--set and --missing exclude each other', 'Write one of the two');
    return listLinks(values.set ? 'set' : values.missing ? 'missing' : 'all', values, io);
  },
});

export const linkMissing = command({
  words: 'link missing',
  summary: 'links found in documents that lead nowhere',
  options: listOptions,
  run: ({ values }, io) => listLinks('missing', values, io),
});

export const linkRemove = command({
  words: 'link remove',
  summary: 'master: undo link add',
  positionals: ['GLOB', 'PATH'],
  options: { ...siteOption, ...jsonOption },
  async run({ values, positionals: [glob = '', target = ''] }, io) {
    const params = { ...siteOf(values), glob, target };
    const removed = await ask(io, values, 'link.remove', params);
    return answer(io, values, removed, () => `${plain(removed.glob)} no longer waits for ${plain(removed.target)}.`);
  },
});

interface ListValues {
  readonly data: string | undefined;
  readonly site: string | undefined;
  readonly path: string | undefined;
  readonly limit: string | undefined;
  readonly json: boolean;
}

async function listLinks(kind: Kind, values: ListValues, io: Io): Promise<number> {
  const limit = values.limit === undefined ? LISTED : parseWhole('--limit', values.limit, 1);
  const params = { ...siteOf(values), kind, limit, ...(values.path !== undefined && { glob: values.path }) };
  const links = await ask(io, values, 'link.list', params);
  const none = kind === 'missing' ? 'No link leads nowhere.' : 'No links.';
  answer(io, values, links, () => (links.length === 0 ? none : table(links.map(linkLine))));
  if (!values.json && links.length === limit) io.err(`There may be more than these ${count(limit)}: see --limit.`);
  return EXIT.done;
}

export function linkLine({ page, target, kind, missing }: CallResult<'link.list'>[number]): string[] {
  const marks = [...(kind === 'set' ? ['set by hand'] : []), ...(missing ? ['missing'] : [])];
  return [plain(page), `→ ${plain(target)}`, marks.join(', ')];
}

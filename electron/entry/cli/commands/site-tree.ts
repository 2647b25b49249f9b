import type { FileFacts, FileState, TreeRow } from '../../../../shared/contract/site-tree.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { sentenceParts } from '../../../../shared/errors/sentences.en.ts';
import { answer, command, jsonOption, siteOf, siteOption } from '../command.ts';
import { ask, type Reach, withEngine } from '../reach.ts';
import { bytes, count, moment, plain, table } from '../text.ts';
import { dataFolder, parseWhole, typedPath } from '../values.ts';

const PAGE = 1000;

const limitOption = {
  limit: { type: 'string', value: 'N', help: 'how many at most (default 1000)' },
} as const;

export const siteLs = command({
  words: 'site ls',
  summary: 'list a folder of the site, with the state of each file at the mirrors',
  positionals: ['[PATH]'],
  options: { ...siteOption, ...limitOption, ...jsonOption },
  async run({ values, positionals: [typed = ''] }, io) {
    const folder = typedPath(typed);
    const limit = parseWhole('--limit', values.limit ?? '1000', 1);
    const rows = await withEngine(dataFolder(values.data, io), async (engine) => {
      const found = await readRows(limit, (more) => engine.call('site.browse', { ...siteOf(values), folder, ...more }));
      if (found.length === 0 && folder.replaceAll('/', '') !== '') await requireFolder(engine, values, folder);
      return found;
    });
    return answer(io, values, rows, () => (rows.length === 0 ? 'Nothing is in there.' : rowLines(rows)));
  },
});

export const siteFind = command({
  words: 'site find',
  summary: 'find files by part of their path, or by a pattern',
  positionals: ['TEXT'],
  options: {
    folder: { type: 'string', value: 'PATH', help: 'only below this folder' },
    ...siteOption,
    ...limitOption,
    ...jsonOption,
  },
  notes: ['TEXT with any of * ? [ ] { } is a pattern, as in routes: lockstep site find "img/**/*.webp"'],
  async run({ values, positionals: [text = ''] }, io) {
    const limit = parseWhole('--limit', values.limit ?? '1000', 1);
    const wanted = /[*?[\]{}]/.test(text) ? { glob: text } : { part: text };
    const query = { ...siteOf(values), folder: typedPath(values.folder ?? ''), ...wanted };
    const rows = await withEngine(dataFolder(values.data, io), (engine) =>
      readRows(limit, (more) => engine.call('site.find', { ...query, ...more })),
    );
    return answer(io, values, rows, () => (rows.length === 0 ? 'Nothing is called that.' : rowLines(rows)));
  },
});

export const siteShow = command({
  words: 'site show',
  summary: 'show all about one file: who has it, its route, groups and links',
  positionals: ['PATH'],
  options: { ...siteOption, ...jsonOption },
  async run({ values, positionals: [path = ''] }, io) {
    const facts = await ask(io, values, 'site.file', { ...siteOf(values), path: typedPath(path) });
    return answer(io, values, facts, () => factLines(facts));
  },
});

/** In the words of `lockstep status`. */
const words: Readonly<Record<FileState, string>> = {
  failing: '▲ failing',
  held: '◌ held',
  away: '▲ away',
  waiting: '◌ waiting',
  'on-its-way': '◐ on its way',
  unknown: '○ not known yet',
  'given-up': '– given up',
  published: '● in step',
  'not-wanted': '– for nobody',
};

/** Rejects `file.not-found`, `file.not-directory`. */
async function requireFolder(
  engine: Reach,
  values: { readonly site: string | undefined },
  path: string,
): Promise<void> {
  const { kind } = await engine.call('site.file', { ...siteOf(values), path });
  if (kind !== 'dir') throw new AppError(kind === 'file' ? 'file.not-directory' : 'file.not-found', { path });
}

async function readRows(
  limit: number,
  readPage: (more: { after?: string; limit: number }) => Promise<{ rows: TreeRow[]; next?: string | undefined }>,
): Promise<TreeRow[]> {
  const all: TreeRow[] = [];
  for (let after: string | undefined; all.length < limit; ) {
    const size = Math.min(PAGE, limit - all.length);
    const { rows, next } = await readPage({ limit: size, ...(after !== undefined && { after }) });
    all.push(...rows);
    if (next === undefined) break;
    after = next;
  }
  return all;
}

function rowLines(rows: readonly TreeRow[]): string[] {
  return table(rows.map(rowCells), ['left', 'right']);
}

function rowCells(row: TreeRow): string[] {
  if (row.kind === 'dir') return [`${plain(row.path)}/`, '', '', words[row.state]];
  const state = row.leaving ? `${words[row.state]}: deleted at the master` : words[row.state];
  const share = row.of > 1 ? `, at ${row.has} of ${row.of}` : '';
  return [plain(row.path), bytes(row.size), moment(row.mtime), `${state}${share}`];
}

function factLines(facts: FileFacts): string[] {
  const { path, kind, size, mtime, sha256, seq, changedAt, by, release, route, groups, links, mirrors } = facts;
  const made = [`change ${count(seq)}`, changedAt && moment(changedAt), by && `by ${plain(by)}`]
    .filter(Boolean)
    .join(', ');
  const rows = [
    ['path', `${plain(path)}${kind === 'dir' ? '/' : kind === 'gone' ? ' (deleted)' : ''}`],
    ...(size === undefined ? [] : [['size', bytes(size)]]),
    ...(mtime === undefined ? [] : [['time', moment(mtime)]]),
    ...(sha256 === undefined ? [] : [['sha256', sha256]]),
    ['made by', made],
    ...(release ? [['release', `${count(release.id)} ${plain(release.name)}`]] : []),
    ...(route === undefined ? [] : [['route', route === null ? 'none: it goes nowhere' : route.glob]]),
    ...(groups.length === 0 ? [] : [['groups', groups.join(', ')]]),
    ...links.out.map(({ target, missing }) => ['links to', `${plain(target)}${missing ? ' (missing)' : ''}`]),
    ...links.in.map((page) => ['linked from', plain(page)]),
    ...mirrors.map((each) => [
      each.peer,
      [words[each.state], each.publishedAt && moment(each.publishedAt), each.error && sentenceParts(each.error).what]
        .filter(Boolean)
        .join(' · '),
    ]),
  ];
  return table(rows.map(([key = '', value = '']) => [`${key}:`, value]));
}

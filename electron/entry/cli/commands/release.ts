import { resolve } from 'node:path';
import type { Together } from '../../../../shared/contract/releases.ts';
import { RULE_MILLIS_MAX } from '../../../../shared/contract/rules.ts';
import { command, EXIT, type Io, jsonOption, type OptionTable, siteOf, siteOption } from '../command.ts';
import { wrong } from '../parse.ts';
import { withEngine } from '../reach.ts';
import {
  comparisonLines,
  folderPlanLines,
  releaseDetailLines,
  releaseLine,
  releaseTitle,
  rollbackPlanLines,
} from '../release-text.ts';
import { table } from '../text.ts';
import { dataFolder, parseDuration, parseWhole, sameInstall } from '../values.ts';

export const togetherOptions = {
  together: { type: 'boolean', help: 'every mirror shows it at the same moment' },
  quorum: {
    type: 'string',
    value: 'N',
    help: 'mirrors that are enough when the limit is over (default: more than half)',
  },
  limit: { type: 'string', value: 'TIME', help: 'how long all of them are waited for (default 60s)' },
} as const satisfies OptionTable;

export const releaseList = command({
  words: 'release list',
  summary: 'master: what was published as one, newest first',
  options: {
    ...siteOption,
    limit: { type: 'string', value: 'N', help: 'at most so many (default 50)' },
    ...jsonOption,
  },
  async run({ values }, io) {
    const params = {
      ...siteOf(values),
      ...(values.limit !== undefined && { limit: parseWhole('--limit', values.limit, 1) }),
    };
    const releases = await withEngine(dataFolder(values.data, io), (engine) => engine.call('release.list', params));
    if (values.json) io.out(JSON.stringify(releases));
    else if (releases.length === 0)
      io.out(`No releases yet. Make one: lockstep release publish FOLDER --name NAME${sameInstall(values.data)}`);
    else for (const line of table(releases.map(releaseLine))) io.out(line);
    return EXIT.done;
  },
});

export const releaseShow = command({
  words: 'release show',
  summary: 'master: what a release changed, and when each mirror showed it',
  positionals: ['ID'],
  options: { ...siteOption, ...jsonOption },
  async run({ values, positionals: [id = ''] }, io) {
    const params = { ...siteOf(values), release: parseWhole('ID', id, 1) };
    const release = await withEngine(dataFolder(values.data, io), (engine) => engine.call('release.show', params));
    print(values.json, release, releaseDetailLines, io);
    return EXIT.done;
  },
});

export const releasePublish = command({
  words: 'release publish',
  summary: 'master: publish a folder of this machine as one release',
  positionals: ['FOLDER'],
  options: {
    name: { type: 'string', value: 'NAME', required: true, help: 'what people call it' },
    delete: { type: 'boolean', help: 'what the site has and the folder has not is deleted' },
    'allow-deletes': { type: 'boolean', help: 'even where more than half of the files would go' },
    into: { type: 'string', value: 'PATH', help: 'only this folder of the site becomes like it' },
    'dry-run': { type: 'boolean', help: 'say what would change, and change nothing' },
    ...togetherOptions,
    ...siteOption,
    ...jsonOption,
  },
  async run({ values, positionals: [folder = ''] }, io) {
    const params = {
      ...siteOf(values),
      folder: resolve(io.cwd, folder),
      name: values.name,
      delete: values.delete,
      allowDeletes: values['allow-deletes'],
      ...(values.into !== undefined && { into: values.into }),
      dryRun: values['dry-run'],
      ...togetherOf(values),
    };
    const published = await withEngine(dataFolder(values.data, io), (engine) => engine.call('release.publish', params));
    print(values.json, published, ({ plan, release }) => folderPlanLines(plan, release), io);
    return EXIT.done;
  },
});

export const releaseRollback = command({
  words: 'release rollback',
  summary: 'master: what stood before a release is published again, as a new release',
  positionals: ['ID'],
  options: {
    force: { type: 'boolean', help: 'also where a file was changed after that release' },
    ...togetherOptions,
    ...siteOption,
    ...jsonOption,
  },
  async run({ values, positionals: [id = ''] }, io) {
    const params = { ...siteOf(values), release: parseWhole('ID', id, 1), force: values.force, ...togetherOf(values) };
    const release = await withEngine(dataFolder(values.data, io), (engine) => engine.call('release.rollback', params));
    print(values.json, release, (made) => [`Release ${params.release} is taken back by ${releaseTitle(made)}.`], io);
    return EXIT.done;
  },
});

export const releasePreview = command({
  words: 'release preview',
  summary: 'master: what a rollback of a release would do, without doing it',
  positionals: ['ID'],
  options: { ...siteOption, ...jsonOption },
  async run({ values, positionals: [id = ''] }, io) {
    const params = { ...siteOf(values), release: parseWhole('ID', id, 1) };
    const plan = await withEngine(dataFolder(values.data, io), (engine) => engine.call('release.preview', params));
    print(values.json, plan, rollbackPlanLines, io);
    return EXIT.done;
  },
});

export const releaseCompare = command({
  words: 'release compare',
  summary: 'master: how the site after one release differs from that after another',
  positionals: ['ID', 'OTHER'],
  options: { ...siteOption, ...jsonOption },
  async run({ values, positionals: [from = '', to = ''] }, io) {
    const params = { ...siteOf(values), from: parseWhole('ID', from, 1), to: parseWhole('OTHER', to, 1) };
    const found = await withEngine(dataFolder(values.data, io), (engine) => engine.call('release.compare', params));
    print(values.json, found, comparisonLines, io);
    return EXIT.done;
  },
});

export const releaseGo = command({
  words: 'release go',
  summary: 'master: mirrors that have a release show it now, and do not wait for the others',
  positionals: ['ID'],
  options: { ...siteOption, ...jsonOption },
  async run({ values, positionals: [id = ''] }, io) {
    const params = { ...siteOf(values), release: parseWhole('ID', id, 1) };
    const release = await withEngine(dataFolder(values.data, io), (engine) => engine.call('release.go', params));
    print(values.json, release, (given) => [`${releaseTitle(given)} appears now at every mirror that has it.`], io);
    return EXIT.done;
  },
});

interface TogetherValues {
  readonly together: boolean;
  readonly quorum: string | undefined;
  readonly limit: string | undefined;
}

export function togetherOf({ together, quorum, limit }: TogetherValues): { together?: Partial<Together> } {
  const stray = quorum === undefined ? (limit === undefined ? undefined : '--limit') : '--quorum';
  if (!together && stray !== undefined) throw wrong(`${stray} goes with --together`, 'Write --together too');
  if (!together) return {};
  return {
    together: {
      ...(quorum !== undefined && { quorum: parseWhole('--quorum', quorum, 1) }),
      ...(limit !== undefined && { limit: parseDuration('--limit', limit, { max: RULE_MILLIS_MAX }) }),
    },
  };
}

function print<T>(json: boolean, value: T, lines: (value: T) => string[], io: Io): void {
  if (json) io.out(JSON.stringify(value));
  else for (const line of lines(value)) io.out(line);
}

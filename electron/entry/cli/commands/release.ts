import { resolve } from 'node:path';
import type { Together } from '../../../../shared/contract/releases.ts';
import { RULE_MILLIS_MAX } from '../../../../shared/contract/rules.ts';
import { answer, command, jsonOption, type OptionTable, siteOf, siteOption } from '../command.ts';
import { wrong } from '../parse.ts';
import { ask } from '../reach.ts';
import {
  comparisonLines,
  folderPlanLines,
  releaseDetailLines,
  releaseLine,
  releaseTitle,
  rollbackPlanLines,
} from '../release-text.ts';
import { table } from '../text.ts';
import { parseDuration, parseWhole, sameInstall, typedPath } from '../values.ts';

export const togetherOptions = {
  together: { type: 'boolean', help: 'make all mirrors show it at the same moment' },
  quorum: {
    type: 'string',
    value: 'N',
    help: 'how many mirrors are enough at the limit (default: more than half)',
  },
  limit: { type: 'string', value: 'TIME', help: 'how long to wait for all of them (default 60s)' },
} as const satisfies OptionTable;

export const releaseList = command({
  words: 'release list',
  summary: 'master: releases, newest first',
  options: {
    ...siteOption,
    limit: { type: 'string', value: 'N', help: 'how many at most (default 50)' },
    ...jsonOption,
  },
  async run({ values }, io) {
    const params = {
      ...siteOf(values),
      ...(values.limit !== undefined && { limit: parseWhole('--limit', values.limit, 1) }),
    };
    const releases = await ask(io, values, 'release.list', params);
    return answer(io, values, releases, () =>
      releases.length === 0
        ? `No releases yet. Make one: lockstep release publish FOLDER --name NAME${sameInstall(values.data)}`
        : table(releases.map(releaseLine)),
    );
  },
});

export const releaseShow = command({
  words: 'release show',
  summary: 'master: what a release changed, and when each mirror showed it',
  positionals: ['ID'],
  options: { ...siteOption, ...jsonOption },
  async run({ values, positionals: [id = ''] }, io) {
    const params = { ...siteOf(values), release: parseWhole('ID', id, 1) };
    const release = await ask(io, values, 'release.show', params);
    return answer(io, values, release, () => releaseDetailLines(release));
  },
});

export const releasePublish = command({
  words: 'release publish',
  summary: 'master: publish a folder of this machine as one release',
  positionals: ['FOLDER'],
  options: {
    name: { type: 'string', value: 'NAME', required: true, help: 'the name of the release' },
    delete: { type: 'boolean', help: 'also delete what the folder does not have' },
    'allow-deletes': { type: 'boolean', help: 'even if that is more than half of the files' },
    into: { type: 'string', value: 'PATH', help: 'put it into this folder of the site' },
    'dry-run': { type: 'boolean', help: 'say what would change, but change nothing' },
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
      ...(values.into !== undefined && { into: typedPath(values.into) }),
      dryRun: values['dry-run'],
      ...togetherOf(values),
    };
    const published = await ask(io, values, 'release.publish', params);
    return answer(io, values, published, () => folderPlanLines(published.plan, published.release));
  },
});

export const releaseRollback = command({
  words: 'release rollback',
  summary: 'master: undo a release, by a new release',
  positionals: ['ID'],
  options: {
    force: { type: 'boolean', help: 'even if a file was changed after that release' },
    ...togetherOptions,
    ...siteOption,
    ...jsonOption,
  },
  async run({ values, positionals: [id = ''] }, io) {
    const params = { ...siteOf(values), release: parseWhole('ID', id, 1), force: values.force, ...togetherOf(values) };
    const release = await ask(io, values, 'release.rollback', params);
    return answer(io, values, release, () => `Release ${params.release} is undone by ${releaseTitle(release)}.`);
  },
});

export const releasePreview = command({
  words: 'release preview',
  summary: 'master: what a rollback of a release would do',
  positionals: ['ID'],
  options: { ...siteOption, ...jsonOption },
  async run({ values, positionals: [id = ''] }, io) {
    const params = { ...siteOf(values), release: parseWhole('ID', id, 1) };
    const plan = await ask(io, values, 'release.preview', params);
    return answer(io, values, plan, () => rollbackPlanLines(plan));
  },
});

export const releaseCompare = command({
  words: 'release compare',
  summary: 'master: how the site differs between two releases',
  positionals: ['ID', 'OTHER'],
  options: { ...siteOption, ...jsonOption },
  async run({ values, positionals: [from = '', to = ''] }, io) {
    const params = { ...siteOf(values), from: parseWhole('ID', from, 1), to: parseWhole('OTHER', to, 1) };
    const found = await ask(io, values, 'release.compare', params);
    return answer(io, values, found, () => comparisonLines(found));
  },
});

export const releaseGo = command({
  words: 'release go',
  summary: 'master: show a release now at the mirrors that have it, without waiting for the others',
  positionals: ['ID'],
  options: { ...siteOption, ...jsonOption },
  async run({ values, positionals: [id = ''] }, io) {
    const params = { ...siteOf(values), release: parseWhole('ID', id, 1) };
    const release = await ask(io, values, 'release.go', params);
    return answer(io, values, release, () => `${releaseTitle(release)} now appears at every mirror that has it.`);
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

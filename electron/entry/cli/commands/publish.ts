import { basename, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PublishJob } from '../../../../shared/contract/publishing.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { command, EXIT, type Io, jsonOption, siteOf, siteOption } from '../command.ts';
import { dropLines, dropPlanLines, placeOf, progressLine } from '../drop-text.ts';
import { wrong } from '../parse.ts';
import { type Reach, withEngine } from '../reach.ts';
import { plain, table } from '../text.ts';
import { dataFolder } from '../values.ts';
import { togetherOf, togetherOptions } from './release.ts';

/** How often a drop is asked how far it is. */
const LOOK_MILLIS = 200;

export const publish = command({
  words: 'publish',
  summary: 'send files and folders to a site of this master, or to a target, by FTP',
  positionals: ['PATH…'],
  options: {
    to: { type: 'string', value: 'TARGET', help: 'a saved target (default: the site of this master)' },
    ...siteOption,
    into: { type: 'string', value: 'FOLDER', help: 'the folder there that it goes into' },
    name: { type: 'string', value: 'NAME', help: 'what people call the release (default: the name of the first PATH)' },
    delete: { type: 'boolean', help: 'of one folder: what is there and not in it is deleted' },
    'allow-deletes': { type: 'boolean', help: 'even where more than half of the files would go' },
    ...togetherOptions,
    'dry-run': { type: 'boolean', help: 'say what would change, and change nothing' },
    ...jsonOption,
  },
  notes: [
    'One folder stands for its content; of several things each stands for itself. Ctrl-C cancels the drop.',
    'To a Lockstep master all of it appears at once; to another server file by file, pages last.',
  ],
  async run({ values, positionals }, io) {
    if (values.to !== undefined && values.site !== undefined)
      throw wrong('--to and --site name two places', 'Give one of them');
    const to =
      values.to === undefined
        ? { kind: 'site' as const, ...siteOf(values) }
        : { kind: 'target' as const, target: values.to };
    const sources = positionals.map((path) => resolve(io.cwd, path));
    const order = { to, sources, delete: values.delete, ...(values.into !== undefined && { into: values.into }) };
    const together = togetherOf(values);
    return withEngine(dataFolder(values.data, io), async (engine) => {
      if (values['dry-run']) {
        const plan = await engine.call('publish.plan', order);
        print(values.json, plan, dropPlanLines(plan), io);
        return EXIT.done;
      }
      const started = await engine.call('publish.start', {
        ...order,
        ...together,
        name: values.name ?? basename(sources[0] ?? ''),
        allowDeletes: values['allow-deletes'],
      });
      return report(engine, await follow(engine, started, io), values.json, io);
    });
  },
});

export const dropList = command({
  words: 'drop list',
  summary: 'what is being published by FTP, and what was',
  options: jsonOption,
  async run({ values }, io) {
    const jobs = await withEngine(dataFolder(values.data, io), (engine) => engine.call('publish.list', {}));
    const lines = table(jobs.map((job) => [job.id, plain(job.name), placeOf(job), job.state.is, progressLine(job)]));
    print(values.json, jobs, jobs.length === 0 ? ['Nothing is being published.'] : lines, io);
    return EXIT.done;
  },
});

export const dropCancel = command({
  words: 'drop cancel',
  summary: 'give a drop up: nothing of it appears at a Lockstep master',
  positionals: ['ID'],
  options: jsonOption,
  async run({ values, positionals: [job = ''] }, io) {
    const ended = await withEngine(dataFolder(values.data, io), (engine) => engine.call('publish.cancel', { job }));
    print(values.json, ended, dropLines(ended), io);
    return EXIT.done;
  },
});

export const dropResume = command({
  words: 'drop resume',
  summary: 'a drop that has stopped goes on where it stopped',
  positionals: ['ID'],
  options: {
    'allow-deletes': { type: 'boolean', help: 'even where more than half of the files would go' },
    ...jsonOption,
  },
  async run({ values, positionals: [job = ''] }, io) {
    return withEngine(dataFolder(values.data, io), async (engine) => {
      const resumed = await engine.call('publish.resume', { job, allowDeletes: values['allow-deletes'] });
      return report(engine, await follow(engine, resumed, io), values.json, io);
    });
  },
});

/** Until it has ended, or a person has to act. Ctrl-C cancels it; a second one leaves at once. */
async function follow(engine: Reach, started: PublishJob, io: Io): Promise<PublishJob> {
  let job = started;
  let wanted = false;
  const cancel = (): void => {
    if (wanted) process.exit(EXIT.failed);
    wanted = true;
  };
  process.on('SIGINT', cancel);
  process.on('SIGTERM', cancel);
  try {
    while (!isSettled(job)) {
      io.progress?.(progressLine(job));
      await sleep(LOOK_MILLIS);
      if (wanted && job.state.is !== 'committing') return await cancelled(engine, job);
      job = await latest(engine, job.id);
    }
    return job;
  } finally {
    io.progress?.('');
    process.off('SIGINT', cancel);
    process.off('SIGTERM', cancel);
  }
}

async function cancelled(engine: Reach, { id }: PublishJob): Promise<PublishJob> {
  try {
    return await engine.call('publish.cancel', { job: id });
  } catch (error) {
    // It was faster.
    if (error instanceof AppError && error.code === 'publish.ended') return latest(engine, id);
    throw error;
  }
}

async function latest(engine: Reach, id: string): Promise<PublishJob> {
  const job = (await engine.call('publish.list', {})).find((each) => each.id === id);
  if (!job) throw new AppError('publish.unknown', { job: id });
  return job;
}

async function report(engine: Reach, job: PublishJob, json: boolean, io: Io): Promise<number> {
  const { state, id } = job;
  if (state.is === 'stopped') {
    // At rest nobody could go on with it once this command has ended.
    const flag = state.error.code === 'guard.held' ? ' --allow-deletes' : '';
    if (engine.running) io.err(`It waits: lockstep drop resume ${id}${flag}, or lockstep drop cancel ${id}.`);
    else await engine.call('publish.cancel', { job: id });
    throw AppError.fromJSON(state.error);
  }
  print(json, job, dropLines(job), io);
  return state.is === 'done' ? EXIT.done : EXIT.failed;
}

function isSettled({ state }: PublishJob): boolean {
  return state.is === 'done' || state.is === 'stopped' || state.is === 'cancelled';
}

function print(json: boolean, value: unknown, lines: readonly string[], io: Io): void {
  if (json) io.out(JSON.stringify(value));
  else for (const line of lines) io.out(line);
}

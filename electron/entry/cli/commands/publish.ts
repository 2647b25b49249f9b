import { randomBytes } from 'node:crypto';
import { basename, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PublishJob } from '../../../../shared/contract/publishing.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { answer, command, EXIT, type Io, jsonOption, siteOf, siteOption } from '../command.ts';
import { dropLines, dropPlanLines, placeOf, progressLine } from '../drop-text.ts';
import { findLostDrop, isLost } from '../lost-drop.ts';
import { wrong } from '../parse.ts';
import { ask, type Reach, withEngine } from '../reach.ts';
import { plain, table } from '../text.ts';
import { dataFolder, sameInstall, typedPath } from '../values.ts';
import { togetherOf, togetherOptions } from './release.ts';
import { interruptible } from '../interruptible.ts';

/** How often a drop is asked how far it is. */
const LOOK_MILLIS = 200;

export const publish = command({
  words: 'publish',
  summary: 'send files and folders by FTP to a site of this master, or to a target',
  positionals: ['PATH…'],
  options: {
    to: { type: 'string', value: 'TARGET', help: 'a saved target (default: the site of this master)' },
    ...siteOption,
    into: { type: 'string', value: 'FOLDER', help: 'the folder there to put it into' },
    name: { type: 'string', value: 'NAME', help: 'the name of the release (default: the name of the first PATH)' },
    delete: { type: 'boolean', help: 'for one folder: also delete what it does not have' },
    'allow-deletes': { type: 'boolean', help: 'even if that is more than half of the files' },
    ...togetherOptions,
    'dry-run': { type: 'boolean', help: 'say what would change, but change nothing' },
    ...jsonOption,
  },
  notes: [
    'A single folder means its content. With several PATHs, each appears under its own name. Ctrl-C cancels the drop. If Lockstep is',
    'running, the drop goes on even if this command is killed.',
    'On a Lockstep master, all of it appears at once. On another server it appears file by file, pages last.',
  ],
  async run({ values, positionals }, io) {
    if (values.to !== undefined && values.site !== undefined)
      throw wrong('--to and --site name two places', 'Give one of them');
    const to =
      values.to === undefined
        ? { kind: 'site' as const, ...siteOf(values) }
        : { kind: 'target' as const, target: values.to };
    const sources = positionals.map((path) => resolve(io.cwd, path));
    const order = {
      to,
      sources,
      delete: values.delete,
      ...(values.into !== undefined && { into: typedPath(values.into) }),
    };
    const together = togetherOf(values);
    const dataDir = dataFolder(values.data, io);
    return withEngine(dataDir, async (engine) => {
      if (values['dry-run']) {
        const plan = await engine.call('publish.plan', order);
        return answer(io, values, plan, () => dropPlanLines(plan));
      }
      const given = { ...values, dataDir };
      const name = values.name ?? basename(sources[0] ?? '');
      const id = randomBytes(8).toString('hex');
      const start = { ...order, id, ...together, name, allowDeletes: values['allow-deletes'] };
      const unheard = unheardOf({ id, to, name: name.trim(), sources }, io.now());
      const ended = await orLost(engine, dataDir, unheard, async () =>
        follow(engine, await engine.call('publish.start', start), given, io),
      );
      return report(engine, ended, given, io);
    });
  },
});

export const dropList = command({
  words: 'drop list',
  summary: 'the drops under way, and the latest that have ended',
  options: jsonOption,
  async run({ values }, io) {
    const jobs = await ask(io, values, 'publish.list', {});
    const lines = table(
      jobs.map((job) => [
        job.id,
        plain(job.name),
        placeOf(job),
        job.state.is,
        progressLine(job, sameInstall(values.data)),
      ]),
    );
    return answer(io, values, jobs, () => (jobs.length === 0 ? 'Nothing is being published.' : lines));
  },
});

export const dropCancel = command({
  words: 'drop cancel',
  summary: 'cancel a drop: on a Lockstep master, nothing of it appears',
  positionals: ['ID'],
  options: jsonOption,
  async run({ values, positionals: [job = ''] }, io) {
    const ended = await ask(io, values, 'publish.cancel', { job });
    return answer(io, values, ended, () => dropLines(ended, sameInstall(values.data)));
  },
});

export const dropResume = command({
  words: 'drop resume',
  summary: 'resume a stopped drop where it stopped',
  positionals: ['ID'],
  options: {
    'allow-deletes': { type: 'boolean', help: 'even if that is more than half of the files' },
    ...jsonOption,
  },
  async run({ values, positionals: [job = ''] }, io) {
    const dataDir = dataFolder(values.data, io);
    return withEngine(dataDir, async (engine) => {
      const given = { ...values, dataDir };
      const resumed = await engine.call('publish.resume', { job, allowDeletes: values['allow-deletes'] });
      return report(engine, await follow(engine, resumed, given, io), given, io);
    });
  },
});

interface Given {
  readonly json: boolean;
  /** As it was given: for hints. */
  readonly data: string | undefined;
  readonly dataDir: string;
}

/**
 * Until it has ended, or a person has to act. Ctrl-C cancels it; a second one leaves at once. Where this process is killed, or
 * loses its terminal, the drop goes on, as it does when the window of the app is closed.
 */
async function follow(engine: Reach, started: PublishJob, { dataDir }: Given, io: Io): Promise<PublishJob> {
  try {
    return await interruptible(async (isInterrupted) => {
      let job = started;
      while (!isSettled(job)) {
        io.progress?.(progressLine(job));
        await sleep(LOOK_MILLIS);
        if (isInterrupted() && job.state.is !== 'committing') return cancelled(engine, job);
        const { id } = job;
        job = await orLost(engine, dataDir, job, () => latest(engine, id));
      }
      return job;
    });
  } finally {
    io.progress?.('');
  }
}

/** A drop of which no answer has come yet. */
function unheardOf(order: Pick<PublishJob, 'id' | 'to' | 'name' | 'sources'>, now: number): PublishJob {
  const none = { done: 0, total: 0 };
  return { ...order, startedAt: now, files: none, bytes: none, state: { is: 'comparing' } };
}

/** What became of the drop where the Lockstep that has it is ended meanwhile. */
async function orLost(
  engine: Reach,
  dataDir: string,
  job: PublishJob,
  work: () => Promise<PublishJob>,
): Promise<PublishJob> {
  try {
    return await work();
  } catch (error) {
    if (!engine.running || !isLost(error)) throw error;
    return findLostDrop(dataDir, job, error);
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

async function report(engine: Reach, job: PublishJob, given: Given, io: Io): Promise<number> {
  const { state, id } = job;
  const same = sameInstall(given.data);
  if (state.is === 'stopped') {
    // At rest nobody could go on with it once this command has ended.
    const flag = state.error.code === 'guard.held' ? ' --allow-deletes' : '';
    if (engine.running)
      io.err(`It is waiting: lockstep drop resume ${id}${flag}${same}, or lockstep drop cancel ${id}${same}.`);
    else await engine.call('publish.cancel', { job: id });
    throw AppError.fromJSON(state.error);
  }
  answer(io, given, job, () => dropLines(job, same));
  return state.is === 'done' ? EXIT.done : EXIT.failed;
}

function isSettled({ state }: PublishJob): boolean {
  return state.is === 'done' || state.is === 'stopped' || state.is === 'cancelled';
}

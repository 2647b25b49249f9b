import { setTimeout as sleep } from 'node:timers/promises';
import type { JobState, PublishJob, PublishTo } from '../../../shared/contract/publishing.ts';
import type { Together } from '../../../shared/contract/releases.ts';
import { ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { type BackOff, backOff } from '../core/back-off.ts';
import { mustAsk } from '../core/delete-guard.ts';
import { eachOf } from '../core/pace.ts';
import type { Clock, Logger } from '../ports.ts';
import type { Begun } from '../store/open-drops.ts';
import { fileError } from '../tree/file-error.ts';
import { compare, type Comparison } from './compare.ts';
import type { Connection } from './connection.ts';
import { makeDirAt, removeAt } from './ftp-change.ts';
import type { HashCache } from './hash-cache.ts';
import { Lanes } from './lanes.ts';
import { readLocalTree } from './local-tree.ts';
import { PaceMeter } from './pace-meter.ts';
import { type Phase, phasesOf, type Task } from './phases.ts';
import type { Place } from './place.ts';
import { type Outcome, requireSame, type SentFile, type Way } from './way.ts';

/** Share of the files that may be deleted before a person is asked: the folder may be another one than was meant, or empty. */
const DELETE_SHARE = 0.5;
/** Files that are looked at at once. */
const WIDTH = 4;
/** Paths under way that are shown. */
const CURRENT_MAX = 4;
/** How long a server may take to hear that a drop was cancelled. */
const CLEAR_AWAY_MILLIS = 10_000;

export interface Retry {
  readonly delays: BackOff;
  /** Tries without any progress, after which a person is asked. */
  readonly tries: number;
}

export const RETRY: Retry = { delays: { first: 1_000, longest: 30_000 }, tries: 6 };

export interface JobOptions {
  readonly id: string;
  /** As it was left by an earlier process, say. `begun`: what that one has left at its server. */
  readonly begins: Pick<PublishJob, 'startedAt' | 'endedAt' | 'state'> & { readonly begun?: Begun };
  readonly to: PublishTo;
  readonly name: string;
  readonly sources: readonly string[];
  readonly into: SitePath | undefined;
  readonly delete: boolean;
  readonly allowDeletes: boolean;
  readonly together: Together | undefined;
  readonly route: Route;
  readonly hashes: HashCache;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retry: Retry;
  readonly onChange: () => void;
}

/** How a job gets to its place. */
export interface Route {
  /** Finds out how the server takes a drop, and what is there. The caller ends what it is asked over. */
  look(signal: AbortSignal): Promise<{ way: Way; place: Place; width: number; end: () => Promise<void> }>;
  /** The job has ended. Idempotent. */
  close(): void;
}

/** One drop on its way: compares, sends, goes on after a lost connection, commits. */
export class Job {
  readonly id: string;
  readonly #options: JobOptions;
  readonly #startedAt: number;
  readonly #meter = new PaceMeter();
  readonly #doing = new Map<Task, number>();
  readonly #done = new Set<Task>();
  readonly #begun = new Set<Task>();
  readonly #sent = new Map<Task, SentFile>();
  #state: JobState;
  #ending = new AbortController();
  #running: Promise<void> | undefined;
  #cancelling: Promise<void> | undefined;
  #way: Way | undefined;
  #comparison: Comparison | undefined;
  #phases: readonly Phase[] = [];
  #bytesDone = 0;
  #filesDone = 0;
  #bytesTotal = 0;
  #passed = 0;
  /** So many deletes somebody has said yes to; Infinity: to all, before they were counted. */
  #allowed: number;
  /** So many somebody was asked about. */
  #asked = 0;
  /** A file, or the place, was not what it had been when it was compared: what is there by now counts. */
  #compareAnew = false;
  /** The server was told to publish it, and may have, whatever was heard of it since. */
  #mayBePublished = false;
  /** An earlier process has begun something at the server, which has not been looked at yet. */
  #isLeft: boolean;
  #cannotBeAsked = false;
  /** Files that were not any more what had been sent when all was. */
  #changedSince = 0;
  #endedAt: number | undefined;

  constructor(options: JobOptions) {
    this.id = options.id;
    this.#options = options;
    this.#allowed = options.allowDeletes ? Number.POSITIVE_INFINITY : 0;
    const { startedAt, endedAt, state, begun = {} } = options.begins;
    const { release, mayBePublished = false, parts = [], aside = [] } = begun;
    this.#startedAt = startedAt;
    this.#endedAt = endedAt;
    this.#state = state;
    this.#isLeft = release !== undefined || parts.length + aside.length > 0;
    this.#compareAnew = this.#isLeft;
    this.#mayBePublished = mayBePublished;
  }

  get to(): PublishTo {
    return this.#options.to;
  }

  get sources(): readonly string[] {
    return this.#options.sources;
  }

  get state(): JobState {
    return this.#state;
  }

  /** Nothing more happens to it, whatever a person does. */
  get hasEnded(): boolean {
    return this.#state.is === 'done' || this.#state.is === 'cancelled';
  }

  /** A person has cancelled it, and its server, which may be no more, could not be asked what became of it. */
  get cannotBeAsked(): boolean {
    return this.#cannotBeAsked;
  }

  show(): PublishJob {
    const { to, name, sources } = this.#options;
    const inFlight = [...this.#doing.values()].reduce((sum, bytes) => sum + bytes, 0);
    const found = this.#comparison;
    return {
      id: this.id,
      to,
      name,
      sources: [...sources],
      startedAt: this.#startedAt,
      ...(this.#endedAt !== undefined && { endedAt: this.#endedAt }),
      files: { done: this.#filesDone, total: this.#comparison?.files.length ?? 0 },
      bytes: { done: Math.min(this.#bytesTotal, this.#bytesDone + inFlight), total: this.#bytesTotal },
      state: this.#state.is === 'sending' ? this.#sending() : this.#state,
      ...(found && { plan: counts(found) }),
    };
  }

  /** Resolves when it has ended or a person has to act. Never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  /** From `stopped`: it waits for its turn again. Idempotent until it has ended; then it throws `publish.ended`. */
  resume(allowDeletes: boolean): void {
    if (this.hasEnded) throw new AppError('publish.ended');
    if (this.#state.is !== 'stopped') return;
    if (this.#state.error.code.startsWith('file.')) this.#compareAnew = true;
    if (allowDeletes) this.#allowed = Math.max(this.#allowed, this.#asked);
    this.#cannotBeAsked = false;
    this.#become({ is: 'queued' });
  }

  /**
   * Resolves when nothing of it is left that could become visible. Rejects `publish.ended` where it is too late, and `publish.*`
   * where the server may have published it and cannot be asked: then it is stopped. Idempotent.
   */
  async cancel(): Promise<void> {
    if (this.#state.is === 'cancelled') return;
    this.#cancelling ??= this.#cancel().finally(() => {
      this.#cancelling = undefined;
    });
    await this.#cancelling;
  }

  async #cancel(): Promise<void> {
    if (this.hasEnded || this.#state.is === 'committing') throw new AppError('publish.ended');
    this.#become({ is: 'cancelling' });
    this.#ending.abort(new AppError('cancelled'));
    await this.#running;
    // It was faster.
    if (this.hasEnded) throw new AppError('publish.ended');
    let published: Outcome | undefined;
    try {
      published = await this.#clearAway();
    } catch (error) {
      this.#options.logger.debug({ err: error }, 'a cancelled drop could not be cleared away');
      // A release that nobody goes on with is given up by the server itself. One that was to be published is another matter.
      if (this.#mayBePublished || this.#isMissed()) throw this.#stopUnknown(error);
    }
    if (published) {
      this.#finish(published);
      throw new AppError('publish.ended');
    }
    this.#end({ is: 'cancelled', kept: this.#way?.atOnce === false ? this.#filesDone : 0 });
  }

  /** Breaks off; nothing is cleared away. Idempotent. */
  async stop(): Promise<void> {
    this.#ending.abort(new AppError('cancelled'));
    await this.#running;
    this.#options.route.close();
  }

  async #run(): Promise<void> {
    const { retry, logger } = this.#options;
    const changed = new Map<unknown, number>();
    for (let attempt = 1; ; attempt += 1) {
      const passed = this.#passed;
      try {
        this.#finish(await this.#attempt());
        return;
      } catch (error) {
        if (this.#ending.signal.aborted) return;
        const failure = fileError(error, '');
        if (!(failure instanceof AppError)) logger.error({ err: error }, 'a drop failed for no reason that it knows');
        const known = failure instanceof AppError ? failure : new AppError('internal');
        logger.debug({ err: error, attempt }, 'a drop was interrupted');
        if (this.#passed > passed) attempt = 1;
        // Of what is written to all the time something passes at each try.
        const tried = Math.max(attempt, known.code === 'file.changed' ? count(changed, known) : 0);
        if (known.retry === 'never' || tried >= retry.tries) {
          this.#become({ is: 'stopped', error: known.toJSON() });
          return;
        }
        await this.#wait(known, tried);
        if (this.#ending.signal.aborted) return;
      }
    }
  }

  async #wait(error: AppError, attempt: number): Promise<void> {
    const { retry, clock } = this.#options;
    const delay = backOff(retry.delays, attempt, Math.random());
    this.#become({ is: 'retrying', error: error.toJSON(), attempt, at: clock.now() + delay });
    await sleep(delay, undefined, { signal: this.#ending.signal }).catch(() => undefined);
  }

  async #attempt(): Promise<Outcome> {
    const { logger, together } = this.#options;
    const { signal } = this.#ending;
    if (this.#compareAnew) {
      const published = await this.#clearAway();
      if (published) return published;
      this.#forgetSent();
      this.#comparison = undefined;
      this.#compareAnew = false;
    }
    if (!this.#comparison || !this.#way) await this.#compare(signal);
    const way = this.#way;
    if (!way || this.#phases.length === 0) return { changes: 0 };
    this.#meter.reset();
    this.#become({ is: 'sending', current: [], bytesPerSecond: 0 });
    const opened = await Lanes.open(way, signal, logger);
    if (!('lanes' in opened)) return opened;
    const { lanes, isNew } = opened;
    if (isNew && this.#begun.size + this.#done.size > 0) {
      // All has to be sent again: then as it is by now. Nothing of it is in the release that was begun, whatever becomes of that one.
      this.#forgetSent();
      this.#comparison = undefined;
      await way.abort(lanes.first).finally(() => lanes.close());
      return this.#attempt();
    }
    try {
      for (const { tasks, inOrder } of this.#phases) {
        const left = tasks.filter((task) => !this.#done.has(task));
        await lanes.each(left, inOrder ? 1 : way.width, (connection, task) => this.#do(way, connection, task));
      }
      this.#changedSince = await this.#countChanged(signal);
      this.#become({ is: 'committing' });
      this.#mayBePublished = way.atOnce;
      const outcome = await way.commit(lanes.first, this.#done.size, together).catch((error: unknown) => {
        this.#compareAnew = error instanceof AppError && error.code === 'publish.refused';
        throw error;
      });
      await lanes.end();
      return outcome;
    } finally {
      lanes.close();
      this.#doing.clear();
    }
  }

  /** Once: what has been sent is not compared again. */
  async #compare(signal: AbortSignal): Promise<void> {
    const { sources, into = ROOT, hashes, route } = this.#options;
    this.#become({ is: 'comparing' });
    const tree = await readLocalTree(sources, into, signal);
    const looked = await route.look(signal);
    try {
      if (this.#options.together && !looked.way.atOnce) throw new AppError('publish.no-releases');
      const options = { into, delete: this.#options.delete, hashes, signal, width: looked.width };
      const found = await compare(tree, looked.place, options);
      const deletes = found.removed.filter(({ kind }) => kind === 'file').length;
      const of = found.filesThere;
      // The folder is read anew, and may have been emptied since somebody has said yes.
      if (deletes > this.#allowed && mustAsk(deletes, of, DELETE_SHARE)) {
        this.#asked = deletes;
        throw new AppError('guard.held', { count: deletes, of });
      }
      this.#way = looked.way;
      this.#comparison = found;
      this.#phases = phasesOf(found);
      this.#bytesTotal = found.files.reduce((sum, { size }) => sum + size, 0);
    } finally {
      await looked.end();
    }
  }

  async #do(way: Way, connection: Connection, task: Task): Promise<void> {
    switch (task.do) {
      case 'make':
        await makeDirAt(connection, way.base, task.path);
        break;
      case 'remove':
        await removeAt(connection, way.base, task.item);
        break;
      case 'send':
        await this.#send(way, connection, task);
    }
    this.#done.add(task);
    this.#options.onChange();
  }

  async #send(way: Way, connection: Connection, task: Extract<Task, { do: 'send' }>): Promise<void> {
    const { hashes, onChange } = this.#options;
    const again = this.#begun.has(task);
    this.#begun.add(task);
    this.#doing.set(task, 0);
    let before: number | undefined;
    const onBytes = (bytes: number): void => {
      // What the server had already did not pass now.
      if (before !== undefined) this.#passed += Math.max(0, bytes - before);
      before = bytes;
      this.#doing.set(task, bytes);
      this.#meter.add(this.#passed, performance.now());
      onChange();
    };
    const sent = await way.send(connection, { file: task.file, again, hashes, signal: this.#ending.signal, onBytes });
    this.#doing.delete(task);
    this.#sent.set(task, sent);
    const { size } = sent.file;
    this.#bytesTotal += size - task.file.size;
    this.#bytesDone += size;
    this.#filesDone += 1;
    // A file of no bytes is progress, too.
    this.#passed += 1;
  }

  /** What is published of them is what they were. */
  async #countChanged(signal: AbortSignal): Promise<number> {
    const { hashes } = this.#options;
    let count = 0;
    await eachOf([...this.#sent.values()], WIDTH, async (sent) => {
      signal.throwIfAborted();
      await requireSame(sent, { hashes, signal }).catch((error: unknown) => {
        signal.throwIfAborted();
        this.#options.logger.debug({ err: error }, 'a file is not any more what was sent');
        count += 1;
      });
    });
    return count;
  }

  #sending(): JobState {
    const now = performance.now();
    const inFlight = [...this.#doing.values()].reduce((sum, bytes) => sum + bytes, 0);
    const remaining = this.#meter.remaining(this.#bytesTotal - this.#bytesDone - inFlight, now);
    return {
      is: 'sending',
      current: [...this.#doing.keys()].slice(0, CURRENT_MAX).map(({ path }) => path),
      bytesPerSecond: this.#meter.rate(now),
      ...(remaining !== undefined && { remainingMillis: Math.max(0, remaining) }),
    };
  }

  #isMissed(): boolean {
    const { begun } = this.#options.begins;
    return this.#isLeft ? (begun?.aside ?? []).length > 0 : this.#way?.isMissed === true;
  }

  /** The release that held it is gone. */
  #forgetSent(): void {
    this.#done.clear();
    this.#begun.clear();
    this.#sent.clear();
    this.#bytesDone = 0;
    this.#filesDone = 0;
    this.#mayBePublished = false;
  }

  /** Resolves what was published nonetheless. */
  async #clearAway(): Promise<Outcome | undefined> {
    const signal = AbortSignal.timeout(CLEAR_AWAY_MILLIS);
    if (this.#isLeft) {
      const { way, end } = await this.#options.route.look(signal);
      this.#way = way;
      this.#isLeft = false;
      await end();
    }
    if (this.#way?.isBegun !== true) return undefined;
    const opened = await this.#way.open(signal);
    if (opened.is !== 'open') return opened;
    const { connection } = opened;
    signal.addEventListener('abort', () => connection.close());
    try {
      const published = await this.#way.abort(connection);
      await connection.end();
      return published;
    } finally {
      connection.close();
    }
  }

  /** A person can have it go on, or cancel it once more: either asks the server. */
  #stopUnknown(thrown: unknown): AppError {
    const error = thrown instanceof AppError ? thrown : new AppError('internal', {}, thrown);
    this.#ending = new AbortController();
    this.#cannotBeAsked = true;
    this.#state = { is: 'stopped', error: error.toJSON() };
    this.#options.onChange();
    return error;
  }

  #finish({ changes, release }: Outcome): void {
    const [files, hasRelease] = [this.#changedSince, release !== undefined];
    this.#end({ is: 'done', changes, ...(hasRelease && { release }), ...(files > 0 && { changedSince: files }) });
  }

  #end(state: JobState): void {
    this.#endedAt = this.#options.clock.now();
    this.#options.route.close();
    this.#become(state);
  }

  #become(state: JobState): void {
    // A person who cancels has the last word.
    if (this.#state.is === 'cancelling' && state.is !== 'cancelled' && state.is !== 'done') return;
    this.#state = state;
    this.#options.onChange();
  }
}

/** How often it was about that path by now. */
function count(times: Map<unknown, number>, { params: { path } }: AppError): number {
  const known = (times.get(path) ?? 0) + 1;
  times.set(path, known);
  return known;
}

function counts({ folders, files, unchanged, removed, leftOut }: Comparison): NonNullable<PublishJob['plan']> {
  const fresh = files.filter(({ isNew }) => isNew).length;
  return {
    new: folders.length + fresh,
    changed: files.length - fresh,
    unchanged,
    deleted: removed.length,
    refused: leftOut,
  };
}

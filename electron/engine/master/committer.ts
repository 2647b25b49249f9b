import { setTimeout as sleep } from 'node:timers/promises';
import type { VersionsConfig } from '../../../shared/contract/config.ts';
import type { SiteRules } from '../../../shared/contract/rules.ts';
import type { Change, Millis, Sha256, Unnumbered } from '../../../shared/domain/change.ts';
import { RESERVED_FOLDER, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { Lock } from '../core/lock.ts';
import type { Clock, Logger } from '../ports.ts';
import type { Journal } from '../store/journal.ts';
import type { Store } from '../store/open.ts';
import { ReleaseStore } from '../store/releases.ts';
import { Versions } from '../tree/versions.ts';
import { fileError, isHindrance } from '../tree/file-error.ts';
import { Planner } from '../tree/planner.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import type { Step } from '../tree/steps.ts';
import type { ChangeSet, ReleaseOrder } from './release/release-site.ts';
import { LeftToStart, UNDO_MILLIS, untilUndoneAgain } from '../tree/left-to-start.ts';
import { PutGroup, type WaitingPut } from './put-group.ts';
import { findStats } from '../tree/find-stats.ts';
import { isCurrent } from './served.ts';
import type { Actor } from './site-files.ts';
import type { Mutation } from './mutation.ts';

export interface CommitterOptions {
  readonly name: string;
  readonly root: SiteRoot;
  readonly store: Store;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called after each committed change, synchronously: this is what makes the notifier look. */
  readonly onChange: () => void;
  /** Told of what was committed, after the mirrors may be told. */
  readonly committed: (changes: readonly Change[], by: string) => void;
  /** How much of what is replaced or deleted is kept for rollbacks. */
  readonly versions: () => VersionsConfig;
  /** The mirrors that are told of at least one of these paths. */
  readonly concerns: (paths: readonly SitePath[]) => readonly string[];
}

/**
 * Changes a site: one after the other, decided under a lock, journal and index in one transaction with the plan, then the
 * tree, then the mirrors may be told. What the tree does not take is taken back.
 */
export class Committer {
  readonly versions: Versions;
  readonly records: ReleaseStore;
  readonly #options: CommitterOptions;
  readonly #journal: Journal;
  readonly #planner: Planner;
  readonly #lock = new Lock();
  readonly #puts = new PutGroup();
  readonly #leaving = new AbortController();
  /** A release that failed is seen in part, and why it cannot be undone yet: nothing else is changed meanwhile. */
  #half: AppError | undefined;
  /** Who waits for the lock. */
  readonly #waiting = new Set<(error: AppError) => void>();
  #ended = false;

  constructor(options: CommitterOptions) {
    const { store, journal, root, logger, versions } = options;
    this.#options = options;
    this.#journal = journal;
    this.#planner = new Planner(store, journal.site, root, logger);
    this.versions = new Versions(store, journal.site, root, versions);
    this.records = new ReleaseStore(store, journal.site);
  }

  /**
   * Brings the tree in step with the journal after a crash. Before anything else. Rejects, to be tried again, where the disk or a right
   * is in the way: the next look at the tree would take back what was promised.
   */
  async start(): Promise<{ complete: boolean }> {
    const failed = await this.#planner.rollForward(
      (path) => this.#journal.index.entry(path),
      async (_failed, undone) => {
        await this.#options.root.check();
        const hindrance = undone.map(({ error }) => error).find(isHindrance);
        if (hindrance) throw hindrance;
      },
    );
    await this.versions.sweep();
    return { complete: failed.length === 0 };
  }

  /** A release that cannot be undone is left to the next start. */
  leave(): void {
    this.#leaving.abort();
  }

  /** Changes under way come to their end, later ones are refused (`site.unknown`). */
  async stop(): Promise<void> {
    this.#ended = true;
    await this.#lock.idle();
    await this.#planner.flush();
  }

  get ended(): boolean {
    return this.#ended;
  }

  requireOpen(): void {
    if (this.#ended) throw new AppError('site.unknown', { site: this.#options.name });
  }

  /** One change, with what the index did not know before it. Rejects as `SiteRoot.check`: a bare mount point would take it, too. */
  change(by: Actor, decide: () => Promise<Mutation>): Promise<Change> {
    return this.#run(async () => {
      await this.#options.root.check();
      const mutation = await decide();
      await this.#planner.makeWayForRename(mutation.steps);
      const last = (await this.#commitOne(this.#workOf(mutation, by))).at(-1);
      if (!last) throw new TypeError('a mutation without a change');
      return last;
    });
  }

  /**
   * A file that is put at `path`, in one transaction with others that wait at the same time. What the tree does not take is taken back,
   * and those after it are decided anew.
   */
  put(path: SitePath, by: Actor, decide: WaitingPut['decide']): Promise<Change> {
    const { promise, resolve, reject } = Promise.withResolvers<Change>();
    const put: WaitingPut = { path, by, decide, resolve, reject };
    this.#puts.add(put);
    this.#commitPutsSoon([put]);
    return promise;
  }

  /** Each in its turn, where none before it has taken it along. */
  #commitPutsSoon(puts: readonly WaitingPut[]): void {
    for (const put of puts) {
      this.#run(() => this.#commitPuts()).catch((error: unknown) => {
        this.#puts.drop(put);
        put.reject(error);
      });
    }
  }

  async #commitPuts(): Promise<void> {
    const puts: WaitingPut[] = [];
    const works: Work[] = [];
    for (const put of this.#puts.take()) {
      try {
        works.push(this.#workOf(await put.decide(), put.by));
        puts.push(put);
      } catch (error) {
        put.reject(error);
      }
    }
    if (puts.length === 0) return;
    const rejectAll = (rest: readonly WaitingPut[], error: unknown): void => rest.forEach((put) => put.reject(error));
    try {
      const { done, failure } = await this.#commit(works);
      for (const { changes } of done) for (const change of changes) puts.shift()?.resolve(change);
      if (!failure) return;
      puts.shift()?.reject(failure.error);
      if (failure.stuck) return rejectAll(puts, failure.stuck);
      this.#puts.putBack(puts);
      this.#commitPutsSoon(puts);
    } catch (error) {
      rejectAll(puts, error);
    }
  }

  /** Many changes, seen by others as one, and recorded as a release. Rejects as `SiteRoot.check`. */
  release(order: ReleaseOrder, by: Actor, decide: () => Promise<ChangeSet>): Promise<Change[]> {
    const { title: name, openedAs, reverts, together } = order;
    return this.#run(async () => {
      await this.#options.root.check();
      const { changes, steps, kept, before } = await decide();
      const { account, drop } = by;
      await this.#planner.makeWayFor(steps);
      const first = this.#journal.head + 1;
      const last = this.#journal.head + changes.length;
      const work: Work = {
        by,
        changes,
        steps,
        release: { together: together !== undefined },
        also: (at) => {
          for (const content of kept) this.versions.note(content, at);
          const peers = this.#options.concerns(before.map(({ path }) => path));
          this.records.add({ first, last, name, at, account, drop, openedAs, reverts, together, before, peers });
        },
        carryOut: (plan) => this.#planner.carryOutTogether(plan, steps, (error) => this.#stayHalf(error)),
        back: () => this.records.remove(last),
      };
      return this.#commitOne(work);
    });
  }

  /** Changes that the tree shows already; their number. */
  record(by: Actor, decide: () => Promise<readonly Unnumbered[]>): Promise<number> {
    return this.#run(async () => {
      const changes = await decide();
      if (changes.length === 0) return 0;
      const numbered = this.#journal.append(changes, by, this.#options.clock.now());
      this.#journal.confirm();
      this.#options.onChange();
      this.#options.committed(numbered, by.account);
      return changes.length;
    });
  }

  /** Journals what belongs together from now on, where `decide` says something else than holds. `seq`: of the newest change. */
  setRules(by: Actor, decide: (rules: SiteRules, seq: number) => SiteRules): Promise<void> {
    return this.#run(async () => {
      const { rules } = this.#journal.rules;
      const decided = decide(rules, this.#journal.head);
      if (JSON.stringify(decided) === JSON.stringify(rules)) return;
      this.#journal.setRules(decided, by, this.#options.clock.now());
      this.#options.onChange();
    });
  }

  /** What is to be kept of the file at `path` before it is removed, or replaced by a file with the hash `by`. */
  async replacing(path: SitePath, by?: Sha256): Promise<Pick<Mutation, 'keep'>> {
    const info = findStats(this.#options.root.plain(path));
    if (!info?.isFile()) return {};
    const entry = this.#journal.index.entry(path);
    // What came without FTP is not known by its hash, and hashing it would keep everybody waiting.
    if (!isCurrent(entry, info) || entry.sha256 === by) return {};
    const step = await this.versions.stepFor(path, entry);
    return step ? { keep: { step, content: entry } } : {};
  }

  /** Drops versions that are not to be kept any longer. */
  trimVersions(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.versions.trim(this.#options.clock.now());
      } catch (error) {
        throw fileError(error, RESERVED_FOLDER);
      }
    });
  }

  #run<T>(task: () => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      this.requireOpen();
      return task();
    });
  }

  /** Nobody waits for a release that cannot be undone: the end of the site does not either, and may have others to wait for. */
  async #inTurn<T>(task: () => Promise<T>): Promise<T> {
    if (this.#half) throw this.#half;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.add(reject);
    const turn = this.#lock.run(async () => {
      if (this.#waiting.delete(reject)) resolve(await task());
    });
    turn.catch(reject);
    return promise;
  }

  /** Resolves when it may be tried again. Rejects `LeftToStart`. */
  #stayHalf(error: AppError): Promise<void> {
    if (!this.#half)
      this.#options.logger.error(
        { err: error },
        'a release that failed cannot be undone: nothing is changed until it is',
      );
    this.#half = error;
    for (const refuse of this.#waiting) refuse(error);
    this.#waiting.clear();
    return untilUndoneAgain(error, this.#leaving.signal);
  }

  #workOf({ before = [], change, keep, steps: decided }: Mutation, by: Actor): Work {
    const steps = keep ? [keep.step, ...decided] : decided;
    return {
      by,
      changes: [...before, change],
      steps,
      also: (at) => keep && this.versions.note(keep.content, at),
      carryOut: (plan) => this.#planner.carryOut(plan, steps),
    };
  }

  async #commitOne(work: Work): Promise<Change[]> {
    const { done, failure } = await this.#commit([work]);
    if (failure?.stuck instanceof AppError) throw new LeftToStart(failure.stuck);
    if (failure) throw failure.stuck ?? failure.error;
    return done.flatMap(({ changes }) => changes);
  }

  /**
   * Journals in one transaction what is done to the tree one after the other. What the tree does not take is taken back, with all that is after
   * it. Rejects where nothing was journalled, and `LeftToStart`.
   */
  async #commit(works: readonly Work[]): Promise<Outcome> {
    const at = this.#options.clock.now();
    const planned: Planned[] = [];
    const numbered = this.#append(works, at, () => {
      for (const work of works) {
        planned.push({ work, plan: this.#planner.write(work.steps) });
        work.also(at);
      }
    });
    const done: Done[] = [];
    let failure: Outcome['failure'];
    try {
      for (const { work, plan } of planned) {
        await work.carryOut(plan);
        const changes = numbered.splice(0, work.changes.length);
        this.#journal.confirmTo(changes);
        done.push({ work, changes });
      }
    } catch (error) {
      if (error instanceof LeftToStart) throw error;
      this.#half = undefined;
      failure = { error, stuck: this.#takeBack(planned.slice(done.length)) };
    } finally {
      this.#options.onChange();
    }
    for (const { work, changes } of done) this.#options.committed(changes, work.by.account);
    if (this.versions.isDue) this.#trimLater();
    return { done, failure };
  }

  #append(works: readonly Work[], at: Millis, also: () => void): Change[] {
    const changes = works.flatMap((work) => work.changes.map((change) => ({ change, by: work.by })));
    try {
      return this.#journal.appendGroup(changes, at, also, works[0]?.release);
    } catch (error) {
      this.#planner.rolledBack();
      throw error;
    }
  }

  /** Why the database does not let it be taken back yet, where that is so. */
  #takeBack(planned: readonly Planned[]): unknown {
    try {
      this.#journal.takeBack(() => {
        for (const { work, plan } of planned) {
          this.#planner.forget(plan);
          work.back?.();
        }
      });
      return undefined;
    } catch (error) {
      void this.#settleLater();
      return error;
    }
  }

  /** The database did not let what failed be taken back: it is tried until it does, as mirrors are told nothing of the index before. */
  async #settleLater(): Promise<void> {
    const { signal } = this.#leaving;
    while (!this.#journal.settled) {
      await sleep(UNDO_MILLIS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted || this.#ended) return;
      try {
        await this.#run(async () => this.#journal.settle());
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
      }
    }
    this.#options.onChange();
  }

  #trimLater(): void {
    this.trimVersions().catch((err: unknown) => {
      this.#options.logger.warn({ err }, 'versions are kept for too long');
    });
  }
}

/** What is journalled, and done to the tree, all or nothing. Only puts, each of a path of its own, share a transaction. */
interface Work {
  readonly by: Actor;
  readonly changes: readonly Unnumbered[];
  readonly steps: readonly Step[];
  /** The changes are one, and carry its tag. */
  readonly release?: { readonly together: boolean };
  /** Within the transaction. */
  also(at: Millis): void;
  carryOut(plan: number): Promise<void>;
  /** Within the transaction that takes it back. */
  back?(): void;
}

interface Planned {
  readonly work: Work;
  readonly plan: number;
}

interface Done {
  readonly work: Work;
  readonly changes: readonly Change[];
}

interface Outcome {
  readonly done: readonly Done[];
  /** Why the tree did not take the one after these; and why that cannot be taken back yet, where it cannot. */
  readonly failure: { readonly error: unknown; readonly stuck: unknown } | undefined;
}

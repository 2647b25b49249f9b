import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { forEachPart, type Parts } from '../core/in-parts.ts';
import { planParts } from '../core/plan.ts';
import type { Batch, Plan, PlanInput, Wait } from '../core/planning.ts';
import type { Want } from '../core/want.ts';
import { Bindings } from './bindings.ts';
import { Keeper, type KeeperOptions } from './keeper.ts';
import type { NotShown } from './not-shown.ts';
import { planInput } from './plan-input.ts';
import { PlanRun } from './plan-run.ts';
import type { Publisher } from './publisher.ts';
import type { Ready } from './ready.ts';
import { ReleaseProgress } from './release-progress.ts';
import { giveUp } from './decide-wants.ts';

export interface AssemblerOptions extends KeeperOptions {
  readonly publisher: Publisher;
  readonly excludes: (path: SitePath) => boolean;
  /** All that the master has is known here: what is not, the master does not have either. */
  readonly isCurrent: () => boolean;
  /** What is wanted can come: neither is it a time at which nothing is fetched, nor is the way to the master out of order. */
  readonly canFetch: () => boolean;
  /** Nothing is published, and no time runs out. */
  readonly isPaused: () => boolean;
  readonly now: () => Millis;
  /** What waits, or why, has changed. */
  readonly onWaits: () => void;
  readonly onRelease: (id: number, state: 'ready' | 'published', at: Millis) => void;
}

/** What is ready is gathered this long before it is noted that it waits: most of it is published sooner. */
const KEEP_MILLIS = 20;
/** So many of them are noted in one turn of the event loop. */
const KEPT_AT_ONCE = 200;
/** After a plan that took long the next one is made this many times as long later. */
const REST_FACTOR = 4;
/** Wants that are looked at in one turn of the event loop where all of them are. */
const WANTS_READ = 500;
/** After the database's disk did not take something. */
const RETRY_MILLIS = 5_000;
/** Plans that take less are made at once. */
const QUICK_MILLIS = 2;
/** Timers beyond it are set again. */
const TIMER_MILLIS_MAX = 60_000;
/** Of nothing. */
const NO_PLAN: Plan = { batches: [], waits: [], next: null };

/**
 * Holds together what belongs together (SPEC §8, JP H11-154110 ¶32-33): takes what is ready, lets through what nothing is
 * bound to, and hands the rest to the publisher in the batches that `plan` decides.
 */
export class Assembler {
  readonly #options: AssemblerOptions;
  /** Wants that may have to wait. */
  readonly #bound = new Map<SitePath, Want>();
  readonly #ready = new Map<SitePath, Ready>();
  /** What the publisher has and is not done with, by the transfer of its want: whatever is looked at anew, it is not handed over twice. */
  readonly #handed = new Map<SitePath, number>();
  /** Ready, and not noted as such in the database. */
  readonly #fresh = new Set<SitePath>();
  /** Their wants may be others now. */
  readonly #dirty = new Set<SitePath>();
  readonly #releases: ReleaseProgress;
  readonly #bindings: Bindings;
  readonly #keeper: Keeper;
  #waits: readonly Wait[] = [];
  /** Since when all that the master has is known. */
  #currentSince: Millis | undefined;
  /** Since when files can be fetched; Infinity: they cannot be now. */
  #fetchingSince: Millis = 0;
  /** All wants are being read: what is known of them is a part. */
  #reading: object | undefined;
  /** A plan is being made. */
  #run: PlanRun<Plan> | undefined;
  /** Something has come since it began. */
  #isOvertaken = false;
  /** What does not appear of what it may count on. `all`: nothing that it lets go is to be handed over any more. */
  #lost: NotShown[] | 'all' = [];
  /** What is bound to nothing, and would take away meanwhile what the plan counts on. */
  #putOff: Ready[] = [];
  /** By the steady clock. */
  #restUntil = 0;
  #lookTimer: NodeJS.Timeout | undefined;
  #readTimer: NodeJS.Timeout | undefined;
  #keepTimer: NodeJS.Timeout | undefined;
  #stopped = true;

  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#releases = new ReleaseProgress(options);
    this.#bindings = new Bindings(options.state, options.excludes);
    this.#keeper = new Keeper(options);
  }

  /** Resolves when all that waits is known. */
  async start(): Promise<void> {
    this.#stopped = false;
    this.#bindings.compile();
    await this.#readWants();
    while (this.#run) await nextTurn();
  }

  stop(): void {
    this.#stopped = true;
    this.#endRun();
    for (const timer of [this.#lookTimer, this.#readTimer, this.#keepTimer]) clearTimeout(timer);
  }

  /** What waits, and why, as of the last look. */
  get waits(): readonly Wait[] {
    return this.#waits;
  }

  /** The master's rules are others: everything is looked at again, and nothing is decided before that is done. */
  rulesChanged(): void {
    this.#bindings.compile();
    const putOff = this.#endRun();
    void this.#readWants();
    this.deliver(putOff);
  }

  /** Page by page: there may be as many as a site has files. What changes meanwhile is dirty, and looked at once more in the end. */
  async #readWants(): Promise<void> {
    const { state, logger } = this.#options;
    const reading = {};
    this.#reading = reading;
    this.#bound.clear();
    try {
      for (let after = ''; ; ) {
        const page = state.wants.after(after, WANTS_READ);
        state.store.reading(() => page.forEach((want) => this.#take(want)));
        const last = page.at(-1);
        if (!last || page.length < WANTS_READ) break;
        after = last.path;
        await nextTurn();
        // There are other rules by now, or nobody wants to know any more.
        if (this.#reading !== reading || this.#stopped) return;
      }
      this.#reading = undefined;
      for (const ready of [...this.#ready.values()]) if (!this.#bound.has(ready.want.path)) this.#letThrough(ready);
      this.look();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.error({ code: error.code, params: error.params }, 'what waits cannot be read');
      clearTimeout(this.#readTimer);
      if (!this.#stopped) this.#readTimer = setTimeout(() => void this.#readWants(), RETRY_MILLIS);
    }
  }

  #take(want: Want): void {
    const { state, staging, excludes } = this.#options;
    if (this.#handed.get(want.path) === want.transfer) return;
    if (want.state === 'ready' && !this.#ready.has(want.path)) {
      const [transfer] = state.transfers.of([want.transfer]);
      if (transfer && (want.staged === null || staging.has(want.staged)))
        this.#ready.set(want.path, { want, verdict: transfer.verdict, staged: want.staged });
      else state.wants.set({ ...want, state: 'queued', staged: null });
    }
    if (!excludes(want.path) && this.#bindings.isBound(want)) this.#bound.set(want.path, want);
  }

  /** The clock was set by so much, and the database says so of all that waits. */
  clockSet(by: Millis): void {
    if (this.#stopped) return;
    if (this.#currentSince !== undefined) this.#currentSince += by;
    this.#fetchingSince += by;
    this.rulesChanged();
  }

  /** The groups, by the rules in force, that a path is a member of. */
  groupsOf(path: SitePath): ReturnType<Bindings['groupsOf']> {
    return this.#bindings.groupsOf(path);
  }

  /** The want at a path was set, replaced or dropped; `look` takes notice. */
  changed(path: SitePath): void {
    this.#dirty.add(path);
  }

  /** It failed, and is tried again later or by a person: whoever waits for it may not any more. */
  failed(path: SitePath): void {
    this.#dirty.add(path);
    // Within a transaction.
    setImmediate(() => this.look());
  }

  /** Content is here (or nothing has to be fetched): it is published now, or with what belongs to it. */
  deliver(readies: readonly Ready[]): void {
    for (const ready of readies) {
      const { path } = ready.want;
      // In a flood of files that nothing is bound to, none of them is asked for once more.
      const isKnown = !this.#dirty.has(path) && !this.#bound.has(path) && !this.#ready.has(path);
      if (!isKnown || this.#bindings.isBound(ready.want)) this.#refresh(path);
      if (!this.#bound.has(path)) {
        if (this.#run && ready.want.target.kind !== 'file') this.#putOff.push(ready);
        else this.#publish(ready);
        continue;
      }
      // It was fetched for a change that has been overtaken meanwhile.
      if (this.#bound.get(path)?.transfer !== ready.want.transfer) {
        this.#options.onUnused(ready);
        continue;
      }
      this.#ready.set(path, ready);
      this.#fresh.add(path);
    }
    this.look();
  }

  /** From the publisher. */
  done(ready: Ready): void {
    const { path } = ready.want;
    this.#takeBack(ready);
    // Another want that came meanwhile was told by itself.
    if (this.#bound.has(path) || this.#ready.has(path)) this.#dirty.add(path);
    this.#safely(() => this.#releases.done(path));
    if (this.#bound.size > 0) this.look();
  }

  /**
   * From the publisher: what stands in the way has to go first, and may be waiting for a file with the same content, or for
   * another change of the same path. So nothing stays in hand for it. What is left of it, as the publisher has it from now on.
   */
  blocked(readies: readonly Ready[]): Ready[] {
    const { state, onUnused } = this.#options;
    const left = readies.filter(({ want }) => want.state === 'ready');
    const inHand = readies.filter(({ want }) => want.state !== 'ready');
    const isOvertaken = ({ want }: Ready): boolean => state.wants.of(want.path)?.transfer !== want.transfer;
    const noted = this.#keeper.note(inHand.filter((ready) => !isOvertaken(ready)));
    if (!noted) return [...readies];
    const named = this.#keeper.name(noted);
    this.#keeper.tell(named);
    for (const ready of inHand) if (isOvertaken(ready)) onUnused(ready);
    inHand.forEach((ready) => this.#takeBack(ready));
    named.kept.forEach((ready) => this.#handOver(ready));
    return [...left, ...named.kept];
  }

  /** From the publisher: nothing of it was decided, because some of it was overtaken, or (`changed`) is not ready any more. */
  returned(readies: readonly Ready[], changed: ReadonlySet<Ready> = new Set()): void {
    this.#lost = 'all';
    this.#planAnew(readies, changed);
  }

  /** From the publisher: what was to appear does not, and nothing of what may count on it was decided. */
  notShown(lost: NotShown, readies: readonly Ready[]): void {
    if (this.#run && this.#lost !== 'all') this.#lost.push(lost);
    if (readies.length > 0) this.#planAnew(readies);
  }

  #planAnew(readies: readonly Ready[], changed: ReadonlySet<Ready> = new Set()): void {
    const current: Ready[] = [];
    for (const ready of readies) {
      const { path, transfer } = ready.want;
      this.#takeBack(ready);
      this.#dirty.add(path);
      this.#releases.returned(path);
      if (!changed.has(ready) && this.#options.state.wants.of(path)?.transfer === transfer) current.push(ready);
      else this.#options.onUnused(ready);
    }
    this.deliver(current);
  }

  /** A person decided: what waits under `id` is published as far as it is here (the rest as it comes), or given up. `by`: at that install. */
  resolve(id: string, how: 'publish' | 'discard', by: string): boolean {
    const { state, onTransfer, now } = this.#options;
    const wait = this.#waits.find((each) => each.id === id);
    if (!wait) return false;
    const here = wait.paths.filter((path) => this.#ready.has(path));
    state.store.transaction(() => {
      for (const path of wait.paths) {
        const want = state.wants.of(path);
        if (!want) continue;
        this.#dirty.add(path);
        if (how === 'publish') {
          // What is still on its way does not keep what is here.
          if (here.length === 0 || this.#ready.has(path)) state.wants.set({ ...want, forced: true });
          continue;
        }
        giveUp(state, want, by, now(), true);
        onTransfer(want.transfer);
      }
      if (wait.kind === 'group') for (const { name } of this.#groupsIn(wait.paths)) state.belonging.endRound(name);
    });
    // A person is waiting to see it.
    this.#restUntil = 0;
    this.deliver(this.#endRun());
    return true;
  }

  /** Publishes what may be published, and finds out what waits. Put off while plans take long, and where the database's disk is full. */
  look(): void {
    this.#safely(() => this.#look());
  }

  #safely(work: () => void): void {
    const { now, logger } = this.#options;
    try {
      work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.error({ code: error.code, params: error.params }, 'what waits cannot be looked at');
      for (const ready of this.#endRun()) this.#publish(ready);
      this.#lookLater(now() + RETRY_MILLIS);
    }
  }

  #look(): void {
    const { now, isPaused, canFetch, state } = this.#options;
    if (this.#stopped || this.#reading) return;
    if (!canFetch()) this.#fetchingSince = Number.POSITIVE_INFINITY;
    else if (this.#fetchingSince === Number.POSITIVE_INFINITY) this.#fetchingSince = now();
    if (isPaused()) return;
    this.#isOvertaken = true;
    if (this.#run) return;
    const rest = this.#restUntil - performance.now();
    if (rest > 0) return this.#lookLater(now() + rest);
    if (this.#dirty.size > 0)
      state.store.reading(() => {
        for (const path of [...this.#dirty]) this.#refresh(path);
      });
    this.#isOvertaken = false;
    this.#lost = [];
    this.#run = new PlanRun({
      store: state.store,
      parts: this.#decide(),
      onDone: (decided, took) => this.#decided(decided, took),
      safely: (work) => this.#safely(work),
    });
    this.#run.advance();
  }

  #decided(decided: Plan, took: number): void {
    this.#run = undefined;
    const before = this.#waits;
    this.#waits = decided.waits;
    this.#restUntil = took < QUICK_MILLIS ? 0 : performance.now() + REST_FACTOR * took;
    this.#releases.look((release) => this.#leftOf(release));
    if (this.#fresh.size > 0) this.#keepTimer ??= setTimeout(() => this.#keep(), KEEP_MILLIS);
    this.#lookLater(decided.next);
    if (before.length > 0 || this.#waits.length > 0) this.#options.onWaits();
    const putOff = this.#endRun();
    if (this.#isOvertaken || putOff.length > 0) this.deliver(putOff);
  }

  /** Nothing comes of a plan that is being made. What was put off for it. */
  #endRun(): Ready[] {
    this.#run?.stop();
    this.#run = undefined;
    return this.#putOff.splice(0);
  }

  #lookLater(at: Millis | null): void {
    const { now } = this.#options;
    clearTimeout(this.#lookTimer);
    if (at === null || this.#stopped) return;
    const delay = Math.min(TIMER_MILLIS_MAX, Math.max(1, at - now()));
    this.#lookTimer = setTimeout(() => this.look(), delay);
  }

  #refresh(path: SitePath): void {
    const { state, onUnused } = this.#options;
    this.#dirty.delete(path);
    const want = state.wants.of(path);
    const ready = this.#ready.get(path);
    if (want && this.#bindings.isBound(want)) this.#bound.set(path, want);
    else this.#bound.delete(path);
    if (!ready || ready.want.transfer === want?.transfer) return;
    this.#ready.delete(path);
    this.#fresh.delete(path);
    // Others become ready by it, and what is ready is looked at at once: by then this one must be what it is now.
    onUnused(ready);
  }

  #letThrough(ready: Ready): void {
    this.#ready.delete(ready.want.path);
    this.#fresh.delete(ready.want.path);
    this.#publish(ready);
  }

  #publish(ready: Ready): void {
    this.#handOver(ready);
    this.#options.publisher.publish(ready);
  }

  #handOver({ want: { path, transfer } }: Ready): void {
    this.#handed.set(path, transfer);
  }

  #takeBack({ want: { path, transfer } }: Ready): void {
    if (this.#handed.get(path) === transfer) this.#handed.delete(path);
  }

  #groupsIn(paths: readonly SitePath[]): { readonly name: string }[] {
    return [...new Set(paths.flatMap((path) => this.#bindings.groupsOf(path).map(({ group }) => group)))];
  }

  /** Publishes what the plan lets go, as far as it is still what the plan was made for: what comes after that needs another plan. */
  *#decide(): Parts<Plan> {
    if (this.#bound.size === 0) return NO_PLAN;
    const planned = new Map<SitePath, Want>();
    yield* forEachPart([...this.#bound.values()], (want) => planned.set(want.path, want));
    const input = yield* this.#input(planned);
    const decided = yield* planParts(input);
    for (const batch of decided.batches) {
      if (this.#options.isPaused() || !batch.paths.every((path) => this.#isAsPlanned(path, planned, input))) {
        this.#isOvertaken = true;
        break;
      }
      if (this.#isLost(batch)) this.#isOvertaken = true;
      else this.#dispatch(batch);
      yield;
    }
    return decided;
  }

  /** Since it was planned something that it may count on has turned out not to appear. */
  #isLost({ paths }: Batch): boolean {
    const lost = this.#lost;
    if (lost === 'all') return true;
    if (lost.length === 0) return false;
    const set = paths.flatMap((path) => this.#ready.get(path) ?? []);
    return lost.some((each) => each.takesAlong(set));
  }

  #isAsPlanned(path: SitePath, planned: ReadonlyMap<SitePath, Want>, input: PlanInput): boolean {
    if (this.#dirty.has(path)) this.#refresh(path);
    const [before, now] = [planned.get(path), this.#bound.get(path)];
    if (before?.transfer !== now?.transfer || before?.seq !== now?.seq || before?.release !== now?.release)
      return false;
    return input.pendingAt(path)?.stage !== 'ready' || this.#ready.has(path);
  }

  #input(bound: ReadonlyMap<SitePath, Want>): Parts<PlanInput> {
    const { state, excludes, isCurrent, now } = this.#options;
    const at = now();
    if (!isCurrent()) this.#currentSince = undefined;
    else this.#currentSince ??= at;
    return planInput({
      state,
      bindings: this.#bindings,
      excludes,
      bound,
      isReady: (path) => this.#ready.has(path),
      now: at,
      currentSince: this.#currentSince ?? at,
      fetchingSince: this.#fetchingSince,
    });
  }

  #dispatch({ paths, groups, missing }: Batch): void {
    const { state, publisher, now } = this.#options;
    const set: Ready[] = [];
    for (const path of paths) {
      const ready = this.#ready.get(path);
      const release = this.#bound.get(path)?.release ?? null;
      if (!ready) continue;
      set.push(ready);
      this.#handOver(ready);
      if (release !== null) this.#releases.handedOver(release, path);
      this.#ready.delete(path);
      this.#fresh.delete(path);
      this.#bound.delete(path);
    }
    publisher.publishTogether(set, () => {
      const goOn = groups.map((group) => state.belonging.endRound(group));
      for (const { page, target } of missing) state.belonging.markMissing(page, target, now());
      return () => goOn.forEach((each) => each());
    });
  }

  #keep(): void {
    this.#keepTimer = undefined;
    const fresh = [...this.#fresh].slice(0, KEPT_AT_ONCE);
    const noted = this.#keeper.note(fresh.flatMap((path) => this.#ready.get(path) ?? []));
    if (!noted) {
      this.#keepTimer = setTimeout(() => this.#keep(), TIMER_MILLIS_MAX);
      return;
    }
    for (const path of fresh) this.#fresh.delete(path);
    const named = this.#keeper.name(noted);
    for (const { want } of named.lost) this.#ready.delete(want.path);
    for (const ready of named.kept) this.#ready.set(ready.want.path, ready);
    this.#keeper.tell(named);
    if (this.#fresh.size > 0) this.#keepTimer ??= setTimeout(() => this.#keep(), 0);
  }

  #leftOf(release: number): { waiting: number; ready: number } {
    let [waiting, ready] = [0, 0];
    for (const want of this.#bound.values()) {
      if (want.release !== release) continue;
      waiting += 1;
      if (this.#ready.has(want.path)) ready += 1;
    }
    return { waiting, ready };
  }
}

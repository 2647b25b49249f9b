import type { Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { forEachPart, type Parts } from '../core/in-parts.ts';
import { planParts } from '../core/plan.ts';
import type { Batch, Plan, PlanInput, Wait } from '../core/planning.ts';
import type { Want } from '../core/want.ts';
import type { Logger } from '../ports.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { Bindings } from './bindings.ts';
import type { BoundWants } from './bound-wants.ts';
import type { NotShown } from './not-shown.ts';
import { planInput } from './plan-input.ts';
import { PlanRun } from './plan-run.ts';
import type { Ready } from './ready.ts';

export interface PlanLoopOptions {
  readonly state: MirrorState;
  readonly logger: Logger;
  readonly excludes: (path: SitePath) => boolean;
  /** All that the master has is known here: what is not, the master does not have either. */
  readonly isCurrent: () => boolean;
  /** What is wanted can come: neither is it a time at which nothing is fetched, nor is the way to the master out of order. */
  readonly canFetch: () => boolean;
  /** Nothing is published, and no time runs out. */
  readonly isPaused: () => boolean;
  readonly now: () => Millis;
}

interface Connections {
  readonly wants: BoundWants;
  readonly bindings: Bindings;
  /** It may be published now. */
  readonly dispatch: (batch: Batch) => void;
  /** A plan was made to its end. `before`: what waited by the one before. */
  readonly onPlanned: (before: readonly Wait[]) => void;
  /** What was put off for a plan, or none: it is looked at what it is by now. */
  readonly deliver: (putOff: readonly Ready[]) => void;
  /** The same where that cannot be looked at. */
  readonly publish: (putOff: Ready) => void;
}

/** After a plan that took long the next one is made this many times as long later. */
const REST_FACTOR = 4;
/** After the database's disk did not take something. */
const RETRY_MILLIS = 5_000;
/** Plans that take less are made at once. */
const QUICK_MILLIS = 2;
/** Timers beyond it are set again. */
const TIMER_MILLIS_MAX = 60_000;
/** Of nothing. */
const NO_PLAN: Plan = { batches: [], waits: [], next: null };

/** Plans what is bound, again and again: whenever something has come, and when a time is over. One plan at a time. */
export class PlanLoop {
  readonly #options: PlanLoopOptions & Connections;
  #waits: readonly Wait[] = [];
  /** Since when all that the master has is known. */
  #currentSince: Millis | undefined;
  /** Since when files can be fetched; Infinity: they cannot be now. */
  #fetchingSince: Millis = 0;
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
  #timer: NodeJS.Timeout | undefined;
  #stopped = true;

  constructor(options: PlanLoopOptions & Connections) {
    this.#options = options;
  }

  start(): void {
    this.#stopped = false;
  }

  stop(): void {
    this.#stopped = true;
    this.endRun();
    clearTimeout(this.#timer);
  }

  /** A plan is being made. */
  get isPlanning(): boolean {
    return this.#run !== undefined;
  }

  /** What waits, and why, as of the last look. */
  get waits(): readonly Wait[] {
    return this.#waits;
  }

  /** The clock was set by so much. */
  clockSet(by: Millis): void {
    if (this.#currentSince !== undefined) this.#currentSince += by;
    this.#fetchingSince += by;
  }

  /** False: it may go at once. */
  putsOff(ready: Ready): boolean {
    const isPutOff = this.isPlanning && ready.want.target.kind !== 'file';
    if (isPutOff) this.#putOff.push(ready);
    return isPutOff;
  }

  /** What the plan that is being made may count on does not appear. */
  notShown(lost: NotShown | 'all'): void {
    if (lost === 'all') this.#lost = lost;
    else if (this.#run && this.#lost !== 'all') this.#lost.push(lost);
  }

  /** Nothing comes of a plan that is being made. What was put off for it. */
  endRun(): Ready[] {
    this.#run?.stop();
    this.#run = undefined;
    return this.#putOff.splice(0);
  }

  /** A person is waiting to see what is planned next. */
  hurry(): void {
    this.#restUntil = 0;
  }

  /** Publishes what may be published, and finds out what waits. Put off while plans take long, and where the database's disk is full. */
  look(): void {
    this.safely(() => this.#look());
  }

  /** What the database does not take is logged, and all that waits is looked at later. */
  safely(work: () => void): void {
    const { now, logger, publish } = this.#options;
    try {
      work();
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.error({ code: error.code, params: error.params }, 'what waits cannot be looked at');
      for (const ready of this.endRun()) publish(ready);
      this.#lookLater(now() + RETRY_MILLIS);
    }
  }

  #look(): void {
    const { now, isPaused, canFetch, state, wants } = this.#options;
    if (this.#stopped || wants.isReading) return;
    if (!canFetch()) this.#fetchingSince = Number.POSITIVE_INFINITY;
    else if (this.#fetchingSince === Number.POSITIVE_INFINITY) this.#fetchingSince = now();
    if (isPaused()) return;
    this.#isOvertaken = true;
    if (this.#run) return;
    const rest = this.#restUntil - performance.now();
    if (rest > 0) return this.#lookLater(now() + rest);
    wants.refreshChanged();
    this.#isOvertaken = false;
    this.#lost = [];
    this.#run = new PlanRun({
      store: state.store,
      parts: this.#decide(),
      onDone: (decided, took) => this.#decided(decided, took),
      safely: (work) => this.safely(work),
    });
    this.#run.advance();
  }

  #decided(decided: Plan, took: number): void {
    this.#run = undefined;
    const before = this.#waits;
    this.#waits = decided.waits;
    this.#restUntil = took < QUICK_MILLIS ? 0 : performance.now() + REST_FACTOR * took;
    this.#options.onPlanned(before);
    this.#lookLater(decided.next);
    const putOff = this.endRun();
    if (this.#isOvertaken || putOff.length > 0) this.#options.deliver(putOff);
  }

  #lookLater(at: Millis | null): void {
    const { now } = this.#options;
    clearTimeout(this.#timer);
    if (at === null || this.#stopped) return;
    const delay = Math.min(TIMER_MILLIS_MAX, Math.max(1, at - now()));
    this.#timer = setTimeout(() => this.look(), delay);
  }

  /** Publishes what the plan lets go, as far as it is still what the plan was made for: what comes after that needs another plan. */
  *#decide(): Parts<Plan> {
    const { wants, isPaused, dispatch } = this.#options;
    if (wants.size === 0) return NO_PLAN;
    const planned = new Map<SitePath, Want>();
    yield* forEachPart(wants.all(), (want) => planned.set(want.path, want));
    const input = yield* this.#input(planned);
    const decided = yield* planParts(input);
    for (const batch of decided.batches) {
      if (isPaused() || !batch.paths.every((path) => this.#isAsPlanned(path, planned, input))) {
        this.#isOvertaken = true;
        break;
      }
      if (this.#isLost(batch)) this.#isOvertaken = true;
      else dispatch(batch);
      yield;
    }
    return decided;
  }

  /** Since it was planned something that it may count on has turned out not to appear. */
  #isLost({ paths }: Batch): boolean {
    const lost = this.#lost;
    if (lost === 'all') return true;
    if (lost.length === 0) return false;
    const set = paths.flatMap((path) => this.#options.wants.readyAt(path) ?? []);
    return lost.some((each) => each.takesAlong(set));
  }

  #isAsPlanned(path: SitePath, planned: ReadonlyMap<SitePath, Want>, input: PlanInput): boolean {
    const { wants } = this.#options;
    const [before, now] = [planned.get(path), wants.current(path)];
    if (before?.transfer !== now?.transfer || before?.seq !== now?.seq || before?.release !== now?.release)
      return false;
    return input.pendingAt(path)?.stage !== 'ready' || wants.isReady(path);
  }

  #input(bound: ReadonlyMap<SitePath, Want>): Parts<PlanInput> {
    const { state, bindings, wants, excludes, isCurrent, now } = this.#options;
    const at = now();
    if (!isCurrent()) this.#currentSince = undefined;
    else this.#currentSince ??= at;
    return planInput({
      state,
      bindings,
      excludes,
      bound,
      isReady: (path) => wants.isReady(path),
      now: at,
      currentSince: this.#currentSince ?? at,
      fetchingSince: this.#fetchingSince,
    });
  }
}

import type { DeepPeer, DeepReport, DifferenceKind } from '../../../shared/contract/deep.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Versions } from '../tree/versions.ts';
import type { CheckedSite, CheckOptions, Difference } from './checked-site.ts';
import { checkTree } from './check-tree.ts';
import { checkVersions } from './check-versions.ts';
import { findExtra } from './find-extra.ts';
import { createRest } from './rest.ts';
import { Tally } from './tally.ts';

/** What is checked of a site, by the role of this install. */
export interface CheckPlan {
  readonly site: CheckedSite;
  readonly versions: Versions;
  /** Compares the index with the journal. Absent at a mirror. */
  readonly journal?: (options: CheckOptions) => Promise<void>;
  /** Compares with the other ends; `tell` is called with how that stands. */
  readonly peers: (options: CheckOptions, mend: boolean, tell: (peers: readonly DeepPeer[]) => void) => Promise<void>;
  /** Sees to what was found: as it is set, or mended because a person said so. What became of them. */
  readonly seeTo: (differences: readonly Difference[], mend: boolean) => Promise<Outcome>;
  /** What to mend would take something away: each is judged all together, once all of it is found. `seeTo` does not see it then. */
  readonly removals: readonly Removal[];
  /** The check has ended, however. */
  readonly over?: () => void;
}

export interface Removal {
  is(difference: Difference): boolean;
  /** Of so many nothing is done. Absent: `seeTo` judges. */
  isTooMuch?(count: number): boolean;
  /** How many are mended, or being mended. Rejects `guard.held` where a person is to be asked first. */
  seeTo(differences: readonly Difference[]): Promise<number>;
}

export interface Outcome {
  /** Mended, or being mended. */
  readonly mended: number;
  /** Left to the watch of the folder. */
  readonly toWatch?: number;
  /** Of them such as a person has decided to keep. */
  readonly kept: readonly Difference[];
}

/** Differences that are seen to together. */
const BATCH = 200;

/** One thorough check of one site. It reads everything, at low priority, and changes nothing unless it is to mend. */
export class DeepCheck {
  readonly ended: Promise<void>;
  readonly mend: boolean;
  readonly #name: string;
  readonly #plan: CheckPlan;
  readonly #now: () => number;
  readonly #tally = new Tally();
  readonly #abort = new AbortController();
  readonly #startedAt: number;
  #found: Difference[] = [];
  #toWatch = 0;
  readonly #removals = new Map<Removal, Difference[]>();
  readonly #isTooMuch = new Set<Removal>();
  #phase: DeepReport['phase'] = 'tree';
  #state: DeepReport['state'] = 'running';
  #peers: readonly DeepPeer[] = [];
  #error: AppError | undefined;
  #cancelled = false;
  #endedAt: number | undefined;

  constructor(name: string, plan: CheckPlan, mend: boolean, now: () => number) {
    this.#name = name;
    this.#plan = plan;
    this.mend = mend;
    this.#now = now;
    this.#startedAt = now();
    this.ended = this.#run();
  }

  get running(): boolean {
    return this.#state === 'running';
  }

  /** Idempotent. What was seen to stays so. */
  cancel(): Promise<void> {
    if (this.running) this.#cancelled = true;
    this.#abort.abort(new AppError('cancelled'));
    return this.ended;
  }

  report(): DeepReport {
    return {
      ...this.#tally.read(),
      site: this.#name,
      state: this.#state,
      phase: this.#phase,
      mend: this.mend,
      startedAt: this.#startedAt,
      ...(this.#endedAt !== undefined && { endedAt: this.#endedAt }),
      ...(this.#toWatch > 0 && { toWatch: this.#toWatch }),
      ...(this.#error && { error: this.#error.toJSON() }),
      peers: [...this.#peers],
    };
  }

  async #run(): Promise<void> {
    try {
      await this.#check();
      this.#state = 'done';
    } catch (error) {
      // What was found so far is of use all the same.
      await this.#seeToAll().catch(() => undefined);
      this.#state = this.#cancelled ? 'cancelled' : 'failed';
      if (this.#state === 'failed')
        this.#error = error instanceof AppError ? error : new AppError('internal', {}, error);
    } finally {
      this.#endedAt = this.#now();
      this.#plan.over?.();
    }
  }

  async #check(): Promise<void> {
    const { site, versions, journal, peers } = this.#plan;
    const { signal } = this.#abort;
    const options: CheckOptions = {
      tally: this.#tally,
      signal,
      rest: createRest(signal),
      found: async (difference) => {
        if (this.#putAside(difference)) return;
        this.#found.push(difference);
        if (this.#found.length >= BATCH) await this.#seeToAll();
      },
    };
    // Mirrors work while this machine does.
    const others = peers(options, this.mend, (told) => void (this.#peers = told));
    others.catch(() => undefined);
    try {
      await checkTree(site, options);
      this.#phase = 'extra';
      await findExtra(site, options);
      this.#phase = 'versions';
      await checkVersions(versions, site.root, options, this.mend);
      if (journal) {
        this.#phase = 'journal';
        await journal(options);
      }
      this.#phase = 'peers';
    } catch (error) {
      if (!signal.aborted) this.#abort.abort(error);
      await others.catch(() => undefined);
      throw error;
    }
    await others;
    this.#phase = 'mend';
    await this.#seeToAll();
    for (const [removal, differences] of this.#removals) this.#tally.mended += await removal.seeTo(differences);
  }

  /** Before it is known how much there is none of it is taken away. */
  #putAside(difference: Difference): boolean {
    const removal = this.mend ? this.#plan.removals.find((each) => each.is(difference)) : undefined;
    if (!removal) return false;
    this.#tally.add(difference.kind, difference.path);
    const all = this.#removals.get(removal) ?? [];
    this.#removals.set(removal, all);
    if (!this.#isTooMuch.has(removal)) all.push(difference);
    if (removal.isTooMuch?.(all.length) !== true) return true;
    // More of it need not be kept in mind.
    this.#isTooMuch.add(removal);
    all.length = 0;
    return true;
  }

  async #seeToAll(): Promise<void> {
    const found = this.#found;
    this.#found = [];
    if (found.length === 0) return;
    const { mended, kept, toWatch = 0 } = await this.#plan.seeTo(found, this.mend);
    this.#toWatch += toWatch;
    this.#tally.mended += mended;
    const left = new Set(kept);
    for (const difference of found) {
      const kind: DifferenceKind = left.has(difference) ? 'kept' : difference.kind;
      this.#tally.add(kind, difference.path);
    }
  }
}

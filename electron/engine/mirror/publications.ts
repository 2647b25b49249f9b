import type { Millis, Present } from '../../../shared/domain/change.ts';
import { parentOf, ROOT, segmentsOf, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Want } from '../core/want.ts';
import type { Logger } from '../ports.ts';
import type { DriftStore } from '../store/drift-store.ts';
import { GIVEN_UP_SEQ, isMasters, type MirrorState } from '../store/mirror-state.ts';
import { fileError, isNowhere } from '../tree/file-error.ts';
import { LeftToStart } from '../tree/left-to-start.ts';
import type { Planner } from '../tree/planner.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import type { Step } from '../tree/steps.ts';
import type { Versions } from '../tree/versions.ts';
import { enterParents } from './after-crash.ts';
import type { Decider, Decision } from './decider.ts';
import type { HalfShown } from './half-shown.ts';
import type { Ready } from './ready.ts';
import type { RenameOrder } from './rename-order.ts';
import { type Appearing, NotShown } from './not-shown.ts';
import { findFile, findRenamed, LOOKED_AT_MAX } from './survey.ts';

export interface PublicationsOptions {
  readonly state: MirrorState;
  readonly root: SiteRoot;
  readonly planner: Planner;
  readonly decider: Decider;
  readonly half: HalfShown;
  readonly versions: Versions;
  readonly drift: DriftStore;
  /** See `PublisherOptions`. */
  readonly excludes: (path: SitePath) => boolean;
  readonly now: () => Millis;
  readonly logger: Logger;
  readonly onDone: (ready: Ready, outcome: 'published' | 'failed') => void;
  readonly onTransfer: (id: number) => void;
  readonly onFailed: (want: Want, error: AppError) => void;
  readonly onRenameFailed: (order: RenameOrder) => void;
  readonly onTakenApart: () => void;
  readonly onWant: (path: SitePath) => void;
  /** The tree did not take all of what was to appear (`lost`): `ready`, which was to come after it, is taken back, as it may count on it. */
  readonly onNotShown: (lost: NotShown, ready: readonly Ready[]) => void;
}

/** What is decided, written down, and to be carried out. */
export interface Publication {
  readonly plan: number;
  readonly steps: readonly Step[];
  /** What was wanted there. */
  readonly paths: readonly SitePath[];
  /** `together`: all of it or nothing. `done`: it is carried out already. */
  readonly how: 'alone' | 'together' | 'done';
  /** Within a transaction: the steps could not be done. */
  readonly undo: (error: unknown) => void;
  readonly done: (carriedOut: boolean) => void;
  /** What others may count on. */
  readonly appearing: Appearing;
  /** It is of a set: its place is after those before it. */
  readonly ofSet?: OfSet;
}

interface OfSet {
  readonly ready: readonly Ready[];
  /** Within a transaction: nothing of it was done, nor will be. */
  readonly takeBack: () => void;
}

/** Publications, in the order in which they are decided, and carried out. */
export class Publications {
  readonly #options: PublicationsOptions;
  #ordered: Publication[] = [];

  constructor(options: PublicationsOptions) {
    this.#options = options;
  }

  /** Some are decided, and not carried out. */
  get areLeft(): boolean {
    return this.#ordered.length > 0;
  }

  /** Within the inbox's transaction: decides a rename; `carryOut` does it after. False: it cannot be done as such. */
  orderRename(order: RenameOrder): boolean {
    const { state, root, planner, decider, versions, now } = this.#options;
    const { from, path, kind, seq, transfer } = order;
    // Repeated after a crash, a chain of renames over the same names could end elsewhere.
    if (planner.isUnfinished(from) || planner.isUnfinished(path)) return false;
    const places = findRenamed(root, state, from, path);
    if (places?.kind !== kind) return false;
    const { identity, seen, replaces, replaced } = places;
    const onto = { ...(replaces && { replaces }), ...(replaced && { onto: replaced.seen }) };
    const move = { do: 'move', from, path, identity, ...(seen && { seen }), ...onto } as const;
    if (planner.bringsBack(move)) return false;
    const keep = decider.keepStep(path, replaced);
    if (keep && replaced) versions.note(replaced.content, now());
    const steps: Step[] = keep ? [keep, move] : [move];
    const plan = planner.write(steps);
    const before = state.entry(path);
    const { era } = state;
    state.moveEntries(from, path, seq);
    enterParents(state, path);
    state.transfers.update(transfer, { state: 'published', publishedAt: now() });
    const undo = (): void => {
      const now = era === state.era ? order : { ...order, seq: 0 };
      state.moveEntries(path, from, now.seq);
      if (before) this.#setBack(path, before, era);
      state.transfers.update(transfer, { state: 'queued' });
      this.#options.onRenameFailed(now);
    };
    state.inFlight.set(plan, seq);
    const done = (carriedOut: boolean): void => {
      this.#options.onTransfer(transfer);
      if (!carriedOut) this.#options.onTakenApart();
    };
    this.#ordered.push({ plan, steps, paths: [from, path], how: 'alone', undo, done, appearing: 'anything' });
    return true;
  }

  /** The transaction has failed: what was ordered in it never was. Those of the transactions before it are still to be carried out. */
  rolledBack(): void {
    const { planner, state } = this.#options;
    const lost = planner.rolledBack();
    for (const plan of lost) state.inFlight.delete(plan);
    this.#ordered = this.#ordered.filter(({ plan }) => !lost.includes(plan));
  }

  /** Within the transaction: writes down what is decided. `isDone`: it is carried out already. */
  order(decisions: readonly Decision[], isDone = false): void {
    this.#ordered.push(this.#write(decisions, isDone));
  }

  /** The same, of a set. `takeBack`, within a transaction: what else was noted with it, as it was to appear, is not so. */
  orderSet(decisions: readonly Decision[], takeBack?: () => void): void {
    this.#ordered.push(this.#writeOfSet(decisions, takeBack));
  }

  /** The same of folders that go after a set, and may hold what is not ours: nobody counts on that. */
  orderAfterSet(decision: Decision): void {
    this.#ordered.push({ ...this.#writeOfSet([decision]), appearing: [] });
  }

  #write(decisions: readonly Decision[], isDone = false): Publication {
    const { state, planner, onTransfer, onDone } = this.#options;
    const steps = decisions.flatMap((decision) => decision.steps);
    const plan = planner.write(steps);
    state.inFlight.set(
      plan,
      decisions.reduce((first, { want }) => Math.min(first, want.seq), Infinity),
    );
    return {
      plan,
      steps,
      paths: decisions.map(({ want }) => want.path),
      how: isDone ? 'done' : decisions.length > 1 ? 'together' : 'alone',
      undo: (error) => decisions.toReversed().forEach((decision) => this.#undo(decision, error)),
      done: (carriedOut) =>
        state.store.reading(() => {
          for (const { want, ready } of decisions) {
            // Also where the tree did not take it: what is left to somebody else waits for nothing any more.
            onTransfer(want.transfer);
            onDone(ready, carriedOut ? 'published' : 'failed');
          }
        }),
      appearing: decisions.map(({ ready }) => ready),
    };
  }

  #writeOfSet(decisions: readonly Decision[], takeBack?: () => void): Publication {
    const written = this.#write(decisions);
    return {
      ...written,
      undo: (error) => {
        written.undo(error);
        takeBack?.();
      },
      ofSet: {
        ready: decisions.map(({ ready }) => ready),
        takeBack: () => {
          for (const decision of decisions.toReversed()) this.#takeBack(decision);
          takeBack?.();
        },
      },
    };
  }

  /** All that is decided. Rejects where the database does not take what became of one, or one is left to the next start: with what comes after it. */
  async carryOut(): Promise<void> {
    const { state, versions, now, onNotShown } = this.#options;
    const lost = new NotShown(state.belonging.rules);
    const returned: Ready[] = [];
    try {
      for (let [publication] = this.#ordered; publication; [publication] = this.#ordered) {
        const failure = await this.#carryOutOne(publication);
        const takenBack = failure ? this.#undoAll(publication, failure.error, lost) : [];
        state.inFlight.delete(publication.plan);
        this.#ordered.shift();
        if (takenBack.length > 0) this.#ordered = this.#ordered.filter((each) => !takenBack.includes(each));
        for (const { ofSet } of takenBack) returned.push(...(ofSet?.ready ?? []));
        publication.done(failure === undefined);
      }
    } finally {
      if (!lost.isNothing) onNotShown(lost, returned);
    }
    if (versions.isDue) await versions.trim(now());
  }

  /** The tree did not take it. Resolves what was to come after it, and is taken back with it. */
  #undoAll(publication: Publication, error: unknown, lost: NotShown): Publication[] {
    const { state, planner } = this.#options;
    lost.add(publication.appearing);
    const isLost = ({ ofSet }: Publication): boolean => ofSet !== undefined && lost.takesAlong(ofSet.ready);
    const later = this.#ordered.slice(1).filter(isLost);
    state.store.transaction(() => {
      for (const { plan, ofSet } of later.toReversed()) {
        planner.forget(plan);
        ofSet?.takeBack();
      }
      planner.forget(publication.plan);
      publication.undo(error);
      this.#freeName(error, [publication, ...later]);
    });
    for (const { plan } of later) state.inFlight.delete(plan);
    return later;
  }

  async #carryOutOne({ plan, steps, how }: Publication): Promise<{ readonly error: unknown } | undefined> {
    const { planner, half, logger } = this.#options;
    try {
      if (how === 'done') planner.carriedOut(plan, steps);
      else if (how === 'together') await planner.carryOutTogether(plan, steps, (error) => half.stay(error));
      else await planner.carryOut(plan, steps);
      return undefined;
    } catch (error) {
      if (error instanceof LeftToStart) throw error;
      half.over();
      if (!(error instanceof AppError)) logger.error({ err: error, steps }, 'a step failed unexpectedly');
      return { error };
    }
  }

  /** The tree did not take a step: the index says again what is there, and the want is back. */
  #undo(decision: Decision, error: unknown): void {
    const { state } = this.#options;
    const { want, before } = decision;
    const { path } = want;
    const failure = fileError(error, path);
    const kept =
      want.target.kind === 'gone' &&
      failure instanceof AppError &&
      failure.code === 'file.directory-not-empty' &&
      failure.params['path'] === path;
    // A folder that holds files which Lockstep did not put there, or what is left out here, is left to whoever did; with other files of the master it goes another time.
    if (kept) {
      const below = state.entriesBelow(path, LOOKED_AT_MAX);
      const goesLater = below.some((entry) => isMasters(entry) && !this.#options.excludes(entry.path));
      const seq = goesLater ? before?.seq : GIVEN_UP_SEQ;
      if (before && seq !== undefined && below.length > 0) this.#setBack(path, { ...before, seq }, decision.era);
      return;
    }
    if (!this.#takeBack(decision)) return;
    this.#options.onFailed(want, failure instanceof AppError ? failure : new AppError('file.io', { path }, error));
    if (want.target.kind !== 'gone' && isNowhere(failure)) this.#wantFoldersOf(path);
  }

  /**
   * What has failed waits for a name that the disk takes for one of another spelling, which goes. Where that is `back` with it, or waits for
   * such a name itself, each would wait for the other for ever: so what is in the way goes by itself.
   */
  #freeName(error: unknown, back: readonly Publication[]): void {
    if (!(error instanceof AppError) || error.code !== 'path.case-clash') return;
    const { wants, transfers } = this.#options.state;
    const clashing = String(error.params['path']) as SitePath;
    const other = this.#findOther(clashing);
    if (other === undefined || wants.of(other)?.target.kind !== 'gone') return;
    // What is to be below the name, and its release, wait for it as well.
    const name = segmentsOf(clashing).slice(0, segmentsOf(other).length).join('/') as SitePath;
    const releasesBelow = new Set(wants.pathsBelow(name).map((path) => wants.of(path)?.release));
    const together = new Set(back.flatMap(({ paths }) => paths));
    for (const path of [other, ...wants.pathsBelow(other)]) {
      const want = wants.of(path);
      if (want?.target.kind !== 'gone' || want.forced || want.state === 'held' || want.state === 'guarded') continue;
      const waits =
        together.has(path) ||
        want.error?.code === error.code ||
        (want.release !== null && (releasesBelow.has(want.release) || wants.hasClashes(want.release)));
      if (!waits) continue;
      wants.set({ ...want, state: 'queued', error: null, nextAt: null, forced: true });
      transfers.update(want.transfer, { state: 'queued', error: null, nextAttemptAt: null });
      this.#options.onWant(path);
    }
  }

  #findOther(path: SitePath): SitePath | undefined {
    try {
      return this.#options.root.spelledOtherwise(path);
    } catch (error) {
      // What cannot be looked at is no name that anybody could free.
      if (error instanceof AppError) return undefined;
      throw error;
    }
  }

  /** The index says again what is there, and the want is back. False: there is another one by now. */
  #takeBack({ want, before, steps, era }: Decision): boolean {
    const { state, drift, onWant } = this.#options;
    const { path } = want;
    if (steps.some((step) => step.do === 'keep' && step.only)) drift.forgetReplaced(path);
    if (before) this.#setBack(path, before, era);
    else state.dropEntry(path);
    const isOfNow = era === state.era;
    // It may go on in another one by now.
    const release = isOfNow && want.release !== null ? state.belonging.goesOnIn(want.release) : null;
    const newer = state.wants.of(path);
    if (newer) {
      if (!want.part || state.transfers.isDone(want.transfer))
        state.transfers.update(want.transfer, { state: 'superseded', verdict: 'superseded' });
      // What overtakes a part of a release appears with the rest of it; by itself, what a person is asked about.
      if (newer.release !== null || release === null || newer.state === 'held') return false;
      state.wants.set({ ...newer, release });
      onWant(path);
      return false;
    }
    state.wants.set({ ...want, release, seq: isOfNow ? want.seq : 0 });
    state.transfers.update(want.transfer, { state: 'queued' });
    return true;
  }

  /** The index has this again. `era`: in which it had. */
  #setBack(path: SitePath, before: Present, era: number): void {
    const { state } = this.#options;
    state.setEntry(path, before, era === state.era ? before.seq : Math.min(before.seq, 0));
  }

  /** The index has a folder where somebody else has put a file: it is wanted again, before the next attempt at what is to be in it. */
  #wantFoldersOf(path: SitePath): void {
    const { state, root, now, onTransfer } = this.#options;
    for (let folder = parentOf(path); folder !== ROOT; folder = parentOf(folder)) {
      const entry = state.entry(folder);
      if (entry?.kind === 'dir' && isMasters(entry) && !state.wants.of(folder) && findFile(root.plain(folder)))
        onTransfer(state.wantAgain(entry, now()));
    }
  }
}

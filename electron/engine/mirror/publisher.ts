import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Millis } from '../../../shared/domain/change.ts';
import { isWithin, parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { Lock } from '../core/lock.ts';
import type { Want } from '../core/want.ts';
import type { Logger } from '../ports.ts';
import { GIVEN_UP_SEQ, isMasters, type MirrorState } from '../store/mirror-state.ts';
import type { Versions } from '../tree/versions.ts';
import type { DriftStore } from '../store/drift-store.ts';
import { fileError, isHindrance, isNowhere } from '../tree/file-error.ts';
import { noteBoot } from '../tree/noted-boot.ts';
import { Planner } from '../tree/planner.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import type { Step } from '../tree/steps.ts';
import { enterParents, notePlaced, wantAgain } from './after-crash.ts';
import { Decider, type Decision } from './decider.ts';
import type { RenameOrder } from './rename-order.ts';
import { findFile, findRenamed, LOOKED_AT_MAX, stagedFiles, type Survey, surveyPlaces } from './survey.ts';
import type { Ready } from './ready.ts';

export interface PublisherOptions {
  readonly state: MirrorState;
  readonly root: SiteRoot;
  readonly versions: Versions;
  readonly drift: DriftStore;
  readonly now: () => Millis;
  readonly logger: Logger;
  /** The want is published, was overtaken (then its file in staging is not needed), or failed. */
  readonly onDone: (ready: Ready, outcome: 'published' | 'unused' | 'failed') => void;
  /** What the plan of these changes was made for is not so any more: nothing of them is decided, another plan is needed. `changed`: what is not ready any more. */
  readonly onReturned: (ready: readonly Ready[], changed: ReadonlySet<Ready>) => void;
  /** Something else has to be published first, whenever that is: what is to be published after it. */
  readonly onBlocked: (ready: readonly Ready[]) => readonly Ready[];
  readonly onTransfer: (id: number) => void;
  /** The tree did not take it. Within a transaction. */
  readonly onFailed: (want: Want, error: AppError) => void;
  /** A rename could not be done as such: it has to be taken apart. Within a transaction. */
  readonly onRenameFailed: (order: RenameOrder) => void;
  /** It has been. */
  readonly onTakenApart: () => void;
  /** Much is on its way: a little later more can be published at once. */
  readonly backlogged: () => boolean;
  readonly onBug: (error: unknown) => void;
}

/** With a backlog, publications are gathered this long into one transaction. */
const GATHER_MILLIS = 25;
const RETRY_MILLIS = 5_000;
/** Changes that are decided in one transaction, and in one go: the event loop stands still meanwhile. */
const PORTION = 100;
/** Undone, they leave what nobody would look for. */
const LEAVES_BEHIND: ReadonlySet<Step['do']> = new Set(['remove', 'removeDir', 'move']);
/** Plans that may wait for the disk. */
const REMEMBERED_MAX = 2_000;

interface ReadySet {
  readonly ready: readonly Ready[];
  /** Within the transaction in which they are decided. */
  readonly also: () => void;
}

interface Publication {
  readonly plan: number;
  readonly steps: readonly Step[];
  /** `together`: all of it or nothing. `done`: it is carried out already. */
  readonly how: 'alone' | 'together' | 'done';
  /** Within a transaction: the steps could not be done. */
  readonly undo: (error: unknown) => void;
  readonly done: (carriedOut: boolean) => void;
  /** It is of a set: its place is after those before it. */
  readonly ofSet?: OfSet;
}

interface OfSet {
  /** What comes after it counts on it. */
  readonly leads: boolean;
  readonly ready: readonly Ready[];
  /** Within a transaction: nothing of it was done, nor will be. */
  readonly takeBack: () => void;
}

/**
 * Makes changes visible, by renames, whole (SPEC §7). What is published together is decided in one transaction, with the
 * steps written down, and then carried out in order: files, then deletes. After a crash the steps are rolled forward.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #planner: Planner;
  readonly #versions: Versions;
  readonly #decider: Decider;
  readonly #lock = new Lock();
  #queue: Ready[] = [];
  /** Ready together, in the order in which they are published. */
  #sets: ReadySet[] = [];
  #ordered: Publication[] = [];
  #retry: NodeJS.Timeout | undefined;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#planner = new Planner(options.state.store, options.state.site, options.root, options.logger);
    this.#versions = options.versions;
    this.#decider = new Decider({ ...options, isPending: (path) => this.isPending(path) });
  }

  /**
   * Rolls forward what a crash left; what cannot be put in place is wanted again. Rejects, to be tried again, where the disk or a right is in
   * the way of what is to go, or to get another name: nobody else would ever take it away.
   */
  async start(): Promise<void> {
    const { state } = this.#options;
    await this.#planner.rollForward(
      (path) => state.entry(path),
      // What somebody else has changed here since is left to what is set for that.
      async (failed, changed, undone) => {
        const leftBehind = undone.filter(({ step }) => LEAVES_BEHIND.has(step.do));
        const hindrance = leftBehind.map(({ error }) => error).find(isHindrance);
        if (hindrance) throw hindrance;
        await wantAgain(
          this.#options,
          failed.filter((path) => !changed.has(path)),
        );
      },
    );
    noteBoot(state.store, state.site);
    await notePlaced(this.#options);
    await this.#versions.sweep();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#retry);
    await this.#lock.idle();
    await this.#planner.flush();
  }

  /** Publishes as soon as what is under way is done; changes that are ready by then go along. */
  publish(...ready: Ready[]): void {
    this.#queue.push(...ready);
    this.#wake();
  }

  /** Publishes what belongs together: decided in one transaction, which `also` is a part of, and carried out in this order. */
  publishTogether(ready: readonly Ready[], also: () => void): void {
    this.#sets.push({ ready, also });
    this.#wake();
  }

  /** Within the inbox's transaction: decides a rename; `carryOutRenames` does it after. False: it cannot be done as such. */
  orderRename(order: RenameOrder): boolean {
    const { state, root, now } = this.#options;
    const { from, path, kind, seq, transfer } = order;
    // Repeated after a crash, a chain of renames over the same names could end elsewhere.
    if (this.#planner.isUnfinished(from) || this.#planner.isUnfinished(path)) return false;
    const places = findRenamed(root, state, from, path);
    if (places?.kind !== kind) return false;
    const { identity, replaces, replaced } = places;
    const move = { do: 'move', from, path, identity, ...(replaces && { replaces }) } as const;
    if (this.#planner.bringsBack(move)) return false;
    const keep = this.#decider.keepStep(path, replaced);
    if (keep && replaced) this.#versions.note(replaced.content, now());
    const steps: Step[] = keep ? [keep, move] : [move];
    const plan = this.#planner.write(steps);
    const before = state.entry(path);
    state.moveEntries(from, path, seq);
    enterParents(state, path);
    state.transfers.update(transfer, { state: 'published', publishedAt: now() });
    const undo = (): void => {
      state.moveEntries(path, from, seq);
      if (before) state.setEntry(path, before, before.seq);
      state.transfers.update(transfer, { state: 'queued' });
      this.#options.onRenameFailed(order);
    };
    state.inFlight.set(plan, seq);
    const done = (carriedOut: boolean): void => {
      this.#options.onTransfer(transfer);
      if (!carriedOut) this.#options.onTakenApart();
    };
    this.#ordered.push({ plan, steps, how: 'alone', undo, done });
    return true;
  }

  /** What stands at this path is not what the index says: a publication is decided and on its way. */
  isPending(path: SitePath): boolean {
    return this.#planner.isPending(path);
  }

  /** Drops versions that are not to be kept any longer, while nothing is kept. */
  trimVersions(): Promise<void> {
    return this.#lock.run(() => this.#versions.trim(this.#options.now()));
  }

  carryOutRenames(): void {
    if (this.#ordered.length > 0) this.#wake();
  }

  /** The inbox's transaction failed: what was ordered in it never was. */
  forgetRenames(): void {
    // Those of the transactions before it are decided, and still to be carried out.
    const lost = this.#rolledBack();
    this.#ordered = this.#ordered.filter(({ plan }) => !lost.includes(plan));
  }

  #wake(): void {
    this.#lock
      .run(() => this.#run())
      .catch((error: unknown) => {
        if (!(error instanceof AppError)) return this.#options.onBug(error);
        // The database's disk is full, say: nothing is lost, and it is tried again.
        this.#options.logger.error({ code: error.code, params: error.params }, 'nothing can be published');
        this.#retry ??= setTimeout(() => {
          this.#retry = undefined;
          this.#wake();
        }, RETRY_MILLIS);
      });
  }

  /** Goes on as long as something can be published: one change can make room for another. */
  async #run(): Promise<void> {
    if (this.#queue.length > 0 && this.#sets.length === 0 && this.#options.backlogged()) await sleep(GATHER_MILLIS);
    while (await this.#publishAll());
  }

  /** Publishes what is there by now, portion by portion. True: after it something that was blocked may be published. */
  async #publishAll(): Promise<boolean> {
    this.#queue.sort((a, b) => rank(a) - rank(b));
    const left = { single: this.#queue.length, sets: this.#sets.length };
    const blocked: Ready[] = [];
    let isPublished = false;
    try {
      while (this.#ordered.length + left.single + left.sets > 0) {
        // Without its folder nothing is decided: what was deleted there would be taken for gone.
        this.#requireRoot();
        await this.#carryOut(this.#ordered.splice(0));
        // Where the disk is slower than all else, what it still has to take does not pile up in memory.
        if (this.#planner.remembered > REMEMBERED_MAX) await this.#planner.flush();
        const { single, sets } = this.#takePortion(left);
        if (single.length + sets.length === 0) break;
        const decided = await this.#decideAll(single, sets);
        for (const ready of decided.unused) this.#options.onDone(ready, 'unused');
        if (decided.returned.length > 0) this.#return(decided.returned, decided.changed);
        for (const ready of decided.blocked) blocked.push(ready);
        if (decided.publications.length > 0) isPublished = true;
        await this.#carryOut(decided.publications);
        if (left.single + left.sets > 0) await nextTurn();
      }
      if (blocked.length > 0 && !isPublished) this.#queue.push(...this.#options.onBlocked(blocked.splice(0)));
      return isPublished;
    } finally {
      for (const ready of blocked) this.#queue.push(ready);
    }
  }

  /** Throws `site.root-missing`, `site.root-other`. */
  #requireRoot(): void {
    const { trouble } = this.#options.root;
    if (trouble) throw trouble;
  }

  /** Of what was there when it was counted, as much as is decided in one transaction. A set is never parted. */
  #takePortion(left: { single: number; sets: number }): { single: Ready[]; sets: ReadySet[] } {
    const single = this.#queue.splice(0, Math.min(left.single, PORTION));
    left.single -= single.length;
    const sets: ReadySet[] = [];
    for (let size = single.length; size < PORTION && left.sets > 0; left.sets -= 1) {
      const set = this.#sets.shift();
      if (!set) break;
      sets.push(set);
      size += set.ready.length;
    }
    return { single, sets };
  }

  /** What comes after a set that is not published as it was planned is not what was planned either. */
  #return(ready: readonly Ready[], changed: ReadonlySet<Ready> = new Set()): void {
    const later = this.#sets.splice(0).flatMap((set) => set.ready);
    this.#options.onReturned([...ready, ...later], changed);
  }

  async #decideAll(single: readonly Ready[], sets: readonly ReadySet[]) {
    const { state, root } = this.#options;
    const all = [...single, ...sets.flatMap(({ ready }) => ready)];
    let placed = new Map<Ready, string>();
    const blocked: Ready[] = [];
    const unused: Ready[] = [];
    const returned: Ready[] = [];
    const decideBy =
      (survey: Survey) =>
      (ready: Ready): Decision[] => {
        const decided = this.#decider.decide(ready, survey, placed.get(ready));
        if (typeof decided === 'object') return [decided];
        (decided === 'blocked' ? blocked : unused).push(ready);
        return [];
      };
    try {
      await this.#planner.makeWayForFiles(stagedFiles(all));
      const survey = await surveyPlaces(root, state, all);
      this.#requireRoot();
      placed = state.store.reading(() => this.#decider.placeAhead(single, survey));
      const decide = decideBy(survey);
      const { changed } = survey;
      const publications = state.store.transaction(() => {
        for (const each of changed) this.#wantAnew(each);
        for (const each of single) if (changed.has(each)) unused.push(each);
        const decided = single.filter((each) => !changed.has(each)).flatMap(decide);
        const isPlaced = ({ ready: each }: Decision): boolean => placed.has(each);
        const stand = decided.filter(isPlaced);
        const others = decided.filter((each) => !isPlaced(each)).map((each) => this.#order([each]));
        // What is carried out already has nothing to be undone one by one: one plan tells of all of it.
        const alone = stand.length > 0 ? [this.#order(stand, true), ...others] : others;
        // A set with a member that was overtaken is not what was planned, nor is what comes after it.
        const isAsPlanned = (each: Ready): boolean => !changed.has(each) && this.#decider.wanted(each) !== undefined;
        const overtaken = sets.findIndex(({ ready }) => !ready.every(isAsPlanned));
        const [planned, left] = overtaken < 0 ? [sets, []] : [sets.slice(0, overtaken), sets.slice(overtaken)];
        for (const { ready } of left) for (const each of ready) returned.push(each);
        const together = planned.flatMap(({ ready, also }) => {
          also();
          const decisions = ready.flatMap(decide);
          // Folders may hold what is not ours: that keeps nobody else from being published, but what takes their place.
          const isLeftOut = (each: Decision): boolean => isFolderRemoval(each) && !isInTheWay(each, decisions);
          const set = decisions.filter((each) => !isLeftOut(each));
          const folders = decisions.filter(isLeftOut);
          return [
            ...(set.length > 0 ? [this.#orderOfSet(set, true)] : []),
            ...folders.map((decision) => this.#orderOfSet([decision], false)),
          ];
        });
        return [...alone, ...together];
      });
      return { blocked, unused, returned, changed, publications };
    } catch (error) {
      const again = single.map(
        (ready): Ready => (placed.has(ready) ? { ...ready, staged: null, stands: true } : ready),
      );
      this.#queue = [...again, ...this.#queue];
      this.#sets = [...sets, ...this.#sets];
      this.#rolledBack();
      throw error;
    }
  }

  /** Within the transaction: what was ready is not any more. */
  #wantAnew(ready: Ready): void {
    const { state } = this.#options;
    const want = this.#decider.wanted(ready);
    if (want?.transfer !== ready.want.transfer) return;
    state.wants.set({ ...want, state: 'queued', staged: null });
    state.transfers.update(want.transfer, { state: 'queued' });
  }

  #rolledBack(): number[] {
    const lost = this.#planner.rolledBack();
    for (const plan of lost) this.#options.state.inFlight.delete(plan);
    return lost;
  }

  /** Within the transaction: writes down what is decided. `isDone`: it is carried out already. */
  #order(decisions: readonly Decision[], isDone = false): Publication {
    const { state, onTransfer, onDone } = this.#options;
    const steps = decisions.flatMap((decision) => decision.steps);
    const plan = this.#planner.write(steps);
    state.inFlight.set(
      plan,
      decisions.reduce((first, { want }) => Math.min(first, want.seq), Infinity),
    );
    return {
      plan,
      steps,
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
    };
  }

  #orderOfSet(decisions: readonly Decision[], leads: boolean): Publication {
    const takeBack = (): void => decisions.toReversed().forEach((each) => this.#takeBack(each));
    return { ...this.#order(decisions), ofSet: { leads, ready: decisions.map(({ ready }) => ready), takeBack } };
  }

  async #carryOut(publications: readonly Publication[]): Promise<void> {
    const { state, now } = this.#options;
    // Where the database does not take what became of one, that one and the others are carried out later.
    this.#ordered = [...publications, ...this.#ordered];
    for (let left = publications.length; left > 0; left -= 1) {
      const [publication] = this.#ordered;
      if (!publication) break;
      const { plan, undo, done } = publication;
      const failure = await this.#carryOutOne(publication);
      // What was to come after a set that the tree did not take waits for it, or does not: that is planned anew.
      const later = failure && publication.ofSet?.leads ? this.#setsAfter(publication) : [];
      if (failure)
        state.store.transaction(() => {
          for (const each of later.toReversed()) {
            this.#planner.forget(each.plan);
            each.takeBack();
          }
          this.#planner.forget(plan);
          undo(failure.error);
        });
      for (const each of [publication, ...later]) state.inFlight.delete(each.plan);
      this.#ordered.shift();
      done(failure === undefined);
      if (!failure || !publication.ofSet?.leads) continue;
      this.#ordered = this.#ordered.filter(({ ofSet }) => !ofSet);
      left -= later.length;
      this.#return(later.flatMap(({ ready }) => ready));
    }
    if (this.#versions.isDue) await this.#versions.trim(now());
  }

  #setsAfter(publication: Publication): (OfSet & { readonly plan: number })[] {
    return this.#ordered.flatMap((each) =>
      each === publication || !each.ofSet ? [] : [{ plan: each.plan, ...each.ofSet }],
    );
  }

  async #carryOutOne({ plan, steps, how }: Publication): Promise<{ readonly error: unknown } | undefined> {
    try {
      if (how === 'done') this.#planner.carriedOut(plan, steps);
      else if (how === 'together') await this.#planner.carryOutTogether(plan, steps);
      else await this.#planner.carryOut(plan, steps);
      return undefined;
    } catch (error) {
      if (!(error instanceof AppError)) this.#options.logger.error({ err: error, steps }, 'a step failed unexpectedly');
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
    // A folder that holds files which Lockstep did not put there is left to whoever did; with files of the master it goes another time.
    if (kept) {
      const below = state.entriesBelow(path, LOOKED_AT_MAX);
      const seq = below.some(isMasters) ? before?.seq : GIVEN_UP_SEQ;
      if (before && seq !== undefined && below.length > 0) state.setEntry(path, before, seq);
      return;
    }
    if (!this.#takeBack(decision)) return;
    this.#options.onFailed(want, failure instanceof AppError ? failure : new AppError('file.io', { path }, error));
    if (want.target.kind !== 'gone' && isNowhere(failure)) this.#wantFoldersOf(path);
  }

  /** The index says again what is there, and the want is back. False: there is another one by now. */
  #takeBack({ want, before, steps }: Decision): boolean {
    const { state, drift } = this.#options;
    const { path } = want;
    if (steps.some((step) => step.do === 'keep' && step.only)) drift.forgetReplaced(path);
    if (before) state.setEntry(path, before, before.seq);
    else state.dropEntry(path);
    if (state.wants.of(path)) return false;
    state.wants.set(want);
    state.transfers.update(want.transfer, { state: 'queued' });
    return true;
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

/** Folders, then files in the order of the journal, then deletes, the deepest first. */
function rank({ want }: Ready): number {
  switch (want.target.kind) {
    case 'dir':
      return -1e15 + want.path.length;
    case 'file':
      return want.seq;
    case 'gone':
      return 1e15 - want.path.length;
  }
}

function isFolderRemoval({ want, before }: Decision): boolean {
  return want.target.kind === 'gone' && before?.kind === 'dir';
}

/** Something else takes the place of a folder above it. */
function isInTheWay({ want }: Decision, decisions: readonly Decision[]): boolean {
  return decisions.some(({ steps }) => steps.some((step) => step.do === 'place' && isWithin(want.path, step.path)));
}

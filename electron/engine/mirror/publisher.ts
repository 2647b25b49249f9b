import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Millis } from '../../../shared/domain/change.ts';
import { isWithin, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { Lock } from '../core/lock.ts';
import type { Want } from '../core/want.ts';
import type { Logger } from '../ports.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { Versions } from '../tree/versions.ts';
import type { DriftStore } from '../store/drift-store.ts';
import { isHindrance } from '../tree/file-error.ts';
import { noteBoot } from '../tree/noted-boot.ts';
import { Planner } from '../tree/planner.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import type { Step } from '../tree/steps.ts';
import { notePlaced, wantAgain } from './after-crash.ts';
import { Decider, type Decision } from './decider.ts';
import type { NotShown } from './not-shown.ts';
import { Publications } from './publications.ts';
import type { RenameOrder } from './rename-order.ts';
import { stagedFiles, type Survey, surveyPlaces } from './survey.ts';
import type { Ready } from './ready.ts';

export interface PublisherOptions {
  readonly state: MirrorState;
  readonly root: SiteRoot;
  readonly versions: Versions;
  readonly drift: DriftStore;
  /** What is left out here stays as it stands. */
  readonly excludes: (path: SitePath) => boolean;
  readonly now: () => Millis;
  readonly logger: Logger;
  /** The want is published, was overtaken (then its file in staging is not needed), or failed. */
  readonly onDone: (ready: Ready, outcome: 'published' | 'unused' | 'failed') => void;
  /** What the plan of these changes was made for is not so any more: nothing of them is decided, another plan is needed. `changed`: what is not ready any more. */
  readonly onReturned: (ready: readonly Ready[], changed: ReadonlySet<Ready>) => void;
  /** What was to appear does not (`lost`): nothing that may count on it is decided, another plan is needed for that. */
  readonly onNotShown: (lost: NotShown, ready: readonly Ready[]) => void;
  /** Something else has to be published first, whenever that is: what is to be published after it. */
  readonly onBlocked: (ready: readonly Ready[]) => readonly Ready[];
  readonly onTransfer: (id: number) => void;
  /** The tree did not take it. Within a transaction. */
  readonly onFailed: (want: Want, error: AppError) => void;
  /** A rename could not be done as such: it has to be taken apart. Within a transaction. */
  readonly onRenameFailed: (order: RenameOrder) => void;
  /** It has been. */
  readonly onTakenApart: () => void;
  /** What is wanted there belongs to a release. Within a transaction. */
  readonly onWant: (path: SitePath) => void;
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
  readonly also: Also;
}

/** Within the transaction in which a set is decided. What takes it back, where the tree does not take the set. */
export type Also = () => (() => void) | undefined;

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
  /** What was found to wait for something else in the tree. */
  readonly #blocked = new Map<SitePath, Ready>();
  /** Ready together, in the order in which they are published. */
  #sets: ReadySet[] = [];
  readonly #publications: Publications;
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#planner = new Planner(options.state.store, options.state.site, options.root, options.logger);
    this.#versions = options.versions;
    this.#decider = new Decider({ ...options, isPending: (path) => this.isPending(path) });
    this.#publications = new Publications({
      ...options,
      planner: this.#planner,
      decider: this.#decider,
      onNotShown: (lost, ready) => this.#notShown(lost, ready),
    });
  }

  /**
   * Rolls forward what a crash left; what cannot be put in place is wanted again. Rejects, to be tried again, where the disk or a right is in
   * the way of what is to go, or to get another name: nobody else would ever take it away.
   */
  async start(): Promise<void> {
    const { state } = this.#options;
    await this.#planner.rollForward(
      (path) => state.entry(path),
      async (failed, undone) => {
        const leftBehind = undone.filter(({ step }) => LEAVES_BEHIND.has(step.do));
        const hindrance = leftBehind.map(({ error }) => error).find(isHindrance);
        if (hindrance) throw hindrance;
        await wantAgain(this.#options, failed);
      },
    );
    noteBoot(state.store, state.site);
    await notePlaced(this.#options);
    await this.#versions.sweep();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
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
  publishTogether(ready: readonly Ready[], also: Also): void {
    this.#sets.push({ ready, also });
    this.#wake();
  }

  /** See `Publications.orderRename`. */
  orderRename(order: RenameOrder): boolean {
    return this.#publications.orderRename(order);
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
    if (this.#publications.areLeft) this.#wake();
  }

  /** What was blocked may wait for nothing any more, though nothing was published: a person has given up what was in its way. */
  unblocked(): void {
    if (this.#blocked.size > 0) this.#wake();
  }

  /** The inbox's transaction failed: what was ordered in it never was. */
  forgetRenames(): void {
    this.#publications.rolledBack();
  }

  #wake(): void {
    this.#lock
      .run(() => this.#run())
      .catch((error: unknown) => {
        if (!(error instanceof AppError)) return this.#options.onBug(error);
        // The database's disk is full, say: nothing is lost, and it is tried again.
        this.#options.logger.error({ code: error.code, params: error.params }, 'nothing can be published');
        if (this.#stopped) return;
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
    this.#admit();
    this.#queue.sort((a, b) => rank(a) - rank(b));
    const left = { single: this.#queue.length, sets: this.#sets.length };
    const blocked: Ready[] = [];
    let isPublished = false;
    try {
      while (this.#publications.areLeft || left.single + left.sets > 0) {
        // Without its folder nothing is decided: what was deleted there would be taken for gone.
        this.#requireRoot();
        await this.#publications.carryOut();
        // Where the disk is slower than all else, what it still has to take does not pile up in memory.
        if (this.#planner.remembered > REMEMBERED_MAX) await this.#planner.flush();
        const { single, sets } = this.#takePortion(left);
        if (single.length + sets.length === 0) break;
        const decided = await this.#decideAll(single, sets);
        if (decided === 'overtaken') {
          left.single += single.length;
          left.sets += sets.length;
          this.#putBack(single, sets);
          continue;
        }
        for (const ready of decided.unused) this.#options.onDone(ready, 'unused');
        if (decided.returned.length > 0) this.#return(decided.returned, decided.changed);
        for (const ready of decided.blocked) blocked.push(ready);
        isPublished ||= this.#publications.areLeft;
        await this.#publications.carryOut();
        if (left.single + left.sets > 0) await nextTurn();
      }
      if (blocked.length > 0 && !isPublished) {
        for (const ready of this.#options.onBlocked([...blocked])) this.#setAside(ready);
        blocked.length = 0;
      }
      return isPublished;
    } finally {
      for (const ready of blocked) this.#queue.push(ready);
    }
  }

  #setAside(ready: Ready): void {
    const { path } = ready.want;
    const overtaken = this.#blocked.get(path);
    if (overtaken) this.#queue.push(overtaken);
    this.#blocked.set(path, ready);
  }

  /** What still waits for what is below it is not looked at in the tree again: of a large one that goes there may be thousands. */
  #admit(): void {
    if (this.#blocked.size === 0) return;
    const { state } = this.#options;
    const isFree = ({ want }: Ready): boolean => !this.#decider.waitsForBelow(want, state.kindAt(want.path));
    this.#release(state.store.reading(() => [...this.#blocked.values()].filter(isFree)));
  }

  #release(free: readonly Ready[]): void {
    for (const ready of free) {
      this.#blocked.delete(ready.want.path);
      this.#queue.push(ready);
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

  #putBack(single: readonly Ready[], sets: readonly ReadySet[]): void {
    this.#queue = [...single, ...this.#queue];
    this.#sets = [...sets, ...this.#sets];
  }

  /** What comes after a set that is not published as it was planned is not what was planned either. */
  #return(ready: readonly Ready[], changed: ReadonlySet<Ready> = new Set()): void {
    const later = this.#sets.splice(0).flatMap((set) => set.ready);
    this.#options.onReturned([...ready, ...later], changed);
  }

  /** What may count on what does not appear is planned anew; all else goes on. */
  #notShown(lost: NotShown, ready: readonly Ready[]): void {
    const returned = [...ready];
    const isLeft = (each: readonly Ready[]): boolean => {
      const isLost = lost.takesAlong(each);
      if (isLost) for (const one of each) returned.push(one);
      return !isLost;
    };
    this.#sets = this.#sets.filter((set) => isLeft(set.ready));
    // A page that was to be another one by now may link to what goes.
    this.#release([...this.#blocked.values()]);
    this.#queue = this.#queue.filter((each) => each.want.target.kind !== 'gone' || isLeft([each]));
    this.#options.onNotShown(lost, returned);
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
      const refused = await this.#planner.makeWayForFiles(stagedFiles(all));
      const survey = await surveyPlaces(root, state, all);
      this.#requireRoot();
      // A rename was ordered meanwhile, and comes before it: what was seen there is not what will be there.
      if (all.some(({ want }) => this.isPending(want.path))) return 'overtaken';
      const unseen = new Map(survey.unseen);
      state.store.reading(() => this.#findUnderFiles(single, sets, survey, unseen));
      for (const each of all) {
        const error = refused.get(each.want.path);
        if (error) unseen.set(each, error);
      }
      const seen = single.filter((each) => !unseen.has(each));
      placed = state.store.reading(() => this.#decider.placeAhead(seen, survey));
      const decide = decideBy(survey);
      const changed = new Set([...survey.changed, ...unseen.keys()]);
      state.store.transaction(() => {
        for (const each of survey.changed) this.#wantAnew(each);
        for (const [each, error] of unseen) this.#failed(each, error);
        for (const each of single) if (changed.has(each)) unused.push(each);
        const decided = single.filter((each) => !changed.has(each)).flatMap(decide);
        const isPlaced = ({ ready: each }: Decision): boolean => placed.has(each);
        const stand = decided.filter(isPlaced);
        // What is carried out already has nothing to be undone one by one: one plan tells of all of it.
        if (stand.length > 0) this.#publications.order(stand, true);
        for (const each of decided) if (!isPlaced(each)) this.#publications.order([each]);
        // A set with a member that was overtaken is not what was planned, nor is what comes after it.
        const isAsPlanned = (each: Ready): boolean => !changed.has(each) && this.#decider.wanted(each) !== undefined;
        const overtaken = sets.findIndex(({ ready }) => !ready.every(isAsPlanned));
        const [planned, left] = overtaken < 0 ? [sets, []] : [sets.slice(0, overtaken), sets.slice(overtaken)];
        for (const { ready } of left) for (const each of ready) returned.push(each);
        for (const { ready, also } of planned) {
          const takeBack = also();
          const decisions = ready.flatMap(decide);
          // Folders may hold what is not ours: that keeps nobody else from being published, but what takes their place.
          const isLeftOut = (each: Decision): boolean => isFolderRemoval(each) && !isInTheWay(each, decisions);
          const set = decisions.filter((each) => !isLeftOut(each));
          if (set.length > 0) this.#publications.orderSet(set, takeBack);
          for (const each of decisions) if (isLeftOut(each)) this.#publications.orderAfterSet(each);
        }
      });
      return { blocked, unused, returned, changed };
    } catch (error) {
      const again = single.map(
        (ready): Ready => (placed.has(ready) ? { ...ready, staged: null, stands: true } : ready),
      );
      this.#putBack(again, sets);
      this.#publications.rolledBack();
      throw error;
    }
  }

  /** Adds of sets what has no folder to be in, as a file is there, and is not about to go. Without it the others of its set would be seen. */
  #findUnderFiles(
    single: readonly Ready[],
    sets: readonly ReadySet[],
    { inTheWay }: Survey,
    found: Map<Ready, AppError>,
  ): void {
    const going = new Set<SitePath>(single.map(({ want }) => want.path));
    for (const { ready } of sets) {
      for (const { want } of ready) going.add(want.path);
      for (const each of ready) {
        const { path, target } = each.want;
        const above = target.kind === 'gone' ? undefined : this.#decider.fileAbove(path, inTheWay);
        if (above !== undefined && !going.has(above))
          found.set(each, new AppError('file.not-directory', { path: above }));
      }
    }
  }

  /** Within the transaction: what stands in its place cannot be looked at, or it is in the way itself. It is tried again later. */
  #failed(ready: Ready, error: AppError): void {
    const want = this.#decider.wanted(ready);
    if (want?.transfer === ready.want.transfer) this.#options.onFailed(want, error);
  }

  /** Within the transaction: what was ready is not any more. */
  #wantAnew(ready: Ready): void {
    const { state } = this.#options;
    const want = this.#decider.wanted(ready);
    if (want?.transfer !== ready.want.transfer) return;
    state.wants.set({ ...want, state: 'queued', staged: null });
    state.transfers.update(want.transfer, { state: 'queued' });
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

import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
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
import { Blocked } from './blocked.ts';
import { Decider } from './decider.ts';
import { HalfShown } from './half-shown.ts';
import type { NotShown } from './not-shown.ts';
import { PortionDecider } from './portion-decider.ts';
import { Publications } from './publications.ts';
import { type Also, PublishQueue } from './publish-queue.ts';
import type { Ready } from './ready.ts';
import type { RenameOrder } from './rename-order.ts';
import type { SourceTrouble } from './source-trouble.ts';

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
  /** `trouble` is another one. */
  readonly onTrouble: () => void;
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
/** Undone, they leave what nobody would look for. */
const LEAVES_BEHIND: ReadonlySet<Step['do']> = new Set(['remove', 'removeDir', 'move']);
/** Plans that may wait for the disk. */
const REMEMBERED_MAX = 2_000;

/**
 * Makes changes visible, by renames, whole (SPEC §7). What is published together is decided in one transaction, with the
 * steps written down, and then carried out in order: files, then deletes. After a crash the steps are rolled forward.
 */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #planner: Planner;
  readonly #versions: Versions;
  readonly #decider: Decider;
  readonly #portions: PortionDecider;
  readonly #publications: Publications;
  readonly #half: HalfShown;
  readonly #lock = new Lock();
  readonly #queue = new PublishQueue();
  readonly #blocked = new Blocked();
  #retry: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#planner = new Planner(options.state.store, options.state.site, options.root, options.logger);
    this.#versions = options.versions;
    this.#decider = new Decider({ ...options, isPending: (path) => this.isPending(path) });
    this.#half = new HalfShown({ ...options, onChange: options.onTrouble });
    this.#publications = new Publications({
      ...options,
      planner: this.#planner,
      decider: this.#decider,
      half: this.#half,
      onNotShown: (lost, ready) => this.#notShown(lost, ready),
    });
    this.#portions = new PortionDecider({
      ...options,
      planner: this.#planner,
      decider: this.#decider,
      publications: this.#publications,
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
    this.#half.leave();
    await this.#lock.idle();
    await this.#planner.flush();
  }

  /** Publishes as soon as what is under way is done; changes that are ready by then go along. */
  publish(...ready: Ready[]): void {
    this.#queue.add(ready);
    this.#wake();
  }

  /** Publishes what belongs together: decided in one transaction, which `also` is a part of, and carried out in this order. */
  publishTogether(ready: readonly Ready[], also: Also): void {
    this.#queue.addSet({ ready, also });
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

  /** Why nothing is published. */
  get trouble(): SourceTrouble | undefined {
    return this.#half.trouble;
  }

  /** Drops versions that are not to be kept any longer, while nothing is kept; later, where nothing is published now: nobody waits for that. */
  async trimVersions(): Promise<void> {
    await Promise.race([this.#lock.run(() => this.#versions.trim(this.#options.now())), this.#half.begun]);
  }

  carryOutRenames(): void {
    if (this.#publications.areLeft) this.#wake();
  }

  /** What was blocked may wait for nothing any more, though nothing was published: a person has given up what was in its way. */
  unblocked(): void {
    if (!this.#blocked.isEmpty) this.#wake();
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
    if (this.#queue.canWait && this.#options.backlogged()) await sleep(GATHER_MILLIS);
    while (await this.#publishAll());
  }

  /** Publishes what is there by now, portion by portion. True: after it something that was blocked may be published. */
  async #publishAll(): Promise<boolean> {
    this.#admit();
    const round = this.#queue.round();
    const blocked: Ready[] = [];
    let isPublished = false;
    try {
      while (this.#publications.areLeft || !round.isOver()) {
        // Without its folder nothing is decided: what was deleted there would be taken for gone.
        this.#options.root.requireThere();
        await this.#publications.carryOut();
        // Where the disk is slower than all else, what it still has to take does not pile up in memory.
        if (this.#planner.remembered > REMEMBERED_MAX) await this.#planner.flush();
        const portion = round.take();
        if (portion.single.length + portion.sets.length === 0) break;
        const undecided = await this.#portions.decide(portion, round.putBack);
        if (!undecided) continue;
        const { unused, returned, changed } = undecided;
        for (const ready of unused) this.#options.onDone(ready, 'unused');
        // What comes after a set that is not published as it was planned is not what was planned either.
        if (returned.length > 0) this.#options.onReturned([...returned, ...this.#queue.takeSets()], changed);
        for (const ready of undecided.blocked) blocked.push(ready);
        isPublished ||= this.#publications.areLeft;
        await this.#publications.carryOut();
        if (!round.isOver()) await nextTurn();
      }
      if (blocked.length > 0 && !isPublished) {
        for (const ready of this.#options.onBlocked([...blocked])) this.#queue.add(this.#blocked.setAside(ready));
        blocked.length = 0;
      }
      return isPublished;
    } finally {
      this.#queue.add(blocked);
    }
  }

  #admit(): void {
    if (this.#blocked.isEmpty) return;
    const { state } = this.#options;
    const isFree = ({ want }: Ready): boolean => !this.#decider.waitsForBelow(want, state.kindAt(want.path));
    this.#queue.add(state.store.reading(() => this.#blocked.take(isFree)));
  }

  /** What may count on what does not appear is planned anew; all else goes on. */
  #notShown(lost: NotShown, ready: readonly Ready[]): void {
    // A page that was to be another one by now may link to what goes.
    this.#queue.add(this.#blocked.take());
    this.#options.onNotShown(lost, [...ready, ...this.#queue.takeAlong(lost)]);
  }
}

import { join } from 'node:path';
import { isWithin, parentOf, rebase, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Logger } from '../ports.ts';
import type { Store } from '../store/open.ts';
import { int, text } from '../store/rows.ts';
import { Changing } from './changing.ts';
import { fileError } from './file-error.ts';
import { findExactStats, findStats } from './find-stats.ts';
import { FlushDoubt } from './flush-doubt.ts';
import { copyWhole } from './link-or-copy.ts';
import type { NamedFiles } from './named-files.ts';
import { isSurelyThisBoot } from './noted-boot.ts';
import { type EntryOf, Redo, type SeeTo } from './redo.ts';
import type { SiteRoot } from './site-root.ts';
import type { Move } from './renamed-since.ts';
import { doStep, findIdentity, identityOf, type Occasion, type Step, steps, withSeen } from './steps.ts';
import { isFailedFlush } from './sync-file.ts';
import { Taken } from './taken.ts';
import { doTogether, dropBackups } from './together.ts';
import { Touched } from './touched.ts';

/** How long done plans are kept so that one flush of the folders serves many. */
const FLUSH_MILLIS = 500;

/**
 * Changes a tree in step with the database. A plan (a list of steps) is written in the caller's transaction, done after
 * it, and forgotten once what it touched is on disk; what a crash left is rolled forward at start.
 * Plans of one site are done one after the other: the caller holds the site's lock from `write` to the end of `carryOut`.
 */
export class Planner {
  readonly #store: Store;
  readonly #site: number;
  readonly #root: SiteRoot;
  readonly #logger: Logger;
  /** Written, and not known to the database as done. */
  readonly #unfinished = new Map<number, readonly Step[]>();
  /** What written plans take away that are not forgotten yet: after a crash now it would be done again. */
  readonly #taken = new Taken();
  /** Of those, what is not carried out. */
  readonly #changing = new Changing();
  /** Done, and not marked so yet: the next plan's transaction does it. */
  #unmarked: number[] = [];
  /** Done, and what they touched perhaps not on disk. */
  readonly #done = new Set<number>();
  readonly #touched: Touched;
  /** As long as there is one no plan is forgotten. */
  readonly #doubt: FlushDoubt;
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(store: Store, site: number, root: SiteRoot, logger: Logger) {
    this.#store = store;
    this.#site = site;
    this.#root = root;
    this.#logger = logger;
    this.#touched = new Touched(root);
    this.#doubt = new FlushDoubt(store, site, root, logger);
    // Those of uploads, too: a file system may have one log for all names.
    root.failedFlushes.onFailed = () => this.#doubt.raise();
  }

  /** Within a transaction: decides the steps. */
  write(decided: readonly Step[]): number {
    for (const id of this.#unmarked.splice(0)) this.#mark(id);
    const plan = decided.map((step) => withSeen(this.#root, step));
    const id = this.#store.insert('INSERT INTO plan (site, steps) VALUES (?, ?)', this.#site, JSON.stringify(plan));
    this.#unfinished.set(id, plan);
    this.#changing.add(id, plan);
    this.#taken.add(id, plan);
    return id;
  }

  /**
   * Before a plan that may put back the very file which an earlier one took away, under a second name that it had, or as a kept
   * version: done again after a crash, the earlier step would take it away once more. So the earlier one is forgotten first, or,
   * where that cannot be, the file becomes another one. The same before a file goes whose time was set: under a second name
   * that time would be flushed by nobody.
   */
  async makeWayFor(plan: readonly Step[]): Promise<void> {
    const takesBack = plan.some((step) => step.do === 'place' && this.#taken.at(step.path).length > 0);
    const loses = (step: Step): boolean =>
      (step.do === 'remove' || step.do === 'place') && this.#touched.has(step.path);
    if (takesBack || plan.some(loses)) await this.flush();
    for (const step of plan)
      if (step.do === 'place' && this.#taken.at(step.path).length > 0)
        await this.#makeAnother(step.path, join(this.#root[step.from], step.staged));
  }

  /** The same, before what an earlier plan took away from a path, where it had another name too, is renamed to that path, or with a folder above. */
  async makeWayForRename(plan: readonly Step[]): Promise<void> {
    if (plan.some((step) => step.do === 'move' && this.bringsBack(step))) await this.flush();
  }

  /** Done again after a crash, an earlier plan would take away what is renamed. */
  bringsBack({ from, path }: Move): boolean {
    const isFolder = findStats(this.#root.plain(from))?.isDirectory();
    return (isFolder ? this.#taken.within(path) : [path]).some((each) => {
      const removed = this.#taken.at(each).filter((taken) => taken.do === 'remove');
      if (removed.length === 0) return false;
      const there = findExactStats(this.#root.plain(rebase(each, path, from)));
      return there !== undefined && removed.some(({ identity }) => identity === identityOf(there));
    });
  }

  /** The same, before files of the staging folder are put in their places. Resolves those that cannot become another one, and why. */
  async makeWayForFiles(placed: ReadonlyMap<SitePath, string>): Promise<ReadonlyMap<SitePath, AppError>> {
    const refused = new Map<SitePath, AppError>();
    const comeBack = [...placed].filter(([path, staged]) => this.#comesBack(path, join(this.#root.staging, staged)));
    if (comeBack.length > 0) await this.flush();
    for (const [path, staged] of comeBack)
      try {
        await this.#makeAnother(path, join(this.#root.staging, staged));
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        refused.set(path, error);
      }
    return refused;
  }

  #comesBack(path: SitePath, absolute: string): boolean {
    const taken = this.#taken.at(path);
    if (taken.length === 0) return false;
    const identity = findIdentity(absolute);
    return taken.some((step) => step.identity === identity);
  }

  async #makeAnother(path: SitePath, absolute: string): Promise<void> {
    if (!this.#comesBack(path, absolute)) return;
    try {
      await copyWhole(absolute, absolute);
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** A transaction in which plans were written has failed: they are not there. Their ids. */
  rolledBack(): number[] {
    const lost = [...this.#unfinished.keys()].filter((id) => !this.#store.get('SELECT 1 FROM plan WHERE id = ?', id));
    for (const id of lost) {
      this.#unfinished.delete(id);
      this.#changing.drop(id);
      this.#taken.drop(id);
    }
    return lost;
  }

  /** True when a step at this path, above or below it would be repeated after a crash now. */
  isUnfinished(path: SitePath): boolean {
    const meets = (other: SitePath): boolean => isWithin(path, other) || isWithin(other, path);
    return [...this.#unfinished.values()].some((plan) =>
      plan.some((step) => meets(step.path) || (step.do === 'move' && meets(step.from))),
    );
  }

  /** True when what stands at this path is about to be changed by a plan that is written and not carried out. */
  isPending(path: SitePath): boolean {
    return this.#changing.has(path);
  }

  /** After the transaction: does the steps. A step that fails stops the plan; the rest is tried again at the next start. */
  async carryOut(id: number, plan: readonly Step[]): Promise<void> {
    for (const step of plan) {
      this.#touched.note(await this.#do(step, 'first'));
      this.#touched.follow(step);
    }
    this.#isDone(id);
  }

  /** The steps of a plan that has just been written were done before. */
  carriedOut(id: number, plan: readonly Step[]): void {
    this.#touched.note(plan.map(({ path }) => parentOf(path)));
    if (plan.some((step) => step.do === 'keep')) this.#touched.noteVersion();
    this.#isDone(id);
  }

  /** The same, so that others see all of it or nothing, but for a moment; where a step fails, all of it is undone. See `doTogether`. */
  async carryOutTogether(id: number, plan: readonly Step[], again?: (error: AppError) => Promise<void>): Promise<void> {
    for (const step of plan) if (step.do === 'keep') await this.#do(step, 'first');
    const stuck = (step: Step, err: unknown): void =>
      this.#logger.error({ err, step }, 'a step of a failed plan cannot be undone');
    const visible = plan.filter((step) => step.do !== 'keep');
    this.#touched.note(await doTogether(this.#root, visible, stuck, again));
    visible.forEach((step) => this.#touched.follow(step));
    this.#isDone(id);
  }

  /** Forgets a plan whose first step failed and whose effects on the database the caller has taken back. */
  forget(id: number): void {
    this.#unfinished.delete(id);
    this.#changing.drop(id);
    this.#taken.drop(id);
    this.#store.run('DELETE FROM plan WHERE id = ?', id);
  }

  /**
   * At start, before anything else touches the tree. `entryOf`: what the index says. Resolves the paths at which the tree does
   * not hold it: a step could not be done, or the disk has lost what it was to be done with, or somebody has changed something there. The plans are forgotten after `seeTo` them: where that rejects they stay.
   */
  async rollForward(entryOf: EntryOf, seeTo: SeeTo = () => Promise.resolve()): Promise<SitePath[]> {
    // What a failed flush has lost may have been done before what is on the disk: a rename, and not what took its place later.
    const isOutOfOrder = this.#doubt.recall();
    const rows = this.#store.all('SELECT id, steps, done FROM plan WHERE site = ? ORDER BY id', this.#site);
    const plans = rows.map((row) => ({ isDone: row['done'] === 1, plan: steps.parse(JSON.parse(text(row['steps']))) }));
    // A disk that failed may have been taken out, and put in again, in the same boot.
    const isNothingLost = !this.#doubt.isThere && isSurelyThisBoot(this.#store, this.#site);
    const redo = new Redo({
      root: this.#root,
      isNothingLost,
      logger: this.#logger,
      entryOf,
      plans,
      carryOut: (step, occasion, named) => this.#do(step, occasion, named),
      onTouched: (paths) => this.#touched.note(paths),
      onRepeated: (step) => this.#touched.follow(step),
    });
    await redo.repeatAll();
    rows.forEach((row, at) => this.#taken.add(int(row['id']), plans[at]?.plan ?? []));
    const failed = await redo.settleAll();
    if (isOutOfOrder) failed.push(...(await redo.removeMoved(failed)));
    const instead = failed.map((path) => [path, redo.standsInstead(path)] as const);
    await seeTo(new Map(instead), redo.undoneAt(failed));
    for (const row of rows) this.#done.add(int(row['id']));
    await dropBackups(this.#root);
    await this.flush();
    return failed;
  }

  /** Plans that are carried out, and remembered until what they touched is on disk. */
  get remembered(): number {
    return this.#done.size;
  }

  /** Makes what was done durable, and forgets the plans. Never rejects: plans that cannot be forgotten stay. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#flush());
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    const ids = new Set(this.#done);
    if (ids.size === 0) return this.#touched.clear();
    try {
      await this.#touched.flush();
      this.#forgetAll(ids);
    } catch (error) {
      this.#logger.error({ err: error }, 'done plans cannot be forgotten yet');
      if (isFailedFlush(error)) this.#root.failedFlushes.note(error);
      return;
    }
    for (const id of ids) this.#done.delete(id);
    this.#unmarked = this.#unmarked.filter((id) => !ids.has(id));
  }

  /** They are on disk: all of them, or as far as anybody can tell. */
  #forgetAll(ids: ReadonlySet<number>): void {
    if (this.#doubt.isThere) {
      this.#doubt.note();
      this.#store.transaction(() => ids.forEach((id) => this.#mark(id)));
      return;
    }
    this.#store.soon(() => {
      ids.forEach((id) => this.forget(id));
      this.#doubt.settle();
    });
  }

  /** The database knows that it is done. */
  #mark(id: number): void {
    this.#store.run('UPDATE plan SET done = 1 WHERE id = ?', id);
    this.#unfinished.delete(id);
  }

  #isDone(id: number): void {
    this.#changing.drop(id);
    this.#done.add(id);
    this.#unmarked.push(id);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MILLIS);
  }

  /** That a version of ours could not be kept stops nothing: it will be missing for a rollback. */
  async #do(step: Step, occasion: Occasion, named?: NamedFiles): Promise<SitePath[]> {
    if (step.do !== 'keep') return doStep(this.#root, step, occasion, named);
    try {
      this.#touched.noteVersion();
      return await doStep(this.#root, step, occasion);
    } catch (error) {
      this.#logger.warn({ err: error, step }, 'a version cannot be kept');
      // Done again, what stands there by now may be what was put in its place.
      const isAnother = error instanceof AppError && error.code === 'file.changed';
      if (isAnother ? occasion === 'first' : step.only) throw error;
      return [];
    }
  }
}

import { open } from 'node:fs/promises';
import { platform } from 'node:process';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { isWithin, ROOT } from '../../../shared/domain/site-path.ts';
import type { Logger } from '../ports.ts';
import type { Store } from '../store/open.ts';
import { int, text } from '../store/rows.ts';
import { isNotFound } from './file-error.ts';
import type { SiteRoot } from './site-root.ts';
import { doStep, type Occasion, type Step, steps } from './steps.ts';
import { doTogether, dropBackups } from './together.ts';

/** How long done plans are kept so that one flush of the folders serves many. */
const FLUSH_MILLIS = 500;

/**
 * Changes a tree in step with the database. A plan (a list of steps) is written in the caller's transaction, done after
 * it, and forgotten once the folders it touched are on disk; what a crash left is rolled forward at start.
 * Plans of one site are done one after the other: the caller holds the site's lock from `write` to the end of `carryOut`.
 */
export class Planner {
  readonly #store: Store;
  readonly #site: number;
  readonly #root: SiteRoot;
  readonly #logger: Logger;
  /** Written, and not known to the database as done. */
  readonly #unfinished = new Map<number, readonly Step[]>();
  /** Done, and not marked so yet: the next plan's transaction does it. */
  #unmarked: number[] = [];
  /** Done, and its folders perhaps not on disk. */
  readonly #done = new Set<number>();
  readonly #touched = new Set<SitePath>();
  #timer: NodeJS.Timeout | undefined;
  #flushing: Promise<void> = Promise.resolve();

  constructor(store: Store, site: number, root: SiteRoot, logger: Logger) {
    this.#store = store;
    this.#site = site;
    this.#root = root;
    this.#logger = logger;
  }

  /** Within a transaction: decides the steps. */
  write(plan: readonly Step[]): number {
    for (const id of this.#unmarked.splice(0)) {
      this.#store.run('UPDATE plan SET done = 1 WHERE id = ?', id);
      this.#unfinished.delete(id);
    }
    const id = this.#store.insert('INSERT INTO plan (site, steps) VALUES (?, ?)', this.#site, JSON.stringify(plan));
    this.#unfinished.set(id, plan);
    return id;
  }

  /** A transaction in which plans were written has failed: they are not there. Their ids. */
  rolledBack(): number[] {
    const lost = [...this.#unfinished.keys()].filter((id) => !this.#store.get('SELECT 1 FROM plan WHERE id = ?', id));
    for (const id of lost) this.#unfinished.delete(id);
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
    for (const [id, plan] of this.#unfinished) {
      if (this.#done.has(id)) continue;
      // A folder that is made takes nothing away from what is in it already.
      const changing = plan.filter((step) => step.do !== 'makeDir');
      if (changing.some((step) => isWithin(path, step.path) || (step.do === 'move' && isWithin(path, step.from))))
        return true;
    }
    return false;
  }

  /** After the transaction: does the steps. A step that fails stops the plan; the rest is tried again at the next start. */
  async carryOut(id: number, plan: readonly Step[]): Promise<void> {
    for (const step of plan) this.#note(await this.#do(step, 'first'));
    this.#isDone(id);
  }

  /** The same, so that others see all of it or nothing, but for a moment; where a step fails, all of it is undone. See `doTogether`. */
  async carryOutTogether(id: number, plan: readonly Step[]): Promise<void> {
    for (const step of plan) if (step.do === 'keep') await this.#do(step, 'first');
    const stuck = (step: Step, err: unknown): void =>
      this.#logger.error({ err, step }, 'a step of a failed plan cannot be undone');
    const visible = plan.filter((step) => step.do !== 'keep');
    this.#note(await doTogether(this.#root, visible, stuck));
    this.#isDone(id);
  }

  /** Forgets a plan whose first step failed and whose effects on the database the caller has taken back. */
  forget(id: number): void {
    this.#unfinished.delete(id);
    this.#store.run('DELETE FROM plan WHERE id = ?', id);
  }

  /**
   * At start, before anything else touches the tree. Resolves the paths at which a step could not be done: the index says
   * what the tree does not hold.
   */
  async rollForward(): Promise<SitePath[]> {
    const failed: SitePath[] = [];
    for (const row of this.#store.all('SELECT id, steps, done FROM plan WHERE site = ? ORDER BY id', this.#site)) {
      const plan = steps.parse(JSON.parse(text(row['steps'])));
      for (const step of plan) {
        try {
          this.#note(await this.#do(step, row['done'] === 1 ? 'lost' : 'repeat'));
        } catch (error) {
          this.#logger.error({ err: error, step }, 'a step of an interrupted plan cannot be done');
          failed.push(step.path);
        }
      }
      this.#done.add(int(row['id']));
    }
    await dropBackups(this.#root);
    await this.flush();
    return failed;
  }

  /** Makes what was done durable, and forgets the plans. Never rejects: plans that cannot be forgotten stay. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#flush());
    return this.#flushing;
  }

  async #flush(): Promise<void> {
    const ids = [...this.#done];
    const folders = [...this.#touched];
    this.#touched.clear();
    if (ids.length === 0) return;
    try {
      for (const folder of folders) await this.#syncFolder(folder);
      this.#store.transaction(() => ids.forEach((id) => this.forget(id)));
    } catch (error) {
      this.#logger.error({ err: error }, 'done plans cannot be forgotten yet');
      for (const folder of folders) this.#touched.add(folder);
      return;
    }
    for (const id of ids) this.#done.delete(id);
    this.#unmarked = this.#unmarked.filter((id) => !ids.includes(id));
  }

  #isDone(id: number): void {
    this.#done.add(id);
    this.#unmarked.push(id);
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_MILLIS);
  }

  /** That a version could not be kept stops nothing: it will be missing for a rollback. */
  async #do(step: Step, occasion: Occasion): Promise<SitePath[]> {
    if (step.do !== 'keep') return doStep(this.#root, step, occasion);
    try {
      return await doStep(this.#root, step, occasion);
    } catch (error) {
      this.#logger.warn({ err: error, step }, 'a version cannot be kept');
      return [];
    }
  }

  #note(folders: readonly SitePath[]): void {
    for (const folder of folders) this.#touched.add(folder);
  }

  async #syncFolder(folder: SitePath): Promise<void> {
    if (platform === 'win32') return; // Folders cannot be opened there; NTFS journals its metadata.
    try {
      const handle = await open(folder === ROOT ? this.#root.folder : this.#root.plain(folder), 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    } catch (error) {
      // Removed or renamed since: then its parent is among the folders.
      if (!isNotFound(error)) throw error;
    }
  }
}

import { isWithin, rebase, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { isNowhere } from './file-error.ts';
import type { SiteRoot } from './site-root.ts';
import type { Step } from './steps.ts';
import { syncFolder } from './sync-file.ts';

/** What plans have touched and the disk may not have yet: folders, files whose time was set, and the folder of kept versions. */
export class Touched {
  readonly #root: SiteRoot;
  #paths = new Set<SitePath>();
  /** Those of them that are being flushed. */
  #underFlush = new Set<SitePath>();
  #isVersionKept = false;

  constructor(root: SiteRoot) {
    this.#root = root;
  }

  note(paths: readonly SitePath[]): void {
    for (const path of paths) this.#paths.add(path);
  }

  noteVersion(): void {
    this.#isVersionKept = true;
  }

  has(path: SitePath): boolean {
    return this.#paths.has(path) || this.#underFlush.has(path);
  }

  /** What was touched has another name after a rename of it, or of a folder above it, and is flushed by that. */
  follow(step: Step): void {
    if (step.do !== 'move') return;
    for (const touched of [this.#paths, this.#underFlush])
      for (const path of [...touched]) if (isWithin(path, step.from)) touched.add(rebase(path, step.from, step.path));
  }

  clear(): void {
    this.#paths = new Set();
    this.#isVersionKept = false;
  }

  /** Rejects where the disk does not take it: all of it is to be flushed still. */
  async flush(): Promise<void> {
    // What is put into a folder that is new is worth as much as the folder's own name.
    const paths = new Set([...this.#paths].toSorted((a, b) => a.length - b.length));
    const isVersionKept = this.#isVersionKept;
    this.clear();
    this.#underFlush = paths;
    try {
      if (isVersionKept) await syncFolder(this.#root.versions);
      // What is renamed meanwhile comes in at the end.
      for (const path of paths) await this.#sync(path);
    } catch (error) {
      this.note([...paths]);
      this.#isVersionKept ||= isVersionKept;
      throw error;
    } finally {
      this.#underFlush = new Set();
    }
  }

  async #sync(path: SitePath): Promise<void> {
    try {
      await syncFolder(path === ROOT ? this.#root.folder : this.#root.plain(path));
    } catch (error) {
      // Removed or renamed since: then its parent is among the folders.
      if (!isNowhere(error)) throw error;
    }
  }
}

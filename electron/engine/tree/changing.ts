import { parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import type { Step } from './steps.ts';

/**
 * The paths that plans are about to change, or to take away with all below them: however many plans there are, nobody looks through
 * all of them. A folder that is made takes nothing away from what is in it already.
 */
export class Changing {
  readonly #plans = new Map<number, readonly SitePath[]>();
  /** How many steps there are for each path. */
  readonly #paths = new Map<SitePath, number>();

  add(plan: number, steps: readonly Step[]): void {
    const paths = steps.flatMap((step) => {
      if (step.do === 'makeDir') return [];
      return step.do === 'move' ? [step.from, step.path] : [step.path];
    });
    this.#plans.set(plan, paths);
    for (const path of paths) this.#paths.set(path, (this.#paths.get(path) ?? 0) + 1);
  }

  /** Idempotent. */
  drop(plan: number): void {
    for (const path of this.#plans.get(plan) ?? []) {
      const left = (this.#paths.get(path) ?? 0) - 1;
      if (left > 0) this.#paths.set(path, left);
      else this.#paths.delete(path);
    }
    this.#plans.delete(plan);
  }

  /** True for such a path, and for what is below one. */
  has(path: SitePath): boolean {
    for (let above = path; above !== ROOT; above = parentOf(above)) if (this.#paths.has(above)) return true;
    return false;
  }
}

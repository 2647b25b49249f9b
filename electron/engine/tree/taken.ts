import { isWithin, type SitePath } from '../../../shared/domain/site-path.ts';
import type { Step } from './steps.ts';

type TakingStep = Extract<Step, { do: 'remove' | 'move' }>;

/** What plans take away from a path, found by the path: however many plans there are, nobody looks through all of them. */
export class Taken {
  readonly #byPath = new Map<SitePath, Map<number, TakingStep[]>>();
  readonly #paths = new Map<number, SitePath[]>();

  add(plan: number, steps: readonly Step[]): void {
    for (const step of steps) {
      if (step.do !== 'remove' && step.do !== 'move') continue;
      for (const path of step.do === 'move' ? [step.from, step.path] : [step.path]) {
        const plans = this.#byPath.get(path) ?? new Map<number, TakingStep[]>();
        this.#byPath.set(path, plans);
        push(plans, plan, step);
        push(this.#paths, plan, path);
      }
    }
  }

  drop(plan: number): void {
    for (const path of this.#paths.get(plan) ?? []) {
      const plans = this.#byPath.get(path);
      plans?.delete(plan);
      if (plans?.size === 0) this.#byPath.delete(path);
    }
    this.#paths.delete(plan);
  }

  /** The paths at `folder` and below it from which something is taken away; it looks through all. */
  within(folder: SitePath): SitePath[] {
    return [...this.#byPath.keys()].filter((path) => isWithin(path, folder));
  }

  /** The steps that take away what stands at this path, or put something else there by a rename. */
  at(path: SitePath): TakingStep[] {
    return [...(this.#byPath.get(path)?.values() ?? [])].flat();
  }
}

function push<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}

import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Ready } from './ready.ts';

/**
 * What was found to wait for something else in the tree. It is not looked at there again as long as it does: of a large one that goes there may be
 * thousands.
 */
export class Blocked {
  readonly #ready = new Map<SitePath, Ready>();

  get isEmpty(): boolean {
    return this.#ready.size === 0;
  }

  /** Resolves what was set aside for the same path, if anything was. */
  setAside(ready: Ready): Ready[] {
    const { path } = ready.want;
    const overtaken = this.#ready.get(path);
    this.#ready.set(path, ready);
    return overtaken ? [overtaken] : [];
  }

  take(isFree: (ready: Ready) => boolean = () => true): Ready[] {
    const free = [...this.#ready.values()].filter(isFree);
    for (const { want } of free) this.#ready.delete(want.path);
    return free;
  }
}

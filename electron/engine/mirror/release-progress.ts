import type { Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { MirrorState } from '../store/mirror-state.ts';

export interface ReleaseProgressOptions {
  readonly state: MirrorState;
  readonly now: () => Millis;
  /** For the master. */
  readonly onRelease: (id: number, state: 'ready' | 'published', at: Millis) => void;
}

/** How far this mirror is with each release that it follows: noted, and told to the master. */
export class ReleaseProgress {
  readonly #options: ReleaseProgressOptions;
  /** Of each release, what is with the publisher. */
  readonly #underWay = new Map<number, Set<SitePath>>();

  constructor(options: ReleaseProgressOptions) {
    this.#options = options;
  }

  /** A part of a release went to the publisher. */
  handedOver(release: number, path: SitePath): void {
    this.#underWay.set(release, (this.#underWay.get(release) ?? new Set()).add(path));
  }

  /** The publisher is done with a path. */
  done(path: SitePath): void {
    for (const release of this.#handedBack(path)) this.#report(release);
  }

  /** The publisher has done nothing for a path. */
  returned(path: SitePath): void {
    this.#handedBack(path);
  }

  /** `left`: the paths that wait, by release, and whether each is ready. Tells of releases that are here, or need nothing. */
  look(left: (release: number) => { readonly waiting: number; readonly ready: number }): void {
    const { state, now, onRelease } = this.#options;
    for (const { id, readyAt } of state.belonging.openReleases()) {
      if (!state.hasHeardOf(id)) continue;
      const { waiting, ready } = left(id);
      if (waiting === 0 && !this.#underWay.has(id)) {
        this.#report(id);
      } else if (readyAt === undefined && ready === waiting) {
        const at = now();
        state.belonging.ready(id, at);
        onRelease(id, 'ready', at);
      }
    }
  }

  /** The releases of which nothing is with the publisher any more. */
  #handedBack(path: SitePath): number[] {
    const ended: number[] = [];
    for (const [release, paths] of this.#underWay) {
      if (!paths.delete(path) || paths.size > 0) continue;
      this.#underWay.delete(release);
      ended.push(release);
    }
    return ended;
  }

  /** What was handed over as of one release may have gone on in a newer one since. */
  #report(release: number): void {
    const { state, now, onRelease } = this.#options;
    const id = state.belonging.goesOnIn(release);
    if (!state.hasHeardOf(id) || state.wants.hasOfRelease(id)) return;
    const at = now();
    for (const done of state.belonging.published(id, at)) onRelease(done, 'published', at);
  }
}

import type { LinkMessageOf } from '../../../shared/contract/link.ts';
import type { ReleaseTag } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { MirrorState } from '../store/mirror-state.ts';

/**
 * Which release each of the wants waits with: what overtakes a part of one, or gives it another name, appears with the rest of it.
 * All within the inbox's transaction.
 */
export class WaitingReleases {
  readonly #state: MirrorState;
  readonly #onWant: (path: SitePath) => void;
  /** What is being told was missed. */
  areMissed = false;

  /** `onWant`: a want that was there waits with another release. */
  constructor(state: MirrorState, onWant: (path: SitePath) => void) {
    this.#state = state;
    this.#onWant = onWant;
  }

  /** What was heard of a release before goes on in another one, which has overtaken a part of it. */
  join({ release, into, paths }: NonNullable<LinkMessageOf<'notify'>['joined']>[number]): void {
    const { belonging } = this.#state;
    // It may have been overtaken itself by what was heard since, as where a link tells once more what came by another way.
    const last = belonging.goesOnIn(into.last);
    for (const each of belonging.heardOf(release, into)) {
      if (each === last) continue;
      const moved =
        each === release || !paths ? belonging.merge(each, last) : belonging.moveOut(each, { release, paths }, last);
      if (each === release || !paths || moved.length > 0) belonging.noteRelease(into);
      moved.forEach(this.#onWant);
    }
    belonging.goneOn(release, into);
  }

  /** The master names the release that a file was ever of: it is no part of one that is shown here, and waits for no word. */
  isOver(release: ReleaseTag | undefined): boolean {
    const { belonging, cursor } = this.#state;
    return release !== undefined && !release.together && release.last <= cursor && !belonging.isOpen(release.last);
  }

  note(tag: ReleaseTag): void {
    const { belonging, knownTo } = this.#state;
    belonging.noteRelease(tag);
    if (this.areMissed && !tag.together) belonging.mergeIncomplete(tag.last, knownTo).forEach(this.#onWant);
  }

  /** A delete that is wanted already is the one that a release has made since, or has taken along. */
  goesWith(path: SitePath, release: ReleaseTag): void {
    const { wants } = this.#state;
    const want = wants.of(path);
    // What a person is asked about goes by itself.
    if (want?.target.kind !== 'gone' || want.state === 'held') return;
    this.note(release);
    wants.set({ ...want, release: this.releaseOf(release, want.release) });
    this.#onWant(path);
  }

  /** What a rename moves of a release that waits here waits under its new name, too: nobody sees a part of it before the rest. */
  goesOn(waiting: number | null, release: ReleaseTag | undefined): { readonly release?: ReleaseTag } {
    const last = this.releaseOf(release, waiting);
    return last === null ? {} : { release: { ...release, last } };
  }

  at(path: SitePath): number | null {
    return this.#state.wants.of(path)?.release ?? null;
  }

  /** What overtakes a part of a release appears with the rest of it, in the newer of the two. */
  releaseOf(release: ReleaseTag | undefined, overtaken: number | null): number | null {
    const { belonging } = this.#state;
    if (!release) return overtaken;
    const own = belonging.goesOnIn(release.last);
    if (overtaken === null || overtaken === own) return own;
    const into = this.#newerOf(own, overtaken);
    belonging.merge(into === own ? overtaken : own, into).forEach(this.#onWant);
    return into;
  }

  /**
   * Of what is missed or was told before, the one that waits for its word: there, what waits for no word may have the number of the
   * newest change of a catch-up, and is no newer for that, and a rename of it is no word. Otherwise the newer has overtaken the older.
   */
  #newerOf(one: number, other: number): number {
    const { belonging, knownTo } = this.#state;
    const [older, newer] = [Math.min(one, other), Math.max(one, other)];
    const waits = (id: number): boolean => {
      const known = belonging.release(id);
      return known?.together === true && !known.go;
    };
    const bothTold = newer <= knownTo || (this.areMissed && older > knownTo);
    return bothTold && waits(older) && !waits(newer) ? older : newer;
  }
}

import type { Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Want } from '../core/want.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import type { Staging } from './staging.ts';

/** Contents that nobody has in hand, and that are looked at at once. */
const LOOKED_AT = 100;

/** What somebody works on at this moment: paths, contents, and with them the files in staging. */
export class InHand {
  readonly #state: MirrorState;
  readonly #staging: Staging;
  readonly #wants = new Map<SitePath, { readonly want: Want; readonly abort: AbortController }>();
  readonly #contents = new Set<Sha256>();
  #locals = 0;
  /** In staging, complete or not, and in nobody's hand: goes when no want needs it any more, and the disk lets it. */
  readonly #left = new Set<Sha256>();

  constructor(state: MirrorState, staging: Staging) {
    this.#state = state;
    this.#staging = staging;
  }

  get size(): number {
    return this.#wants.size;
  }

  /** Of these the folders and deletes: what needs nothing from the master. */
  get locals(): number {
    return this.#locals;
  }

  has(path: SitePath): boolean {
    return this.#wants.has(path);
  }

  hasContent(sha256: Sha256): boolean {
    return this.#contents.has(sha256);
  }

  take(want: Want): AbortController {
    const abort = new AbortController();
    this.#count(this.#wants.get(want.path)?.want, -1);
    this.#wants.set(want.path, { want, abort });
    this.#count(want, 1);
    if (want.target.kind === 'file') this.#contents.add(want.target.sha256);
    return abort;
  }

  /** Of a content that no want stands for (yet). */
  takeContent(sha256: Sha256): void {
    this.#contents.add(sha256);
  }

  letGoContent(sha256: Sha256): void {
    this.#contents.delete(sha256);
  }

  /** What was let go before, and waited, has nothing in hand: not its path, nor its content, which others may be fetching by now. */
  letGo({ path, target, transfer }: Want): void {
    const inHand = this.#wants.get(path)?.want;
    if (inHand?.transfer !== transfer) return;
    this.#wants.delete(path);
    this.#count(inHand, -1);
    if (target.kind === 'file') this.#contents.delete(target.sha256);
  }

  #count(want: Want | undefined, by: 1 | -1): void {
    if (want && want.target.kind !== 'file') this.#locals += by;
  }

  /** A newer change took the place of the want at `path`; a transfer of the same content goes on. */
  replaced(path: SitePath, sha256: Sha256 | undefined): void {
    const inHand = this.#wants.get(path);
    const target = inHand?.want.target;
    if (target?.kind === 'file' && target.sha256 !== sha256) inHand?.abort.abort();
  }

  abortAll(): void {
    for (const { abort } of this.#wants.values()) abort.abort();
  }

  /** They are in staging, from the run before, for wants that may be overtaken before they are picked. */
  leave(left: readonly Sha256[]): void {
    for (const sha256 of left) this.#left.add(sha256);
  }

  isLeft(sha256: Sha256): boolean {
    return this.#left.has(sha256);
  }

  /** What is in staging of this content goes, once it is of no use to any want. At the next start it would go too. */
  dropStaged(sha256: Sha256): void {
    this.#left.add(sha256);
    if (this.#contents.has(sha256) || this.#state.wants.isNeeded(sha256)) return;
    if (this.#staging.remove(this.#staging.nameOf(sha256))) this.#left.delete(sha256);
  }

  /** So many are looked at, one after the other, and more as long as some of them go: of a run that was broken off there may be very many. */
  dropLeft(): void {
    this.#staging.removeStuck();
    for (let before = Infinity; this.#left.size < before; ) {
      before = this.#left.size;
      for (const sha256 of firstOf(this.#left, LOOKED_AT)) {
        // Where it stays it comes after the others.
        this.#left.delete(sha256);
        this.dropStaged(sha256);
      }
    }
  }
}

function firstOf<T>(all: Iterable<T>, count: number): T[] {
  const first: T[] = [];
  for (const each of all) {
    if (first.length === count) break;
    first.push(each);
  }
  return first;
}

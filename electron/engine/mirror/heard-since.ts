import { parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';

/** Beyond it all counts as heard of. */
const PATHS_MAX = 1_000_000;

/** What the master tells while a check compares with its index, which may take hours: of what was found there the newer word counts. */
export class HeardSince {
  readonly #seqs = new Map<SitePath, number>();
  #isAll = false;

  note(path: SitePath, seq: number): void {
    if (this.#seqs.size < PATHS_MAX) this.#seqs.set(path, seq);
    else this.noteAll();
  }

  /** The whole index is being told. */
  noteAll(): void {
    this.#isAll = true;
    this.#seqs.clear();
  }

  /** Of the path, or of a folder above it, something has been told that came after `seq`. */
  isAfter(seq: number, path: SitePath): boolean {
    if (this.#isAll) return true;
    for (let each = path; each !== ROOT; each = parentOf(each)) if ((this.#seqs.get(each) ?? 0) > seq) return true;
    return false;
  }
}

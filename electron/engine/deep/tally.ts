import { type DeepTally, DIFFERENCES_MAX, type DifferenceKind } from '../../../shared/contract/deep.ts';

/** Counts what a check finds, and keeps the first of it by name. */
export class Tally {
  files = 0;
  of = 0;
  bytes = 0;
  moving = 0;
  mended = 0;
  readonly #counts: Partial<Record<DifferenceKind, number>> = {};
  readonly #differences: DeepTally['differences'] = [];

  add(kind: DifferenceKind, path: string): void {
    this.#counts[kind] = (this.#counts[kind] ?? 0) + 1;
    if (this.#differences.length < DIFFERENCES_MAX) this.#differences.push({ kind, path });
  }

  read(): DeepTally {
    const { files, of, bytes, moving, mended } = this;
    // The index may have grown since it was counted.
    const all = Math.max(of, files);
    return { files, of: all, bytes, moving, mended, counts: { ...this.#counts }, differences: [...this.#differences] };
  }
}

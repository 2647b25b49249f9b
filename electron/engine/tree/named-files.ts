import type { BigIntStats } from 'node:fs';
import { identityOf, ontoOf, seenOf, type Step } from './steps.ts';

/** Files as written plans name them: whatever else stands in their places after a crash somebody else has put there, or made of them, since. */
export class NamedFiles {
  readonly #seen = new Set<string>();
  readonly #identities = new Set<string>();
  /** In milliseconds, of all files: the disk may have lost that one of them was given another. */
  readonly #times = new Set<number>();

  constructor(steps: readonly Step[]) {
    for (const step of steps) {
      if (step.do === 'touch') for (const at of [step.mtime, step.was ?? step.mtime]) this.#times.add(at);
      for (const seen of [ontoOf(step), step.do === 'move' ? step.seen : undefined]) {
        if (seen === undefined) continue;
        this.#seen.add(seen);
        // The time may be one before 1970.
        this.#identities.add(seen.split('-', 2).join('-'));
      }
    }
  }

  has(info: BigIntStats): boolean {
    if (this.#seen.has(seenOf(info))) return true;
    return this.#identities.has(identityOf(info)) && this.#times.has(Math.round(Number(info.mtimeNs) / 1e6));
  }
}

import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Process } from '../process.ts';
import type { Scheduler } from '../scheduler.ts';
import type { Row } from './journal-model.ts';
import { pathsBelow, stateAt } from './tree.ts';

/** Who journals what was changed without FTP. */
export const SCAN = 'scan';
/** So many files, and more than this share of them, nobody may take for deleted by himself: somewhat more than the guard asks about. */
const FILES_MIN = 12;
const SHARE = 0.6;

/** A person has agreed to whatever is missing, as long as this process reads the tree. */
interface Agreement {
  readonly by: Process | undefined;
  /** Simulated time. */
  until: number;
}

/** SPEC §4: an emptied or unmounted folder of a master is not journalled as so many deletes before a person has agreed. */
export class ScanGuard {
  readonly #root: string;
  readonly #scheduler: Scheduler;
  #agreements: Agreement[] = [];

  constructor(root: string, scheduler: Scheduler) {
    this.#root = root;
    this.#scheduler = scheduler;
  }

  /** Returns what to call when the tree has been read. */
  agreed(by: Process | undefined): () => void {
    const agreement: Agreement = { by, until: Infinity };
    this.#agreements.push(agreement);
    return () => {
      agreement.until = this.#scheduler.now;
    };
  }

  /** What of the rows that a step has journalled must not be so. */
  journalled(rows: readonly Row[]): string[] {
    const deletes = rows.filter(({ account, op }) => account === SCAN && op === 'delete');
    const gone = deletes.filter(({ path }) => stateAt(this.#root, path).kind === 'gone').length;
    if (gone < FILES_MIN) return [];
    const there = pathsBelow(this.#root).filter((path) => lstatSync(join(this.#root, path)).isFile()).length;
    if (gone <= SHARE * (there + gone) || this.#isAgreed()) return [];
    return [`${gone} of ${there + gone} files are journalled as deleted, and nobody has agreed`];
  }

  #isAgreed(): boolean {
    this.#agreements = this.#agreements.filter(({ by, until }) => by?.ended !== true && until >= this.#scheduler.now);
    return this.#agreements.length > 0;
  }
}

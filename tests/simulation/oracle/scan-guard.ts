import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Process } from '../process.ts';
import type { Scheduler } from '../scheduler.ts';
import { parentOf, type Row } from './journal-model.ts';
import { pathsBelow, stateAt } from './tree.ts';

/** Who journals what was changed without FTP. */
export const SCAN = 'scan';
/** So many files, and more than this share of them, nobody may take for deleted by himself: somewhat more than the guard asks about. */
const FILES_MIN = 12;
const SHARE = 0.6;
/** What has come back a moment before it is journalled as gone may not have been seen. */
const UNSEEN_MILLIS = 200;

/** A person has agreed to whatever is missing, as long as this process reads the tree. */
interface Agreement {
  readonly by: Process | undefined;
  /** Simulated time. */
  until: number;
}

/**
 * SPEC §4: an emptied or unmounted folder of a master is not journalled as so many deletes before a person has agreed. And §11: what stands
 * there is not journalled as gone, whether it can be read or not.
 */
export class ScanGuard {
  readonly #root: string;
  readonly #scheduler: Scheduler;
  #agreements: Agreement[] = [];
  /** By path: when its name was made, or taken away, last. Simulated time. */
  readonly #changedAt = new Map<string, number>();

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

  /** An absolute path of the master's folder, or of another one. */
  changed(absolute: string): void {
    if (absolute.startsWith(`${this.#root}/`))
      this.#changedAt.set(absolute.slice(this.#root.length + 1), this.#scheduler.now);
  }

  /** What of the rows that a step has journalled must not be so. `tree`: what the journal holds after them. */
  journalled(rows: readonly Row[], tree: ReadonlyMap<string, unknown>): string[] {
    const wrong = rows.filter(
      ({ account, op, path }) =>
        account === SCAN && (op === 'delete' || op === 'rmdir') && !tree.has(path) && this.#stands(path),
    );
    return [...this.#many(rows), ...wrong.map(({ op, path }) => `${op} ${path} is journalled, and it stands there`)];
  }

  #many(rows: readonly Row[]): string[] {
    const deletes = rows.filter(({ account, op }) => account === SCAN && op === 'delete');
    const gone = deletes.filter(({ path }) => stateAt(this.#root, path).kind === 'gone').length;
    if (gone < FILES_MIN) return [];
    const there = pathsBelow(this.#root).filter((path) => lstatSync(join(this.#root, path)).isFile()).length;
    if (gone <= SHARE * (there + gone) || this.#isAgreed()) return [];
    return [`${gone} of ${there + gone} files are journalled as deleted, and nobody has agreed`];
  }

  /** For longer than a look takes. */
  #stands(path: string): boolean {
    if (stateAt(this.#root, path).kind === 'gone') return false;
    const since = this.#scheduler.now - UNSEEN_MILLIS;
    for (let at = path; at !== ''; at = parentOf(at)) if ((this.#changedAt.get(at) ?? 0) > since) return false;
    return true;
  }

  #isAgreed(): boolean {
    this.#agreements = this.#agreements.filter(({ by, until }) => by?.ended !== true && until >= this.#scheduler.now);
    return this.#agreements.length > 0;
  }
}

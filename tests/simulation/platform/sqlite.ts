import * as real from 'node:sqlite';
import { simulation } from '../current.ts';
import type { Process } from '../process.ts';
import { onCommit } from './commits.ts';

/** In the place of `node:sqlite`: the same, but a database goes with its process, and what is committed is noticed. */
export * from 'node:sqlite';

export class DatabaseSync extends real.DatabaseSync {
  readonly #process: Process | undefined;
  readonly #forget: (() => void) | undefined;

  constructor(path: string, options?: real.DatabaseSyncOptions) {
    super(path, options);
    this.#process = simulation().scheduler.process;
    this.#forget = this.#process?.atEnd(() => {
      if (this.isOpen) super.close();
    });
  }

  override exec(sql: string): void {
    super.exec(sql);
    if (sql === 'COMMIT') onCommit(this.#process);
  }

  override close(): void {
    this.#forget?.();
    super.close();
  }
}

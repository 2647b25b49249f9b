import { closeDatabasesOf } from './disk/node-sqlite.ts';
import { Generation } from './generation.ts';

/** A run of an install on a simulated machine, from its start to its end, whatever ends it; or a client, which never ends. */
export class Process {
  readonly name: string;
  /** Its address in the simulated network. */
  readonly host: string;
  /** Its wall clock less the true one, in milliseconds. */
  clockAhead = 0;
  /** When its machine was started: simulated time, in milliseconds. */
  bootedAt = 0;
  endedBy: 'crash' | 'power' | undefined;
  readonly generation: Generation;
  readonly #atEnd = new Set<() => void>();

  constructor(name: string, host: string) {
    this.name = name;
    this.host = host;
    this.generation = new Generation(name);
  }

  get ended(): boolean {
    return this.endedBy !== undefined;
  }

  /** From now on nothing of it runs any more. */
  end(by: 'crash' | 'power'): void {
    if (this.endedBy) return;
    this.endedBy = by;
    this.generation.end();
    closeDatabasesOf(this.generation);
    for (const close of this.#atEnd) close();
    this.#atEnd.clear();
  }

  /** What the operating system would do for a process that is gone. Returns how to forget it. */
  atEnd(close: () => void): () => void {
    this.#atEnd.add(close);
    return () => this.#atEnd.delete(close);
  }
}

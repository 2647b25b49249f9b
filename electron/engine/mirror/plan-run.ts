import type { Parts } from '../core/in-parts.ts';
import type { Store } from '../store/open.ts';

export interface PlanRunOptions<T> {
  readonly store: Store;
  readonly parts: Parts<T>;
  /** `took`: the time that its parts took together, in milliseconds. */
  readonly onDone: (result: T, took: number) => void;
  /** Calls what goes on later, and sees to what it throws. */
  readonly safely: (work: () => void) => void;
}

/** Others have their turn after so long. */
const TURN_MILLIS = 10;

/** Works that may take long are done a part at a time, so that the event loop answers others in between. What is short is done at once. */
export class PlanRun<T> {
  readonly #options: PlanRunOptions<T>;
  #took = 0;
  #next: NodeJS.Immediate | undefined;

  constructor(options: PlanRunOptions<T>) {
    this.#options = options;
  }

  /** Until it is done, or others have their turn. */
  advance(): void {
    const { store, parts, onDone, safely } = this.#options;
    this.#next = undefined;
    const started = performance.now();
    let took = 0;
    const result = store.reading(() => {
      for (;;) {
        const part = parts.next();
        took = performance.now() - started;
        if (part.done || took >= TURN_MILLIS) return part;
      }
    });
    this.#took += took;
    if (result.done) onDone(result.value, this.#took);
    else this.#next = setImmediate(() => safely(() => this.advance()));
  }

  stop(): void {
    clearImmediate(this.#next);
  }
}

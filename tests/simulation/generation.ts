import { AsyncLocalStorage } from 'node:async_hooks';

const running = new AsyncLocalStorage<Generation>();

/**
 * The life of one simulated machine from its start to the loss of power. What its code starts (timers, promises, callbacks)
 * belongs to it. Once it has ended nothing of it has an effect any more: asynchronous calls on the simulated machine never
 * come back, synchronous ones throw `PowerLost`.
 */
export class Generation {
  readonly name: string;
  #ended = false;

  constructor(name: string) {
    this.name = name;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Power is lost. */
  end(): void {
    this.#ended = true;
  }

  run<T>(work: () => T): T {
    return running.run(this, work);
  }
}

/** Thrown at code that runs on after its machine has stopped; it has nowhere to go with it. */
export class PowerLost extends Error {
  constructor(name: string) {
    super(`${name} has no power`);
    this.name = 'PowerLost';
  }
}

/** What the simulation itself does, also where a machine's code has led to it: it does not end with that machine. */
export function outside<T>(work: () => T): T {
  return running.exit(work);
}

/** The generation whose code is running; undefined: the simulation's own. */
export function currentGeneration(): Generation | undefined {
  return running.getStore();
}

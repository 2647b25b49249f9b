import { currentGeneration } from '../../generation.ts';
import type { Cancellable, Loop } from './loop.ts';

let loop: Loop | undefined;

/** The time that the globals tell, from now on. */
export function useLoop(used: Loop): void {
  loop = used;
}

export function currentLoop(): Loop {
  if (!loop) throw new TypeError('there is no time yet');
  return loop;
}

const bootedAt = new WeakMap<object, number>();

/** The machine that a generation lives on has just been started. */
export function noteBoot(generation: object): void {
  bootedAt.set(generation, currentLoop().now);
}

/** Seconds since the machine was started whose code is running. */
export function uptime(): number {
  const generation = currentGeneration();
  return ((generation && currentLoop().now - (bootedAt.get(generation) ?? 0)) ?? 0) / 1000;
}

class Timer {
  readonly #delay: number;
  readonly #run: () => void;
  readonly #repeats: boolean;
  #event: Cancellable;

  constructor(delay: number, run: () => void, repeats: boolean) {
    this.#delay = Math.max(1, delay);
    this.#run = run;
    this.#repeats = repeats;
    this.#event = this.#start();
  }

  cancel(): void {
    this.#event.cancel();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  refresh(): this {
    this.cancel();
    this.#event = this.#start();
    return this;
  }

  [Symbol.dispose](): void {
    this.cancel();
  }

  #start(): Cancellable {
    return currentLoop().after(this.#delay, () => {
      if (this.#repeats) this.#event = this.#start();
      this.#run();
    });
  }
}

class Immediate {
  readonly #event: Cancellable;

  constructor(run: () => void) {
    this.#event = currentLoop().after(0, run);
  }

  cancel(): void {
    this.#event.cancel();
  }
}

type Task = (...values: unknown[]) => void;

function cancel(timer: unknown): void {
  if (timer instanceof Timer || timer instanceof Immediate) timer.cancel();
}

/** All timers and clocks of this process are simulated from now on. */
export function installTime(): void {
  const own = {
    setTimeout: (task: Task, delay = 1, ...values: unknown[]) => new Timer(delay, () => task(...values), false),
    setInterval: (task: Task, delay = 1, ...values: unknown[]) => new Timer(delay, () => task(...values), true),
    setImmediate: (task: Task, ...values: unknown[]) => new Immediate(() => task(...values)),
    clearTimeout: cancel,
    clearInterval: cancel,
    clearImmediate: cancel,
  };
  Object.assign(globalThis, own);
  Date.now = () => Math.floor(currentLoop().now);
  performance.now = () => currentLoop().now;
}

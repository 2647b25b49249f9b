import { simulationOrNone } from '../current.ts';
import type { Scheduled } from '../scheduler.ts';

/** A timer of the simulated clock, with what the engine uses of Node's. */
class SimulatedTimer {
  scheduled: Scheduled;
  readonly #again: () => Scheduled;
  #cleared = false;

  constructor(start: () => Scheduled) {
    this.#again = start;
    this.scheduled = start();
  }

  /** Begins anew, also where it is over already, as Node's do. */
  refresh(): this {
    if (this.#cleared) return this;
    this.scheduled.cancel();
    this.scheduled = this.#again();
    return this;
  }

  clear(): void {
    this.#cleared = true;
    this.scheduled.cancel();
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
}

/** A turn of the event loop takes a moment of simulated time: what polls in turns sees time go by. */
const TURN_MILLIS = 0.01;
const LONGEST_MILLIS = 2 ** 31 - 1;
type Work = (...values: unknown[]) => void;

/** Puts clock, timers and chance of the simulation in the place of Node's, for code that runs in a simulation. */
export function installGlobals(): void {
  const real = {
    now: Date.now.bind(Date),
    performance: performance.now.bind(performance),
    random: Math.random.bind(Math),
    setTimeout: globalThis.setTimeout,
    setInterval: globalThis.setInterval,
    setImmediate: globalThis.setImmediate,
    clearTimeout: globalThis.clearTimeout,
    clearImmediate: globalThis.clearImmediate,
  };
  Date.now = () => simulationOrNone()?.scheduler.wallClock() ?? real.now();
  performance.now = () => simulationOrNone()?.scheduler.now ?? real.performance();
  Math.random = () => simulationOrNone()?.engineRandom.number() ?? real.random();
  const clear =
    (otherwise: (timer: never) => void) =>
    (timer: unknown): void => {
      if (timer instanceof SimulatedTimer) timer.clear();
      else otherwise(timer as never);
    };
  Object.assign(globalThis, {
    setTimeout: (work: Work, millis = 1, ...values: unknown[]) =>
      startTimer(work, millis, values) ?? real.setTimeout(work, millis, ...values),
    setInterval: (work: Work, millis = 1, ...values: unknown[]) =>
      startInterval(work, millis, values) ?? real.setInterval(work, millis, ...values),
    setImmediate: (work: Work, ...values: unknown[]) => {
      const scheduler = simulationOrNone()?.scheduler;
      return scheduler
        ? new SimulatedTimer(() => scheduler.after(TURN_MILLIS, 'turn', () => work(...values)))
        : real.setImmediate(work, ...values);
    },
    clearTimeout: clear(real.clearTimeout),
    clearInterval: clear(real.clearTimeout),
    clearImmediate: clear(real.clearImmediate),
  });
}

function startTimer(work: Work, millis: number, values: unknown[]): SimulatedTimer | undefined {
  const scheduler = simulationOrNone()?.scheduler;
  return scheduler && new SimulatedTimer(() => scheduler.after(delayOf(millis), 'timer', () => work(...values)));
}

function startInterval(work: Work, millis: number, values: unknown[]): SimulatedTimer | undefined {
  const scheduler = simulationOrNone()?.scheduler;
  if (!scheduler) return undefined;
  const delay = delayOf(millis);
  const start = (): Scheduled =>
    scheduler.after(delay, 'interval', () => {
      timer.scheduled = start();
      work(...values);
    });
  const timer: SimulatedTimer = new SimulatedTimer(start);
  return timer;
}

/** As Node's timers: at least a millisecond, and one where it is too long for them. */
function delayOf(millis: number): number {
  return millis >= 1 && millis <= LONGEST_MILLIS ? Math.trunc(millis) : 1;
}

import { SeededRandom } from './random.ts';
import type { Process } from './process.ts';
import { realSetImmediate } from './real.ts';

/** Something that happens at a moment of simulated time, to one process or to the world. */
interface Event {
  readonly at: number;
  readonly order: number;
  readonly label: string;
  readonly process: Process | undefined;
  readonly run: () => void;
  cancelled: boolean;
}

export interface Scheduled {
  cancel(): void;
  readonly due: boolean;
}

/** 1 November 2026. */
const EPOCH = 1_793_491_200_000;
const REMEMBERED = 60;
const STEPS_A_TURN = 100;

/**
 * The simulated time. Events are run one at a time in the order of their moments; after each of them all promises and ticks
 * are worked off, so that a step is over before the next begins. What belongs to a process that has ended never runs.
 */
export class Scheduler {
  readonly random: SeededRandom;
  /** Milliseconds since the start, with fractions. */
  now = 0;
  /** Events that were run. */
  steps = 0;
  /** Whose code runs at the moment; undefined: the world's own. */
  process: Process | undefined;
  /** Called after each step. */
  afterStep: ((process: Process | undefined) => void) | undefined;
  failure: Error | undefined;
  readonly #trace: ((line: string) => void) | undefined;
  readonly #heap: Event[] = [];
  readonly #last: string[] = [];
  /** It is under way. */
  #step: Event | undefined;
  #order = 0;
  #hash = 0x811c9dc5;

  constructor(seed: string, trace?: (line: string) => void) {
    this.random = new SeededRandom(`scheduler ${seed}`);
    this.#trace = trace;
  }

  /** The same for two runs that did the same. */
  get hash(): string {
    return `${(this.#hash >>> 0).toString(16).padStart(8, '0')}-${this.steps}`;
  }

  wallClock(process = this.process): number {
    return Math.floor(EPOCH + this.now + (process?.clockAhead ?? 0));
  }

  /** For the process whose code runs, for another, or for the world itself (null). */
  after(delay: number, label: string, run: () => void, process: Process | null | undefined = this.process): Scheduled {
    const event: Event = {
      at: this.now + Math.max(0, delay),
      order: (this.#order += 1),
      label,
      process: process ?? undefined,
      run,
      cancelled: false,
    };
    this.#push(event);
    return {
      cancel: () => {
        event.cancelled = true;
      },
      get due() {
        return !event.cancelled;
      },
    };
  }

  /** Runs what is due until then, or until something failed. */
  async runUntil(time: number): Promise<void> {
    while (this.#isDue(time)) await this.#turn(time);
    if (this.failure === undefined) this.now = Math.max(this.now, time);
  }

  #isDue(time: number): boolean {
    const first = this.#heap[0];
    return this.failure === undefined && first !== undefined && first.at <= time;
  }

  /**
   * Many steps in one turn of Node's loop. Between what `setImmediate` was given Node works off all promises and ticks, so each step ends
   * where the next one begins.
   */
  #turn(time: number): Promise<void> {
    return new Promise((resolve) => {
      const next = (): void => {
        this.#endStep();
        if (this.#isDue(time)) this.#beginStep();
      };
      for (let step = 0; step < STEPS_A_TURN; step += 1) realSetImmediate(next);
      realSetImmediate(() => {
        this.#endStep();
        resolve();
      });
    });
  }

  /** Notes what happened, for the trace and for whoever looks at a failure. */
  note(line: string): void {
    const text = `${this.now.toFixed(2).padStart(10)} ${this.process?.name ?? '-'}  ${line}`;
    this.#last.push(text);
    if (this.#last.length > REMEMBERED) this.#last.shift();
    this.#mix(line);
    this.#trace?.(text);
  }

  fail(error: unknown): void {
    this.failure ??=
      error instanceof Error ? error : new Error('something that is no error was thrown', { cause: error });
  }

  last(): readonly string[] {
    return this.#last;
  }

  #beginStep(): void {
    const event = this.#pop();
    if (event === undefined || event.cancelled || event.process?.ended === true) return;
    this.now = Math.max(this.now, event.at);
    event.cancelled = true;
    this.steps += 1;
    this.process = event.process;
    this.#step = event;
    this.#mix(event.label);
    this.#trace?.(`${this.now.toFixed(2).padStart(10)} ${event.process?.name ?? '-'}    ${event.label}`);
    try {
      if (event.process) event.process.generation.run(event.run);
      else event.run();
    } catch (error) {
      this.fail(error);
    }
  }

  /** All that it has led to is done. */
  #endStep(): void {
    const step = this.#step;
    if (step === undefined) return;
    this.#step = undefined;
    this.afterStep?.(step.process);
    this.process = undefined;
  }

  #mix(text: string): void {
    let hash = this.#hash ^ Math.floor(this.now * 1000);
    for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
    this.#hash = hash;
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (isBefore(heap[above] as Event, event)) break;
      heap[at] = heap[above] as Event;
      at = above;
    }
    heap[at] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1] as Event, heap[below] as Event)) below += 1;
      if (isBefore(last, heap[below] as Event)) break;
      heap[at] = heap[below] as Event;
      at = below;
    }
    heap[at] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

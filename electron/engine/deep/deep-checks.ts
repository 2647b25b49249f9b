import type { DeepReport } from '../../../shared/contract/deep.ts';
import { Lock } from '../core/lock.ts';
import { type CheckPlan, DeepCheck } from './deep-check.ts';

/** The thorough checks of an install: one a site, one at a time; the last of each site stays to be read. */
export class DeepChecks {
  readonly #planOf: (site: string) => CheckPlan;
  readonly #now: () => number;
  readonly #lock = new Lock();
  readonly #checks = new Map<string, Entry>();
  #stopped = false;

  /** `planOf` throws where there is no such site, or it is not open. */
  constructor(planOf: (site: string) => CheckPlan, now: () => number) {
    this.#planOf = planOf;
    this.#now = now;
  }

  /** Begins a check, or joins the one that is under way. */
  start(site: string, mend: boolean): Entry {
    const running = this.#checks.get(site);
    if (running && !running.isOver) return running;
    const plan = this.#planOf(site);
    const entry = new Entry(site, mend, this.#now());
    this.#checks.set(site, entry);
    if (this.#stopped) entry.cancel();
    else void this.#lock.run(() => entry.run(plan, this.#now));
    return entry;
  }

  list(): DeepReport[] {
    return [...this.#checks.values()].map((entry) => entry.report());
  }

  /** Ends the check of a site, of all of them without a name. Those that have ended stay as they are. */
  async cancel(site?: string): Promise<void> {
    const meant = [...this.#checks].flatMap(([name, entry]) => (site === undefined || site === name ? [entry] : []));
    for (const entry of meant) entry.cancel();
    await Promise.all(meant.map((entry) => entry.over));
  }

  /** Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.cancel();
  }
}

/** One check, from when it was asked for: it may have to wait for the one of another site. */
class Entry {
  readonly over: Promise<void>;
  readonly #site: string;
  readonly #mend: boolean;
  readonly #at: number;
  #check: DeepCheck | undefined;
  #cancelled = false;
  #isOver = false;
  #ended: () => void = () => undefined;

  constructor(site: string, mend: boolean, at: number) {
    this.#site = site;
    this.#mend = mend;
    this.#at = at;
    this.over = new Promise((resolve) => (this.#ended = resolve));
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  async run(plan: CheckPlan, now: () => number): Promise<void> {
    if (!this.#cancelled) {
      this.#check = new DeepCheck(this.#site, plan, this.#mend, now);
      await this.#check.ended;
    }
    this.#end();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#cancelled = true;
    if (this.#check) void this.#check.cancel();
    else this.#end();
  }

  report(): DeepReport {
    if (this.#check) return this.#check.report();
    const none = { files: 0, of: 0, bytes: 0, moving: 0, mended: 0, counts: {}, differences: [], peers: [] };
    const state = this.#cancelled ? ('cancelled' as const) : ('running' as const);
    return { ...none, site: this.#site, state, phase: 'tree', mend: this.#mend, startedAt: this.#at };
  }

  #end(): void {
    this.#isOver = true;
    this.#ended();
  }
}

import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import type { Hook, HookStatus } from '../../../shared/contract/hooks.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Clock, Logger } from '../ports.ts';
import type { HookEvents, Queued } from '../store/hook-events.ts';
import type { HookEvent } from '../../../shared/contract/hook-event.ts';
import { postEvent, originOf } from './post-event.ts';
import { runCommand } from './run-command.ts';

export interface HookQueueOptions {
  readonly hook: Hook;
  readonly events: HookEvents;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Nothing of this site is told now. */
  readonly isAway: (site: string) => boolean;
  readonly onChange: () => void;
  /** Waits before the second attempt and those after it, in milliseconds; then an event is given up. */
  readonly delays?: readonly number[];
}

const DELAYS = [1_000, 5_000, 30_000, 120_000, 600_000];
/** Of more the oldest are given up: what a hook is for is rarely worth more room. */
export const HOOK_EVENTS_MAX = 1_000;
export const HOOK_BYTES_MAX = 16_000_000;

/** By which a hook is known again: whatever of it is changed makes another one. */
export function keyOf(hook: Hook): string {
  return createHash('sha256').update(JSON.stringify(hook)).digest('hex');
}

/**
 * The events of one hook, one after the other and apart from all others: nothing waits for a hook. They stand in the store until they
 * are taken or given up: after a crash one that was just taken is told once more, with the same id.
 */
export class HookQueue {
  readonly key: string;
  readonly #options: HookQueueOptions;
  #queue: Queued[];
  #bytes: number;
  readonly #ending = new AbortController();
  #working: Promise<void> | undefined;
  #underWay: Queued | undefined;
  #lost = 0;
  #failing: HookStatus['failing'];

  constructor(options: HookQueueOptions) {
    this.#options = options;
    this.key = keyOf(options.hook);
    this.#queue = options.events.of(this.key);
    this.#bytes = this.#queue.reduce((sum, { bytes }) => sum + bytes, 0);
    this.wake();
  }

  get hook(): Hook {
    return this.#options.hook;
  }

  get status(): HookStatus {
    const { on, command, url } = this.hook;
    const target = url === undefined ? (command?.[0] ?? '') : originOf(url);
    const failing = this.#failing;
    return { on, target, queued: this.#queue.length, lost: this.#lost, ...(failing && { failing }) };
  }

  wants(event: HookEvent): boolean {
    const { on, site } = this.hook;
    return event.event === on && (site === undefined || site === event.site);
  }

  /** It stands in the store already. */
  add(event: Queued): void {
    if (this.#ending.signal.aborted) return;
    this.#queue.push(event);
    this.#bytes += event.bytes;
    this.#giveUpOldest();
    this.wake();
  }

  /** A site may not be away any more. */
  wake(): void {
    this.#working ??= this.#work().then(() => {
      this.#working = undefined;
      // It came when there was nothing left, and this was not over yet.
      if (this.#next()) this.wake();
    });
  }

  /** Idempotent. What is under way is broken off, and told again after the next start. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let event = this.#next(); event; event = this.#next()) {
      this.#underWay = event;
      const isOver = await this.#tell(event);
      this.#underWay = undefined;
      if (!isOver) return;
      this.#drop([event]);
      this.#options.onChange();
    }
  }

  #next(): Queued | undefined {
    return this.#ending.signal.aborted ? undefined : this.#queue.find(({ site }) => !this.#options.isAway(site));
  }

  #giveUpOldest(): void {
    const given: Queued[] = [];
    let [count, bytes] = [this.#queue.length, this.#bytes];
    // The newest one is told, however large it is.
    for (const event of this.#queue.slice(0, -1)) {
      if (count <= HOOK_EVENTS_MAX && bytes <= HOOK_BYTES_MAX) break;
      if (event === this.#underWay) continue;
      given.push(event);
      count -= 1;
      bytes -= event.bytes;
    }
    this.#drop(given);
    this.#lost += given.length;
  }

  #drop(over: readonly Queued[]): void {
    if (over.length === 0) return;
    this.#queue = this.#queue.filter((event) => !over.includes(event));
    this.#bytes = this.#queue.reduce((sum, { bytes }) => sum + bytes, 0);
    const { events, logger } = this.#options;
    const ids = over.map(({ id }) => id);
    try {
      events.remove(this.key, ids);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.warn({ error: error.toJSON(), ids }, 'events of a hook may be told again after the next start');
    }
  }

  /** Until it is taken or given up; false: it was broken off, and is to be told after the next start. */
  async #tell({ id }: Queued): Promise<boolean> {
    const { events, clock, logger, onChange, delays = DELAYS } = this.#options;
    const { target } = this.status;
    const body = events.body(this.key, id);
    if (body === undefined) return true;
    for (const delay of [...delays, undefined]) {
      try {
        await this.#attempt(id, body);
        if (this.#failing) logger.info({ target }, 'a hook is well again');
        this.#failing = undefined;
        return true;
      } catch (thrown) {
        if (this.#ending.signal.aborted) return false;
        if (!(thrown instanceof AppError)) throw thrown;
        const error = thrown.toJSON();
        const again = thrown.code === 'hook.refused' ? undefined : delay;
        const since = this.#failing?.since ?? clock.now();
        this.#failing = { since, error, ...(again !== undefined && { nextAttemptAt: clock.now() + again }) };
        if (again === undefined) this.#lost += 1;
        logger[again === undefined ? 'error' : 'warn'](
          { target, error, id },
          again === undefined ? 'a hook was given up' : 'a hook failed',
        );
        onChange();
        if (again === undefined) return true;
        await pause(again, this.#ending.signal);
        if (this.#ending.signal.aborted) return false;
      }
    }
    return true;
  }

  #attempt(id: string, body: string): Promise<void> {
    const { hook, dataDir, clock } = this.#options;
    const { on, command, url, secretFile, timeoutSeconds } = hook;
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(timeoutSeconds * 1000)]);
    if (command) return runCommand(command, `${body}\n`, signal);
    const secret = secretFile === undefined || isAbsolute(secretFile) ? secretFile : join(dataDir, secretFile);
    return postEvent({ url: url ?? '', body, event: on, id, secretFile: secret, at: clock.now(), signal });
  }
}

function pause(millis: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, millis);
    signal.addEventListener('abort', end);
  });
}

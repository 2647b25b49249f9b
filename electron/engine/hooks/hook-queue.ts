import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import type { Hook, HookStatus } from '../../../shared/contract/hooks.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Clock, Logger } from '../ports.ts';
import type { HookEvents } from '../store/hook-events.ts';
import type { HookEvent } from './hook-event.ts';
import { postEvent, originOf } from './post-event.ts';
import { runCommand } from './run-command.ts';

export interface HookQueueOptions {
  readonly hook: Hook;
  readonly events: HookEvents;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onChange: () => void;
  /** Waits before the second attempt and those after it, in milliseconds; then an event is given up. */
  readonly delays?: readonly number[];
}

const DELAYS = [1_000, 5_000, 30_000, 120_000, 600_000];
/** Of more the oldest are dropped: what a hook is for is rarely worth more memory. */
export const HOOK_EVENTS_MAX = 1_000;

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
  readonly #queue: HookEvent[];
  readonly #ending = new AbortController();
  #working: Promise<void> | undefined;
  #lost = 0;
  #failing: HookStatus['failing'];

  constructor(options: HookQueueOptions) {
    this.#options = options;
    this.key = keyOf(options.hook);
    this.#queue = options.events.of(this.key);
    this.#wake();
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
  add(event: HookEvent): void {
    if (this.#ending.signal.aborted) return;
    this.#queue.push(event);
    // The first is under way.
    if (this.#queue.length > HOOK_EVENTS_MAX) {
      this.#queue.splice(1, 1).forEach(({ id }) => this.#isOver(id));
      this.#lost += 1;
    }
    this.#wake();
  }

  /** Idempotent. What is under way is broken off, and told again after the next start. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#working;
  }

  #wake(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  async #work(): Promise<void> {
    for (let event = this.#queue[0]; event; event = this.#queue[0]) {
      await this.#tell(event);
      if (this.#ending.signal.aborted) return;
      this.#queue.shift();
      this.#isOver(event.id);
      this.#options.onChange();
    }
  }

  #isOver(id: string): void {
    const { events, logger } = this.#options;
    try {
      events.remove(this.key, id);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      logger.warn({ error: error.toJSON(), id }, 'an event of a hook may be told again after the next start');
    }
  }

  /** Until it is taken or given up. */
  async #tell(event: HookEvent): Promise<void> {
    const { clock, logger, onChange, delays = DELAYS } = this.#options;
    const { target } = this.status;
    for (const delay of [...delays, undefined]) {
      try {
        await this.#attempt(event);
        if (this.#failing) logger.info({ target }, 'a hook is well again');
        this.#failing = undefined;
        return;
      } catch (thrown) {
        if (this.#ending.signal.aborted) return;
        if (!(thrown instanceof AppError)) throw thrown;
        const error = thrown.toJSON();
        const again = thrown.code === 'hook.refused' ? undefined : delay;
        const since = this.#failing?.since ?? clock.now();
        this.#failing = { since, error, ...(again !== undefined && { nextAttemptAt: clock.now() + again }) };
        if (again === undefined) this.#lost += 1;
        logger[again === undefined ? 'error' : 'warn'](
          { target, error, id: event.id },
          again === undefined ? 'a hook was given up' : 'a hook failed',
        );
        onChange();
        if (again === undefined) return;
        await pause(again, this.#ending.signal);
        if (this.#ending.signal.aborted) return;
      }
    }
  }

  #attempt(event: HookEvent): Promise<void> {
    const { hook, dataDir, clock } = this.#options;
    const { command, url, secretFile, timeoutSeconds } = hook;
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(timeoutSeconds * 1000)]);
    const body = JSON.stringify(event);
    if (command) return runCommand(command, `${body}\n`, signal);
    const secret = secretFile === undefined || isAbsolute(secretFile) ? secretFile : join(dataDir, secretFile);
    return postEvent({
      url: url ?? '',
      body,
      event: event.event,
      id: event.id,
      secretFile: secret,
      at: clock.now(),
      signal,
    });
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

import { readFileSync } from 'node:fs';

/** Events may have been dropped by the system: nothing says so, but so many come at once only then. */
export class OverflowError extends Error {}

/**
 * Notices when the kernel's queue has probably overflowed (inotify(7): IN_Q_OVERFLOW, which libuv passes over): one for all
 * watches of a process. It is read to its end within one turn of the event loop, so a turn with a good part of it was one that
 * came too late.
 */
export class EventQueue {
  readonly #limit = queueLength() / 4;
  readonly #watches = new Set<(error: OverflowError) => void>();
  #events = 0;
  #turn: NodeJS.Immediate | undefined;

  /** `overflowed`: it may have missed something. */
  join(overflowed: (error: OverflowError) => void): void {
    this.#watches.add(overflowed);
  }

  leave(overflowed: (error: OverflowError) => void): void {
    this.#watches.delete(overflowed);
    if (this.#watches.size > 0) return;
    clearImmediate(this.#turn);
    this.#turn = undefined;
    this.#events = 0;
  }

  /** An event has come. */
  count(): void {
    this.#events += 1;
    this.#turn ??= setImmediate(() => {
      const events = this.#events;
      this.#events = 0;
      this.#turn = undefined;
      if (events <= this.#limit) return;
      for (const overflowed of [...this.#watches]) overflowed(new OverflowError(`${events} events at once`));
    });
  }
}

/** Where the system does not say, as in a sandbox, what Linux has where nobody has set another. */
function queueLength(): number {
  try {
    return Number.parseInt(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'), 10) || 16_384;
  } catch {
    return 16_384;
  }
}

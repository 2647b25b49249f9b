import { currentLoop } from './time.ts';

/** In the place of `node:timers/promises`. */

interface Options {
  readonly signal?: AbortSignal;
}

export function setTimeout<T>(delay = 1, value?: T, { signal }: Options = {}): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const event = currentLoop().after(Math.max(1, delay), () => resolve(value));
    const abort = (): void => {
      event.cancel();
      reject(new DOMException('The operation was aborted', 'AbortError'));
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}

export function setImmediate<T>(value?: T): Promise<T | undefined> {
  return new Promise((resolve) => void currentLoop().after(0, () => resolve(value)));
}

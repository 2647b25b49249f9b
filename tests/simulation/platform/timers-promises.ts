/** In the place of `node:timers/promises`. */
interface Options {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}

export function setTimeout<T>(millis?: number, value?: T, { signal }: Options = {}): Promise<T | undefined> {
  return waiting(
    (done) => {
      const timer = globalThis.setTimeout(done, millis);
      return () => clearTimeout(timer);
    },
    value,
    signal,
  );
}

export function setImmediate<T>(value?: T, { signal }: Options = {}): Promise<T | undefined> {
  return waiting(
    (done) => {
      const timer = globalThis.setImmediate(done);
      return () => clearImmediate(timer);
    },
    value,
    signal,
  );
}

function waiting<T>(start: (done: () => void) => () => void, value: T | undefined, signal: AbortSignal | undefined) {
  return new Promise<T | undefined>((resolve, reject) => {
    const abort = (): void => {
      cancel?.();
      const error = new Error('The operation was aborted', { cause: signal?.reason });
      reject(Object.assign(error, { name: 'AbortError', code: 'ABORT_ERR' }));
    };
    let cancel: (() => void) | undefined;
    if (signal?.aborted === true) return abort();
    cancel = start(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Rejects an `Error('timeout')` where `work` takes longer than `millis`, and when `signal` gives it up; what becomes of it then is not waited for. */
export async function withDeadline<T>(work: Promise<T>, millis: number, signal?: AbortSignal): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('timeout')), millis);
  const giveUp = (): void => reject(new Error('given up'));
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}

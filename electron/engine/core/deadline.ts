/** Rejects an `Error('timeout')` where `work` takes longer than `millis`; what becomes of it then is not waited for. */
export async function withDeadline<T>(work: Promise<T>, millis: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('timeout')), millis);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

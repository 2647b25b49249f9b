/** `next`, with every part of it that says the same as that of `before` being that of `before`: what shows it need not look again. */
export function share<T>(before: T | undefined, next: T): T {
  if (Object.is(before, next)) return next;
  if (Array.isArray(before) && Array.isArray(next)) {
    const shared: unknown[] = next.map((each: unknown, index) => share(before[index] as unknown, each));
    const isSame = shared.length === before.length && shared.every((each, index) => each === before[index]);
    // An array of the same elements is of the same type.
    return (isSame ? before : shared) as T;
  }
  if (!isRecord(before) || !isRecord(next)) return next;
  const keys = Object.keys(next);
  const shared = Object.fromEntries(keys.map((key) => [key, share(before[key], next[key])]));
  const isSame = keys.length === Object.keys(before).length && keys.every((key) => shared[key] === before[key]);
  return (isSame ? before : shared) as T;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Work that is done part by part: between two of them its caller may do something else. It returns what comes of it. */
export type Parts<T> = Generator<void, T, void>;

/** Things that are looked at in one part. One of them may be a page with as many references as a page may have. */
const PART = 32;
/** Things that are sorted in one part. */
const SORTED = 1_024;

/** All of it in one go. */
export function atOnce<T>(parts: Parts<T>): T {
  for (;;) {
    const part = parts.next();
    if (part.done) return part.value;
  }
}

export function* forEachPart<T>(items: Iterable<T>, work: (item: T, index: number) => void): Parts<void> {
  let index = 0;
  for (const item of items) {
    work(item, index);
    index += 1;
    if (index % PART === 0) yield;
  }
}

export function* mapParts<T, U>(items: Iterable<T>, make: (item: T, index: number) => U): Parts<U[]> {
  const made: U[] = [];
  yield* forEachPart(items, (item, index) => made.push(make(item, index)));
  return made;
}

/** Like `toSorted`: what is equal stays in its order. */
export function* sortParts<T>(items: readonly T[], compare: (a: T, b: T) => number): Parts<T[]> {
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += SORTED) {
    runs.push(items.slice(at, at + SORTED).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const longer: T[][] = [];
    for (let at = 0; at < runs.length; at += 2)
      longer.push(yield* mergeParts(runs[at] ?? [], runs[at + 1] ?? [], compare));
    runs = longer;
  }
  return runs[0] ?? [];
}

function* mergeParts<T>(one: readonly T[], other: readonly T[], compare: (a: T, b: T) => number): Parts<T[]> {
  const [last, first] = [one.at(-1), other[0]];
  if (last === undefined || first === undefined || compare(last, first) <= 0) return [...one, ...other];
  const merged: T[] = [];
  let [i, j] = [0, 0];
  for (;;) {
    const [a, b] = [one[i], other[j]];
    if (a === undefined && b === undefined) return merged;
    if (b === undefined || (a !== undefined && compare(a, b) <= 0)) {
      if (a !== undefined) merged.push(a);
      i += 1;
    } else {
      merged.push(b);
      j += 1;
    }
    if (merged.length % SORTED === 0) yield;
  }
}

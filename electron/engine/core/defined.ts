/** The same object with the keys that may be undefined as optional ones. */
type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Leaves out the keys whose value is undefined: for `exactOptionalPropertyTypes` and for short JSON. */
export function defined<T extends object>(value: T): Defined<T> {
  // Of each row that is read or told: a loop takes a third of the time that lists of entries take.
  const kept: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) if (each !== undefined) kept[key] = each;
  return kept as Defined<T>;
}

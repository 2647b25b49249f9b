/** From 0, below 1. The same seed gives the same numbers on every machine. */
export type Random = () => number;

export function pickFrom<T>(random: Random, values: readonly T[]): T {
  const value = values[Math.floor(random() * values.length)];
  if (value === undefined) throw new RangeError('nothing to pick from');
  return value;
}

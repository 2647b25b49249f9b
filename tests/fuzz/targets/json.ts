import type { Random } from '../random.ts';

/** Values that trip readers of JSON. */
const NASTY: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  8.64e15,
  '',
  ' ',
  '.',
  '..',
  '../x',
  '/etc/passwd',
  'a/../b',
  'a\\b',
  'C:/x',
  '.lockstep/x',
  '\0',
  '\ud800',
  'e\u0301',
  '日本',
  '__proto__',
  'constructor',
  '**/**/**/**/*x',
  '{a,{b,{c,d}}}',
  'x'.repeat(300),
  'y/'.repeat(200),
  'z'.repeat(70_000),
  [],
  {},
  [[]],
];

/** `value` with some of its leaves and branches replaced, removed, doubled or grown. */
export function mutateJson(value: unknown, random: Random, share = 0.1): unknown {
  if (random.chance(share)) return random.pick(NASTY);
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => {
      if (random.chance(share)) return [];
      const changed = mutateJson(item, random, share);
      return random.chance(share) ? Array<unknown>(1 + random.below(repeats(changed))).fill(changed) : [changed];
    });
    return items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, item]): [string, unknown][] => {
    if (random.chance(share / 2)) return [];
    const name = random.chance(share / 4) ? random.pick(['__proto__', 'constructor', 'type', 'x', '']) : key;
    return [[name, mutateJson(item, random, share)]];
  });
  if (random.chance(share / 2)) entries.push([random.pick(['extra', '__proto__', 'toString']), random.pick(NASTY)]);
  return Object.fromEntries(entries);
}

/** As often as may be without a text that is nothing but long. */
function repeats(value: unknown): number {
  return Math.max(1, Math.min(300, Math.floor(LENGTH_MAX / JSON.stringify(value ?? null).length)));
}

const LENGTH_MAX = 100_000;

export function nest(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

/**
 * Matches a pattern of `*`, `?`, `**`, `[a-z]` and `{a,b}` in time that grows with pattern times path: whoever names files, or
 * sends patterns, must not be able to keep the engine busy, as one can with a regular expression that tries all ways. Undefined:
 * it has other signs.
 */
export function compileWildcards(glob: string): ((path: string) => boolean) | undefined {
  if (ESCAPED_SLASH.test(glob) || SIGN_IN_SET.test(glob)) return undefined;
  const globs = withoutBraces(glob);
  if (globs === undefined || globs.some((each) => OTHER_SIGNS.test(each.replace(ESCAPE, 'x')))) return undefined;
  // What is below a folder is not the folder itself.
  const patterns = globs.map((each) =>
    each
      .replace(/\/\*\*$/, '/*/**')
      .split('/')
      .map(segmentOf),
  );
  return (path) => {
    const segments = path.split('/');
    return patterns.some((pattern) => matchesInOrder(pattern, segments, ACROSS, matchesSegment));
  };
}

/** Patterns with other signs become regular expressions: with so few of these none takes long, whatever the name. */
export const STARS_MAX = 3;
/** Ways to choose among alternatives, all of which may be tried. For each star a quarter. */
export const WAYS_MAX = 4096;

/** True for a pattern that some name would keep busy. */
export function isCostly(glob: string): boolean {
  const stars = glob.match(/\*/g)?.length ?? 0;
  return (stars > STARS_MAX || waysOf(glob) * 4 ** stars > WAYS_MAX) && compileWildcards(glob) === undefined;
}

/** At most so many; what stands within brackets of a set is counted as well. */
function waysOf(glob: string): number {
  const open: number[] = [];
  let ways = 1;
  for (const sign of glob.match(/\\.|\)\?|[(){}|,]/gs) ?? []) {
    if (sign.startsWith('\\')) continue;
    if (sign === '(' || sign === '{') open.push(1);
    else if (sign !== '|' && sign !== ',') ways *= (open.pop() ?? 1) * (sign === ')?' ? 2 : 1);
    else if (open.length > 0) open.push((open.pop() ?? 0) + 1);
  }
  return open.reduce((product, count) => product * count, ways);
}

/** What braces stand for is written out up to this many patterns. */
const ALTERNATIVES_MAX = 64;
const ACROSS = '**';
/** Of `**` within a name picomatch has an opinion of its own. */
const OTHER_SIGNS = /[(){}|]|^!|[^/]\*\*|\*\*[^/]/;
const BRACES = /((?<!\\)\{(?:[^{}\\]|\\.)*,(?:[^{}\\]|\\.)*\})/s;
const ESCAPE = /\\./gs;
const ESCAPED_SLASH = /\\(?:\/|$)/;
/** It would be divided there. */
const SIGN_IN_SET = /(?<!\\)\[[!^]?\]?[^\]]*[{},/()|*\\[]/;

/** One segment of a pattern: of letters, `*` and `?`; or with sets and escapes. */
type Segment = string | readonly Sign[];
type Sign = '*' | { readonly is: string } | { readonly not: boolean; readonly ranges: readonly Range[] };
type Range = readonly [from: string, to: string];

function segmentOf(pattern: string): Segment {
  if (!/[[\\]/.test(pattern)) return pattern;
  const signs: Sign[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const letter = pattern.charAt(at);
    if (letter === '*') signs.push('*');
    else if (letter === '?') signs.push({ not: true, ranges: [] });
    else if (letter === '\\') signs.push({ is: pattern.charAt((at += 1)) });
    else if (letter === '[') {
      const not = /^[!^]/.test(pattern.slice(at + 1));
      const first = at + (not ? 2 : 1);
      // A `]` that stands first belongs to the set.
      const end = pattern.indexOf(']', first + 1);
      signs.push(end < 0 ? { is: letter } : { not, ranges: rangesOf(pattern.slice(first, end)) });
      if (end >= 0) at = end;
    } else signs.push({ is: letter });
  }
  return signs;
}

function rangesOf(set: string): Range[] {
  return [...set.matchAll(/(.)-(.)|(.)/gs)].map(([, from, to, one = '']): Range => [from ?? one, to ?? one]);
}

function matchesSegment(pattern: Segment, segment: string): boolean {
  if (typeof pattern !== 'string') return matchesInOrder(pattern, segment, '*', matchesSign);
  return pattern === segment || matchesInOrder(pattern, segment, '*', (one, other) => one === '?' || one === other);
}

function matchesSign(sign: Sign, letter: string): boolean {
  if (sign === '*') return false;
  if ('is' in sign) return sign.is === letter;
  return sign.ranges.some(([from, to]) => from <= letter && letter <= to) !== sign.not;
}

/** `any` stands for any number of items. Going back to the last one is enough: what an earlier one takes more, that one takes too. */
function matchesInOrder<P>(
  pattern: ArrayLike<P>,
  items: ArrayLike<string>,
  any: P,
  matches: (one: P, other: string) => boolean,
): boolean {
  let [at, item, lastAny, lastItem] = [0, 0, -1, 0];
  while (item < items.length) {
    const one = pattern[at];
    if (one === any) {
      [lastAny, lastItem] = [at, item];
      at += 1;
    } else if (one !== undefined && matches(one, items[item] ?? '')) {
      at += 1;
      item += 1;
    } else if (lastAny >= 0) {
      lastItem += 1;
      [at, item] = [lastAny + 1, lastItem];
    } else {
      return false;
    }
  }
  while (pattern[at] === any) at += 1;
  return at === pattern.length;
}

/** Undefined: braces within braces, ranges, or too many. */
function withoutBraces(glob: string): string[] | undefined {
  let found = [''];
  for (const part of glob.split(BRACES)) {
    const alternatives = BRACES.test(part) ? part.slice(1, -1).split(/(?<!\\),/) : [part];
    found = found.flatMap((start) => alternatives.map((alternative) => start + alternative));
    if (found.length > ALTERNATIVES_MAX) return undefined;
  }
  return found;
}

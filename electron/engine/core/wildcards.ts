/**
 * Matches a pattern of `*`, `?`, `**` and `{a,b}` in time that grows with pattern times path: whoever names files must not
 * be able to keep the engine busy, as one can with a regular expression that tries all ways. Undefined: it has other signs.
 */
export function compileWildcards(glob: string): ((path: string) => boolean) | undefined {
  const globs = withoutBraces(glob);
  if (globs === undefined || globs.some((each) => OTHER_SIGNS.test(each))) return undefined;
  // What is below a folder is not the folder itself.
  const patterns = globs.map((each) => each.replace(/\/\*\*$/, '/*/**').split('/'));
  return (path) => {
    const segments = path.split('/');
    return patterns.some((pattern) => matchesInOrder(pattern, segments, ACROSS, matchesSegment));
  };
}

/** What braces stand for is written out up to this many patterns. */
const ALTERNATIVES_MAX = 64;
const ACROSS = '**';
/** Of `**` within a name picomatch has an opinion of its own. */
const OTHER_SIGNS = /[[\](){}!+@|\\,]|[^/]\*\*|\*\*[^/]/;

function matchesSegment(pattern: string, segment: string): boolean {
  return pattern === segment || matchesInOrder(pattern, segment, '*', (one, other) => one === '?' || one === other);
}

/** `any` stands for any number of items. Going back to the last one is enough: what an earlier one takes more, that one takes too. */
function matchesInOrder(
  pattern: ArrayLike<string>,
  items: ArrayLike<string>,
  any: string,
  matches: (one: string, other: string) => boolean,
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
  for (const part of glob.split(/(\{[^{}]*,[^{}]*\})/)) {
    const alternatives = /^\{.*\}$/s.test(part) ? part.slice(1, -1).split(',') : [part];
    found = found.flatMap((start) => alternatives.map((alternative) => start + alternative));
    if (found.length > ALTERNATIVES_MAX) return undefined;
  }
  return found;
}

import type { Link } from './link.ts';

/** A name in one of the two columns, with its place in it from the top. */
export interface GraphNode {
  readonly name: string;
  readonly row: number;
  readonly missing: boolean;
  /** Of a page: it is in a circle, so that it appears at once with all that are in it. */
  readonly circle: boolean;
  /** Lines that end there. */
  readonly lines: number;
}

export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  readonly kind: Link['kind'];
  readonly missing: boolean;
  /** It ends where very many do: together they would cover all the others. */
  readonly toHub: boolean;
}

export interface GraphPlan {
  readonly pages: readonly GraphNode[];
  readonly targets: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Names for which there was no room. */
  readonly left: number;
}

/** From so many lines on a name is a hub, as a style sheet that every page has. */
export const HUB_LINES = 12;

/** Sweeps over the columns that take out crossings; more of them move next to nothing. */
const SWEEPS = 4;

/**
 * Pages on the left, what they link to on the right, each column so ordered that few lines cross; at most `room` in each. Where there
 * is not room for all, what needs a look comes first: links that lead nowhere, those set by hand, circles.
 */
export function planGraph(links: readonly Link[], room: number): GraphPlan {
  const circles = inCircles(links);
  const urgent = links.toSorted((one, other) => urgency(one, circles) - urgency(other, circles));
  const pageNames = [...new Set(urgent.map(({ page }) => page))];
  const targetNames = [...new Set(links.map(({ target }) => target))];
  const pages = new Set(pageNames.slice(0, room));
  const shown = urgent.filter(({ page }) => pages.has(page));
  const targets = new Set([...new Set(shown.map(({ target }) => target))].slice(0, room));
  const within = shown.filter(({ target }) => targets.has(target));

  let [left, right] = [[...pages], [...targets]];
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    right = byMiddle(right, left, (name) => within.filter((link) => link.target === name).map(({ page }) => page));
    left = byMiddle(left, right, (name) => within.filter((link) => link.page === name).map(({ target }) => target));
  }
  const missing = new Set(within.filter((link) => link.missing).map(({ target }) => target));
  const [rowOfPage, rowOfTarget] = [rows(left), rows(right)];
  const linesOf = (name: string, side: 'page' | 'target'): number =>
    within.filter((link) => link[side] === name).length;
  const targetLines = new Map(right.map((name) => [name, linesOf(name, 'target')]));
  return {
    pages: left.map((name, row) => ({
      name,
      row,
      missing: false,
      circle: circles.has(name),
      lines: linesOf(name, 'page'),
    })),
    targets: right.map((name, row) => ({
      name,
      row,
      missing: missing.has(name),
      circle: circles.has(name),
      lines: targetLines.get(name) ?? 0,
    })),
    edges: within.map(({ page, target, kind, missing: lost }) => ({
      from: rowOfPage.get(page) ?? 0,
      to: rowOfTarget.get(target) ?? 0,
      kind,
      missing: lost,
      toHub: (targetLines.get(target) ?? 0) >= HUB_LINES,
    })),
    left: pageNames.length - left.length + targetNames.length - right.length,
  };
}

function urgency({ page, target, kind, missing }: Link, circles: ReadonlySet<string>): number {
  if (missing) return 0;
  if (kind === 'set') return 1;
  return circles.has(page) && circles.has(target) ? 2 : 3;
}

/** Sorted by the middle of what each is joined to on the other side. */
function byMiddle(names: readonly string[], others: readonly string[], joined: (name: string) => string[]): string[] {
  const place = rows(others);
  const middle = new Map(
    names.map((name, row) => {
      const places = joined(name).map((other) => place.get(other) ?? row);
      return [name, places.length === 0 ? row : places.reduce((sum, each) => sum + each, 0) / places.length];
    }),
  );
  return names.toSorted((one, other) => (middle.get(one) ?? 0) - (middle.get(other) ?? 0));
}

function rows(names: readonly string[]): Map<string, number> {
  return new Map(names.map((name, row) => [name, row]));
}

/** Pages from which links lead back to themselves. */
function inCircles(links: readonly Link[]): Set<string> {
  const next = new Map<string, string[]>();
  for (const { page, target, kind } of links) {
    if (kind === 'found' && page !== target) next.set(page, [...(next.get(page) ?? []), target]);
  }
  const returns = (start: string): boolean => {
    const seen = new Set<string>();
    const open = [...(next.get(start) ?? [])];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      if (name === start) return true;
      if (seen.has(name)) continue;
      seen.add(name);
      open.push(...(next.get(name) ?? []));
    }
    return false;
  };
  return new Set([...next.keys()].filter(returns));
}

import type { Link } from './links.tsx';

/** A name in one of the two columns, with its place in it from the top. */
export interface GraphNode {
  readonly name: string;
  readonly row: number;
  readonly missing: boolean;
  /** Of a page: it is in a circle, so that it appears at once with all that are in it. */
  readonly circle: boolean;
}

export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  readonly kind: Link['kind'];
  readonly missing: boolean;
}

export interface GraphPlan {
  readonly pages: readonly GraphNode[];
  readonly targets: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Names for which there was no room. */
  readonly left: number;
}

/** Sweeps over the columns that take out crossings; more of them move next to nothing. */
const SWEEPS = 4;

/** Pages on the left, what they link to on the right, each column so ordered that few lines cross; at most `room` in each. */
export function planGraph(links: readonly Link[], room: number): GraphPlan {
  const pageNames = [...new Set(links.map(({ page }) => page))];
  const targetNames = [...new Set(links.map(({ target }) => target))];
  const pages = new Set(pageNames.slice(0, room));
  const shown = links.filter(({ page }) => pages.has(page));
  const targets = new Set([...new Set(shown.map(({ target }) => target))].slice(0, room));
  const within = shown.filter(({ target }) => targets.has(target));

  let [left, right] = [[...pages], [...targets]];
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    right = byMiddle(right, left, (name) => within.filter((link) => link.target === name).map(({ page }) => page));
    left = byMiddle(left, right, (name) => within.filter((link) => link.page === name).map(({ target }) => target));
  }
  const circles = inCircles(links);
  const missing = new Set(within.filter((link) => link.missing).map(({ target }) => target));
  const [rowOfPage, rowOfTarget] = [rows(left), rows(right)];
  return {
    pages: left.map((name, row) => ({ name, row, missing: false, circle: circles.has(name) })),
    targets: right.map((name, row) => ({ name, row, missing: missing.has(name), circle: circles.has(name) })),
    edges: within.map(({ page, target, kind, missing: lost }) => ({
      from: rowOfPage.get(page) ?? 0,
      to: rowOfTarget.get(target) ?? 0,
      kind,
      missing: lost,
    })),
    left: pageNames.length - left.length + targetNames.length - right.length,
  };
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

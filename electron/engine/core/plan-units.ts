import type { Millis } from '../../../shared/domain/change.ts';
import type { Reference } from '../../../shared/domain/reference.ts';
import { forEachPart, mapParts, type Parts } from './in-parts.ts';
import type { Pending } from './planning.ts';
import type { Bond, Hold } from './plan-rounds.ts';

/** A change in the graph of what needs what. */
export interface Node {
  /** Its place in the order of the journal. */
  readonly index: number;
  readonly change: Pending;
  readonly bonds: readonly Bond[];
  /** The unit that it belongs to. */
  readonly unit: number;
  /** What is published before it. */
  readonly needs: Need[];
  /** What it waits for that is no other node. */
  readonly holds: Hold[];
  /** Its references that lead nowhere. */
  readonly nowhere: Reference[];
}

export interface Need {
  /** The unit that needs. */
  readonly from: number;
  readonly to: Node;
  readonly kind: 'target' | 'linked' | 'moved' | 'place';
  /** So long it waits; after that `to` goes first only if it can go now. `NEVER`: it does not wait. */
  readonly until: Millis;
}

export const NEVER = -Infinity;

/** Changes that belong together: a release, members of a group, both where they overlap; or one change alone. */
export interface Unit {
  readonly index: number;
  readonly nodes: readonly Node[];
}

export interface Units {
  /** In the order of the journal. */
  readonly nodes: readonly Node[];
  /** In the order of their first changes. */
  readonly units: readonly Unit[];
}

/** Joins changes that share a release or a group. */
export function* unitsOf(changes: readonly Pending[], bondsOf: (change: Pending) => readonly Bond[]): Parts<Units> {
  const parents = Int32Array.from(changes.keys());
  const bonds = yield* mapParts(changes, bondsOf);
  const first = new Map<string, number>();
  yield* forEachPart(changes, (change, index) => {
    for (const key of keysOf(change, bonds[index] ?? [])) {
      const other = first.get(key);
      if (other === undefined) first.set(key, index);
      else join(parents, other, index);
    }
  });
  const indices = new Map<number, number>();
  const members: Node[][] = [];
  const nodes = yield* mapParts(changes, (change, index): Node => {
    const root = find(parents, index);
    const unit = indices.get(root) ?? members.length;
    const node = { index, change, bonds: bonds[index] ?? [], unit, needs: [], holds: [], nowhere: [] };
    if (unit === members.length) {
      indices.set(root, unit);
      members.push([node]);
    } else members[unit]?.push(node);
    return node;
  });
  return { nodes, units: members.map((each, index) => ({ index, nodes: each })) };
}

/** The units that each unit needs, as far as `counts`; some more than once. */
export function* neededUnits({ nodes, units }: Units, counts: (need: Need) => boolean): Parts<number[][]> {
  const needed = units.map((): number[] => []);
  yield* forEachPart(nodes, ({ needs, unit }) => {
    for (const need of needs) if (counts(need)) needed[unit]?.push(need.to.unit);
  });
  return needed;
}

/** Changes with a key in common form one unit. */
function keysOf(change: Pending, bonds: readonly Bond[]): string[] {
  const keys: string[] = [];
  if (change.release !== null)
    keys.push(change.forced ? `release:${change.release}:forced` : `release:${change.release}`);
  for (const { state, as, current, committed } of bonds) {
    const key = `group:${state.group.name}:${as}`;
    if (as !== 'let-go') keys.push(key);
    // What had been apart before the limit does not come to hold each other up by it.
    else if (isThere(change, bonds)) keys.push(`${key}:${current}:${committed}`);
  }
  return keys;
}

/**
 * Whether the limit of a group publishes a change with the others. Deletes come when no page needs what they take. What is
 * of a release (it is never split), or of another group whose limit is not over, waits for that.
 */
function isThere({ stage, kind, release }: Pending, bonds: readonly Bond[]): boolean {
  return stage === 'ready' && kind !== 'gone' && release === null && bonds.every(({ as }) => as === 'let-go');
}

function find(parents: Int32Array, index: number): number {
  let at = index;
  for (let parent = parents[at] ?? at; parent !== at; parent = parents[at] ?? at) {
    // Path halving keeps the trees flat.
    const grandparent = parents[parent] ?? parent;
    parents[at] = grandparent;
    at = grandparent;
  }
  return at;
}

function join(parents: Int32Array, one: number, other: number): void {
  const [a, b] = [find(parents, one), find(parents, other)];
  parents[Math.max(a, b)] = Math.min(a, b);
}

import type { SiteRules } from '../../../shared/contract/rules.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { segmentsOf, type SitePath } from '../../../shared/domain/site-path.ts';
import { documentKind } from '../references/document-kind.ts';
import { compileGroups, type GroupsOf } from './groups.ts';
import { holdsOf, timesOf } from './plan-conditions.ts';
import { components, dueTimes } from './plan-graph.ts';
import { compileSetLinks, findNeeds, type SetLinksOf } from './plan-needs.ts';
import { bondsOf } from './plan-rounds.ts';
import { type Need, neededUnits, type Node, type Unit, unitsOf, wishesOf } from './plan-units.ts';
import { isHolding, type Judged, waitsOf } from './plan-waits.ts';
import type { Batch, Plan, PlanInput } from './planning.ts';

/**
 * Which of the bound changes can be published now, in which order, and why the others wait (SPEC §8).
 * The same changes give the same plan in whatever order they are told, and so does the same state after a crash.
 *
 * Changes of a release or of a group are one unit. A unit is held by its own conditions, each for its time, and by the units
 * that it needs; what is free goes in one batch with all that needs each other in a circle, needs first.
 */
export function plan(input: PlanInput): Plan {
  const { groupsOf, setLinksOf } = compiled(input.rules);
  const changes = input.bound.toSorted((a, b) => a.seq - b.seq || (a.path < b.path ? -1 : 1));
  const { nodes, units } = unitsOf(changes, bondsOf(changes, input, groupsOf));
  findNeeds(nodes, input, setLinksOf);
  const judged = judge(units, input);
  return { batches: batchesOf(judged, input), waits: waitsOf(judged), next: nextOf(judged) };
}

interface Compiled {
  readonly groupsOf: GroupsOf;
  readonly setLinksOf: SetLinksOf;
}

/** Globs are compiled once for each set of rules, not once for each plan. */
const compiledRules = new WeakMap<SiteRules, Compiled>();

function compiled(rules: SiteRules): Compiled {
  const known = compiledRules.get(rules);
  if (known) return known;
  const made = { groupsOf: compileGroups(rules.groups), setLinksOf: compileSetLinks(rules) };
  compiledRules.set(rules, made);
  return made;
}

function judge(units: readonly Unit[], input: PlanInput): Judged {
  const { now } = input;
  const holds = units.map((unit) => holdsOf(unit, input));
  const own = units.map((unit, index) => {
    let until = now;
    for (const hold of holds[index] ?? []) until = Math.max(until, hold.until);
    // The unit of a change without content may go, and leave it behind: then only its own group does not wait for it.
    for (const node of unit.nodes) {
      for (const { to, until: limit } of node.needs) {
        const left = to.change.stage !== 'ready' && !(to.unit === index && shareGroup(node, to));
        if (left) until = Math.max(until, limit);
      }
    }
    return until;
  });
  if (own.every((until) => until <= now)) return { now, units, holds, due: own };
  const wishes = units.map((): Need[] => []);
  for (const unit of units) for (const need of wishesOf(unit, now)) wishes[need.to.unit]?.push(need);
  return { now, units, holds, due: dueTimes(own, wishes, now) };
}

function shareGroup(one: Node, other: Node): boolean {
  return one.bonds.some(({ state }) => other.bonds.some((bond) => bond.state === state));
}

function batchesOf({ now, units, due }: Judged, input: PlanInput): Batch[] {
  const goes = (unit: number) => (due[unit] ?? Infinity) <= now;
  const edges = units.map((unit) => (goes(unit.index) ? neededUnits(unit, ({ to }) => goes(to.unit)) : []));
  return components(edges)
    .filter(([first]) => first !== undefined && goes(first))
    .map((circle) => {
      const nodes = circle.flatMap((unit) => units[unit]?.nodes ?? []).toSorted((a, b) => a.index - b.index);
      const isNew = ({ change }: Node) => input.publishedSeq(change.path) === undefined;
      const ordered = nodes.length === circle.length ? newFirst(nodes, isNew) : targetsFirst(nodes, isNew);
      return { paths: pathsOf(ordered), groups: endedRounds(nodes), missing: missingOf(nodes) };
    });
}

function targetsFirst(nodes: readonly Node[], isNew: (node: Node) => boolean): Node[] {
  // Where no link is known: what shows other files after what may be shown.
  const ordered = nodes.toSorted((a, b) => layerOf(a) - layerOf(b) || a.index - b.index);
  const positions = new Map(ordered.map((node, position) => [node, position]));
  const edges = ordered.map(({ needs }) => needs.flatMap(({ to }) => positions.get(to) ?? []));
  return components(edges).flatMap((circle) =>
    newFirst(
      circle.flatMap((position) => ordered[position] ?? []),
      isNew,
    ),
  );
}

function layerOf({ change }: Node): number {
  const kind = documentKind(change.path);
  return kind === undefined ? 0 : kind === 'css' ? 1 : 2;
}

/** In a circle no order is right for all links. So none is seen that leads nowhere: to what is new only new files link before. */
function newFirst(circle: readonly Node[], isNew: (node: Node) => boolean): Node[] {
  return circle.toSorted((a, b) => Number(isNew(b)) - Number(isNew(a)));
}

/** Folders from the top, files as they are, deletes from the bottom; what lies where a file shall be goes first. */
function pathsOf(nodes: readonly Node[]): SitePath[] {
  if (nodes.length === 1) return nodes.map(({ change }) => change.path);
  const inTheWay = new Set<Node>();
  for (const { change, needs } of nodes) {
    if (change.kind === 'file') for (const { kind, to } of needs) if (kind === 'place' && isGone(to)) inTheWay.add(to);
  }
  const depth = ({ change }: Node) => segmentsOf(change.path).length;
  const topDown = (a: Node, b: Node) => depth(a) - depth(b) || a.index - b.index;
  const bottomUp = (a: Node, b: Node) => depth(b) - depth(a) || a.index - b.index;
  return [
    ...nodes.filter((node) => inTheWay.has(node)).toSorted(bottomUp),
    ...nodes.filter(({ change }) => change.kind === 'dir').toSorted(topDown),
    ...nodes.filter(({ change }) => change.kind === 'file'),
    ...nodes.filter((node) => isGone(node) && !inTheWay.has(node)).toSorted(bottomUp),
  ].map(({ change }) => change.path);
}

function isGone({ change }: Node): boolean {
  return change.kind === 'gone';
}

/** A round ends with the first of its members that is published without force, or when all of them were forced. */
function endedRounds(together: readonly Node[]): string[] {
  const ended = new Set<string>();
  for (const { bonds } of together) {
    for (const { state, as, current } of bonds) {
      if (as === 'forced' ? state.forced : current) ended.add(state.group.name);
    }
  }
  return [...ended].toSorted();
}

function missingOf(together: readonly Node[]): Batch['missing'] {
  return together.flatMap(({ change, nowhere }) => nowhere.map((target) => ({ page: change.path, target })));
}

/** When a unit that waits may be judged otherwise, or publish without something, though nothing has come. */
function nextOf(judged: Judged): Millis | null {
  const { now, units, holds, due } = judged;
  let next = Infinity;
  const at = (time: Millis) => {
    if (time > now && time < next) next = time;
  };
  for (const unit of units) {
    if ((due[unit.index] ?? Infinity) <= now) continue;
    for (const { until } of holds[unit.index] ?? []) at(until);
    for (const time of timesOf(unit)) at(time);
    for (const { needs } of unit.nodes) for (const need of needs) if (isHolding(need, judged)) at(need.until);
  }
  return next === Infinity ? null : next;
}

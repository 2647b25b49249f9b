import type { SiteRules } from '../../../shared/contract/rules.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import { segmentsOf, type SitePath } from '../../../shared/domain/site-path.ts';
import { documentKind } from '../references/document-kind.ts';
import { compileGroups, type GroupsOf } from './groups.ts';
import { holdsOf, timesOf } from './plan-conditions.ts';
import { atOnce, forEachPart, mapParts, type Parts, sortParts } from './in-parts.ts';
import { components, dueTimes } from './plan-graph.ts';
import { compileSetLinks, findNeeds, type SetLinksOf } from './plan-needs.ts';
import { bondsOf } from './plan-rounds.ts';
import { type Need, neededUnits, type Node, type Units, unitsOf } from './plan-units.ts';
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
  return atOnce(planParts(input));
}

/** The same, part by part. What `input` says must not change meanwhile, or whoever takes the plan finds out where it has. */
export function* planParts(input: PlanInput): Parts<Plan> {
  const { groupsOf, setLinksOf } = compiled(input.rules);
  const changes = yield* sortParts(input.bound, (a, b) => a.seq - b.seq || (a.path < b.path ? -1 : 1));
  const units = yield* unitsOf(changes, yield* bondsOf(changes, input, groupsOf));
  yield* findNeeds(units.nodes, input, setLinksOf);
  const judged = yield* judge(units, input);
  return { batches: yield* batchesOf(judged, input), waits: yield* waitsOf(judged), next: yield* nextOf(judged) };
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

function* judge({ nodes, units }: Units, input: PlanInput): Parts<Judged> {
  const { now } = input;
  const holds = yield* holdsOf({ nodes, units }, input);
  const own = yield* mapParts(holds, (held) => held.reduce((time, { until }) => Math.max(time, until), now));
  // The unit of a change without content may go, and leave it behind: then only its own group does not wait for it.
  yield* forEachPart(nodes, (node) => {
    for (const { to, until } of node.needs) {
      const left = to.change.stage !== 'ready' && !(to.unit === node.unit && shareGroup(node, to));
      if (left) own[node.unit] = Math.max(own[node.unit] ?? now, until);
    }
  });
  if (own.every((until) => until <= now)) return { now, nodes, units, holds, due: own };
  // What may keep a unit from being published until another one is.
  const wishes = units.map((): Need[] => []);
  yield* forEachPart(nodes, ({ needs, unit }) => {
    for (const need of needs) if (need.until > now && need.to.unit !== unit) wishes[need.to.unit]?.push(need);
  });
  return { now, nodes, units, holds, due: yield* dueTimes(own, wishes, now) };
}

function shareGroup(one: Node, other: Node): boolean {
  return one.bonds.some(({ state }) => other.bonds.some((bond) => bond.state === state));
}

function* batchesOf(judged: Judged, input: PlanInput): Parts<Batch[]> {
  const { now, units, due } = judged;
  const goes = (unit: number) => (due[unit] ?? Infinity) <= now;
  const edges = yield* neededUnits(judged, ({ from, to }) => goes(from) && goes(to.unit));
  const isNew = ({ change }: Node) => input.publishedSeq(change.path) === undefined;
  const batches: Batch[] = [];
  for (const circle of yield* components(edges)) {
    const [first] = circle;
    if (first === undefined || !goes(first)) continue;
    const nodes = circle.flatMap((unit) => units[unit]?.nodes ?? []);
    const paths = nodes.length === 1 ? nodes.map(({ change }) => change.path) : yield* pathsOf(circle, nodes, isNew);
    batches.push({ paths, groups: endedRounds(nodes), missing: missingOf(nodes) });
    if (batches.length % BATCHES === 0) yield;
  }
  return batches;
}

function* pathsOf(
  circle: readonly number[],
  together: readonly Node[],
  isNew: (node: Node) => boolean,
): Parts<SitePath[]> {
  const nodes = yield* sortParts(together, (a, b) => a.index - b.index);
  const isEachAlone = nodes.length === circle.length;
  return yield* inKinds(isEachAlone ? yield* newFirst(nodes, isNew) : yield* targetsFirst(nodes, isNew));
}

function* targetsFirst(nodes: readonly Node[], isNew: (node: Node) => boolean): Parts<Node[]> {
  // Where no link is known: what shows other files after what may be shown.
  const ordered = yield* sortParts(nodes, (a, b) => layerOf(a) - layerOf(b) || a.index - b.index);
  const positions = new Map<Node, number>();
  yield* forEachPart(ordered, (node, position) => positions.set(node, position));
  const edges = yield* mapParts(ordered, ({ needs }) => needs.flatMap(({ to }) => positions.get(to) ?? []));
  const found: Node[] = [];
  for (const circle of yield* components(edges)) {
    const members = circle.flatMap((position) => ordered[position] ?? []);
    yield* forEachPart(yield* newFirst(members, isNew), (node) => found.push(node));
  }
  return found;
}

function layerOf({ change }: Node): number {
  const kind = documentKind(change.path);
  return kind === undefined ? 0 : kind === 'css' ? 1 : 2;
}

/** In a circle no order is right for all links. So none is seen that leads nowhere: to what is new only new files link before. */
function* newFirst(circle: readonly Node[], isNew: (node: Node) => boolean): Parts<Node[]> {
  if (circle.length === 1) return [...circle];
  const [found, others]: [Node[], Node[]] = [[], []];
  yield* forEachPart(circle, (node) => (isNew(node) ? found : others).push(node));
  return [...found, ...others];
}

/** Folders from the top, files as they are, deletes from the bottom; what lies where a file shall be goes first. */
function* inKinds(nodes: readonly Node[]): Parts<SitePath[]> {
  const inTheWay = new Set<Node>();
  yield* forEachPart(nodes, ({ change, needs }) => {
    if (change.kind === 'file') for (const { kind, to } of needs) if (kind === 'place' && isGone(to)) inTheWay.add(to);
  });
  const depth = ({ change }: Node) => segmentsOf(change.path).length;
  const topDown = (a: Node, b: Node) => depth(a) - depth(b) || a.index - b.index;
  const bottomUp = (a: Node, b: Node) => depth(b) - depth(a) || a.index - b.index;
  const parts = [
    yield* sortParts(
      nodes.filter((node) => inTheWay.has(node)),
      bottomUp,
    ),
    yield* sortParts(
      nodes.filter(({ change }) => change.kind === 'dir'),
      topDown,
    ),
    nodes.filter(({ change }) => change.kind === 'file'),
    yield* sortParts(
      nodes.filter((node) => isGone(node) && !inTheWay.has(node)),
      bottomUp,
    ),
  ];
  return parts.flat().map(({ change }) => change.path);
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
function* nextOf(judged: Judged): Parts<Millis | null> {
  const { now, nodes, units, holds, due } = judged;
  let next = Infinity;
  const at = (time: Millis) => {
    if (time > now && time < next) next = time;
  };
  const waits = (unit: number) => (due[unit] ?? Infinity) > now;
  yield* forEachPart(units, (unit) => {
    if (!waits(unit.index)) return;
    for (const { until } of holds[unit.index] ?? []) at(until);
    for (const time of timesOf(unit)) at(time);
  });
  yield* forEachPart(nodes, ({ needs, unit }) => {
    if (waits(unit)) for (const need of needs) if (isHolding(need, judged)) at(need.until);
  });
  return next === Infinity ? null : next;
}

/** Batches that are gathered in one part. */
const BATCHES = 32;

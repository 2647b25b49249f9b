import type { Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { components } from './plan-graph.ts';
import { isAlone, releasesOf } from './plan-conditions.ts';
import { forEachPart, mapParts, type Parts, sortParts } from './in-parts.ts';
import { REASONS_MAX } from './plan-needs.ts';
import type { Hold } from './plan-rounds.ts';
import { type Need, neededUnits, type Node, type Unit, type Units } from './plan-units.ts';
import type { Wait, WaitReason } from './planning.ts';

/** What is known of the units when it is settled which of them wait. */
export interface Judged extends Units {
  readonly now: Millis;
  /** Of each unit. */
  readonly holds: readonly (readonly Hold[])[];
  /** When each unit is published by the passing of time alone; Infinity: never. */
  readonly due: readonly Millis[];
}

/** True while `need` keeps its unit from being published. */
export function isHolding({ to, until }: Need, { now, due }: Judged): boolean {
  return until > now && (due[to.unit] ?? Infinity) > now;
}

/** One for each unit that waits; those that wait for each other in a circle are one. */
export function* waitsOf(judged: Judged): Parts<Wait[]> {
  const { now, units, due } = judged;
  const waiting = (unit: number) => (due[unit] ?? Infinity) > now;
  const edges = yield* neededUnits(judged, ({ from, to, until }) => until > now && waiting(from) && waiting(to.unit));
  const circles = (yield* components(edges)).filter(([first]) => first !== undefined && waiting(first));
  const ids = new Set<string>();
  const waits: Wait[] = [];
  let taken = 0;
  for (const circle of yield* sortParts(circles, ([a = 0], [b = 0]) => a - b)) {
    taken += 1;
    if (taken % WAITS === 0) yield;
    const waiters = circle.flatMap((unit) => units[unit] ?? []);
    const [only] = waiters;
    const isOne = only !== undefined && waiters.length === 1 && only.nodes.length === 1;
    const wait = waitOf(isOne ? gatherOne(only, judged) : yield* gather(waiters, judged), judged);
    if (wait === undefined) continue;
    // Two parts of a group may wait for different reasons.
    const named = ids.has(wait.id) ? { ...wait, id: wait.paths[0] ?? wait.id } : wait;
    ids.add(named.id);
    waits.push(named);
  }
  return waits;
}

/** What is known of units that wait together. */
interface Together {
  readonly circle: readonly Unit[];
  readonly nodes: readonly Node[];
  /** In the order of their text. */
  readonly paths: readonly SitePath[];
  readonly reasons: Reasons;
}

function* gather(circle: readonly Unit[], judged: Judged): Parts<Together> {
  const nodes = yield* sortParts(
    circle.flatMap((unit) => unit.nodes),
    (a, b) => a.index - b.index,
  );
  const reasons = new Reasons();
  yield* forEachPart(circle, (unit) => addHolds(unit, judged, reasons));
  const inside = new Set(circle.map(({ index }) => index));
  yield* forEachPart(nodes, (node) => addNeeds(node, inside, judged, reasons));
  const paths = yield* sortParts(yield* mapParts(nodes, ({ change }) => change.path), byText);
  return { circle, nodes, paths, reasons };
}

/** The same of a single change. */
function gatherOne(unit: Unit, judged: Judged): Together {
  const { nodes } = unit;
  const reasons = new Reasons();
  addHolds(unit, judged, reasons);
  const inside = new Set([unit.index]);
  for (const node of nodes) addNeeds(node, inside, judged, reasons);
  return { circle: [unit], nodes, paths: nodes.map(({ change }) => change.path), reasons };
}

function addHolds({ index }: Unit, { now, holds }: Judged, reasons: Reasons): void {
  for (const { reason, until } of holds[index] ?? []) if (until > now) reasons.add(reason);
}

function addNeeds(node: Node, inside: ReadonlySet<number>, judged: Judged, reasons: Reasons): void {
  const told = new Set<Node>();
  for (const need of node.needs) {
    if (inside.has(need.to.unit) || told.has(need.to) || !isHolding(need, judged)) continue;
    told.add(need.to);
    reasons.add(reasonOf(node, need));
  }
}

/** Undefined: a single change that waits for its own content only, an everyday transfer. */
function waitOf({ circle, nodes, paths, reasons }: Together, { now, due }: Judged): Wait | undefined {
  const [only] = circle;
  if (only && circle.length === 1 && isAlone(only) && reasons.only('content')) return undefined;
  // A single page without its content comes when it comes: that is no limit of the others.
  const limited = circle.filter(
    (unit) => !(isAlone(unit) && unit.nodes.some(({ change }) => change.stage !== 'ready')),
  );
  const until =
    limited.length === 0
      ? Infinity
      : limited.reduce((latest, { index }) => Math.max(latest, due[index] ?? Infinity), now);
  return {
    ...nameOf(circle, paths),
    paths,
    reasons: reasons.list(),
    since: nodes.reduce((since, { change }) => Math.min(since, change.since), Infinity),
    until: until === Infinity ? null : until,
  };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Of several the least, so that a newer change of one path does not give the wait another name. */
function nameOf(circle: readonly Unit[], [path = '']: readonly string[]): Pick<Wait, 'id' | 'kind'> {
  const together = circle.filter((unit) => !isAlone(unit));
  const [release] = together.flatMap(releasesOf).toSorted((a, b) => a - b);
  if (release !== undefined) return { id: `release:${release}`, kind: 'release' };
  const bonds = together.flatMap(({ nodes }) => nodes.flatMap((node) => node.bonds));
  // A group that has let go of a change is not what it waits for.
  const binding = bonds.filter(({ as }) => as !== 'let-go');
  const [group] = (binding.length > 0 ? binding : bonds).map(({ state }) => state.group.name).toSorted();
  return group === undefined ? { id: path, kind: 'link' } : { id: `group:${group}`, kind: 'group' };
}

function reasonOf({ change: { path } }: Node, { to, kind }: Need): WaitReason {
  const other = to.change.path;
  switch (kind) {
    case 'linked':
      return { kind, path, page: other };
    case 'moved':
      return { kind, path, target: other };
    case 'target':
    case 'place':
      return { kind: 'target', page: path, target: other };
  }
}

/** Waits that are made in one part. */
const WAITS = 32;

/** The most telling ones: of a wait of thousands of pages nobody reads them all. */
class Reasons {
  readonly #byKind = new Map<WaitReason['kind'], WaitReason[]>();

  add(reason: WaitReason): void {
    const known = this.#byKind.get(reason.kind);
    if (known === undefined) this.#byKind.set(reason.kind, [reason]);
    else if (known.length < REASONS_MAX) known.push(reason);
  }

  only(kind: WaitReason['kind']): boolean {
    return this.#byKind.size === 1 && this.#byKind.has(kind);
  }

  list(): WaitReason[] {
    return TELLING.flatMap((kind) => this.#byKind.get(kind) ?? []).slice(0, REASONS_MAX);
  }
}

const TELLING = [
  'held',
  'word',
  'release',
  'group',
  'commit',
  'settling',
  'content',
  'missing',
  'set-link',
  'target',
  'linked',
  'moved',
] as const satisfies readonly WaitReason['kind'][];

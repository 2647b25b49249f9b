import type { Millis } from '../../../shared/domain/change.ts';
import type { PlanInput } from './planning.ts';
import { forEachPart, type Parts } from './in-parts.ts';
import type { Bond, GroupState, Hold } from './plan-rounds.ts';
import type { Node, Unit, Units } from './plan-units.ts';

/**
 * Why each unit waits, apart from other units: its content, its group, its release, and what its changes wait for. Also what is
 * over.
 */
export function* holdsOf({ nodes, units }: Units, input: PlanInput): Parts<Hold[][]> {
  const holds = units.map((): Hold[] => []);
  yield* forEachPart(nodes, (node) => {
    const held = holds[node.unit];
    if (node.change.stage !== 'ready') {
      held?.push({ reason: { kind: 'content', path: node.change.path }, until: contentLimit(node) });
    }
    held?.push(...node.holds);
  });
  yield* forEachPart(units, (unit) => {
    if (!isAlone(unit)) holds[unit.index]?.push(...holdsTogether(unit, input));
  });
  return holds;
}

function holdsTogether(unit: Unit, input: PlanInput): Hold[] {
  const holds = statesOf(unit, ({ as }) => as === 'whole').flatMap(({ hold }) => hold ?? []);
  for (const release of releasesOf(unit)) {
    const { complete, go } = input.release(release);
    if (!complete) holds.push({ reason: { kind: 'release', release }, until: Infinity });
    else if (!go) holds.push({ reason: { kind: 'word', release }, until: Infinity });
  }
  return holds;
}

/** When a group of the unit may be judged otherwise without anything having come. */
export function timesOf(unit: Unit): readonly Millis[] {
  return statesOf(unit, (bond) => bond.as !== 'forced' && bond.as !== 'let-go').flatMap(({ times }) => times);
}

/** A single change that neither a group nor a release holds. */
export function isAlone({ nodes }: Unit): boolean {
  return nodes.length === 1 && nodes.every((node) => !isBound(node));
}

/** The releases whose word the unit waits for, the oldest first. */
export function releasesOf({ nodes }: Unit): number[] {
  const releases = new Set<number>();
  for (const { change } of nodes) if (change.release !== null && !change.forced) releases.add(change.release);
  return [...releases].toSorted((a, b) => a - b);
}

/** Without its content a change is published by no limit, unless the limit of its group leaves it behind. */
function contentLimit({ change, bonds }: Node): Millis {
  if (change.forced || change.release !== null) return Infinity;
  const ends = bonds.filter(({ as }) => as !== 'let-go').map(({ state }) => state.end);
  return ends.length === 0 ? Infinity : Math.max(...ends);
}

function isBound({ change, bonds }: Node): boolean {
  return !change.forced && (change.release !== null || bonds.some(({ as }) => as !== 'let-go'));
}

/** Each group by which a change of the unit is bound like that. */
function statesOf({ nodes }: Unit, isBoundLike: (bond: Bond) => boolean): GroupState[] {
  const found = new Set<GroupState>();
  for (const { bonds } of nodes) for (const bond of bonds) if (isBoundLike(bond)) found.add(bond.state);
  return [...found];
}

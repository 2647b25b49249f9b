import picomatch from 'picomatch';
import type { Pending, PlanInput } from '../../electron/engine/core/planning.ts';
import type { FileGroup } from '../../shared/contract/rules.ts';
import { candidatesOf, referencesTo } from '../../shared/domain/reference.ts';

/**
 * The rules of what waits once more, written to be compared with: no graph, no search, only the question what breaks a rule
 * if all that is left were published now, asked again until nothing does. Returns what is published.
 */
export function published(input: PlanInput): Set<Pending> {
  const left = new Set(input.bound);
  for (;;) {
    const breaking = [...left].find((change) => breaks(change, left, input));
    if (breaking === undefined) return left;
    for (const change of unitOf(breaking, input)) left.delete(change);
  }
}

/** All that appears with a change, the change too. */
export function unitOf(change: Pending, input: PlanInput): Set<Pending> {
  const unit = new Set([change]);
  for (let size = 0; size !== unit.size; ) {
    size = unit.size;
    for (const one of [...unit]) for (const other of input.bound) if (together(one, other, input)) unit.add(other);
  }
  return unit;
}

/** What a change comes after, where both are published: [what, until when it even waits for it]. */
export function needs(change: Pending, input: PlanInput): [Pending, number][] {
  const { links } = input.rules;
  const at = (path: string) => input.bound.find((other) => other.path === path);
  const found: [Pending, number][] = [];
  if (change.kind === 'file') {
    for (const reference of links.wait ? change.refs : []) {
      for (const path of candidatesOf(reference, links.index)) {
        const other = at(path);
        if (other?.kind === 'file') {
          found.push([other, change.since + links.late]);
          break;
        }
        const pending = other ?? input.pendingAt(path);
        if (pending?.kind === 'file' && pending.stage !== 'failed') break;
        if ((!pending || pending.kind === 'file') && input.publishedSeq(path) !== undefined) break;
      }
    }
    for (const { glob, target } of links.set) {
      const other = at(target);
      if (target !== change.path && picomatch.isMatch(change.path, glob) && other?.kind === 'file') {
        found.push([other, change.since + links.late]);
      }
    }
  }
  if (change.kind === 'gone' && change.release === null && links.wait) {
    for (const page of input.linkersOf(change.path)) {
      const other = at(page);
      if (other && !unitOf(change, input).has(other)) found.push([other, change.since + links.deleted]);
    }
  }
  // What takes up a name that is wanted goes first.
  if (change.release !== null)
    for (const other of input.bound)
      if (other.kind === 'gone' && other.forced && other.release === change.release) found.push([other, Infinity]);
  return found
    .filter(([other]) => other !== change)
    .map(([other, until]) => [other, change.forced || leftTogether(change, other, input) ? -Infinity : until]);
}

function breaks(change: Pending, left: ReadonlySet<Pending>, input: PlanInput): boolean {
  const { now } = input;
  if (change.stage !== 'ready') return true;
  if (change.forced) return false;
  if (change.release !== null) {
    const { complete, go } = input.release(change.release);
    if (!complete || !go) return true;
  }
  for (const group of groupsOf(change, input))
    if (!goesAlone(change, group, input) && groupWaits(group, input)) return true;
  const unit = unitOf(change, input);
  if (needs(change, input).some(([other, until]) => until > now && !left.has(other) && !unit.has(other))) return true;
  return change.kind === 'file' ? lacksTarget(change, input) : change.kind === 'gone' && isLinked(change, unit, input);
}

function lacksTarget(change: Pending, input: PlanInput): boolean {
  const { now, currentSince } = input;
  const { links } = input.rules;
  const patience = Math.min(currentSince + links.missing, change.since + links.late);
  const stillMissing = now < Math.max(change.since + links.missing, patience);
  const unbound = (path: string) =>
    input.bound.some((other) => other.path === path) ? undefined : input.pendingAt(path as Pending['path']);
  const needed = needs(change, input).map(([other]) => other.path);
  for (const reference of links.wait ? change.refs : []) {
    const candidates = candidatesOf(reference, links.index);
    const there = candidates.find((path) => {
      const pending = input.pendingAt(path);
      if (pending && pending.kind !== 'file') return false;
      const bound = input.bound.some((other) => other.path === path);
      return (pending && (bound || pending.stage !== 'failed')) || input.publishedSeq(path) !== undefined;
    });
    if (there === undefined) {
      const expected = candidates.some((path) => input.accepts(path)) && !input.wasMissing(change.path, reference);
      if (expected && change.release === null && stillMissing) return true;
    } else if (!needed.includes(there)) {
      const pending = unbound(there);
      const isBound = input.bound.some((other) => other.path === there);
      const isThere = !isBound && (!pending || pending.stage === 'failed');
      if (isThere && change.seq > input.knownTo && now < change.since + links.late) return true;
      if (pending && pending.stage !== 'failed' && now < change.since + links.late) return true;
    }
  }
  for (const { glob, target } of links.set) {
    if (target === change.path || !picomatch.isMatch(change.path, glob)) continue;
    const pending = input.pendingAt(target);
    if (pending && pending.kind !== 'file') continue;
    if (input.bound.some((other) => other.path === target)) continue;
    if (pending && pending.stage !== 'failed') {
      if (now < change.since + links.late) return true;
    } else if (change.release === null && input.accepts(target) && stillMissing) {
      const changed = input.changedAt(target);
      if (changed === undefined || change.since - changed > links.missing) return true;
    }
  }
  return false;
}

function isLinked(change: Pending, unit: ReadonlySet<Pending>, input: PlanInput): boolean {
  const { links } = input.rules;
  if (!links.wait || change.release !== null || input.now >= change.since + links.deleted) return false;
  return input.linkersOf(change.path).some((page) => {
    const pending = input.bound.find((other) => other.path === page);
    if (page === change.path || (pending && unit.has(pending))) return false;
    if (!pending) return true;
    const own = referencesTo(change.path, links.index);
    return pending.kind === 'file' && pending.refs.some((reference) => own.includes(reference));
  });
}

function together(one: Pending, other: Pending, input: PlanInput): boolean {
  if (one.forced !== other.forced) return false;
  if (one.release !== null && one.release === other.release) return true;
  return groupsOf(one, input).some((group) => {
    if (!groupsOf(other, input).includes(group)) return false;
    if (one.forced) return true;
    const [alone, otherAlone] = [goesAlone(one, group, input), goesAlone(other, group, input)];
    if (alone !== otherAlone) return false;
    if (alone !== 'left') return true;
    const round = input.round(group.name);
    const [part, otherPart] = [one, other].map((each) => {
      const present = round !== undefined && each.changedAt >= round.began;
      return `${present} ${group.rule === 'release' && isCommitted(each, group)}`;
    });
    return part === otherPart && [one, other].every((each) => isLeftAlone(each, input));
  });
}

function isLeftAlone(change: Pending, input: PlanInput): boolean {
  const left = groupsOf(change, input).every((group) => goesAlone(change, group, input) === 'left');
  return left && change.stage === 'ready' && change.kind !== 'gone' && change.release === null;
}

/** True where both are of a group whose limit is over: then they do not wait for each other. */
function leftTogether(one: Pending, other: Pending, input: PlanInput): boolean {
  if (one.kind === 'gone' || other.forced) return false;
  const left = (change: Pending) =>
    groupsOf(change, input).filter((group) => goesAlone(change, group, input) === 'left');
  return left(one).some((group) => left(other).includes(group));
}

/** Whether the rule of its group does not concern a change: the limit is over (`left`), or it has been committed. */
function goesAlone(change: Pending, group: FileGroup, input: PlanInput): 'left' | 'committed' | false {
  if (change.forced) return false;
  const { now } = input;
  if (group.atLimit === 'publish' && group.limit !== null && now >= beganFor(change, group, input) + group.limit) {
    return 'left';
  }
  return group.rule === 'release' && isCommitted(change, group) ? 'committed' : false;
}

function groupWaits(group: FileGroup, input: PlanInput): boolean {
  const { now } = input;
  const members = membersOf(group, input);
  const round = input.round(group.name);
  const latest = round?.changedAt ?? Math.max(...members.map(({ changedAt }) => changedAt));
  switch (group.rule) {
    case 'all': {
      const noted = (text: string) =>
        round?.noted.has(text) ?? input.bound.some((change) => picomatch.isMatch(change.path, text));
      const comes = (text: string) => /[*]/.test(text) || input.accepts(text as Pending['path']);
      return group.members.some((text) => comes(text) && !noted(text));
    }
    case 'settle': {
      if (now < latest + group.settle) return true;
      const present = members.find((member) => round && member.changedAt >= round.began) ?? members[0];
      if (group.atLimit === 'publish' || group.limit === null || !present) return false;
      return latest + group.settle > beganFor(present, group, input) + group.limit;
    }
    case 'release':
      return members.some((member) => !isCommitted(member, group));
  }
}

function beganFor(change: Pending, group: FileGroup, input: PlanInput): number {
  const round = input.round(group.name);
  const isPresent = (member: Pending) => round !== undefined && member.changedAt >= round.began;
  const alike = membersOf(group, input).filter((member) => isPresent(member) === isPresent(change));
  const first = Math.min(...alike.map(({ since }) => since));
  return round && isPresent(change) ? Math.max(round.began, first) : first;
}

function isCommitted(change: Pending, group: FileGroup): boolean {
  return change.release !== null || change.seq <= group.committed;
}

function membersOf(group: FileGroup, input: PlanInput): Pending[] {
  return input.bound.filter((change) => !change.forced && groupsOf(change, input).includes(group));
}

function groupsOf(change: Pending, input: PlanInput): FileGroup[] {
  return input.rules.groups.filter(({ members }) => members.some((member) => picomatch.isMatch(change.path, member)));
}

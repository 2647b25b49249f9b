import type { FileGroup } from '../../../shared/contract/rules.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { GroupsOf, Membership } from './groups.ts';
import { pathOfMember } from './groups.ts';
import { forEachPart, type Parts } from './in-parts.ts';
import type { Pending, PlanInput, Round, WaitReason } from './planning.ts';

/** Why something is not published, and until when at the longest; Infinity: not by the passing of time alone. */
export interface Hold {
  readonly reason: WaitReason;
  readonly until: Millis;
}

/**
 * How a change is bound to the others of its group.
 * `whole`: they appear together. `free`: rule `release`, committed: it does not wait for those that are not.
 * `let-go`: the limit is over (`atLimit: 'publish'`): what is ready of the round appears together, the rest as it comes.
 * `forced`: by a person: together with what was forced like it.
 */
export interface Bond {
  readonly state: GroupState;
  readonly as: 'whole' | 'free' | 'let-go' | 'forced';
  /** Its round ends when it is published. */
  readonly current: boolean;
  /** Rule `release`: the publisher has said that it may go. */
  readonly committed: boolean;
}

/** A group of which something is pending. */
export interface GroupState {
  readonly group: FileGroup;
  /** Why its members as a whole wait; undefined: its rule is fulfilled. */
  readonly hold: Hold | undefined;
  /** When the limit lets go of the last of them; Infinity: never. */
  readonly end: Millis;
  /** When its rule may be judged otherwise without anything having come. */
  readonly times: readonly Millis[];
  /** All that is pending was forced. */
  readonly forced: boolean;
}

/** The bonds of each change that is in a group, in an order that follows that of the changes. */
export function* bondsOf(
  changes: readonly Pending[],
  input: PlanInput,
  groupsOf: GroupsOf,
): Parts<(change: Pending) => readonly Bond[]> {
  const bonds = new Map<Pending, Bond[]>();
  for (const { group, members, texts } of yield* pendingGroups(changes, groupsOf)) {
    const round = input.round(group.name);
    const waiting = members.filter((member) => !member.forced);
    const judged = judgeGroup({ group, waiting, texts, round }, input);
    yield* forEachPart(members, (member) => {
      const bond = bondOf(member, judged, round, input.now);
      const known = bonds.get(member);
      if (known) known.push(bond);
      else bonds.set(member, [bond]);
    });
  }
  return (change) => bonds.get(change) ?? NONE;
}

interface PendingGroup {
  readonly group: FileGroup;
  readonly members: Pending[];
  /** The member texts that they match, those of forced ones too. */
  readonly texts: Set<string>;
}

interface Judged {
  readonly state: GroupState;
  /** Ends of the present round, and of what is left of earlier ones. */
  readonly ends: { readonly present: Millis; readonly earlier: Millis };
}

const NONE: readonly Bond[] = [];

function* pendingGroups(changes: readonly Pending[], groupsOf: GroupsOf): Parts<Iterable<PendingGroup>> {
  const found = new Map<FileGroup, PendingGroup>();
  const add = (change: Pending, { group, member }: Membership) => {
    const known = found.get(group) ?? { group, members: [], texts: new Set() };
    found.set(group, known);
    if (known.members.at(-1) !== change) known.members.push(change);
    known.texts.add(member);
  };
  yield* forEachPart(changes, (change) => {
    for (const membership of groupsOf(change.path)) add(change, membership);
  });
  return found.values();
}

function bondOf(member: Pending, judged: Judged, round: Round | undefined, now: Millis): Bond {
  const { state, ends } = judged;
  const { group } = state;
  const present = isOfRound(member, round);
  const end = present ? ends.present : ends.earlier;
  const committed = group.rule === 'release' && isCommitted(member, group);
  const as = () => {
    if (member.forced) return 'forced';
    if (group.atLimit === 'publish' && end <= now) return 'let-go';
    return committed ? 'free' : 'whole';
  };
  return { state, as: as(), current: present || round === undefined, committed };
}

/**
 * The rule holds for the members that were notified since the round began. What an earlier round left behind when its
 * limit was over waits with the new one, but for its own limit only, which counts from when the first of it changed: so too
 * where a group was defined while members of it were pending, and there is no round at all.
 */
function judgeGroup(
  found: {
    readonly group: FileGroup;
    readonly waiting: readonly Pending[];
    readonly texts: ReadonlySet<string>;
    readonly round: Round | undefined;
  },
  input: PlanInput,
): Judged {
  const { group, waiting, texts, round } = found;
  const limit = group.limit ?? Infinity;
  let [began, since, changedAt] = [Infinity, Infinity, -Infinity];
  for (const member of waiting) {
    if (isOfRound(member, round)) began = Math.min(began, member.since);
    else since = Math.min(since, member.since);
    changedAt = Math.max(changedAt, member.changedAt);
  }
  // A round may have begun with what was here already, or has gone since: nothing has waited before the first that is left.
  const ends = { present: Math.max(round?.began ?? Infinity, began) + limit, earlier: since + limit };
  const present = waiting.some((member) => isOfRound(member, round));
  const limitAt = present ? Math.max(ends.present, since === Infinity ? 0 : ends.earlier) : ends.earlier;
  const settledAt = (round?.changedAt ?? changedAt) + group.settle;
  const missing = group.members.filter((text) => !(round?.noted ?? texts).has(text) && mayCome(text, input));
  const hold =
    waiting.length === 0 ? undefined : holdOf(group, { missing, settledAt, limitAt, now: input.now, waiting });
  const times = [ends.present, ends.earlier, ...(hold?.reason.kind === 'settling' ? [settledAt] : [])];
  const end = group.atLimit === 'publish' ? limitAt : Infinity;
  return { state: { group, hold, end, times, forced: waiting.length === 0 }, ends };
}

function holdOf(
  group: FileGroup,
  at: {
    readonly missing: readonly string[];
    readonly settledAt: Millis;
    readonly limitAt: Millis;
    readonly now: Millis;
    readonly waiting: readonly Pending[];
  },
): Hold | undefined {
  const { missing, settledAt, limitAt, now, waiting } = at;
  const holds = group.atLimit === 'hold';
  const until = holds ? Infinity : limitAt;
  const held = (names: readonly string[]): Hold | undefined =>
    holds && limitAt <= now ? { reason: { kind: 'held', group: group.name, missing: names }, until } : undefined;
  switch (group.rule) {
    case 'all':
      if (missing.length === 0) return undefined;
      return held(missing) ?? { reason: { kind: 'group', group: group.name, missing }, until };
    case 'settle': {
      // Where the limit comes first and a person is to be asked, it does not help that nothing changes any more.
      const inTime = !holds || settledAt <= limitAt;
      if (inTime && settledAt <= now) return undefined;
      const settling: Hold = {
        reason: { kind: 'settling', group: group.name },
        until: inTime ? Math.min(settledAt, limitAt) : Infinity,
      };
      return inTime ? settling : (held([]) ?? settling);
    }
    case 'release':
      if (waiting.every((member) => isCommitted(member, group))) return undefined;
      return held([]) ?? { reason: { kind: 'commit', group: group.name }, until };
  }
}

function isOfRound(member: Pending, round: Round | undefined): boolean {
  return round !== undefined && member.changedAt >= round.began;
}

function isCommitted(member: Pending, group: FileGroup): boolean {
  return member.release !== null || member.seq <= group.committed;
}

/** A member that is a path of which the mirror is never told is not waited for. Of a glob nobody can know. */
function mayCome(text: string, input: PlanInput): boolean {
  const path: SitePath | undefined = pathOfMember(text);
  return path === undefined || input.accepts(path);
}

import type { FileGroup } from '../../../../shared/contract/rules.ts';
import type { WaitingItem } from '../../../../shared/contract/status.ts';

/** A round of a group that is under way, at one machine. */
export interface Round {
  /** The mirror; undefined: here. */
  readonly peer: string | undefined;
  readonly item: WaitingItem;
  /** Members that have come, of all, where the rule counts members and all that are missing are known by name. */
  readonly here: { readonly count: number; readonly of: number } | undefined;
}

/** As many names as the engine tells of what is waited for. More may be missing where it tells so many. */
const NAMED_MAX = 20;

/** Where a group waits now. */
export function roundsOf(group: FileGroup & { site: string }, waiting: readonly WaitingItem[]): Round[] {
  return waiting
    .filter(({ kind, site, error }) => kind === 'group' && site === group.site && error.params['group'] === group.name)
    .map((item) => ({ peer: item.peer, item, here: hereOf(group, item) }));
}

function hereOf({ rule, members }: FileGroup, { waitsFor = [], error }: WaitingItem): Round['here'] {
  if (rule !== 'all' || (error.code !== 'wait.group' && error.code !== 'wait.held')) return undefined;
  const missing = waitsFor.filter((name) => members.includes(name)).length;
  if (missing !== waitsFor.length || waitsFor.length >= NAMED_MAX) return undefined;
  return { count: members.length - missing, of: members.length };
}

import type { CallParams } from '../../../../shared/contract/calls.ts';
import type { FileGroup } from '../../../../shared/contract/rules.ts';

export const rules = ['all', 'settle', 'release'] as const;
export type Rule = (typeof rules)[number];

/** A group as it is being typed: members a line each, times in seconds, an empty limit is none. */
export interface GroupDraft {
  readonly name: string;
  readonly members: string;
  readonly rule: Rule;
  readonly settle: string;
  readonly limit: string;
  readonly atLimit: FileGroup['atLimit'];
}

const SECOND = 1000;
const LIMIT = '60';

/** The defaults of `lockstep group add`, or the group that is there. */
export function draftOf(group: FileGroup | undefined): GroupDraft {
  if (group === undefined) return { name: '', members: '', rule: 'all', settle: '2', limit: LIMIT, atLimit: 'publish' };
  return {
    name: group.name,
    members: group.members.join('\n'),
    rule: group.rule,
    settle: String(group.settle / SECOND),
    limit: group.limit === null ? '' : String(group.limit / SECOND),
    atLimit: group.atLimit,
  };
}

/** What a person decides has no limit, all else has one: unless something else was typed. */
export function withRule(draft: GroupDraft, rule: Rule): GroupDraft {
  if (rule === 'release' && draft.limit === LIMIT) return { ...draft, rule, limit: '' };
  if (draft.rule === 'release' && rule !== 'release' && draft.limit === '') return { ...draft, rule, limit: LIMIT };
  return { ...draft, rule };
}

export function groupOf(draft: GroupDraft): CallParams<'group.add'>['group'] {
  return {
    name: draft.name.trim(),
    members: draft.members
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== ''),
    rule: draft.rule,
    settle: millis(draft.settle),
    limit: draft.limit === '' ? null : millis(draft.limit),
    atLimit: draft.atLimit,
  };
}

function millis(seconds: string): number {
  return Math.round(Number(seconds) * SECOND);
}

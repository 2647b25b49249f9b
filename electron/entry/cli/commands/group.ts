import type { CallResult } from '../../../../shared/contract/calls.ts';
import { RULE_MILLIS_MAX } from '../../../../shared/contract/rules.ts';
import { answer, command, jsonOption, siteOf, siteOption } from '../command.ts';
import { wrong } from '../parse.ts';
import { ask } from '../reach.ts';
import { plain, table } from '../text.ts';
import { durationText, parseChoice, parseDuration, parseLimit, sameInstall } from '../values.ts';

const RULES = ['all', 'settle', 'release'] as const;
/** The longest that members of a group wait for each other, where nothing else is said. */
const LIMIT_MILLIS = 60_000;

export const groupAdd = command({
  words: 'group add',
  summary: 'master: make files appear together on the mirrors',
  positionals: ['NAME'],
  options: {
    ...siteOption,
    member: { type: 'string', value: 'GLOB', required: true, multiple: true, help: 'a path, or a pattern of paths' },
    rule: {
      type: 'string',
      value: RULES.join('|'),
      required: true,
      help: 'publish once all members have arrived, once none changes any more, or once you commit',
    },
    settle: {
      type: 'string',
      value: 'TIME',
      help: 'rule settle: for how long no member may have changed (default 2s)',
    },
    limit: {
      type: 'string',
      value: 'TIME|none',
      help: 'the longest wait (default 60s; rule release: none)',
    },
    // oxlint-disable-next-line unicorn/no-thenable -- --then reads best, and its value is never a function
    then: { type: 'string', value: 'publish|hold', help: 'at the limit, publish what is there (default) or ask' },
    replace: { type: 'boolean', help: 'change the group if there is already one of that name' },
    ...jsonOption,
  },
  async run({ values, positionals: [name = ''] }, io) {
    const rule = parseChoice('--rule', values.rule, RULES);
    if (values.settle !== undefined && rule !== 'settle')
      throw wrong(`--settle says nothing to --rule ${rule}`, 'Leave it out, or write --rule settle');
    const params = {
      ...siteOf(values),
      group: {
        name,
        members: [...values.member],
        rule,
        ...(values.settle !== undefined && {
          settle: parseDuration('--settle', values.settle, { max: RULE_MILLIS_MAX }),
        }),
        limit: values.limit === undefined ? defaultLimit(rule) : parseLimit('--limit', values.limit),
        ...(values.then !== undefined && { atLimit: parseChoice('--then', values.then, ['publish', 'hold']) }),
      },
      replace: values.replace,
    };
    const added = await ask(io, values, 'group.add', params);
    return answer(io, values, added, () => `The members of ${added.name} appear together from now on.`);
  },
});

export const groupList = command({
  words: 'group list',
  summary: 'the groups of files that appear together',
  options: { ...siteOption, ...jsonOption },
  async run({ values }, io) {
    const groups = await ask(io, values, 'group.list', siteOf(values));
    return answer(io, values, groups, () =>
      groups.length === 0
        ? `No groups yet. Make one: lockstep group add NAME --member GLOB --rule all${sameInstall(values.data)}`
        : table(groups.map(groupLine)),
    );
  },
});

export const groupRemove = command({
  words: 'group remove',
  summary: 'master: remove a group, so that its files no longer wait for each other',
  positionals: ['NAME'],
  options: { ...siteOption, ...jsonOption },
  async run({ values, positionals: [name = ''] }, io) {
    const params = { ...siteOf(values), name };
    const removed = await ask(io, values, 'group.remove', params);
    return answer(io, values, removed, () => `The group ${name} is no more. Its files are untouched.`);
  },
});

export const groupCommit = command({
  words: 'group commit',
  summary: 'master: publish the changes so far in a group with the rule release',
  positionals: ['NAME'],
  options: { ...siteOption, ...jsonOption },
  async run({ values, positionals: [name = ''] }, io) {
    const params = { ...siteOf(values), name };
    const committed = await ask(io, values, 'group.commit', params);
    return answer(
      io,
      values,
      committed,
      () => `What has changed in ${name} up to now (change ${committed.seq}) appears.`,
    );
  },
});

function defaultLimit(rule: (typeof RULES)[number]): number | null {
  return rule === 'release' ? null : LIMIT_MILLIS;
}

export function groupLine({
  site,
  name,
  rule,
  settle,
  limit,
  atLimit,
  members,
}: CallResult<'group.list'>[number]): string[] {
  return [
    site,
    name,
    rule === 'settle' ? `settle ${durationText(settle)}` : rule,
    limit === null ? 'no limit' : `${durationText(limit)}, then ${atLimit}`,
    members.map(plain).join('  '),
  ];
}

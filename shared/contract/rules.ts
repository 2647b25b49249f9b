import { z } from 'zod';
import { issue } from './issue.ts';
import { glob, name, seq, sitePath } from './primitives.ts';

/*
 * What belongs together in a site (SPEC §8): defined at the master, journalled, and told to its mirrors in the journal's
 * order. Globs as in routes.
 */

/** The longest settle time or limit. */
export const RULE_MILLIS_MAX = 7 * 86_400_000;
const duration = z.int().min(0).max(RULE_MILLIS_MAX);

export const GROUPS_MAX = 100;
export const GROUP_MEMBERS_MAX = 200;
export const SET_LINKS_MAX = 500;
/** Characters of all members and set links of a site: a mirror is told of them in one message. */
export const RULES_TEXT_MAX = 512 * 1024;

/** Files that appear together (JP H11-154110 ¶32). Durations in milliseconds. */
export const fileGroup = z.strictObject({
  name,
  members: z.array(glob).min(1).max(GROUP_MEMBERS_MAX),
  /**
   * `all`: once each member (for a glob: one path at least) has been notified since the round began. `settle`: once no
   * member has changed for `settle`. `release`: once the publisher commits.
   */
  rule: z.enum(['all', 'settle', 'release']),
  settle: duration.default(2_000),
  /** After so long since the round began `atLimit` is done; null: it waits until the rule is fulfilled. */
  limit: duration.nullable().default(null),
  // `hold`: a person is asked.
  atLimit: z.enum(['publish', 'hold']).default('publish'),
  /** Changes of members up to this seq were committed by the publisher (rule `release`). */
  committed: seq.default(0),
});

/** A link set by hand: a file that matches `glob` waits until `target` has changed too. */
export const setLink = z.strictObject({ glob, target: sitePath });

/** Index files of folders, the first that is there counts. */
const indexNames = z.array(z.string().regex(/^[^/\\\0]{1,100}$/, issue('file-name'))).max(10);

export const linkRules = z.strictObject({
  /** False: links that are found in pages are known, but nothing waits for them. */
  wait: z.boolean().default(true),
  index: indexNames.default(['index.html', 'index.htm']),
  /** How long a page waits for a target that the master does not have either. */
  missing: duration.default(10_000),
  /** How long a page waits for a target that is on its way. */
  late: duration.default(600_000),
  /** How long a delete waits while a published page still links to what goes. */
  deleted: duration.default(60_000),
  set: z.array(setLink).max(SET_LINKS_MAX).default([]),
});

export const siteRules = z
  .strictObject({
    groups: z.array(fileGroup).max(GROUPS_MAX).default([]),
    links: linkRules.prefault({}),
  })
  .refine((rules) => rulesText(rules) <= RULES_TEXT_MAX, {
    error: issue('rules-too-long'),
    params: { limit: RULES_TEXT_MAX },
  });

interface RuleTexts {
  readonly groups: readonly { readonly members: readonly string[] }[];
  readonly links: { readonly set: readonly { readonly glob: string; readonly target: string }[] };
}

/** Characters of what counts for `RULES_TEXT_MAX`. */
export function rulesText({ groups, links }: RuleTexts): number {
  const members = groups.reduce((sum, group) => group.members.reduce((own, { length }) => own + length, sum), 0);
  return links.set.reduce((sum, { glob: pages, target }) => sum + pages.length + target.length, members);
}

export type FileGroup = z.output<typeof fileGroup>;
export type SiteRules = z.output<typeof siteRules>;

/** What holds where a master has set nothing. */
export const DEFAULT_RULES: SiteRules = siteRules.parse({});

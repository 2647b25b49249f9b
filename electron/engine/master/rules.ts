import type { SiteConfig } from '../../../shared/contract/config.ts';
import type { SiteRules } from '../../../shared/contract/rules.ts';
import type { Actor } from './site-files.ts';

/** Who journals rules: they come from the config, whoever wrote it. */
export const RULES_AUTHOR: Actor = { account: 'config' };

/**
 * What mirrors are told of a site's config: how to parse pages is the master's own business. What the publisher has
 * committed of a group is not in the config, and stays.
 */
export function rulesOf(config: SiteConfig, before: SiteRules): SiteRules {
  const { urls: _, ...links } = config.links;
  const committed = new Map(before.groups.map((group) => [group.name, group.committed]));
  return {
    groups: config.groups.map((group) => ({ ...group, committed: committed.get(group.name) ?? 0 })),
    links,
  };
}

import type { FileGroup } from '../../../../shared/contract/rules.ts';
import { useText } from '../../../i18n/use-text.ts';

/** The rule of a group as a sentence: when its files appear, and what happens when that takes too long. */
export function useRuleText(): (group: FileGroup) => string {
  const { t, format } = useText();
  const words = t.together.groups;
  return ({ rule, settle, limit, atLimit, members }) => {
    const when =
      rule === 'all'
        ? words.ruleAll(members.length)
        : rule === 'settle'
          ? words.ruleSettle(format.duration(settle))
          : words.ruleRelease;
    if (limit === null) return `${when}${words.gap}${words.noLimit}`;
    return `${when}${words.gap}${(atLimit === 'publish' ? words.limitPublish : words.limitHold)(format.duration(limit))}`;
  };
}

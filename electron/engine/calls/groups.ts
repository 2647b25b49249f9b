import { AppError } from '../../../shared/errors/app-error.ts';
import { findRules } from '../store/sites.ts';
import { RULES_AUTHOR } from '../master/rules.ts';
import { refuseFolders } from './refuse-folders.ts';
import { type CallContext, chosenSite, editSite, type HandlersOf, publishedSite, siteNames } from './context.ts';

export function groupHandlers(context: CallContext): HandlersOf<'group'> {
  const { node } = context;
  return {
    'group.list': ({ site }) => {
      const names = siteNames(context);
      const meant = site === undefined ? names : [chosenSite(names, site)];
      return meant.flatMap((name) => findRules(node.store, name).groups.map((group) => ({ site: name, ...group })));
    },

    'group.add': async ({ site, group, replace }) => {
      const { index } = publishedSite(context, site).journal;
      const { name } = await editSite(context, site, (config) => {
        const known = config.groups.some((each) => each.name === group.name);
        if (known && !replace) throw new AppError('group.exists', { group: group.name });
        const before = config.groups.find((each) => each.name === group.name)?.members ?? [];
        refuseFolders(group.members, before, (path) => index.entry(path));
        const groups = known
          ? config.groups.map((each) => (each.name === group.name ? group : each))
          : [...config.groups, group];
        return { ...config, groups };
      });
      return { site: name, name: group.name };
    },

    'group.remove': async ({ site, name: group }) => {
      const { name } = await editSite(context, site, (config) => {
        const groups = config.groups.filter((each) => each.name !== group);
        if (groups.length === config.groups.length) throw new AppError('group.unknown', { group });
        return { ...config, groups };
      });
      return { site: name, name: group };
    },

    'group.commit': async ({ site, name: group }) => {
      const { name, files } = publishedSite(context, site);
      let committed = 0;
      await files.setRules((rules, seq) => {
        const found = rules.groups.find((each) => each.name === group);
        if (!found) throw new AppError('group.unknown', { group });
        if (found.rule !== 'release') throw new AppError('group.wrong-rule', { group, rule: found.rule });
        committed = seq;
        return { ...rules, groups: rules.groups.map((each) => (each === found ? { ...each, committed } : each)) };
      }, RULES_AUTHOR);
      return { site: name, name: group, seq: committed };
    },
  };
}

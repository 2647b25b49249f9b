import { resolve } from 'node:path';
import type { SiteChanges } from '../../../../shared/contract/config-changes.ts';
import { answer, command, jsonOption } from '../command.ts';
import { ask } from '../reach.ts';
import { parseAddress, parseChoice, parseDuration, parseWhole } from '../values.ts';

const SWITCH = ['on', 'off'] as const;

export const siteSet = command({
  words: 'site set',
  summary: 'master: change where the folder of a site is, how it is watched, kept and announced',
  positionals: ['NAME'],
  options: {
    root: { type: 'string', value: 'PATH', help: 'where its folder was moved to, with all that is in it' },
    watch: { type: 'string', value: 'on|off', help: 'see changes that are made without FTP too' },
    'keep-days': { type: 'string', value: 'N', help: 'days that the journal reaches back' },
    'version-days': { type: 'string', value: 'N', help: 'days that replaced and deleted files are kept' },
    'version-count': { type: 'string', value: 'N', help: 'how many of them at most' },
    'version-bytes': { type: 'string', value: 'N', help: 'how much of them at most' },
    'link-wait': { type: 'string', value: 'on|off', help: 'pages wait for what they link to' },
    'link-missing': {
      type: 'string',
      value: 'TIME',
      help: 'how long for a target that the master does not have either',
    },
    'link-late': { type: 'string', value: 'TIME', help: 'how long for a target that is on its way' },
    'link-deleted': { type: 'string', value: 'TIME', help: 'how long a delete waits for pages that link to it' },
    url: {
      type: 'string',
      multiple: true,
      value: 'URL',
      help: 'address of the site, so that links by it count; all of them',
    },
    multicast: { type: 'string', value: 'GROUP:PORT|off', help: 'announce changes by UDP multicast too' },
    ...jsonOption,
  },
  async run({ values, positionals: [name = ''] }, io) {
    const whole = (flag: string, text: string | undefined): number | undefined =>
      text === undefined ? undefined : parseWhole(`--${flag}`, text);
    const time = (flag: string, text: string | undefined): number | undefined =>
      text === undefined ? undefined : parseDuration(`--${flag}`, text);
    const isOn = (flag: string, text: string | undefined): boolean | undefined =>
      text === undefined ? undefined : parseChoice(`--${flag}`, text, SWITCH) === 'on';
    const group =
      values.multicast === undefined || values.multicast === 'off'
        ? undefined
        : parseAddress('--multicast', values.multicast);
    const changes: SiteChanges = {
      watch: isOn('watch', values.watch),
      keepDays: whole('keep-days', values['keep-days']),
      versions: {
        days: whole('version-days', values['version-days']),
        count: whole('version-count', values['version-count']),
        bytes: whole('version-bytes', values['version-bytes']),
      },
      links: {
        wait: isOn('link-wait', values['link-wait']),
        missing: time('link-missing', values['link-missing']),
        late: time('link-late', values['link-late']),
        deleted: time('link-deleted', values['link-deleted']),
        urls: values.url.length === 0 ? undefined : [...values.url],
      },
      multicast: values.multicast === 'off' ? null : group && { group: group.host, port: group.port },
    };
    const done = await ask(io, values, 'site.set', {
      name,
      ...changes,
      root: values.root === undefined ? undefined : resolve(io.cwd, values.root),
    });
    return answer(io, values, done, () => `The site ${name} is set so, from now on.`);
  },
});

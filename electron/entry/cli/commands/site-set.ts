import { resolve } from 'node:path';
import type { SiteChanges } from '../../../../shared/contract/config-changes.ts';
import { answer, command, jsonOption } from '../command.ts';
import { ask } from '../reach.ts';
import { parseAddress, parseChoice, parseDuration, parseWhole } from '../values.ts';

const SWITCH = ['on', 'off'] as const;

export const siteSet = command({
  words: 'site set',
  summary: 'master: change the settings of a site: its folder, watching, what is kept, links, multicast',
  positionals: ['NAME'],
  options: {
    root: { type: 'string', value: 'PATH', help: 'where its folder, with everything in it, has been moved' },
    watch: { type: 'string', value: 'on|off', help: 'also notice changes made without FTP' },
    'keep-days': { type: 'string', value: 'N', help: 'how many days the journal goes back' },
    'version-days': { type: 'string', value: 'N', help: 'how many days to keep replaced and deleted files' },
    'version-count': { type: 'string', value: 'N', help: 'how many of them to keep at most' },
    'version-bytes': { type: 'string', value: 'N', help: 'how many bytes of them to keep at most' },
    'link-wait': { type: 'string', value: 'on|off', help: 'make pages wait for what they link to' },
    'link-missing': {
      type: 'string',
      value: 'TIME',
      help: 'how long to wait for a target that the master does not have',
    },
    'link-late': { type: 'string', value: 'TIME', help: 'how long to wait for a target that is on its way' },
    'link-deleted': { type: 'string', value: 'TIME', help: 'how long a delete waits for pages that link to the file' },
    url: {
      type: 'string',
      multiple: true,
      value: 'URL',
      help: 'address of the site, so that absolute links to it count; give all of them',
    },
    multicast: { type: 'string', value: 'GROUP:PORT|off', help: 'also announce changes by UDP multicast' },
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

import { resolve } from 'node:path';
import { answer, command, jsonOption, takeOverOption } from '../command.ts';
import { ask } from '../reach.ts';
import { count, plain, things } from '../text.ts';
import { sameInstall } from '../values.ts';

export const siteAdd = command({
  words: 'site add',
  summary: 'master: publish a folder under a name',
  positionals: ['NAME', 'PATH'],
  options: {
    watch: { type: 'boolean', help: 'also notice changes made without FTP' },
    ...takeOverOption,
    ...jsonOption,
  },
  async run({ values, positionals: [name = '', path = ''] }, io) {
    const params = { name, root: resolve(io.cwd, path), watch: values.watch, takeOver: values['take-over'] };
    const added = await ask(io, values, 'site.add', params);
    return answer(io, values, added, () => [
      `The site ${added.name} is published from ${plain(added.root)}.`,
      ...unfitLines(added, values.data),
      `Next: lockstep account add USER --site ${added.name}${sameInstall(values.data)}`,
    ]);
  },
});

export const siteRemove = command({
  words: 'site remove',
  summary: 'master: stop publishing a site; its files stay where they are',
  positionals: ['NAME'],
  options: jsonOption,
  async run({ values, positionals: [name = ''] }, io) {
    const removed = await ask(io, values, 'site.remove', { name });
    return answer(io, values, removed, () => `The site ${name} is no longer published. Its files are untouched.`);
  },
});

export const siteRescan = command({
  words: 'site rescan',
  summary: 'master: publish what was changed without FTP; mirror: fetch what was changed by hand again',
  positionals: ['NAME'],
  options: {
    'allow-deletes': { type: 'boolean', help: 'even if more than half of the files are gone' },
    ...jsonOption,
  },
  async run({ values, positionals: [name = ''] }, io) {
    const params = { name, allowDeletes: values['allow-deletes'] };
    const seen = await ask(io, values, 'site.rescan', params);
    return answer(io, values, seen, () => [
      `${name}: ${things(seen.found, 'entry', 'entries')} looked at, ${count(seen.changed)} changed.`,
      ...unfitLines(seen, values.data),
    ]);
  },
});

function unfitLines(
  left: { unfit?: number | undefined; links?: number | undefined },
  data: string | undefined,
): string[] {
  const { unfit = 0, links = 0 } = left;
  return [
    ...(unfit > 0 ? [`▲ ${things(unfit, 'name')} cannot be published: lockstep waiting list${sameInstall(data)}`] : []),
    ...(links > 0
      ? [
          `▲ ${things(links, 'symbolic link is', 'symbolic links are')} not published: lockstep doctor${sameInstall(data)}`,
        ]
      : []),
  ];
}

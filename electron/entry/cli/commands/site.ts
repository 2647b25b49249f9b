import { resolve } from 'node:path';
import { command, EXIT, jsonOption, takeOverOption } from '../command.ts';
import { withEngine } from '../reach.ts';
import { count, plain, things } from '../text.ts';
import { dataFolder, sameInstall } from '../values.ts';

export const siteAdd = command({
  words: 'site add',
  summary: 'master: publish a folder under a name',
  positionals: ['NAME', 'PATH'],
  options: {
    watch: { type: 'boolean', help: 'see changes that are made without FTP too' },
    ...takeOverOption,
    ...jsonOption,
  },
  async run({ values, positionals: [name = '', path = ''] }, io) {
    const params = { name, root: resolve(io.cwd, path), watch: values.watch, takeOver: values['take-over'] };
    const added = await withEngine(dataFolder(values.data, io), (engine) => engine.call('site.add', params));
    if (values.json) io.out(JSON.stringify(added));
    else {
      io.out(`The site ${added.name} is published from ${plain(added.root)}.`);
      for (const line of unfitLines(added, values.data)) io.out(line);
      io.out(`Next: lockstep account add USER --site ${added.name}${sameInstall(values.data)}`);
    }
    return EXIT.done;
  },
});

export const siteRemove = command({
  words: 'site remove',
  summary: 'master: no longer publish a site; its files stay where they are',
  positionals: ['NAME'],
  options: jsonOption,
  async run({ values, positionals: [name = ''] }, io) {
    const removed = await withEngine(dataFolder(values.data, io), (engine) => engine.call('site.remove', { name }));
    io.out(values.json ? JSON.stringify(removed) : `The site ${name} is no longer published. Its files are untouched.`);
    return EXIT.done;
  },
});

export const siteRescan = command({
  words: 'site rescan',
  summary: 'master: publish what was changed without FTP; mirror: fetch again what was changed by hand',
  positionals: ['NAME'],
  options: {
    'allow-deletes': { type: 'boolean', help: 'even where more than half of the files are gone' },
    ...jsonOption,
  },
  async run({ values, positionals: [name = ''] }, io) {
    const params = { name, allowDeletes: values['allow-deletes'] };
    const seen = await withEngine(dataFolder(values.data, io), (engine) => engine.call('site.rescan', params));
    if (values.json) io.out(JSON.stringify(seen));
    else {
      io.out(`${name}: ${things(seen.found, 'entry', 'entries')} looked at, ${count(seen.changed)} changed.`);
      for (const line of unfitLines(seen, values.data)) io.out(line);
    }
    return EXIT.done;
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

import { sentence } from '../../../../shared/errors/sentences.en.ts';
import { command, EXIT, type Io, jsonOption } from '../command.ts';
import { withEngine } from '../reach.ts';
import { duration, plain } from '../text.ts';
import { dataFolder } from '../values.ts';

export const waitingList = command({
  words: 'waiting list',
  summary: 'what does not go on by itself, or not yet, and why',
  options: jsonOption,
  async run({ values }, io) {
    const items = await withEngine(dataFolder(values.data, io), (engine) => engine.call('waiting.list', {}));
    if (values.json) io.out(JSON.stringify(items));
    else if (items.length === 0) io.out('Nothing is waiting.');
    else
      for (const item of items) {
        const next = item.nextAttemptAt === undefined ? '' : `, next try in ${duration(item.nextAttemptAt - io.now())}`;
        io.out(`${item.id}  ${item.site}${item.path === undefined ? '' : `/${plain(item.path)}`}`);
        io.out(`  ${item.kind === 'failing' ? 'failing' : 'held'} since ${duration(io.now() - item.since)}${next}`);
        io.out(`  ${sentence(item.error)}`);
      }
    return EXIT.done;
  },
});

export const waitingPublish = command({
  words: 'waiting publish',
  summary: 'let go of what is held, or try at once what fails',
  positionals: ['ID'],
  options: jsonOption,
  run: ({ values, positionals: [id = ''] }, io) =>
    resolveWaiting(dataFolder(values.data, io), id, 'publish', values.json, io),
});

export const waitingDiscard = command({
  words: 'waiting discard',
  summary: 'give up what waits: it is not published here',
  positionals: ['ID'],
  options: jsonOption,
  run: ({ values, positionals: [id = ''] }, io) =>
    resolveWaiting(dataFolder(values.data, io), id, 'discard', values.json, io),
});

async function resolveWaiting(
  dataDir: string,
  id: string,
  how: 'publish' | 'discard',
  json: boolean,
  io: Io,
): Promise<number> {
  const resolved = await withEngine(dataDir, (engine) => engine.call('waiting.resolve', { id, how }));
  if (json) io.out(JSON.stringify(resolved));
  else io.out(how === 'publish' ? `${resolved.id} goes on.` : `${resolved.id} is discarded.`);
  return EXIT.done;
}

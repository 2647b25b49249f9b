import type { WaitingItem } from '../../../../shared/contract/status.ts';
import { needsPerson } from '../../../../shared/domain/needs-person.ts';
import { sentence } from '../../../../shared/errors/sentences.en.ts';
import { command, EXIT, type Io, jsonOption } from '../command.ts';
import { withEngine } from '../reach.ts';
import { duration, plain, things } from '../text.ts';
import { dataFolder } from '../values.ts';

export const waitingList = command({
  words: 'waiting list',
  summary: 'what does not go on by itself, or not yet, and why',
  options: jsonOption,
  async run({ values }, io) {
    const items = await withEngine(dataFolder(values.data, io), (engine) => engine.call('waiting.list', {}));
    if (values.json) io.out(JSON.stringify(items));
    else if (items.length === 0) io.out('Nothing is waiting.');
    else for (const item of items) for (const line of waitingLines(item, io.now())) io.out(line);
    return EXIT.done;
  },
});

export function waitingLines(item: WaitingItem, now: number): string[] {
  const { id, site, path, files = 1, peer, kind, since, nextAttemptAt, waitsFor = [], error } = item;
  const where = `${site}${path === undefined ? '' : `/${plain(path)}`}`;
  const more = files > 1 ? ` and ${things(files - 1, 'more file', 'more files')}` : '';
  const next = nextAttemptAt === undefined ? '' : `, next try in ${duration(nextAttemptAt - now)}`;
  return [
    `${plain(id)}  ${where}${more}${peer === undefined ? '' : ` at ${peer}`}`,
    `  ${KIND_WORDS[kind]} since ${duration(now - since)}${next}${endOf(item, now)}`,
    `  ${sentence(error)}`,
    ...(waitsFor.length === 0 ? [] : [`  waits for: ${waitsFor.map(plain).join(', ')}`]),
  ];
}

/** Until when it waits, or for whom. */
function endOf(item: WaitingItem, now: number): string {
  const { until, nextAttemptAt, error } = item;
  if (until !== undefined) return `, for at most ${duration(until - now)} more`;
  if (error.code === 'wait.word') return ', until the master gives the word';
  return needsPerson(item) && nextAttemptAt === undefined ? ', until a person decides' : '';
}

const KIND_WORDS: Readonly<Record<WaitingItem['kind'], string>> = {
  'delete-guard': 'held',
  failing: 'failing',
  group: 'group, waits',
  release: 'release, waits',
  link: 'link, waits',
  drift: 'changed here',
};

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

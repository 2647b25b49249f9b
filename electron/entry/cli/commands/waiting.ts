import type { CallParams } from '../../../../shared/contract/calls.ts';
import type { Status, WaitingItem } from '../../../../shared/contract/status.ts';
import {
  type EndedBy,
  endedBy,
  type GivingUp,
  givingUp,
  heldDeletes,
  isFolderLost,
  type Publishing,
  publishing,
} from '../../../../shared/domain/waiting-decisions.ts';
import { sentence } from '../../../../shared/errors/sentences.en.ts';
import { answer, command, type Io, jsonOption } from '../command.ts';
import { ask, withEngine } from '../reach.ts';
import { duration, plain, things } from '../text.ts';
import { dataFolder, parseWhole, sameInstall, shellWord } from '../values.ts';

export const waitingList = command({
  words: 'waiting list',
  summary: 'what is waiting, why, and what to do',
  options: jsonOption,
  async run({ values }, io) {
    const { items, role } = await withEngine(dataFolder(values.data, io), async (engine) => ({
      items: await engine.call('waiting.list', {}),
      role: (await engine.call('node.status', {})).node.role,
    }));
    return answer(io, values, items, () =>
      items.length === 0
        ? 'Nothing is waiting.'
        : items.flatMap((item) => [
            // A group is committed at the master, which is another install than a mirror.
            ...waitingLines(item, io.now(), role === 'mirror' && item.kind === 'group' ? '' : sameInstall(values.data)),
            ...decisionLines(item, role, values.data),
          ]),
    );
  },
});

/** How a person decides, where nothing else ends it. `data`: as it was given. */
export function decisionLines(item: WaitingItem, role: Status['node']['role'], data: string | undefined): string[] {
  const publish = publishing(item, role);
  // One that runs looks for its folder by itself, too, and that may be in vain.
  const isAsked = endedBy(item) === 'person' || isFolderLost(item);
  if (!isAsked || publish === undefined) return [];
  const command = (what: string): string => `lockstep waiting ${what} ${shellWord(item.id)}${sameInstall(data)}`;
  const deletes = heldDeletes(item);
  const count = deletes === undefined ? '' : ` --count ${deletes}`;
  const giveUp = givingUp(item, role);
  return [
    `  ${PUBLISHING_WORDS[publish]}: ${command('publish')}${count}`,
    ...(giveUp === undefined ? [] : [`  ${GIVING_UP_WORDS[giveUp]}: ${command('discard')}`]),
  ];
}

const PUBLISHING_WORDS: Readonly<Record<Publishing, string>> = {
  restore: 'Bring the master’s back',
  try: 'Try now',
  deletes: 'Let it happen',
  word: 'Publish without the others',
  'as-it-is': 'Publish now',
  refill: 'Fetch everything into a new folder',
  adopt: 'Use the folder that is there',
};

const GIVING_UP_WORDS: Readonly<Record<GivingUp, string>> = {
  drift: 'Leave it as it is',
  transfer: 'Give it up',
  deletes: 'Give the deletes up',
  changes: 'Give it up',
};

export function waitingLines(item: WaitingItem, now: number, same = ''): string[] {
  const { id, site, path, files = 1, peer, since, nextAttemptAt, waitsFor = [], error } = item;
  const where = `${site}${path === undefined ? '' : `/${plain(path)}`}`;
  const more = files > 1 ? ` and ${things(files - 1, 'more file', 'more files')}` : '';
  const next = nextAttemptAt === undefined ? '' : `, next try in ${duration(nextAttemptAt - now)}`;
  return [
    `${plain(id)}  ${where}${more}${peer === undefined ? '' : ` at ${peer}`}`,
    `  ${howLong(item, duration(now - since))}${next}${endOf(item, now)}`,
    `  ${sentence(error, 'shell', same, shellWord(id))}`,
    ...(waitsFor.length === 0 ? [] : [`  waits for: ${waitsFor.map(plain).join(', ')}`]),
  ];
}

function howLong({ error, kind }: WaitingItem, time: string): string {
  if (error.code.startsWith('unfit.')) return `not published for ${time}`;
  return kind === 'drift' ? `changed here ${time} ago` : `${KIND_WORDS[kind]} for ${time}`;
}

/** Until when it waits, or for whom. */
function endOf(item: WaitingItem, now: number): string {
  const { until } = item;
  if (until !== undefined) return `, for at most ${duration(until - now)} more`;
  const end = endedBy(item);
  return end === undefined ? '' : END_WORDS[end];
}

const END_WORDS: Readonly<Record<EndedBy, string>> = {
  word: ', until the master gives the word',
  folder: ', until the folder is back',
  mending: ', until it is fixed or gone',
  person: ', until someone decides',
};

const KIND_WORDS: Readonly<Record<Exclude<WaitingItem['kind'], 'drift'>, string>> = {
  'delete-guard': 'held',
  failing: 'failing',
  group: 'group, has waited',
  release: 'release, has waited',
  link: 'link, has waited',
  writing: 'being written',
};

export const waitingPublish = command({
  words: 'waiting publish',
  summary: 'release what is held, or retry at once what fails',
  positionals: ['ID'],
  options: {
    ...jsonOption,
    count: { type: 'string', value: 'N', help: 'for held deletes: only if there are no more than N' },
  },
  async run({ values, positionals: [id = ''] }, io) {
    const count = values.count === undefined ? undefined : parseWhole('--count', values.count);
    return resolveWaiting(values, { id, how: 'publish', ...(count !== undefined && { count }) }, io);
  },
});

export const waitingDiscard = command({
  words: 'waiting discard',
  summary: 'give up what is waiting: it is not published here',
  positionals: ['ID'],
  options: jsonOption,
  run: ({ values, positionals: [id = ''] }, io) => resolveWaiting(values, { id, how: 'discard' }, io),
});

async function resolveWaiting(
  values: { readonly data: string | undefined; readonly json: boolean },
  params: CallParams<'waiting.resolve'>,
  io: Io,
): Promise<number> {
  const resolved = await ask(io, values, 'waiting.resolve', params);
  return answer(io, values, resolved, () => `${resolved.id} ${params.how === 'publish' ? 'goes on' : 'is discarded'}.`);
}

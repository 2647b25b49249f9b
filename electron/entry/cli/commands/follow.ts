import { resolve } from 'node:path';
import type { CallResult } from '../../../../shared/contract/calls.ts';
import { answer, command, jsonOption, siteOf, siteOption } from '../command.ts';
import { wrong } from '../parse.ts';
import { ask, withEngine } from '../reach.ts';
import { limitOptions, limitsOf, limitsText } from '../limits-text.ts';
import { moment, plain, table, things } from '../text.ts';
import { dataFolder, parseWhole, sameInstall } from '../values.ts';

type Followed = CallResult<'follow.list'>[number];

export const followList = command({
  words: 'follow list',
  summary: 'mirror: the sites that it follows, with their settings',
  options: jsonOption,
  async run({ values }, io) {
    const follows = await ask(io, values, 'follow.list', {});
    return answer(io, values, follows, () =>
      follows.length === 0
        ? `Follows nothing yet: lockstep join CODE --root PATH${sameInstall(values.data)}`
        : table(follows.map(followCells)),
    );
  },
});

export const followSet = command({
  words: 'follow set',
  summary: 'mirror: set where the folder of a site is, and how fast, when and what it fetches',
  options: {
    root: { type: 'string', value: 'PATH', help: 'where its folder, with everything in it, has been moved' },
    ...limitOptions,
    connections: { type: 'string', value: 'N', help: 'how many files to fetch at once (1 to 32)' },
    exclude: {
      type: 'string',
      value: 'GLOB',
      multiple: true,
      help: 'leave out these paths; replaces the earlier list',
    },
    'exclude-nothing': { type: 'boolean', help: 'leave nothing out' },
    'delete-guard': {
      type: 'string',
      value: 'PERCENT',
      help: 'share of the files that may be deleted at once without asking',
    },
    drift: {
      type: 'string',
      value: 'report|restore|keep',
      help: 'what to do with files that others have changed here',
    },
    ...siteOption,
    ...jsonOption,
  },
  notes: ['Takes effect at once and changes only what you name. Limits set at the master (peer limit) apply as well.'],
  async run({ values }, io) {
    if (values['exclude-nothing'] && values.exclude.length > 0)
      throw wrong('--exclude-nothing leaves no room for --exclude', 'Write one of the two');
    const exclude = values['exclude-nothing'] ? [] : values.exclude.length > 0 ? [...values.exclude] : undefined;
    const change = {
      ...(values.root !== undefined && { root: resolve(io.cwd, values.root) }),
      ...limitsOf(values),
      ...(values.connections !== undefined && { connections: parseWhole('--connections', values.connections, 1) }),
      ...(exclude && { exclude }),
      ...(values['delete-guard'] !== undefined && { deleteGuard: parsePercent(values['delete-guard']) }),
      ...(values.drift !== undefined && { drift: parseDrift(values.drift) }),
    };
    if (Object.keys(change).length === 0)
      throw wrong('Nothing is given to set', 'Write --rate 2MB/s, --hours 22-6 or another option');
    const params = { ...siteOf(values), ...change };
    const set = await ask(io, values, 'follow.set', params);
    return answer(io, values, set, () => table([followCells(set)]));
  },
});

export const followPause = command({
  words: 'follow pause',
  summary: 'mirror: stop fetching and changing a site until it is resumed',
  options: { ...siteOption, ...jsonOption },
  async run({ values }, io) {
    const params = siteOf(values);
    const paused = await ask(io, values, 'follow.pause', params);
    return answer(
      io,
      values,
      paused,
      () => `${paused.site} is paused here. Go on with: lockstep follow resume${sameInstall(values.data)}`,
    );
  },
});

export const followResume = command({
  words: 'follow resume',
  summary: 'mirror: resume a paused site where it stopped',
  options: { ...siteOption, ...jsonOption },
  async run({ values }, io) {
    return withEngine(dataFolder(values.data, io), async (engine) => {
      const resumed = await engine.call('follow.resume', siteOf(values));
      const { sites } = await engine.call('node.status', {});
      const still = sites.find(({ name }) => name === resumed.site)?.peers[0]?.paused;
      return answer(io, values, resumed, () => {
        if (!still) return `${resumed.site} goes on.`;
        return still.by === 'there'
          ? `${resumed.site} is still paused by its master.`
          : `${resumed.site} goes on as soon as everything does: lockstep resume${sameInstall(values.data)}`;
      });
    });
  },
});

export const followDrift = command({
  words: 'follow drift',
  summary: 'mirror: files that others have changed or removed here, as far as noticed',
  options: { ...siteOption, ...jsonOption },
  notes: ['To decide about them, use lockstep waiting publish and lockstep waiting discard.'],
  async run({ values }, io) {
    const params = siteOf(values);
    const rows = await ask(io, values, 'follow.drift', params);
    return answer(io, values, rows, () =>
      rows.length === 0
        ? `Nothing that was changed here by others is known. Look with: lockstep doctor --deep${sameInstall(values.data)}`
        : table(rows.map(driftCells)),
    );
  },
});

export const followRemove = command({
  words: 'follow remove',
  summary: 'mirror: stop following a site; its files stay',
  options: {
    'dry-run': { type: 'boolean', help: 'say what would end, but do nothing' },
    ...siteOption,
    ...jsonOption,
  },
  async run({ values }, io) {
    const params = { ...siteOf(values), dryRun: values['dry-run'] };
    const ended = await ask(io, values, 'follow.remove', params);
    return answer(io, values, ended, () =>
      ended.sites.map(
        ({ site, files, root = '' }) =>
          `${site} of ${ended.name} ${params.dryRun ? 'would be' : 'is'} no longer followed; ${things(files, 'file')} ${files === 1 ? 'stays' : 'stay'} in ${plain(root)}.`,
      ),
    );
  },
});

function followCells({
  site,
  masterName,
  root,
  connections,
  exclude,
  deleteGuard,
  drift,
  pausedAt,
  ...limits
}: Followed): string[] {
  return [
    site,
    `of ${masterName}`,
    plain(root),
    [
      ...(pausedAt === undefined ? [] : ['paused']),
      limitsText(limits),
      `${connections} at once`,
      ...(exclude.length === 0 ? [] : [`without ${exclude.map(plain).join(', ')}`]),
      `asks beyond ${Math.round(deleteGuard * 100)} % deletes`,
      ...(drift === 'report' ? [] : [driftWords[drift]]),
    ].join(', '),
  ];
}

const driftWords = { restore: 'restores what others change', keep: 'keeps what others change' } as const;

function driftCells({ path, state, missing, at, keptAs }: CallResult<'follow.drift'>[number]): string[] {
  const what = missing ? 'removed' : 'changed';
  const words = {
    found: `${what}, needs attention`,
    kept: `${what}, stays as it is`,
    replaced: keptAs === undefined ? 'replaced, and not kept' : `replaced; what was there is now ${plain(keptAs)}`,
  };
  return [moment(at), plain(path), words[state]];
}

function parseDrift(text: string): Followed['drift'] {
  if (text === 'report' || text === 'restore' || text === 'keep') return text;
  throw wrong(`--drift ${text} is none of the three`, 'Write --drift report, restore or keep');
}

function parsePercent(text: string): number {
  const value = Number(/^(\d{1,3})\s*%?$/.exec(text)?.[1]);
  if (Number.isNaN(value) || value > 100)
    throw wrong(`--delete-guard ${text} is no share`, 'Write --delete-guard 50, in percent');
  return value / 100;
}

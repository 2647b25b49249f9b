import type { CallResult } from '../../../../shared/contract/calls.ts';
import { command, EXIT, jsonOption, siteOf, siteOption } from '../command.ts';
import { wrong } from '../parse.ts';
import { withEngine } from '../reach.ts';
import { limitOptions, limitsOf, limitsText } from '../limits-text.ts';
import { moment, plain, table, things } from '../text.ts';
import { dataFolder, parseWhole, sameInstall } from '../values.ts';

type Followed = CallResult<'follow.list'>[number];

export const followList = command({
  words: 'follow list',
  summary: 'mirror: the sites that it follows, and what is set for each',
  options: jsonOption,
  async run({ values }, io) {
    const follows = await withEngine(dataFolder(values.data, io), (engine) => engine.call('follow.list', {}));
    if (values.json) io.out(JSON.stringify(follows));
    else if (follows.length === 0)
      io.out(`Follows nothing yet: lockstep join CODE --root PATH${sameInstall(values.data)}`);
    else for (const line of table(follows.map(followCells))) io.out(line);
    return EXIT.done;
  },
});

export const followSet = command({
  words: 'follow set',
  summary: 'mirror: how fast, when, and what of a site it fetches',
  options: {
    ...limitOptions,
    connections: { type: 'string', value: 'N', help: 'files fetched at once (1 to 32)' },
    exclude: { type: 'string', value: 'GLOB', multiple: true, help: 'paths that it leaves out; these, and no others' },
    'exclude-nothing': { type: 'boolean', help: 'leaves nothing out' },
    'delete-guard': {
      type: 'string',
      value: 'PERCENT',
      help: 'share of the files that may go at once before a person is asked',
    },
    drift: {
      type: 'string',
      value: 'report|restore|keep',
      help: 'what becomes of files that somebody else has changed here',
    },
    ...siteOption,
    ...jsonOption,
  },
  notes: ['In force at once; what is not named stays as it is. What the master asks (peer limit) holds too.'],
  async run({ values }, io) {
    if (values['exclude-nothing'] && values.exclude.length > 0)
      throw wrong('--exclude-nothing leaves no room for --exclude', 'Write one of the two');
    const exclude = values['exclude-nothing'] ? [] : values.exclude.length > 0 ? [...values.exclude] : undefined;
    const change = {
      ...limitsOf(values),
      ...(values.connections !== undefined && { connections: parseWhole('--connections', values.connections, 1) }),
      ...(exclude && { exclude }),
      ...(values['delete-guard'] !== undefined && { deleteGuard: parsePercent(values['delete-guard']) }),
      ...(values.drift !== undefined && { drift: parseDrift(values.drift) }),
    };
    if (Object.keys(change).length === 0)
      throw wrong('Nothing is given to set', 'Write --rate 2MB/s, --hours 22-6 or another option');
    const params = { ...siteOf(values), ...change };
    const set = await withEngine(dataFolder(values.data, io), (engine) => engine.call('follow.set', params));
    if (values.json) io.out(JSON.stringify(set));
    else for (const line of table([followCells(set)])) io.out(line);
    return EXIT.done;
  },
});

export const followPause = command({
  words: 'follow pause',
  summary: 'mirror: a site is not fetched, and nothing of it changes here, until it is resumed',
  options: { ...siteOption, ...jsonOption },
  async run({ values }, io) {
    const params = siteOf(values);
    const paused = await withEngine(dataFolder(values.data, io), (engine) => engine.call('follow.pause', params));
    io.out(
      values.json
        ? JSON.stringify(paused)
        : `${paused.site} is paused here. Go on with: lockstep follow resume${sameInstall(values.data)}`,
    );
    return EXIT.done;
  },
});

export const followResume = command({
  words: 'follow resume',
  summary: 'mirror: a paused site goes on where it stands',
  options: { ...siteOption, ...jsonOption },
  async run({ values }, io) {
    await withEngine(dataFolder(values.data, io), async (engine) => {
      const resumed = await engine.call('follow.resume', siteOf(values));
      const { sites } = await engine.call('node.status', {});
      const still = sites.find(({ name }) => name === resumed.site)?.peers[0]?.paused;
      if (values.json) return io.out(JSON.stringify(resumed));
      if (!still) return io.out(`${resumed.site} goes on.`);
      io.out(
        still.by === 'there'
          ? `${resumed.site} is still paused by its master.`
          : `${resumed.site} goes on as soon as everything does: lockstep resume${sameInstall(values.data)}`,
      );
    });
    return EXIT.done;
  },
});

export const followDrift = command({
  words: 'follow drift',
  summary: 'mirror: files that somebody else has changed or removed here, as far as it was noticed',
  options: { ...siteOption, ...jsonOption },
  notes: ['Decide about those that were found with lockstep waiting publish and lockstep waiting discard.'],
  async run({ values }, io) {
    const params = siteOf(values);
    const rows = await withEngine(dataFolder(values.data, io), (engine) => engine.call('follow.drift', params));
    if (values.json) io.out(JSON.stringify(rows));
    else if (rows.length === 0)
      io.out(
        `Nothing that was changed here by others is known. Look with: lockstep doctor --deep${sameInstall(values.data)}`,
      );
    else for (const line of table(rows.map(driftCells))) io.out(line);
    return EXIT.done;
  },
});

export const followRemove = command({
  words: 'follow remove',
  summary: 'mirror: no longer follow a site; its files stay',
  options: {
    'dry-run': { type: 'boolean', help: 'say what would end, and do nothing' },
    ...siteOption,
    ...jsonOption,
  },
  async run({ values }, io) {
    const params = { ...siteOf(values), dryRun: values['dry-run'] };
    const ended = await withEngine(dataFolder(values.data, io), (engine) => engine.call('follow.remove', params));
    if (values.json) io.out(JSON.stringify(ended));
    else
      for (const { site, files, root = '' } of ended.sites)
        io.out(
          `${site} of ${ended.name} ${params.dryRun ? 'would be' : 'is'} no longer followed; ${things(files, 'file')} ${files === 1 ? 'stays' : 'stay'} in ${plain(root)}.`,
        );
    return EXIT.done;
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
    found: `${what}, waits for a person`,
    kept: `${what}, stays as it is`,
    replaced: keptAs === undefined ? 'replaced, and not kept' : `replaced; what stood there is ${plain(keptAs)}`,
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

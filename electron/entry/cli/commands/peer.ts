import type { CallResult } from '../../../../shared/contract/calls.ts';
import { answer, command, jsonOption } from '../command.ts';
import { wrong } from '../parse.ts';
import { ask, withEngine } from '../reach.ts';
import { limitOptions, limitsOf, limitsText } from '../limits-text.ts';
import { plain, table, things } from '../text.ts';
import { dataFolder, sameInstall } from '../values.ts';

export const peerList = command({
  words: 'peer list',
  summary: 'the installs that this one is paired with',
  options: jsonOption,
  async run({ values }, io) {
    const peers = await ask(io, values, 'peer.list', {});
    return answer(io, values, peers, () =>
      peers.length === 0
        ? `Paired with nobody yet: lockstep invite${sameInstall(values.data)} at a master, lockstep join${sameInstall(values.data)} at a mirror.`
        : table(
            peers.map((peer) => [
              peer.name,
              peer.role,
              peer.sites.join(', '),
              peer.address === null ? 'dials this install' : `at ${plain(peer.address)}, the ${peer.dial} dials`,
              peer.id.slice(0, 16),
              [peer.pausedAt === undefined ? '' : 'paused', peer.limits ? limitsText(peer.limits) : '']
                .filter((part) => part !== '')
                .join(', '),
            ]),
          ),
    );
  },
});

export const peerRemove = command({
  words: 'peer remove',
  summary: 'end the pairing with an install: it gets nothing more',
  positionals: ['PEER'],
  options: { 'dry-run': { type: 'boolean', help: 'say what would end, but do nothing' }, ...jsonOption },
  async run({ values, positionals: [peer = ''] }, io) {
    const params = { peer, dryRun: values['dry-run'] };
    const removed = await ask(io, values, 'peer.remove', params);
    return answer(io, values, removed, () => endingLines(removed, values['dry-run']));
  },
});

export const peerDial = command({
  words: 'peer dial',
  summary: 'open the link to a peer now instead of at the next attempt',
  positionals: ['PEER'],
  options: jsonOption,
  async run({ values, positionals: [peer = ''] }, io) {
    const dialled = await ask(io, values, 'peer.dial', { peer });
    return answer(io, values, dialled, () => `${dialled.name} is being dialled.`);
  },
});

export const peerPause = command({
  words: 'peer pause',
  summary: 'master: pause a mirror, which then hears of nothing and fetches nothing until it is resumed',
  positionals: ['MIRROR'],
  options: jsonOption,
  notes: ['Transfers under way stop and resume later. A paused mirror is not in step, and no release waits for it.'],
  async run({ values, positionals: [peer = ''] }, io) {
    const paused = await ask(io, values, 'peer.pause', { peer });
    return answer(
      io,
      values,
      paused,
      () => `${paused.name} is paused. Go on with: lockstep peer resume ${paused.name}${sameInstall(values.data)}`,
    );
  },
});

export const peerResume = command({
  words: 'peer resume',
  summary: 'master: resume a paused mirror where it stopped',
  positionals: ['MIRROR'],
  options: jsonOption,
  async run({ values, positionals: [peer = ''] }, io) {
    return withEngine(dataFolder(values.data, io), async (engine) => {
      const resumed = await engine.call('peer.resume', { peer });
      const { pausedAt } = await engine.call('node.status', {});
      return answer(io, values, resumed, () =>
        pausedAt === undefined
          ? `${resumed.name} goes on.`
          : `${resumed.name} goes on as soon as everything does: lockstep resume${sameInstall(values.data)}`,
      );
    });
  },
});

export const peerLimit = command({
  words: 'peer limit',
  summary: 'master: set how fast and in which hours a mirror fetches',
  positionals: ['MIRROR'],
  options: { ...limitOptions, ...jsonOption },
  notes: ['Takes effect at once. Limits set at the mirror (follow set) apply as well: the stricter one counts.'],
  async run({ values, positionals: [peer = ''] }, io) {
    const change = limitsOf(values);
    if (Object.keys(change).length === 0) throw wrong('No limit is given', 'Write --rate 2MB/s, or --hours 22-6');
    const params = { peer, ...change };
    const limited = await ask(io, values, 'peer.limit', params);
    return answer(io, values, limited, () => `${limited.name}: ${limitsText(limited.limits)}.`);
  },
});

/** What has ended, or would end. */
function endingLines({ name, sites }: CallResult<'peer.remove'>, isDryRun: boolean): string[] {
  const head = isDryRun
    ? `${name} would no longer be paired with this install.`
    : `${name} is no longer paired with this install.`;
  return [
    head,
    ...sites.map(({ site, files, root, behind }) => {
      if (root !== undefined)
        return `  ${site}: ${things(files, 'file')} ${files === 1 ? 'stays' : 'stay'} in ${plain(root)}`;
      return behind
        ? `  ${site}: ${things(behind, 'change')} ${behind === 1 ? 'does' : 'do'} not reach it any more`
        : `  ${site}: it has everything`;
    }),
  ];
}

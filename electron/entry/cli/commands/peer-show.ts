import type { z } from 'zod';
import type { commandOutputs } from '../../../../shared/contract/command-line.ts';
import type { CallResult } from '../../../../shared/contract/calls.ts';
import type { Status } from '../../../../shared/contract/status.ts';
import { reasonTexts } from '../../../../shared/domain/explain-peer.en.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { answer, command, jsonOption } from '../command.ts';
import { limitsText } from '../limits-text.ts';
import { type Reach, withEngine } from '../reach.ts';
import { reasonsOf, wordsOf } from '../reason-text.ts';
import { duration, joined, peerAtRest, peerState, plain, table } from '../text.ts';
import { dataFolder } from '../values.ts';

type Shown = z.output<(typeof commandOutputs)['peer show']>;

export const peerShow = command({
  words: 'peer show',
  summary: 'the state of a paired install: what is behind, why, and when it is retried',
  positionals: ['PEER'],
  options: jsonOption,
  async run({ values, positionals: [peer = ''] }, io) {
    const { shown, running } = await withEngine(dataFolder(values.data, io), (engine) => look(engine, peer, io.now()));
    return answer(io, values, shown, () => shownLines(shown, running, io.now()));
  },
});

async function look(engine: Reach, nameOrId: string, now: number): Promise<{ shown: Shown; running: boolean }> {
  const [status, peers] = [await engine.call('node.status', {}), await engine.call('peer.list', {})];
  const peer = peers.find(({ name, id }) => name === nameOrId || id === nameOrId);
  if (!peer) throw new AppError('peer.unknown', { peer: nameOrId });
  const sites: Shown['sites'] = [];
  for (const site of status.sites) {
    const own = site.peers.find(({ id }) => id === peer.id);
    if (!own) continue;
    const routes = status.node.role === 'master' ? await engine.call('route.list', { site: site.name }) : undefined;
    sites.push({
      site: site.name,
      status: own,
      reasons: status.running ? tellReasons(status, site, own, now) : [],
      ...(routes && { gets: globsFor(routes, peer.name) }),
    });
  }
  return { shown: { peer, sites }, running: status.running };
}

function tellReasons(
  status: Status,
  site: Status['sites'][number],
  peer: Shown['sites'][number]['status'],
  now: number,
): Shown['sites'][number]['reasons'] {
  const words = wordsOf(status.node, peer, now);
  return reasonsOf(status, site, peer, now).map((reason) => ({
    code: reason.code,
    sentence: plain(reasonTexts.sentence(reason, words)),
  }));
}

function globsFor(routes: CallResult<'route.list'>, mirror: string): string[] {
  if (routes.length === 0) return ['**'];
  return routes.flatMap(({ glob, mirrors }) => (mirrors === 'all' || mirrors.includes(mirror) ? [glob] : []));
}

function shownLines({ peer, sites }: Shown, running: boolean, now: number): string[] {
  const [first] = sites;
  const { version, clockAheadMillis } = first?.status ?? {};
  return [
    `${peer.name} · ${peer.role}${running ? '' : ' · Lockstep is not running here'}`,
    ...sites.flatMap(({ site, status, reasons, gets }) => {
      const { sign, word, detail } = running ? { ...peerState(status, now), detail: '' } : peerAtRest(status);
      return [
        '',
        joined(`${sign} ${site}: ${word}`, detail),
        ...reasons.map(({ sentence }) => `  ${sentence}`),
        ...(gets === undefined ? [] : [`  Gets: ${gets.map(plain).join(', ') || 'nothing, no route names it'}`]),
      ];
    }),
    '',
    ...table([
      ['Limits', limitsText(peer.limits ?? {})],
      ['Address', peer.address === null ? 'dials this install' : `${plain(peer.address)}, the ${peer.dial} dials`],
      ['Identity', peer.id],
      ...(version === undefined ? [] : [['Version', plain(version)]]),
      ...(clockAheadMillis === undefined
        ? []
        : [
            [
              'Clock',
              `${duration(Math.abs(clockAheadMillis))} ${clockAheadMillis < 0 ? 'behind' : 'ahead of'} this one`,
            ],
          ]),
    ]),
  ];
}

import type { Status } from '../../../../shared/contract/status.ts';
import { isListenFault } from '../../../../shared/domain/listen-fault.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { sentence } from '../../../../shared/errors/sentences.en.ts';
import { answer, command, jsonOption } from '../command.ts';
import { ask } from '../reach.ts';
import { firstReason } from '../reason-text.ts';
import {
  count,
  distance,
  duration,
  joined,
  moment,
  motion,
  peerAtRest,
  peerState,
  plain,
  table,
  things,
} from '../text.ts';
import { sameInstall, shellWord } from '../values.ts';

export const status = command({
  words: 'status',
  summary: 'sites and mirrors, whether they are in step, and what is waiting',
  options: jsonOption,
  async run({ values }, io) {
    const current = await ask(io, values, 'node.status', {});
    return answer(io, values, current, () => statusLines(current, io.now(), sameInstall(values.data)));
  },
});

/** `same`: what a command that is named has to be given beside, so that it is about this install. */
export function statusLines(current: Status, now: number, same = ''): string[] {
  const { node, listeners, sites, waiting } = current;
  const { ftp, link } = listeners;
  const running = current.running ? `running${node.pid === null ? '' : ` (process ${node.pid})`}` : 'not running';
  const places = [
    ...(ftp ? [['FTP', `${ftp.host}:${ftp.port}, ${ftp.tls === 'required' ? 'TLS only' : 'TLS, and plain too'}`]] : []),
    ...(link ? [['Link', `${link.host}:${link.port}`]] : []),
    ...(listeners.console ? [['Console', listeners.console.url.replace(/#.*$/s, '')]] : []),
  ];
  return [
    `${node.name} · ${node.role} · ${running} · Lockstep ${node.version}`,
    ...table(places),
    ...configLines(current, same),
    ...certificateLines(current, same),
    ...sites.flatMap((site) => ['', ...siteLines(site, current, now, same)]),
    ...(sites.length > 0
      ? []
      : [
          '',
          node.role === 'master'
            ? `No site yet: lockstep site add NAME PATH${same}`
            : `Follows nothing yet: lockstep join CODE --root PATH${same}`,
        ]),
    ...hookLines(current, now, same),
    ...lockOutLines(current, now, same),
    ...(waiting.length > 0 ? ['', `${things(waiting.length, 'thing')} waiting: lockstep waiting list${same}`] : []),
  ];
}

/** What was typed into the file holds for nothing yet. */
function configLines({ configFault }: Status, same: string): string[] {
  if (!configFault) return [];
  const what = isListenFault(configFault)
    ? 'not everything listens where config.json says, and the old address still applies'
    : 'config.json is not in force, and the earlier settings still apply';
  return ['', `▲ ${what}: ${plain(sentence(AppError.fromJSON(configFault), 'shell', same))}`];
}

function certificateLines({ certificateFault }: Status, same: string): string[] {
  if (!certificateFault) return [];
  return ['', `▲ FTP: ${plain(sentence(AppError.fromJSON(certificateFault), 'shell', same))}`];
}

/** The latest of them, in full; an attack can lock out many. */
const LOCK_OUTS_SHOWN = 5;

function lockOutLines({ lockOuts = [] }: Status, now: number, same: string): string[] {
  if (lockOuts.length === 0) return [];
  const lines = lockOuts.slice(0, LOCK_OUTS_SHOWN).map(({ kind, who, until, tried }) => {
    const what = kind === 'address' ? 'is locked out of FTP' : 'is let in slowly';
    const why = `after too many wrong passwords${tried === undefined ? '' : ` (for ${plain(tried)})`}`;
    return `▲ ${plain(who)} ${what} for ${duration(until - now)} more, ${why}: lockstep account unlock ${shellWord(who)}${same}`;
  });
  const more = lockOuts.length - lines.length;
  return [
    '',
    ...lines,
    ...(more > 0 ? [`  ${things(more, 'more is', 'more are')} too: lockstep status --json${same}`] : []),
  ];
}

/** Hooks that are well need no line. */
function hookLines({ hooks = [] }: Status, now: number, same: string): string[] {
  return hooks.flatMap(({ on, target, queued, failing }) => {
    if (!failing) return [];
    const since = `for ${duration(Math.max(0, now - failing.since))}`;
    const left = queued > 0 ? `, ${things(queued, 'event')} queued` : '';
    return [
      '',
      `▲ hook ${on} ${plain(target)} has been failing ${since}${left}`,
      `  ${plain(sentence(AppError.fromJSON(failing.error), 'shell', same))}`,
    ];
  });
}

/** What stands in the folder of a site here and is not published: the first of it, and how much more. */
function unfitLines(site: string, waiting: Status['waiting'], same: string): string[] {
  const unfit = waiting.filter((item) => item.site === site && item.error.code.startsWith('unfit.'));
  const [first] = unfit;
  if (!first) return [];
  const more = unfit.reduce((sum, { files = 1 }) => sum + files, 0) - 1;
  return [
    `  ▲ ${plain(sentence(AppError.fromJSON(first.error), 'shell', same))}`,
    ...(more > 0 ? [`    ${things(more, 'more name is', 'more names are')} not published either.`] : []),
  ];
}

function siteLines(site: Status['sites'][number], current: Status, now: number, same: string): string[] {
  const { node, running } = current;
  const which = current.sites.length > 1 ? ` --site ${site.name}` : '';
  const about = `${site.name} · ${things(site.files, 'file')} · change ${count(site.headSeq)} · ${plain(site.root)}`;
  const head = joined(about, motion(site));
  const notes = [
    ...(site.left ?? []).map(({ name, at }) => `  ○ ${name} stopped following it at ${moment(at)}`),
    ...unfitLines(site.name, current.waiting, same),
  ];
  if (site.peers.length === 0 && !site.error)
    return [
      head,
      ...notes,
      node.role === 'master' ? `  No mirrors yet: lockstep invite${which}${same}` : '  No master yet',
    ];
  return [
    head,
    ...notes,
    ...(site.error ? [`  ▲ ${plain(sentence(AppError.fromJSON(site.error), 'shell', same))}`] : []),
    ...table(
      site.peers.map((peer) => {
        const { sign, word, detail } = running ? peerState(peer, now, site.headSeq) : peerAtRest(peer);
        const why = running && !site.error ? firstReason(current, site, peer, now) : '';
        return [`  ${sign} ${peer.name}`, word, joined(detail, why, distance(peer), motion(peer))];
      }),
    ),
  ];
}

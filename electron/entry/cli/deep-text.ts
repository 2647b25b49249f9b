import type { DeepPeer, DeepReport, DeepTally, DifferenceKind } from '../../../shared/contract/deep.ts';
import { beside, differing, leftAsItIs, toMend } from '../../../shared/domain/differing.ts';
import { parseSitePath } from '../../../shared/domain/site-path.ts';
import { sentence } from '../../../shared/errors/sentences.en.ts';
import { bytes, count, plain, things } from './text.ts';

type Role = 'master' | 'mirror';

/** One line while it runs. */
export function deepProgress({ site, files, of, phase, bytes: read }: DeepReport): string {
  const words: Readonly<Record<DeepReport['phase'], string>> = {
    tree: `${count(files)} of ${things(of, 'file')}, ${bytes(read)}`,
    extra: 'unknown files',
    versions: 'kept versions',
    journal: 'journal and index',
    peers: 'the other ends',
    mend: 'mending',
  };
  return `${site}: ${words[phase]}`;
}

/** `role`: of the install whose report it is. */
export function deepLines(report: DeepReport, role: Role, same = ''): string[] {
  const { site, state, error, mended, moving, toWatch = 0, peers } = report;
  const different = differing(report, role);
  const read = `${things(report.files, 'file')}, ${bytes(report.bytes)}`;
  const head = {
    running: `◐ ${site}: is being checked`,
    done:
      different === 0
        ? `● ${site}: ${read}: everything is as it should be`
        : `▲ ${site}: ${read}: ${things(different, 'difference')}${mended > 0 ? `, ${count(mended)} mended` : ''}`,
    cancelled: `◌ ${site}: the check was stopped after ${read}`,
    failed: `▲ ${site}: the check failed after ${read}`,
  }[state];
  return [
    head,
    ...(error ? [`    ${plain(sentence(error, 'shell', same))}`] : []),
    ...tallyLines(report, role),
    ...besideLines(report, role, '    '),
    ...(toWatch > 0
      ? [
          `    ${things(toWatch, 'file')} left to the watch, which publishes ${toWatch === 1 ? 'it' : 'them'} once nobody is writing`,
        ]
      : []),
    ...(moving > 0 ? [`    ${things(moving, 'path')} still on the way, not checked`] : []),
    ...peers.flatMap((peer) => peerLines(peer, otherRole(role), same)),
    ...(leftAsItIs(report, role) > 0
      ? [
          '    Damaged files stay as they are, because a mirror may have the last good copy: upload them again.',
          `    If the new content is meant: touch the file, then lockstep site rescan ${site}${same}`,
        ]
      : []),
    ...(toMend(report, role) > 0 && !report.mend && state === 'done'
      ? [`    To mend what can be mended: lockstep doctor --deep --mend${same}`]
      : []),
  ];
}

/** False where something differs, and is not being mended, or could not be looked at to the end. */
export function isSound(report: DeepReport, role: Role): boolean {
  const { state, mended, toWatch = 0, peers } = report;
  return (
    state === 'done' &&
    differing(report, role) <= mended + toWatch &&
    peers.every((peer) => isPeerSound(peer, otherRole(role)))
  );
}

function isPeerSound({ state, tally }: DeepPeer, role: Role): boolean {
  return state !== 'failed' && (!tally || differing(tally, role) <= tally.mended);
}

function otherRole(role: Role): Role {
  return role === 'master' ? 'mirror' : 'master';
}

/** No trouble, but somebody may wonder. */
function besideLines(tally: Pick<DeepTally, 'counts'>, role: Role, indent: string): string[] {
  const count = beside(tally, role);
  if (count === 0) return [];
  return [`${indent}${things(count, 'file')} not from the master: left as ${count === 1 ? 'it is' : 'they are'}`];
}

function peerLines(peer: DeepPeer, role: Role, same: string): string[] {
  const { name, state, tally, error } = peer;
  const different = tally ? differing(tally, role) : 0;
  const words: Readonly<Record<DeepPeer['state'], string>> = {
    waiting: 'is being asked',
    running: tally ? `${count(tally.files)} of ${things(tally.of, 'file')}` : 'is being compared',
    done:
      different === 0
        ? 'agrees'
        : `${things(different, 'difference')}${tally && tally.mended > 0 ? `, ${count(tally.mended)} mended` : ''}`,
    cancelled: 'the comparison was stopped',
    failed: 'the comparison failed',
    away: 'was not compared: it is not connected',
    old: 'was not compared: its Lockstep is too old',
    behind: 'was not compared: it is still catching up',
  };
  return [
    `  ${isPeerSound(peer, role) ? (state === 'done' ? '●' : '◌') : '▲'} ${name}: ${words[state]}`,
    ...(error ? [`      ${plain(sentence(error, 'shell', same))}`] : []),
    ...(tally ? [...tallyLines(tally, role), ...besideLines(tally, role, '      ')] : []),
  ];
}

const kinds: Readonly<Record<DifferenceKind, string>> = {
  missing: 'missing',
  changed: 'different content',
  damaged: 'damaged (same size and time, different content)',
  time: 'different time',
  extra: 'not part of the site',
  special: 'a link or special file: not published',
  unreadable: 'cannot be read',
  kept: 'changed here, kept',
  version: 'a kept version that has changed',
  journal: 'journal and index disagree',
  'not-told': 'only on the master',
  other: 'differs from the master',
  'not-there': 'not on the master',
};

const NO_NAME = 'not part of the site, which cannot hold this name: rename it';

/** Of what stands beside the site at a mirror, and stays, so many are named: where nothing is wrong there may be a great many. */
const BESIDE_NAMED = 3;

function tallyLines({ counts, differences }: Pick<DeepTally, 'counts' | 'differences'>, role: Role): string[] {
  const extra = role === 'mirror' ? differences.filter(({ kind }) => kind === 'extra').slice(BESIDE_NAMED) : [];
  const named = differences.filter((difference) => !extra.includes(difference));
  const left = sum(counts) - named.length;
  return [
    ...named.map(({ kind, path }) => `    ${plain(path)}: ${kind === 'extra' && !isFit(path) ? NO_NAME : kinds[kind]}`),
    ...(left > 0 ? [`    and ${count(left)} more`] : []),
  ];
}

/** A name that a site can hold, and in the form in which it holds it (NFC). */
function isFit(path: string): boolean {
  const parsed = parseSitePath(path);
  return parsed.ok && parsed.value === path;
}

function sum(counts: DeepTally['counts']): number {
  return Object.values(counts).reduce((all, each) => all + each, 0);
}

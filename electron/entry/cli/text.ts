import type { Hours } from '../../../shared/contract/conditions.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import type { PeerStatus } from '../../../shared/contract/status.ts';
import { changesBehind } from '../../../shared/domain/explain-peer.ts';
import { NOT_SHOWN, shownJson } from '../../../shared/domain/not-shown.ts';
import { peerStanding } from '../../../shared/domain/peer-standing.ts';
import { sentenceParts } from '../../../shared/errors/sentences.en.ts';

/** A cell that is wider than this stands out of its column, and does not widen it for all others. */
const COLUMN_MAX = 64;

/** Columns as wide as their widest cell, two spaces apart; the last one is not filled up. */
export function table(rows: readonly (readonly string[])[], align: readonly ('left' | 'right')[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, index) => {
      widths[index] = Math.max(widths[index] ?? 0, Math.min(widthOf(cell), COLUMN_MAX));
    });
  return rows.map((row) =>
    row
      .map((cell, index) => {
        const space = ' '.repeat(Math.max(0, (widths[index] ?? 0) - widthOf(cell)));
        return align[index] === 'right' ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Cells of a terminal: Han, kana, hangul, full-width forms and emoji take two, combining marks none. */
function widthOf(text: string): number {
  let width = 0;
  for (const character of text) {
    if (/\p{Mark}|\u200d/u.test(character)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : 1;
  }
  return width;
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}

export function things(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** `0.4 s`, `12 s`, `3 min`, `5 h`, `2 days`. */
export function duration(millis: Millis): string {
  const seconds = Math.max(0, millis) / 1000;
  if (seconds < 0.1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  if (seconds < 6000) return `${Math.round(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

/** `999 B`, `4.1 kB`, `21 MB`, `1.25 GB`: powers of ten, as the app has them. */
export function bytes(value: number): string {
  const names = ['B', 'kB', 'MB', 'GB', 'TB'];
  const step = Math.min(names.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  const digits = step === 0 ? 0 : step < 3 ? 1 : 2;
  return `${Number((value / 1000 ** step).toFixed(digits))} ${names[step]}`;
}

/** `from 22 to 6`. */
export function hoursText({ from, to }: Hours): string {
  return `from ${from} to ${to}`;
}

/** Local date and time, to the second. */
export function moment(at: Millis): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = new Date(at);
  return (
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
  );
}

/** For programs, and for who looks on: names from outside stand in it too. */
export function json(value: unknown): string {
  return shownJson(JSON.stringify(value));
}

/** A name from outside on one line of a terminal, without what could steer it. */
export function plain(text: string): string {
  return text.replace(NOT_SHOWN, '\ufffd');
}

/**
 * How a peer stands: a sign, the word for it, and what there is to know, claiming no more than is known. `headSeq`: the newest
 * change of the site, of which one that is away, or paused, has not been told.
 */
export function peerState(peer: PeerStatus, now: Millis, headSeq = 0): { sign: string; word: string; detail: string } {
  const { lastSeenAt, paused, drifted = 0 } = peer;
  const changes = changesBehind(peer, headSeq);
  const behind = changes > 0 ? `${things(changes, 'change')} behind` : '';
  const fault = peer.error && sentenceParts(peer.error).what;
  const standing = peerStanding(peer, now);
  switch (standing) {
    case 'paused': {
      const who = paused?.by === 'there' ? 'there' : paused?.all ? 'with everything' : 'here';
      return { sign: '‖', word: standing, detail: joined(`${who} since ${moment(paused?.since ?? now)}`, behind) };
    }
    case 'unseen':
    case 'away': {
      const heard = lastSeenAt === undefined ? 'not heard from yet' : `last answered ${duration(now - lastSeenAt)} ago`;
      return { sign: '▲', word: 'away', detail: joined(heard, behind, fault) };
    }
    case 'contested':
      return { sign: '▲', word: standing, detail: joined(behind, fault) };
    case 'changed':
      return { sign: '◌', word: standing, detail: `in step, but for ${things(drifted, 'file')} changed by others` };
    case 'in-step':
      return { sign: '●', word: 'in step', detail: '' };
    case 'held': {
      const held = `${count(peer.held)} ${peer.held === 1 ? 'needs' : 'need'} attention`;
      return { sign: '◌', word: standing, detail: joined(held, behind) };
    }
    case 'failing': {
      const failing = peer.failing > 0 ? `${count(peer.failing)} failing` : '';
      return { sign: '▲', word: 'behind', detail: joined(behind, failing) };
    }
    case 'waiting': {
      const { hours = [], opensAt = now } = peer.conditions ?? {};
      const fetches = hours.length > 0 ? `fetches ${hours.map(hoursText).join(' and ')}, next` : 'fetches next';
      return { sign: '◌', word: standing, detail: joined(behind, `${fetches} at ${moment(opensAt)}`) };
    }
    case 'behind':
      return { sign: '◐', word: standing, detail: behind };
  }
}

/** At rest nothing is connected, and nothing newer is known than what was stored. */
export function peerAtRest(peer: PeerStatus): { sign: string; word: string; detail: string } {
  const { inStep, lastSeenAt, waiting } = peer;
  const detail = joined(
    lastSeenAt === undefined ? 'not heard from yet' : `last answered at ${moment(lastSeenAt)}`,
    waiting > 0 ? `${things(waiting, 'change')} behind` : '',
  );
  return { sign: '○', word: inStep ? 'was in step' : 'was behind', detail };
}

/** What moves, as far as something does: of a site, or to (at a mirror: from) a peer. */
export function motion(rates: Pick<PeerStatus, 'changesPerSecond' | 'bytesPerSecond'>): string {
  const { changesPerSecond = 0, bytesPerSecond = 0 } = rates;
  const perSecond = changesPerSecond >= 10 ? count(Math.round(changesPerSecond)) : changesPerSecond.toFixed(1);
  return joined(
    changesPerSecond > 0 ? `${perSecond} changes/s` : '',
    bytesPerSecond > 0 ? `${bytes(bytesPerSecond)}/s` : '',
  );
}

/** How far a peer is, in time. */
export function distance({ connected, lagMillis, roundTripMillis }: PeerStatus): string {
  if (!connected) return '';
  return joined(
    lagMillis === undefined ? '' : `${duration(lagMillis)} after a change`,
    roundTripMillis === undefined ? '' : `link ${duration(roundTripMillis)}`,
  );
}

export function joined(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part).join(' · ');
}

import { expect, test } from 'vitest';
import type { Command } from '../../renderer/app/palette/command.ts';
import { markedParts, matchName } from '../../renderer/app/palette/match.ts';
import { rank } from '../../renderer/app/palette/rank.ts';

/** The name with what was meant in brackets; undefined: it does not fit. */
function shown(name: string, typed: string): string | undefined {
  const match = matchName(name, typed);
  return (
    match &&
    markedParts(name, match.marks)
      .map(({ text, marked }) => (marked ? `[${text}]` : text))
      .join('')
  );
}

test.each([
  ['Make a pairing code…', 'make', '[Make] a pairing code…'],
  ['Make a pairing code…', 'pair', 'Make a [pair]ing code…'],
  ['Make a pairing code…', 'code pair', 'Make a [pair]ing [code]…'],
  ['Make a pairing code…', 'mapc', '[M]ake [a] [p]airing [c]ode…'],
  ['Show the mirrors', 'mrrs', 'Show the [m]i[rr]or[s]'],
  ['Together: Links', 'tog li', '[Tog]ether: [Li]nks'],
  ['news/2026/Opening.html', 'OPENING', 'news/2026/[Opening].html'],
  ['リンクを手動で設定…', '手動', 'リンクを[手動]で設定…'],
  ['ミラー', 'ﾐﾗ', '[ミラ]ー'],
  ['publishFolder', 'pf', '[p]ublish[F]older'],
  ['a😀b', 'b', 'a😀[b]'],
  ['Settings', '', 'Settings'],
])('%s, typed %s: %s', (name, typed, expected) => {
  expect(shown(name, typed)).toBe(expected);
});

test.each([
  ['Settings', 'x'],
  ['Settings', 'set x'],
  // Of two letters with gaps nearly everything would have them.
  ['Overview', 'oe'],
  // Nor do letters with gaps lie in several words.
  ['Light or dark: Light', 'tog'],
])('%s is not found by %s', (name, typed) => {
  expect(matchName(name, typed)).toBeUndefined();
});

function command(id: string, name: string, otherName?: string): Command {
  return { id, kind: 'place', name, run: () => undefined, ...(otherName !== undefined && { otherName }) };
}

const names = (commands: readonly Command[], typed: string, recent: readonly string[] = []): string[] =>
  rank(commands, typed, recent).map(({ command: { name } }) => name);

test('the beginning of a name comes before the beginning of a word, that before the middle, letters with gaps last', () => {
  const commands = ['Osaka paused', 'Unpause', 'Pause osaka', 'Passau'].map((name) => command(name, name));
  expect(names(commands, 'pau')).toEqual(['Pause osaka', 'Osaka paused', 'Unpause', 'Passau']);
});

test('of what fits alike what was used last comes first; where nothing is typed too', () => {
  const commands = ['Overview', 'Mirrors', 'Master', 'History'].map((name) => command(name, name));
  expect(names(commands, 'm')).toEqual(['Mirrors', 'Master']);
  expect(names(commands, 'm', ['Master'])).toEqual(['Master', 'Mirrors']);
  expect(names(commands, '', ['History', 'Master'])).toEqual(['History', 'Master', 'Overview', 'Mirrors']);
});

test('in another language the English name finds it, after what is called that', () => {
  const commands = [command('history', '履歴', 'History'), command('log', 'history.log')];
  expect(names(commands, 'hist')).toEqual(['history.log', '履歴']);
});

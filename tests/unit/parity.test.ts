import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { commands } from '../../electron/entry/cli/commands.ts';
import { hostCalls } from '../../shared/contract/bridge.ts';
import { calls } from '../../shared/contract/calls.ts';
import { shellCalls } from '../../shared/contract/shell.ts';

/*
 * Everything that the command line can do the app can do, and the other way round: each call of the contract is made by a command
 * and by the interface. Nothing is listed that can be found out; what stands here are the exceptions, each with its reason.
 */

/** Calls that no command makes. */
const withoutCommand: Readonly<Record<string, string>> = {
  'history.page': 'the command line reads the same rows in one go, by history.list',
  'step.seq': 'for programs that wait for a change of their own',
  'live.snapshot': 'the beginning of the live picture; `status` and `history` say the same in words',
  'live.past': 'the live picture of before; `history` says the same in words',
  'console.address': '`lockstep console` reads it where the running Lockstep has written it',
  'node.certificates':
    'files that any tool shows: identity/cert.pem, and what ftp.certificate names; `doctor` says what is wrong with them',
  'node.backup': '`backup` writes it by itself, so that it works while Lockstep is stopped, too',
  'publish.dismiss': 'puts a finished drop out of sight; a terminal keeps none in sight',
};

/** Calls that the interface does not make. */
const withoutApp: Readonly<Record<string, string>> = {
  'history.list': 'the interface reads the same rows page by page, by history.page',
  'release.publish': 'the interface publishes by publish.start: with progress, and a way to stop it',
  'publish.dismiss': 'finished drops make room for new ones by themselves',
  'waiting.list': 'the state that the interface holds lists what waits',
  'route.add': 'the routes of a site are edited as a list, by route.set',
  'route.remove': 'the routes of a site are edited as a list, by route.set',
  'step.seq': 'for programs that wait for a change of their own',
};

/** Commands that are no call of the engine, and where the app has what they do. */
const otherCommands: Readonly<Record<string, string>> = {
  init: 'renderer/features/first-start/first-start.tsx',
  run: 'electron/main/engine-supervisor.ts',
  console: 'renderer/bridge/console-transport.ts',
  // What can be typed there is found here.
  completion: 'renderer/app/palette/palette.tsx',
};

/** Calls that are not of the engine: the app asks the machine it runs on. */
const ofTheDesktop = new Set([...Object.keys(hostCalls), ...Object.keys(shellCalls)]);

const root = join(import.meta.dirname, '../..');
const app = sourcesOf('renderer');
const commandLine = sourcesOf('electron/entry/cli');
const names = Object.keys(calls);

test.each(names)('%s is made by a command, or says why not', (name) => {
  expect({ made: mentions(commandLine, name).length > 0, excused: name in withoutCommand }).toSatisfy(oneOfThem);
});

test.each(names)('%s is made by the interface, or says why not', (name) => {
  expect({ made: mentions(app, name).length > 0, excused: name in withoutApp }).toSatisfy(oneOfThem);
});

test('every command makes calls, or is done in the app in another way', () => {
  const words = commands.map((command) => command.words.join(' '));
  for (const word of words) {
    const own = commandLine.filter(({ text }) => text.includes(`words: '${word}'`));
    expect([word, own.length]).toEqual([word, 1]);
    const makes = names.filter((name) => mentions(own, name).length > 0);
    if (!(word in otherCommands)) expect([word, makes]).not.toEqual([word, []]);
  }
  for (const [word, place] of Object.entries(otherCommands)) {
    expect(words).toContain(word);
    expect(readFileSync(join(root, place), 'utf8')).not.toBe('');
  }
});

test('the interface makes no call that is not in a contract', () => {
  const known = new Set([...names, ...ofTheDesktop]);
  const made = app.flatMap(({ text }) =>
    [...text.matchAll(/(?:useCall|\.call)\(\s*'([a-z-]+\.[a-z-]+)'/g)].map(([, name = '']) => name),
  );
  expect(made.filter((name) => !known.has(name))).toEqual([]);
});

test('no exception is left over', () => {
  for (const name of [...Object.keys(withoutCommand), ...Object.keys(withoutApp)]) expect(names).toContain(name);
});

function oneOfThem({ made, excused }: { made: boolean; excused: boolean }): boolean {
  return made !== excused;
}

interface Source {
  readonly file: string;
  readonly text: string;
}

function sourcesOf(folder: string): Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file) && !file.includes('i18n'))
    .map((file) => ({ file, text: readFileSync(join(root, folder, file), 'utf8') }));
}

/** Where a call's name is a value, not a part of a type (`CallResult<'…'>`). */
function mentions(sources: readonly Source[], name: string): Source[] {
  const made = new RegExp(`(?<![<[|]\\s*)'${name.replace('.', '\\.')}'`);
  return sources.filter(({ text }) => made.test(text));
}

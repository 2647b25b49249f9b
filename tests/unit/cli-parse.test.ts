import { expect, test } from 'vitest';
import { readFile } from 'node:fs/promises';
import { sentence } from '../../shared/errors/sentences.en.ts';
import { VERSION } from '../../shared/version.ts';
import { commands } from '../../electron/entry/cli/commands.ts';
import { parseCommandLine } from '../../electron/entry/cli/parse.ts';
import { commandHelp } from '../../electron/entry/cli/usage.ts';
import {
  dataFolder,
  parseAddress,
  parseDuration,
  parseMoment,
  parseWhole,
  usualPlace,
} from '../../electron/entry/cli/values.ts';

const parse = (line: string): ReturnType<typeof parseCommandLine> =>
  parseCommandLine(line === '' ? [] : line.split(' '), commands);

test('reads words, arguments and options in any order', () => {
  const parsed = parse('site add --data d www ./site --watch');
  expect(parsed).toMatchObject({
    kind: 'run',
    command: { words: ['site', 'add'] },
    input: { values: { data: 'd', watch: true, json: false }, positionals: ['www', './site'] },
  });
});

test.each(['--data d status --json', '--data=d status --json', '--json --data d status', '--json status --data=d'])(
  'options stand before the command too: “%s”',
  (line) => {
    expect(parse(line)).toMatchObject({
      kind: 'run',
      command: { words: ['status'] },
      input: { values: { data: 'd', json: true }, positionals: [] },
    });
  },
);

test.each([
  ['', 'help'],
  ['--data d --help', 'help'],
  ['--data d status --help', 'help'],
  ['--help', 'help'],
  ['-h', 'help'],
  ['help site add', 'help'],
  ['site add --help', 'help'],
  ['run -h', 'help'],
  ['--version', 'version'],
])('“%s” asks for %s', (line, kind) => {
  expect(parse(line).kind).toBe(kind);
});

test.each([
  ['sttaus', 'There is no command “sttaus”. Did you mean “lockstep status”?'],
  ['frobnicate', 'There is no command “frobnicate”. See lockstep --help.'],
  [
    'waiting',
    '“waiting” needs to be told what to do. It is one of: lockstep waiting list, lockstep waiting publish, lockstep waiting discard.',
  ],
  ['site ad x y', 'There is no command “site ad”. Did you mean “lockstep site add”?'],
  ['status --jsno', 'There is no option “--jsno” here. Did you mean “--json”?'],
  ['status -x', 'There is no option “-x” here. It takes: --json, --data.'],
  ['status --json=yes', '--json takes no value. Write --json alone.'],
  ['wait --seq', '--seq needs a value. Write --seq N.'],
  ['wait --seq --json', '--seq needs a value. Write --seq N.'],
  ['wait --seq 1 --seq 2', '--seq is there twice. Give it once.'],
  ['site add www', 'PATH is missing. See lockstep site add --help.'],
  ['site add www a b', '“b” is one argument too many. Put a name with spaces in quotes.'],
  ['site ls a b', '“b” is one argument too many. Put a name with spaces in quotes.'],
  ['join CODE', '--root is missing. Write --root PATH.'],
  ['constructor', 'There is no command “constructor”. See lockstep --help.'],
  ['status --constructor x', 'There is no option “--constructor” here. It takes: --json, --data.'],
])('“%s” is wrong usage, and says the mend', (line, expected) => {
  const parsed = parse(line);
  if (parsed.kind !== 'wrong') throw new Error(`was taken as ${parsed.kind}`);
  expect(parsed.error.code).toBe('usage.invalid');
  expect(sentence(parsed.error)).toBe(expected);
});

test('what follows -- is an argument, whatever it looks like', () => {
  expect(parse('site add -- --www --help')).toMatchObject({ kind: 'run', input: { positionals: ['--www', '--help'] } });
});

test('an argument in brackets may be left out', () => {
  expect(parse('site ls')).toMatchObject({ kind: 'run', input: { positionals: [] } });
  expect(parse('site ls img')).toMatchObject({ kind: 'run', input: { positionals: ['img'] } });
});

test('every command explains itself', () => {
  for (const each of commands) {
    const help = commandHelp(each);
    expect(help).toContain(`Usage: lockstep ${each.words.join(' ')}`);
    for (const name of Object.keys(each.options)) expect(help).toContain(`--${name}`);
  }
});

test('reads addresses', () => {
  expect(parseAddress('--ftp', 'ftp.example.org:21')).toEqual({ host: 'ftp.example.org', port: 21 });
  expect(parseAddress('--ftp', '[::1]:2121')).toEqual({ host: '::1', port: 2121 });
  expect(parseAddress('--ftp', '0')).toEqual({ host: '0.0.0.0', port: 0 });
  expect(parseAddress('--ftp', ':2121')).toEqual({ host: '0.0.0.0', port: 2121 });
  for (const bad of ['', 'host', 'host:', 'host:x', 'a:1:2', '::1:2121', 'host:70000', 'http://host:1'])
    expect(() => parseAddress('--ftp', bad)).toThrow('usage.invalid');
});

test('reads times and numbers', () => {
  expect(['250ms', '2', '2s', '1.5m', '2h', '1d'].map((text) => parseDuration('--x', text))).toEqual([
    250, 2000, 2000, 90_000, 7_200_000, 86_400_000,
  ]);
  for (const bad of ['', 's', '-1', '1w', '1e3', ' 1', '1m30s'])
    expect(() => parseDuration('--x', bad)).toThrow('usage');
  expect(parseMoment('--since', '2h', 10_000_000)).toBe(2_800_000);
  expect(parseMoment('--since', '2026-11-23T14:00:00Z', 0)).toBe(Date.UTC(2026, 10, 23, 14));
  expect(parseMoment('--since', '2026-11-23', 0)).toBe(new Date(2026, 10, 23).getTime());
  for (const bad of ['yesterday', '2026-13-01', '23.11.2026', '1'])
    expect(() => parseMoment('--since', bad, 0)).toThrow('usage');
  expect(parseWhole('--seq', '42')).toBe(42);
  for (const bad of ['', '-1', '1.5', '0x10', '9007199254740993'])
    expect(() => parseWhole('--seq', bad)).toThrow('usage');
});

test('finds the data folder: what is said, else the environment, else the usual place', () => {
  const env = { LOCKSTEP_DATA: '/srv/lockstep' };
  expect(dataFolder('d', { env, cwd: '/home/a' })).toBe('/home/a/d');
  expect(dataFolder(undefined, { env, cwd: '/home/a' })).toBe('/srv/lockstep');
  expect(usualPlace('linux', {}, '/home/a')).toBe('/home/a/.local/share/lockstep');
  expect(usualPlace('linux', { XDG_DATA_HOME: '/x' }, '/home/a')).toBe('/x/lockstep');
  expect(usualPlace('darwin', {}, '/Users/a')).toBe('/Users/a/Library/Application Support/Lockstep');
});

test('the version is that of the package', async () => {
  const packageJson: unknown = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(packageJson).toMatchObject({ version: VERSION });
});

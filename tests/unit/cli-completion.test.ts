import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { completionScript, type Shell, SHELLS } from '../../electron/entry/cli/completion.ts';
import { commands } from '../../electron/entry/cli/commands.ts';
import { manPage } from '../../electron/entry/cli/man-page.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { PATIENCE_MILLIS } from '../support/until.ts';

const words = commands.map((command) => command.words.join(' '));

/** What a shell offers for a line that is typed up to its end. */
type Ask = (line: readonly string[]) => Promise<string[]>;

const askers: Readonly<Record<'bash' | 'fish', Ask>> = {
  async bash(line) {
    const file = join(await temporaryFolder(), 'lockstep');
    writeFileSync(file, completionScript('bash', commands));
    // As in bash 3.2, which macOS has.
    const script = `enable -n mapfile readarray compopt; source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _lockstep; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return lines('bash', ['-c', script, 'bash', file, 'lockstep', ...line]);
  },
  async fish(line) {
    const file = join(await temporaryFolder(), 'lockstep.fish');
    writeFileSync(file, completionScript('fish', commands));
    const typed = ['lockstep', ...line].join(' ');
    const found = lines('fish', ['--no-config', '-c', `source $argv[1]; complete -C $argv[2]`, file, typed]);
    return found.map((each) => each.replace(/\t.*$/, ''));
  },
};

describe.each(['bash', 'fish'] as const)('%s', (shell) => {
  const ask = askers[shell];
  const missing = spawnSync(shell, ['--version']).error !== undefined;

  test.skipIf(missing)('offers every command, every second word and every option', async () => {
    expect(await ask([''])).toEqual(expect.arrayContaining([...new Set(commands.map(({ words: [first] }) => first))]));
    for (const command of commands) {
      if (command.words.length > 1) expect(await ask([command.words[0]!, ''])).toContain(command.words[1]);
      const flags = Object.keys(command.options).map((name) => `--${name}`);
      expect(await ask([...command.words, '--'])).toEqual(expect.arrayContaining(flags));
    }
  });

  test.skipIf(missing)('offers the words that a value can be, and no command where none fits', async () => {
    expect((await ask(['init', '--role', ''])).toSorted()).toEqual(['master', 'mirror']);
    expect(await ask(['init', ''])).not.toContain('add');
    expect(await ask(['sta'])).toEqual(['status']);
  });
});

describe('zsh', () => {
  const script = completionScript('zsh', commands);
  const missing = spawnSync('zsh', ['--version']).error !== undefined;

  test.skipIf(missing)('is a script that zsh can read', async () => {
    const file = join(await temporaryFolder(), '_lockstep');
    writeFileSync(file, script);
    const { status, stderr } = spawnSync('zsh', ['-n', file], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  test('names every command and every option', () => {
    for (const command of commands) {
      const [, part = ''] = script.split(`      '${command.words.join(' ')}')\n`);
      const [own = ''] = part.split(';;');
      for (const name of Object.keys(command.options)) expect(own, command.words.join(' ')).toContain(`--${name}[`);
    }
  });
});

test.each(SHELLS)('the script for %s holds nothing that a shell would run', (shell: Shell) => {
  const tricky = {
    words: ['bad'],
    positionals: [],
    summary: "it's $(rm) `x`: [y]",
    options: {},
    run: () => Promise.resolve(0),
  };
  const script = completionScript(shell, [tricky]);
  if (shell === 'bash') expect(script).not.toContain('$(rm)');
  else expect(script).toMatch(shell === 'zsh' ? /it'\\''s \$\(rm\) `x`\\: \\\[y\\\]'/ : /'it\\'s \$\(rm\)/);
});

describe('the manual page', () => {
  const page = manPage(commands, { version: '1.2.3', date: '2026-11-28' });

  test('names every command and every option', () => {
    for (const { words: own, options } of commands) {
      expect(page).toContain(`.SS \\fBlockstep ${own.join(' ')}\\fR`);
      for (const name of Object.keys(options)) expect(page).toContain(`\\fB\\-\\-${name.replaceAll('-', '\\-')}`);
    }
  });

  test.skipIf(spawnSync('man', ['--version']).error !== undefined)('is read without a warning', async () => {
    const file = join(await temporaryFolder(), 'lockstep.1');
    writeFileSync(file, page);
    const env = { ...process.env, MANWIDTH: '80', LC_ALL: 'C.UTF-8' };
    const read = spawnSync('man', ['--warnings', '-l', '-P', 'cat', file], { encoding: 'utf8', env });
    expect(read.stderr).toBe('');
    expect(read.stdout.replaceAll(/.\u0008/g, '')).toContain('lockstep site add NAME PATH');
  });
});

test('no command is without its words', () => {
  expect(new Set(words).size).toBe(words.length);
});

function lines(command: string, args: readonly string[]): string[] {
  const { stdout, stderr, status } = spawnSync(command, args, { encoding: 'utf8', timeout: PATIENCE_MILLIS });
  if (status !== 0 && stderr !== '') throw new Error(stderr);
  return stdout.split('\n').filter((line) => line !== '');
}

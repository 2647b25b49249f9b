import type { Command, Option } from './command.ts';
import { table } from './text.ts';

export function overview(commands: readonly Command[]): string {
  return [
    'Lockstep: publish a site on one server and serve it from several.',
    '',
    'Usage: lockstep COMMAND [--data DIR] …',
    '',
    ...summaries(commands),
    '',
    'For details: lockstep COMMAND --help. For the version: lockstep --version.',
    'The data folder is --data DIR, or else $LOCKSTEP_DATA, or else the usual place on this system.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not in step in time.',
  ].join('\n');
}

/** Of the commands that begin with the same word. */
export function familyHelp(commands: readonly Command[]): string {
  const [first = ''] = commands[0]?.words ?? [];
  return [...summaries(commands), '', `For details: lockstep ${first} COMMAND --help.`].join('\n');
}

function summaries(commands: readonly Command[]): string[] {
  return table(commands.map((each) => [`  ${[...each.words, ...each.positionals].join(' ')}`, each.summary]));
}

export function commandHelp(command: Command): string {
  const rows = Object.entries(command.options).map(([name, option]) => [`  ${flag(name, option)}`, option.help]);
  return [
    `${sentenceCase(command.summary)}.`,
    '',
    usageLine(command),
    '',
    ...table(rows),
    ...(command.notes ? ['', ...command.notes] : []),
  ].join('\n');
}

export function usageLine(command: Command): string {
  return `Usage: ${usageParts(command).join(' ')}`;
}

/** The command's name, then what it takes, in parts that a line is not broken within. */
export function usageParts({ words, positionals, options }: Command): string[] {
  const flags = Object.entries(options).map(([name, option]) => {
    const text = flag(name, option) + (option.multiple ? ' …' : '');
    return option.required ? text : `[${text}]`;
  });
  return [`lockstep ${words.join(' ')}`, ...positionals, ...flags];
}

export function flag(name: string, option: Option): string {
  return option.type === 'boolean' ? `--${name}` : `--${name} ${option.value ?? 'VALUE'}`;
}

export function sentenceCase(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

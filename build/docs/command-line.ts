import type { Command } from '../../electron/entry/cli/command.ts';
import { commands } from '../../electron/entry/cli/commands.ts';
import { flag, sentenceCase, usageParts } from '../../electron/entry/cli/usage.ts';

const WIDTH = 100;
/** What every command takes is told once, at the top of the page. */
const COMMON = new Set(['data', 'json']);
/** A heading, and beneath it what is made from the code. */
const MADE = /^### lockstep ([^\n]*)\n(?:\n```text\nlockstep .*?\n```\n)?(?:\n(?:- `--[^\n]*\n)+)?/gmsu;

/**
 * docs/command-line.md with the usage and the options of each command as the code has them; all else on the page stays. Throws for a
 * command without a section, and for a section without a command.
 */
export function commandLineReference(page: string): string {
  const left = new Set(commands);
  const made = page.replace(MADE, (_, title: string) => {
    const command = [...left].find(({ words }) => title === words.join(' '));
    if (command === undefined) throw new Error(`docs/command-line.md: there is no command, or two sections: ${title}`);
    left.delete(command);
    return sectionOf(command);
  });
  const [missing] = left;
  if (missing) throw new Error(`docs/command-line.md has no section “### lockstep ${missing.words.join(' ')}”`);
  return made;
}

function sectionOf(command: Command): string {
  const { words, options } = command;
  const own = Object.entries(options).filter(([name]) => !COMMON.has(name));
  return [
    `### lockstep ${words.join(' ')}`,
    '',
    '```text',
    ...usageLines({ ...command, options: Object.fromEntries(own) }),
    '```',
    ...(own.length > 0 ? [''] : []),
    ...own.map(([name, option]) => `- \`${flag(name, option)}\`: ${sentenceCase(option.help)}.`),
    '',
  ].join('\n');
}

/** As wide as a page; what does not fit goes on beneath the first of the arguments. */
function usageLines(command: Command): string[] {
  const [name = '', ...rest] = usageParts(command);
  const lines: string[] = [];
  let line = name;
  for (const part of rest) {
    if (`${line} ${part}`.length <= WIDTH) {
      line = `${line} ${part}`;
      continue;
    }
    lines.push(line);
    line = `${' '.repeat(name.length)} ${part}`;
  }
  return [...lines, line];
}

import type { Command } from './command.ts';
import { flag, sentenceCase } from './usage.ts';

/** lockstep(1) in the man macros of roff, made from the commands as they are. `date`: when this version was made, YYYY-MM-DD. */
export function manPage(commands: readonly Command[], { version, date }: { version: string; date: string }): string {
  return [
    `.TH LOCKSTEP 1 "${date}" "Lockstep ${roff(version)}" "Lockstep"`,
    '.SH NAME',
    'lockstep \\- publish a site from one server and serve it from several',
    '.SH SYNOPSIS',
    '.B lockstep',
    '.I COMMAND',
    '[\\fB\\-\\-data\\fR \\fIDIR\\fR] \\&...',
    '.SH DESCRIPTION',
    'A file that is uploaded by FTP to the master appears at every mirror, whole and at once.',
    'Every command works on one install, the one in its data folder, whether it is running or not.',
    '.SH COMMANDS',
    ...commands.flatMap(commandLines),
    '.SH ENVIRONMENT',
    '.TP',
    '.B LOCKSTEP_DATA',
    'The data folder if \\fB\\-\\-data\\fR is not given. The default is the usual place for the user, such as',
    '\\fI~/.local/share/lockstep\\fR. The service has its own: run commands for it as its user, with',
    '\\fB\\-\\-data /var/lib/lockstep\\fR.',
    '.SH FILES',
    '.TP',
    '.I config.json',
    'The settings, in the data folder. Lockstep reads the file again when it changes.',
    '.TP',
    '.I identity/cert.pem',
    'The certificate of the install, for FTP clients and the console.',
    '.TP',
    '.I lockstep.db',
    'Journal, index, peers and accounts. To copy it, use \\fBlockstep backup\\fR.',
    '.SH EXIT STATUS',
    '0 done, 1 failed, 2 wrong usage, 3 not in step in time.',
    '.SH SEE ALSO',
    '.BR curl (1),',
    '.BR lftp (1),',
    '.BR systemd.service (5)',
    '',
  ].join('\n');
}

function commandLines({ words, positionals, options, summary, notes = [] }: Command): string[] {
  const head = [`\\fBlockstep ${roff(words.join(' '))}\\fR`, ...positionals.map((each) => `\\fI${roff(each)}\\fR`)];
  return [
    `.SS ${head.join(' ')}`,
    `${roff(sentenceCase(summary))}.`,
    ...notes.map(roff),
    ...Object.entries(options).flatMap(([name, option]) => [
      '.TP',
      `\\fB${roff(flag(name, option))}\\fR${option.multiple ? ' \\&...' : ''}${option.required ? ' (required)' : ''}`,
      roff(sentenceCase(option.help)),
    ]),
  ];
}

/** Nothing of a text is an instruction: a dash is one that can be copied, a dot or quote at the start of a line is text. */
function roff(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replace(/^[.']/, '\\&$&');
}

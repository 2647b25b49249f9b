import { AppError } from '../../../shared/errors/app-error.ts';
import { sentence } from '../../../shared/errors/sentences.en.ts';
import { askedOf } from './asked-of.ts';
import type { Command, Io } from './command.ts';
import { EXIT } from './command.ts';
import { commands } from './commands.ts';
import { parseCommandLine } from './parse.ts';
import { commandHelp, familyHelp, overview, usageLine } from './usage.ts';
import { sameInstall } from './values.ts';
import { VERSION } from '../../../shared/version.ts';

/** Runs one command line and resolves its exit code. Expected failures are one line on standard error; bugs are thrown. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const parsed = parseCommandLine(argv, commands);
  switch (parsed.kind) {
    case 'version':
      io.out(`lockstep ${VERSION}`);
      return EXIT.done;
    case 'help':
      io.out(
        parsed.command ? commandHelp(parsed.command) : parsed.family ? familyHelp(parsed.family) : overview(commands),
      );
      return EXIT.done;
    case 'wrong':
      return complain(parsed.error, io, parsed.command);
    case 'run':
      try {
        return await parsed.command.run(parsed.input, io);
      } catch (error) {
        if (error instanceof AppError) return complain(error, io, parsed.command, parsed.input.values['data']);
        throw error;
      }
  }
}

/** `data`: as it was given. */
function complain(error: AppError, io: Io, command?: Command, data?: unknown): number {
  const same = sameInstall(typeof data === 'string' ? data : undefined);
  const isAsked = command !== undefined && 'allow-deletes' in command.options;
  io.err(`lockstep: ${sentence(isAsked ? askedOf(error) : error, 'shell', same)} (${error.code})`);
  if (error.code === 'usage.invalid') {
    if (command) io.err(usageLine(command));
    return EXIT.usage;
  }
  if (error.code === 'call.invalid' || error.code === 'release.bad-name') return EXIT.usage;
  return error.code === 'not-in-step' ? EXIT.notInStep : EXIT.failed;
}

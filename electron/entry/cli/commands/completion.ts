import { type Command, command, EXIT } from '../command.ts';
import { completionScript, SHELLS } from '../completion.ts';
import { parseChoice } from '../values.ts';

/** `commands`: all there are, this one included. */
export function completionOf(commands: () => readonly Command[]): Command {
  return command({
    words: 'completion',
    summary: 'print the completion script for a shell',
    positionals: ['bash|zsh|fish'],
    notes: ['For bash: lockstep completion bash > ~/.local/share/bash-completion/completions/lockstep'],
    async run({ positionals: [name = ''] }, io) {
      io.out(completionScript(parseChoice('SHELL', name, SHELLS), commands()).trimEnd());
      return EXIT.done;
    },
  });
}

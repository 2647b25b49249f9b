import type { Command, Option } from './command.ts';

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** A script for the shell, made from the commands as they are: it asks nobody when a key is pressed. */
export function completionScript(shell: Shell, commands: readonly Command[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands);
    case 'zsh':
      return zsh(commands);
    case 'fish':
      return fish(commands);
  }
}

/** What a value can be: one of a few words, something of this machine's disk, or what no script can know. */
type Values =
  | { readonly is: 'words'; readonly words: readonly string[] }
  | { readonly is: 'files' | 'folders' | 'text' };

function valuesOf(text: string): Values {
  if (/^(?:DIR|FOLDER)$/.test(text)) return { is: 'folders' };
  if (/^(?:FILE|PATH)$/.test(text)) return { is: 'files' };
  const words = text.split('|').filter((word) => /^[a-z][a-z-]*$/.test(word));
  return text.includes('|') && words.length > 0 ? { is: 'words', words } : { is: 'text' };
}

function firstWords(commands: readonly Command[]): string[] {
  return [...new Set(commands.map(({ words }) => words[0] ?? ''))];
}

/** Commands whose first word is shared by others: `site add`, `site remove`. */
function family(commands: readonly Command[], first: string): readonly Command[] {
  return commands.filter(({ words }) => words[0] === first && words.length > 1);
}

function flags({ options }: Command): [flag: string, option: Option][] {
  return Object.entries(options).map(([name, option]) => [`--${name}`, option]);
}

// ---- bash -------------------------------------------------------------------------------------------------------

function bash(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const all = [...flags(command).map(([flag]) => flag), '--help'].join(' ');
    const valued = flags(command).flatMap(([flag, option]) =>
      option.type === 'boolean' ? [] : [`        ${flag}) ${bashValues(valuesOf(option.value ?? ''))} ;;`],
    );
    const plain = command.positionals.map((text) => valuesOf(text)).find(({ is }) => is !== 'text') ?? { is: 'text' };
    return [
      `    '${command.words.join(' ')}')`,
      '      case $prev in',
      ...valued,
      `        *) if [[ $cur == -* ]]; then words='${all}'; else ${bashValues(plain)}; fi ;;`,
      '      esac ;;',
    ].join('\n');
  });
  const families = firstWords(commands).flatMap((first) => {
    const members = family(commands, first);
    return members.length === 0 ? [] : [`    ${first}) words='${members.map(({ words }) => words[1]).join(' ')}' ;;`];
  });
  return `# Completion of lockstep for bash. Made by: lockstep completion bash
_lockstep() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} words='' how='' command
  command=\${COMP_WORDS[1]}
  if ((COMP_CWORD > 2)) && [[ \${COMP_WORDS[2]} != -* ]]; then
    case $command in
      ${firstWords(commands)
        .filter((first) => family(commands, first).length > 0)
        .join('|')}) command="$command \${COMP_WORDS[2]}" ;;
    esac
  fi
  if ((COMP_CWORD == 1)); then
    words='${[...firstWords(commands), 'help', '--help', '--version'].join(' ')}'
  elif ((COMP_CWORD == 2)) && [[ $cur != -* ]] && _lockstep_family "$command"; then
    :
  else
    case $command in
${cases.join('\n')}
    esac
  fi
  COMPREPLY=()
  case $how in
    files) compopt -o filenames 2>/dev/null; _lockstep_reply -f ;;
    folders) compopt -o filenames 2>/dev/null; _lockstep_reply -d ;;
    *) _lockstep_reply -W "$words" ;;
  esac
}
_lockstep_reply() {
  local line
  # In bash 3.2 of macOS there is neither mapfile nor compopt.
  while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$@" -- "$cur")
}
_lockstep_family() {
  case $1 in
${families.join('\n')}
    *) return 1 ;;
  esac
}
complete -F _lockstep lockstep
`;
}

function bashValues(values: Values): string {
  return values.is === 'words' ? `words='${values.words.join(' ')}'` : values.is === 'text' ? ':' : `how=${values.is}`;
}

// ---- zsh --------------------------------------------------------------------------------------------------------

function zsh(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const options = flags(command).map(([flag, option]) => {
      const value =
        option.type === 'boolean'
          ? ''
          : `:${zshText(option.value ?? 'VALUE')}:${zshValues(valuesOf(option.value ?? ''))}`;
      return `        '${option.multiple ? '*' : ''}${flag}[${zshText(option.help)}]${value}'`;
    });
    const plain = command.positionals.map((text) => `        ':${zshText(text)}:${zshValues(valuesOf(text))}'`);
    return `      '${command.words.join(' ')}')\n        _arguments -S \\\n${[...options, ...plain].join(' \\\n')} ;;`;
  });
  const described = (members: readonly Pick<Command, 'words' | 'summary'>[], at: number): string =>
    members.map(({ words, summary }) => `        '${zshText(words[at] ?? '')}:${zshText(summary)}'`).join('\n');
  const first = firstWords(commands).map((word): Pick<Command, 'words' | 'summary'> => {
    const alone = commands.find(({ words }) => words.length === 1 && words[0] === word);
    const members = family(commands, word).map(({ words }) => words[1]);
    return { words: [word], summary: alone?.summary ?? members.join(', ') };
  });
  const families = firstWords(commands)
    .filter((word) => family(commands, word).length > 0)
    .map((word) => `      ${word}) members=(\n${described(family(commands, word), 1)}\n      ) ;;`);
  return `#compdef lockstep
# Completion of lockstep for zsh. Made by: lockstep completion zsh
_lockstep() {
  local -a members
  local command
  if (( CURRENT == 2 )); then
    members=(
${described(first, 0)}
        'help:what a command takes'
    )
    _describe command members
    return
  fi
  case $words[2] in
${families.join('\n')}
  esac
  if (( $#members )) && [[ $words[3] != -* ]]; then
    if (( CURRENT == 3 )); then
      _describe command members
      return
    fi
    command="$words[2] $words[3]"
    shift 2 words
    (( CURRENT -= 2 ))
  else
    command=$words[2]
    shift words
    (( CURRENT -= 1 ))
  fi
  case $command in
${cases.join('\n')}
  esac
}
_lockstep "$@"
`;
}

/** Within single quotes, where colons and brackets mean something to _arguments and _describe. */
function zshText(text: string): string {
  return text.replace(/[\\:[\]]/g, '\\$&').replaceAll("'", "'\\''");
}

function zshValues(values: Values): string {
  switch (values.is) {
    case 'words':
      return `(${values.words.join(' ')})`;
    case 'files':
      return '_files';
    case 'folders':
      return '_files -/';
    case 'text':
      return ' ';
  }
}

// ---- fish -------------------------------------------------------------------------------------------------------

function fish(commands: readonly Command[]): string {
  const line = (condition: string, rest: string): string => `complete -c lockstep -n '${condition}' ${rest}`;
  const first = firstWords(commands).map((word) => {
    const alone = commands.find(({ words }) => words.length === 1 && words[0] === word);
    const summary =
      alone?.summary ??
      family(commands, word)
        .map(({ words }) => words[1])
        .join(', ');
    return line('__lockstep_at 1', `-f -a ${word} -d ${fishText(summary)}`);
  });
  const seconds = commands
    .filter(({ words }) => words.length > 1)
    .map(({ words: [word = '', second = ''], summary }) =>
      line(`__lockstep_at 2; and __lockstep_is ${word}`, `-f -a ${second} -d ${fishText(summary)}`),
    );
  const options = commands.flatMap((command) => {
    const is = `__lockstep_is ${command.words.join(' ')}`;
    return flags(command).map(([flag, option]) => {
      const value = option.type === 'boolean' ? '' : ` -r ${fishValues(valuesOf(option.value ?? ''))}`;
      return line(is, `-l ${flag.slice(2)} -d ${fishText(option.help)}${value}`);
    });
  });
  return `# Completion of lockstep for fish. Made by: lockstep completion fish
function __lockstep_at
  test (count (commandline -opc)) -eq $argv[1]
end
function __lockstep_is
  set -l typed (commandline -opc)
  set -l last (math (count $argv) + 1)
  test (count $typed) -ge $last; and test "$typed[2..$last]" = "$argv"
end
${[...first, line('__lockstep_at 1', "-f -a help -d 'what a command takes'"), ...seconds, ...options].join('\n')}
`;
}

function fishText(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

function fishValues(values: Values): string {
  switch (values.is) {
    case 'words':
      return `-f -a '${values.words.join(' ')}'`;
    case 'files':
      return '-F';
    case 'folders':
      return "-f -a '(__fish_complete_directories)'";
    case 'text':
      return '-f';
  }
}

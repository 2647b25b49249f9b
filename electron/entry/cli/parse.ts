import { parseArgs } from 'node:util';
import { nearest } from '../../../shared/domain/nearest.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fail, ok, type Result } from '../../../shared/errors/result.ts';
import { type Command, commonOptions, type Input, type OptionTable } from './command.ts';

export type Parsed =
  | { readonly kind: 'run'; readonly command: Command; readonly input: Input }
  /** Of one command, or of all that begin with the same word; of neither: of everything. */
  | { readonly kind: 'help'; readonly command?: Command; readonly family?: readonly Command[] }
  | { readonly kind: 'version' }
  | { readonly kind: 'wrong'; readonly error: AppError; readonly command?: Command };

/** Finds the command and reads its arguments, strictly: what is not known is refused, with what was probably meant. */
export function parseCommandLine(line: readonly string[], commands: readonly Command[]): Parsed {
  const { before, argv } = optionsBefore(line);
  const [first] = argv;
  if (first === '--version' || first === '-V') return { kind: 'version' };
  if (first === undefined || first === '--help' || first === '-h') return { kind: 'help' };
  if (first === 'help') return helpFor(argv.slice(1), commands);
  const found = commands.find((each) => each.words.every((word, index) => argv[index] === word));
  if (!found) {
    const isOfAll = argv[1]?.startsWith('-') && argv.slice(1).some(asksForHelp);
    return isOfAll ? helpFor([first], commands) : { kind: 'wrong', error: unknownCommand(argv, commands) };
  }
  const rest = [...before, ...argv.slice(found.words.length)];
  const end = rest.indexOf('--');
  if (rest.slice(0, end < 0 ? undefined : end).some(asksForHelp)) return { kind: 'help', command: found };
  const input = parseInput(rest, found);
  return input.ok
    ? { kind: 'run', command: found, input: input.value }
    : { kind: 'wrong', error: input.error, command: found };
}

/** Options that stand before the command, as other programs have it: `--data DIR status`. */
function optionsBefore(line: readonly string[]): { before: readonly string[]; argv: readonly string[] } {
  let taken = 0;
  for (;;) {
    const arg = line[taken];
    if (arg === undefined || !/^--./.test(arg) || arg === '--help' || arg === '--version') break;
    taken += Object.hasOwn(commonOptions, arg.slice(2)) ? 2 : 1;
  }
  return { before: line.slice(0, taken), argv: line.slice(taken) };
}

function helpFor(words: readonly string[], commands: readonly Command[]): Parsed {
  if (words.length === 0) return { kind: 'help' };
  const found = commands.find((each) => each.words.join(' ') === words.join(' '));
  if (found) return { kind: 'help', command: found };
  const family = familyOf(words[0], commands);
  return words.length === 1 && family.length > 0
    ? { kind: 'help', family }
    : { kind: 'wrong', error: unknownCommand(words, commands) };
}

function asksForHelp(arg: string | undefined): boolean {
  return arg === '--help' || arg === '-h';
}

function familyOf(first: string | undefined, commands: readonly Command[]): readonly Command[] {
  return commands.filter(({ words }) => words[0] === first && words.length > 1);
}

function unknownCommand(argv: readonly string[], commands: readonly Command[]): AppError {
  const words = argv.filter((arg) => !arg.startsWith('-'));
  const [first = ''] = words;
  const family = familyOf(first, commands);
  if (family.length > 0) {
    const subwords = family.map((each) => each.words[1] ?? '');
    const second = words[1];
    const close = second === undefined ? undefined : nearest(second, subwords);
    const problem =
      second === undefined ? `“${first}” needs to be told what to do` : `There is no command “${first} ${second}”`;
    return close
      ? mistyped(problem, `lockstep ${first} ${close}`)
      : wrong(problem, `It is one of: ${listed(subwords.map((word) => `lockstep ${first} ${word}`))}`);
  }
  const close = nearest(first, [...new Set(commands.map((each) => each.words[0] ?? ''))]);
  const problem = first === '' ? 'A command comes first' : `There is no command “${first}”`;
  return close ? mistyped(problem, `lockstep ${close}`) : wrong(problem, 'See lockstep --help');
}

function parseInput(argv: readonly string[], { options, positionals: names, words }: Command): Result<Input> {
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(Object.entries(options).map(([name, { type }]) => [name, { type }])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const values: Record<string, string | boolean | string[]> = defaultsOf(options);
  const given = new Set<string>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (!option) return fail(unknownOption(token.rawName, options));
    const flag = `--${token.name}`;
    if (option.type === 'boolean') {
      if (token.value !== undefined) return fail(wrong(`${flag} takes no value`, `Write ${flag} alone`));
      values[token.name] = true;
      continue;
    }
    if (token.value === undefined || (!token.inlineValue && /^--?[a-z]/.test(token.value)))
      return fail(wrong(`${flag} needs a value`, `Write ${flag} ${option.value ?? 'VALUE'}`));
    if (option.multiple) values[token.name] = [...asList(values[token.name]), token.value];
    else if (given.has(token.name)) return fail(wrong(`${flag} is there twice`, 'Give it once'));
    else values[token.name] = token.value;
    given.add(token.name);
  }
  const missing = names[positionals.length];
  if (missing !== undefined && !missing.startsWith('['))
    return fail(wrong(`${missing} is missing`, `See lockstep ${words.join(' ')} --help`));
  const isOpenEnded = names.at(-1)?.endsWith('…') ?? false;
  const extra = positionals[names.length];
  if (extra !== undefined && !isOpenEnded)
    return fail(wrong(`“${extra}” is one argument too many`, 'Put a name with spaces in quotes'));
  const [wanted] = Object.entries(options).find(([name, { required }]) => required && !given.has(name)) ?? [];
  if (wanted !== undefined)
    return fail(wrong(`--${wanted} is missing`, `Write --${wanted} ${options[wanted]?.value ?? ''}`.trimEnd()));
  return ok({ values: values as Input['values'], positionals });
}

function unknownOption(raw: string, options: OptionTable): AppError {
  const flags = Object.keys(options);
  const close = nearest(raw.replace(/^-+/, ''), flags);
  const problem = `There is no option “${raw}” here`;
  return close
    ? mistyped(problem, `--${close}`)
    : wrong(problem, `It takes: ${listed(flags.map((flag) => `--${flag}`))}`);
}

function defaultsOf(options: OptionTable): Record<string, string | boolean | string[]> {
  const values = Object.entries(options).flatMap(([name, { type, multiple }]): [string, boolean | string[]][] =>
    type === 'boolean' ? [[name, false]] : multiple ? [[name, []]] : [],
  );
  return Object.fromEntries(values);
}

function asList(value: string | boolean | string[] | undefined): string[] {
  return Array.isArray(value) ? value : [];
}

function listed(words: readonly string[]): string {
  return words.join(', ');
}

/** Wrong usage: what is wrong, and the mend, both without the full stop. */
export function wrong(problem: string, mend: string): AppError {
  return new AppError('usage.invalid', { problem, mend });
}

/** `close`: what was meant, probably. */
function mistyped(problem: string, close: string): AppError {
  return new AppError('usage.invalid', { problem, close });
}

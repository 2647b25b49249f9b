import { json } from './text.ts';

/** One command of `lockstep`: what it is called, takes and does. Usage, help and parsing all come from here. */
export interface Command {
  /** `['site', 'add']` */
  readonly words: readonly string[];
  /** One line, a sentence without its subject. */
  readonly summary: string;
  /** Names of the arguments that stand without a flag; `[PATH]` may be left out; `PATH…`, the last, stands for
   * one or more. */
  readonly positionals: readonly string[];
  readonly options: OptionTable;
  /** More lines for the command's own help. */
  readonly notes?: readonly string[];
  run(input: Input, io: Io): Promise<number>;
}

export interface Option {
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly required?: boolean;
  /** What stands for the value in usage: `HOST:PORT`. */
  readonly value?: string;
  readonly help: string;
}

export type OptionTable = Readonly<Record<string, Option>>;

/** What was typed, after parsing. An option that was not given has no value. */
export interface Input<O extends OptionTable = OptionTable> {
  readonly values: Values<O>;
  readonly positionals: readonly string[];
}

type Values<O extends OptionTable> = {
  readonly [K in keyof O]: O[K]['type'] extends 'boolean'
    ? boolean
    : O[K]['multiple'] extends true
      ? readonly string[]
      : O[K]['required'] extends true
        ? string
        : string | undefined;
};

/** The world around a command. */
export interface Io {
  out(line: string): void;
  err(line: string): void;
  /** Where a person watches: a line that the next one takes the place of; '' takes it away. */
  progress?(line: string): void;
  readonly stdin: NodeJS.ReadStream;
  /** True where a person reads the output, and not a program. */
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly env: NodeJS.ProcessEnv;
  /** Where relative paths start. */
  readonly cwd: string;
  now(): number;
}

export const EXIT = { done: 0, failed: 1, usage: 2, notInStep: 3 } as const;

/** Prints a result, as JSON where that is asked for, else as people read it; returns the exit code of a command that has done its work. */
export function answer(
  io: Pick<Io, 'out'>,
  values: { readonly json: boolean },
  result: unknown,
  words: () => string | readonly string[],
): number {
  for (const line of values.json ? [json(result)] : [words()].flat()) io.out(line);
  return EXIT.done;
}

/** Ties the types of the options to those of `run`; options that every command has are added. */
export function command<const O extends OptionTable>(definition: {
  readonly words: string;
  readonly summary: string;
  readonly positionals?: readonly string[];
  readonly options?: O;
  readonly notes?: readonly string[];
  run(input: Input<O & typeof commonOptions>, io: Io): Promise<number>;
}): Command {
  return {
    words: definition.words.split(' '),
    summary: definition.summary,
    positionals: definition.positionals ?? [],
    options: { ...definition.options, ...commonOptions },
    ...(definition.notes && { notes: definition.notes }),
    // The parser has made the values to these very options.
    run: (input, io) => definition.run(input as Input<O & typeof commonOptions>, io),
  };
}

export const commonOptions = {
  data: {
    type: 'string',
    value: 'DIR',
    help: 'the data folder (default: $LOCKSTEP_DATA, or the usual place)',
  },
} as const satisfies OptionTable;

export const jsonOption = {
  json: { type: 'boolean', help: 'print the result as JSON' },
} as const satisfies OptionTable;

export const siteOption = {
  site: { type: 'string', value: 'NAME', help: 'the site (needed if there are several)' },
} as const satisfies OptionTable;

/** For what takes a folder into use. */
export const takeOverOption = {
  'take-over': {
    type: 'boolean',
    help: 'use the folder even if another install used it: that install is gone for good, or this is a copy',
  },
} as const satisfies OptionTable;

/** The `site` of a call: absent where none was named. */
export function siteOf({ site }: { readonly site: string | undefined }): { site?: string } {
  return site === undefined ? {} : { site };
}

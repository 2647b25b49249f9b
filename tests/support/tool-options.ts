import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;
type Parsed<T extends ParseArgsConfig> = ReturnType<typeof parseArgs<T>>;

/**
 * What a tool of this house was called with. `--help` prints `help`; an option that is not known, or has no number where its default is
 * one, is told in a line (exit code 2).
 */
export function toolOptions<const T extends ParseArgsConfig>(help: string, config: T): Parsed<T> {
  const options: Options = { ...config.options, help: { type: 'boolean' } };
  try {
    const parsed = parseArgs({ ...config, options });
    const values: Readonly<Record<string, unknown>> = parsed.values;
    if (values['help'] === true) end(0, help);
    for (const [name, { default: usual }] of Object.entries(options))
      if (isNumber(usual) && !isNumber(values[name])) end(2, `--${name} takes a number.\n`);
    return parsed as Parsed<T>;
  } catch (error) {
    return end(2, `${error instanceof Error ? error.message : String(error)}\n\n${help}`);
  }
}

function isNumber(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !Number.isNaN(Number(value));
}

function end(code: number, text: string): never {
  (code === 0 ? process.stdout : process.stderr).write(text);
  process.exit(code);
}

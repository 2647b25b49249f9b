import { dirname, resolve } from 'node:path';
import { type Config, config as configSchema } from '../../../shared/contract/config.ts';
import { explainIssue } from '../../../shared/contract/issue.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fail, ok, type Result } from '../../../shared/errors/result.ts';

/** What a person would ever write is far below it. */
export const CONFIG_BYTES_MAX = 4 * 1024 * 1024;
/** What V8 shows before the place at which a text is no JSON, where more stands before it. */
const CUT_CHARACTERS = 10;

/** Parses the text of a config file. `file` is what an error names. */
export function parseConfig(text: string, file: string): Result<Config> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(new AppError('config.invalid', { file, issue: 'not-json', ...placeOf(error, text) }));
  }
  return checkConfig(value, file);
}

/** What `file` is to say by now, as it has been worked out. */
export function checkConfig(value: unknown, file: string): Result<Config> {
  const parsed = configSchema.safeParse(value);
  if (parsed.success) {
    const clash = clashOf(parsed.data);
    return clash ? fail(clash) : ok(parsed.data);
  }
  const [issue] = parsed.error.issues;
  const more = parsed.error.issues.length - 1;
  const explained = explainIssue(configSchema, issue, value);
  return fail(new AppError('config.invalid', { file, ...explained, ...(more > 0 && { more }) }));
}

/** Two sites in one folder, or one in another's, would undo each other's work. By their names: where links lead is looked at as one is added. */
function clashOf({ sites, follows }: Config): AppError | undefined {
  const roots = [...sites, ...follows].map(({ root }) => resolve(root));
  const known = new Set<string>();
  for (const root of roots) {
    if (known.has(root)) return new AppError('site.root-clash', { root });
    known.add(root);
  }
  for (const root of roots)
    for (let below = root, at = dirname(root); at !== below; below = at, at = dirname(at))
      if (known.has(at)) return new AppError('site.root-clash', { root, other: at });
  return undefined;
}

/**
 * What the parser says, with line and column where it knows them. V8 names a position, or shows the characters on either side of it,
 * which may be of a secret: those are only looked for.
 */
function placeOf(error: unknown, text: string): { text: string; line?: number } {
  const message = error instanceof Error ? error.message : String(error);
  const position = /^(.*) in JSON at position (\d+)/su.exec(message);
  if (position) return placed(position[1] ?? '', text, Number(position[2]));
  const around = /^(Unexpected token '.+?'), (\.{3})?"(.*)"(?:\.{3})? is not valid JSON$/su.exec(message);
  if (!around) return { text: message.replace(/, .*$/su, '') };
  const [, what = '', cut, shown = ''] = around;
  return cut === undefined ? { text: what } : placed(what, text, text.indexOf(shown) + CUT_CHARACTERS);
}

function placed(what: string, text: string, position: number): { text: string; line: number } {
  const before = text.slice(0, position).split('\n');
  return { text: `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${what}`, line: before.length };
}

import { join, resolve } from 'node:path';
import { homedir } from 'node:os';
import { RULE_MILLIS_MAX } from '../../../shared/contract/rules.ts';
import type { Io } from './command.ts';
import { wrong } from './parse.ts';
import { plain } from './text.ts';

/** `HOST:PORT`, `[::1]:PORT`, or a port alone, which means every address of the machine, or `host`. */
export function parseAddress(flag: string, text: string, host = '0.0.0.0'): { host: string; port: number } {
  const match = /^(?:\[([\da-f:.]+)\]:|([^\s:[\]]*):)?(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65535) throw wrong(`${flag} ${text} is not an address`, `Write ${flag} HOST:PORT`);
  return { host: match[1] ?? (match[2] || host), port };
}

export function parseChoice<T extends string>(flag: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw wrong(`${flag} ${text} is not known`, `Write ${flag} ${choices.join('|')}`);
  return found;
}

export function parseWhole(flag: string, text: string, min = 0): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < min)
    throw wrong(
      `${flag} ${text} is not a whole number${min > 0 ? ` of at least ${min}` : ''}`,
      `Write ${flag} with digits`,
    );
  return value;
}

const units: Readonly<Record<string, number>> = { ms: 1, '': 1000, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `10m`, `1.5h`, `250ms`; without a unit: seconds. In milliseconds. */
export function parseDuration(flag: string, text: string, bounds: { min?: number; max?: number } = {}): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/.exec(text);
  const unit = units[match?.[2] ?? ''];
  if (!match || unit === undefined)
    throw wrong(`${flag} ${text} is not a length of time`, `Write it like ${flag} 30s, 10m, 2h or 1d`);
  const millis = Math.round(Number(match[1]) * unit);
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = bounds;
  if (millis < min) throw wrong(`${flag} ${text} is too short`, `Write ${flag} ${durationText(min)} or more`);
  if (millis > max) throw wrong(`${flag} ${text} is too long`, `Write ${flag} ${durationText(max)} or less`);
  return millis;
}

/** The other way round, in the largest unit that fits: `2s`, `90m`, `250ms`. */
export function durationText(millis: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const)
    if (millis > 0 && millis % size === 0) return `${millis / size}${unit}`;
  return `${millis}ms`;
}

/** A length of time after which something is done anyway, or `none`: null. */
export function parseLimit(flag: string, text: string): number | null {
  return text === 'none' ? null : parseDuration(flag, text, { max: RULE_MILLIS_MAX });
}

/** A moment: so long ago (`2h`), or a date with or without a time (ISO 8601, local where no zone is given). */
export function parseMoment(flag: string, text: string, now: number): number {
  if (/^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/.test(text)) return now - parseDuration(flag, text);
  const iso = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/.test(text);
  // A date alone would be taken as UTC.
  const at = iso ? Date.parse(text.length === 10 ? `${text}T00:00` : text) : Number.NaN;
  if (Number.isNaN(at))
    throw wrong(`${flag} ${text} is not a time`, `Write it like ${flag} 2h or ${flag} 2026-11-23T14:00`);
  return at;
}

/** A path of a site as a shell completes it: `./img/` is `img/`, and `.` all of it. */
export function typedPath(text: string): string {
  return text.replace(/^(?:\.\/+)+|^\.$/, '');
}

/** What a command that follows has to be given, so that it acts on the same install: '' or ` --data DIR`, as a shell reads it. */
export function sameInstall(given: string | undefined): string {
  return given ? ` --data ${shellWord(given)}` : '';
}

/** As a shell reads it as one word. */
export function shellWord(text: string): string {
  return plain(/^[\w./~:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
}

/** The data folder: `--data`, else `$LOCKSTEP_DATA`, else where such things are kept on this platform. */
export function dataFolder(given: string | undefined, io: Pick<Io, 'env' | 'cwd'>): string {
  const chosen = given ?? io.env['LOCKSTEP_DATA'];
  return chosen ? resolve(io.cwd, chosen) : usualPlace(process.platform, io.env, homedir());
}

export function usualPlace(platform: NodeJS.Platform, env: NodeJS.ProcessEnv, home: string): string {
  if (platform === 'win32') return join(env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'), 'Lockstep');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Lockstep');
  return join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'lockstep');
}

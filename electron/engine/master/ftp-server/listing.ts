import type { Millis } from '../../../../shared/domain/change.ts';
import type { FileInfo } from '../site-files.ts';

/** The facts of MLSD and MLST (RFC 3659 §7.5) in the order in which they are sent. */
export const FACTS = ['type', 'size', 'modify', 'perm', 'unique', 'unix.mode'] as const;
export type Fact = (typeof FACTS)[number];

/** A line of MLSD without its end. `writable` as the account may change things. */
export function factsLine(info: FileInfo, facts: ReadonlySet<Fact>, writable: boolean, name = info.name): string {
  const folder = info.kind === 'dir';
  let line = '';
  if (facts.has('type')) line += `type=${info.kind};`;
  if (facts.has('size') && !folder) line += `size=${info.size};`;
  if (facts.has('modify')) line += `modify=${formatTime(info.mtime)};`;
  if (facts.has('perm')) line += `perm=${permissions(info, writable)};`;
  if (facts.has('unique') && info.unique !== undefined) line += `unique=${info.unique};`;
  if (facts.has('unix.mode')) line += `UNIX.mode=0${(info.mode & 0o777).toString(8)};`;
  return `${line} ${name}`;
}

/** What the account sees as its root, which has no name, is neither deleted nor renamed. */
function permissions({ kind, name }: FileInfo, writable: boolean): string {
  if (kind === 'file') return writable ? 'adfrw' : 'r';
  if (!writable) return 'el';
  return name === '' ? 'celmp' : 'cdeflmp';
}

/** A line of LIST without its end, as `ls -l` writes it, in UTC. There is no standard: this is what clients parse. */
export function listLine(info: FileInfo, now: Millis): string {
  const type = info.kind === 'dir' ? 'd' : '-';
  return `${type}${modeText(info.mode)} 1 ftp ftp ${String(info.size).padStart(12)} ${listTime(info.mtime, now)} ${info.name}`;
}

/** `YYYYMMDDHHMMSS` in UTC (RFC 3659 §2.3). Whole seconds: some clients do not read fractions. */
export function formatTime(time: Millis): string {
  return new Date(time).toISOString().slice(0, 19).replace(/\D/g, '');
}

/** Undefined where `text` is no time of the form `YYYYMMDDHHMMSS[.sss]` in UTC. */
export function parseTime(text: string): Millis | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d+))?$/.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const seconds = Date.UTC(year, month - 1, day, hour, minute, second);
  if (formatTime(seconds) !== text.slice(0, 14)) return undefined;
  return seconds + Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
}

/** A matcher for the last part of a path with `*` and `?`, as NLST and LIST take it from clients without globs of their own. */
export function wildcard(pattern: string): ((name: string) => boolean) | undefined {
  if (!/[*?]/.test(pattern)) return undefined;
  const wanted = Array.from(pattern);
  return (name) => matches(Array.from(name), wanted);
}

/** Linear in name times pattern: goes back to the last `*` only. */
function matches(name: readonly string[], pattern: readonly string[]): boolean {
  let at = 0;
  let wanted = 0;
  let star = -1;
  let from = 0;
  while (at < name.length) {
    if (wanted < pattern.length && pattern[wanted] === '*') {
      star = wanted;
      from = at;
      wanted += 1;
    } else if (wanted < pattern.length && (pattern[wanted] === '?' || pattern[wanted] === name[at])) {
      at += 1;
      wanted += 1;
    } else if (star >= 0) {
      from += 1;
      at = from;
      wanted = star + 1;
    } else {
      return false;
    }
  }
  while (pattern[wanted] === '*') wanted += 1;
  return wanted === pattern.length;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const HALF_A_YEAR = 182 * 86_400_000;
const MODE_TEXT = Array.from({ length: 512 }, (_, mode) =>
  Array.from('rwxrwxrwx', (letter, bit) => (mode & (256 >> bit) ? letter : '-')).join(''),
);

function modeText(mode: number): string {
  return MODE_TEXT[mode & 0o777] ?? '';
}

function listTime(time: Millis, now: Millis): string {
  const date = new Date(time);
  const day = `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)}`;
  const recent = time <= now && time > now - HALF_A_YEAR;
  return `${day} ${recent ? date.toISOString().slice(11, 16) : ` ${String(date.getUTCFullYear()).padStart(4, '0')}`}`;
}

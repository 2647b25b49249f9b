import { isUtf8 } from 'node:buffer';
import { NOT_SHOWN } from '../../../shared/domain/not-shown.ts';

/** Characters by which a path is told. */
const SHOWN_MAX = 1000;

/**
 * A path as a person can read it and type it: what is no text, steers a terminal or turns the direction of writing is told by
 * its number, and a backslash is doubled, so that two names never read alike.
 */
export function showPath(path: Buffer): string {
  const shown = isUtf8(path)
    ? path.toString('utf8').replace(NOT_READ, escape)
    : path.toString('latin1').replace(NOT_ASCII, escape);
  return shown.length > SHOWN_MAX ? `${shown.slice(0, SHOWN_MAX)}…` : shown;
}

const NOT_READ = new RegExp(`${NOT_SHOWN.source}|[\u200c\u200d\\\\]`, 'g');
// oxlint-disable-next-line no-control-regex -- control characters are what it is there to find
const NOT_ASCII = /[^\u0020-\u005b\u005d-\u007e]/g;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function escape(character: string): string {
  const code = character.charCodeAt(0);
  return SHORT[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

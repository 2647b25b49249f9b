import { AppError } from '../errors/app-error.ts';
import { fail, ok, type Result } from '../errors/result.ts';

/**
 * A path of a site: relative to its root, `/`-separated, NFC, without empty, `.` and `..` segments.
 * The root itself is the empty string. Only `parseSitePath` makes one from outside input.
 */
export type SitePath = string & { readonly __brand: 'SitePath' };

export const ROOT = '' as SitePath;

/** The folder in a site's root that is Lockstep's own. It is never listed, served, journalled or mirrored. */
export const RESERVED_FOLDER = '.lockstep';

/** Limits in bytes of UTF-8, those of the common file systems (NAME_MAX, and PATH_MAX less room for the root). */
export const NAME_BYTES_MAX = 255;
export const PATH_BYTES_MAX = 3072;
export const PATH_DEPTH_MAX = 128;
/** UTF-16 units of a name that may fit once it is composed: of each byte one and a half at most. */
const NAME_UNITS_MAX = Math.ceil(1.5 * NAME_BYTES_MAX);

/**
 * Reads a path that came from outside. Accepts a leading `/` (it means the site's root, as in FTP) and a trailing one.
 * Refuses `..`, `.`, names of dots and spaces only, backslashes, control characters, lone surrogates, drive letters, over-long names and the reserved folder.
 */
export function parseSitePath(raw: string): Result<SitePath> {
  if (!mayCompose(raw)) return refuse('path.too-long', raw);
  const path = raw.normalize('NFC');
  if (!path.isWellFormed()) return refuse('path.invalid', raw);
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments.length > PATH_DEPTH_MAX) return refuse('path.too-long', raw);
  for (const segment of segments) {
    if (DOTS.test(segment) || CONTROL_OR_BACKSLASH.test(segment)) return refuse('path.invalid', raw);
    if (isLonger(segment, NAME_BYTES_MAX)) return refuse('path.too-long', raw);
  }
  const [first] = segments;
  if (first !== undefined && /^[a-z]:/i.test(first)) return refuse('path.invalid', raw);
  if (first !== undefined && isReserved(first)) return refuse('path.reserved', raw);
  const joined = segments.join('/');
  if (isLonger(joined, PATH_BYTES_MAX)) return refuse('path.too-long', raw);
  return ok(joined as SitePath);
}

/** False where a name is too long in any form: to put many combining marks in order takes time by the square of their number. */
export function mayCompose(path: string): boolean {
  return path.length <= NAME_UNITS_MAX || path.split('/').every(({ length }) => length <= NAME_UNITS_MAX);
}

/** True when `name` would be the reserved folder on any file system that folds case, width, or ignorable characters. */
export function isReserved(name: string): boolean {
  const folded = name
    .normalize('NFKC')
    .replace(IGNORABLE, '')
    .replace(/[. ]+$/, '')
    .toLowerCase();
  return folded === RESERVED_FOLDER || folded.startsWith(`${RESERVED_FOLDER}:`);
}

export function segmentsOf(path: SitePath): string[] {
  return path === ROOT ? [] : path.split('/');
}

export function parentOf(path: SitePath): SitePath {
  return path.slice(0, Math.max(0, path.lastIndexOf('/'))) as SitePath;
}

export function nameOf(path: SitePath): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

export function childOf(folder: SitePath, name: string): SitePath {
  return (folder === ROOT ? name : `${folder}/${name}`) as SitePath;
}

/** True for the folder itself and all below it. */
export function isWithin(path: SitePath, folder: SitePath): boolean {
  return folder === ROOT || path === folder || path.startsWith(`${folder}/`);
}

/** Where `path` stands once `from` has been renamed to `to`. `path` must be within `from`. */
export function rebase(path: SitePath, from: SitePath, to: SitePath): SitePath {
  return (path === from ? to : `${to}${path.slice(from.length)}`) as SitePath;
}

/** The same within the limits of a path. Throws `path.too-long`: what is below a folder may have no room for a longer name of it. */
export function rebaseWithin(path: SitePath, from: SitePath, to: SitePath): SitePath {
  const parsed = parseSitePath(rebase(path, from, to));
  if (!parsed.ok) throw parsed.error;
  return parsed.value;
}

// oxlint-disable-next-line no-control-regex -- control characters are what it is there to refuse
const CONTROL_OR_BACKSLASH = /[\u0000-\u001f\u007f-\u009f\\]/;
/** `.` and `..`, and what Windows takes for them: it drops dots and spaces at the end of a name. */
const DOTS = /^[. ]+$/;
/** Characters that HFS+ and some network file systems ignore when they compare names. */
const IGNORABLE = /[\u00ad\u034f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\ufeff]/g;

/** In bytes; a unit of UTF-16 takes three at most, so that what is far from the limit is not gone through. */
function isLonger(text: string, bytesMax: number): boolean {
  return text.length * 3 > bytesMax && byteLength(text) > bytesMax;
}

function byteLength(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

function refuse(code: 'path.invalid' | 'path.reserved' | 'path.too-long', raw: string): Result<SitePath> {
  return fail(new AppError(code, { path: raw.slice(0, 200) }));
}

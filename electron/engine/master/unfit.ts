import { isUtf8 } from 'node:buffer';
import { accessSync, constants, lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Millis } from '../../../shared/domain/change.ts';
import { ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { ErrorCode } from '../../../shared/errors/codes.ts';
import type { Store } from '../store/open.ts';
import { bytes, int, text } from '../store/rows.ts';
import { isNowhere } from '../tree/file-error.ts';
import type { SiteRoot } from '../tree/site-root.ts';

/** So many are remembered of a site; the others are found by the next rescan, once these are mended. */
export const UNFIT_MAX = 1000;
/** Characters by which a path is told. */
const SHOWN_MAX = 1000;

/** Why a file or folder in the folder of a site is not published. */
export type UnfitCode = Extract<ErrorCode, `unfit.${string}`>;

export interface Unfit {
  /** From the site's folder, in the bytes that the disk has: not every name is text. */
  readonly path: Buffer;
  readonly code: UnfitCode;
}

export interface UnfitRow extends Unfit {
  readonly since: Millis;
}

interface UnfitOptions {
  readonly store: Store;
  readonly site: number;
  readonly root: SiteRoot;
  readonly now: () => Millis;
  readonly onChange: () => void;
}

/** What stands in the folder of a published site and cannot be published: remembered until it is gone, renamed, or can be read. */
export class UnfitRecord {
  readonly #options: UnfitOptions;
  #rows: readonly UnfitRow[];

  constructor(options: UnfitOptions) {
    this.#options = options;
    this.#rows = options.store
      .all('SELECT path, code, since FROM unfit WHERE site = ? ORDER BY path', options.site)
      .flatMap((row) => {
        const code = text(row['code']);
        return isCode(code) ? [{ path: bytes(row['path']), code, since: int(row['since']) }] : [];
      });
  }

  /** In the order of their bytes. */
  get all(): readonly UnfitRow[] {
    return this.#rows;
  }

  /** What the whole tree holds of it now. */
  found(unfit: readonly Unfit[]): void {
    this.#set(unfit);
  }

  /** What one folder holds of it now, names only. */
  foundIn(folder: SitePath, unfit: readonly Unfit[]): void {
    const others = this.#rows.filter(({ path, code }) => code === UNREADABLE || !isRightIn(path, folder));
    this.#set([...others, ...unfit]);
  }

  unreadable(path: SitePath): void {
    this.#set([...this.#rows, { path: Buffer.from(path), code: UNREADABLE }]);
  }

  /** Forgets what is there no more, or can be read by now. A look at the disk for each. */
  look(): void {
    if (this.#rows.length === 0 || this.#options.root.trouble) return;
    this.#set(this.#rows.filter((row) => this.#stands(row)));
  }

  #stands({ path, code }: Unfit): boolean {
    const { folder } = this.#options.root;
    const absolute = isUtf8(path)
      ? join(folder, path.toString('utf8'))
      : Buffer.concat([Buffer.from(join(folder, '/')), path]);
    try {
      const info = lstatSync(absolute, { throwIfNoEntry: false });
      if (!info?.isFile() && !info?.isDirectory()) return false;
      if (code !== UNREADABLE) return true;
      accessSync(absolute, info.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK);
      return false;
    } catch (error) {
      return !isNowhere(error);
    }
  }

  #set(unfit: readonly Unfit[]): void {
    const { store, site, now, onChange } = this.#options;
    const known = new Map(this.#rows.map((row) => [row.path.toString('latin1'), row]));
    const next = new Map<string, UnfitRow>();
    for (const { path, code } of unfit.slice(0, UNFIT_MAX)) {
      const key = path.toString('latin1');
      const before = known.get(key);
      next.set(key, before?.code === code ? before : { path, code, since: now() });
    }
    const isSame = next.size === known.size && [...next].every(([key, row]) => known.get(key) === row);
    if (isSame) return;
    this.#rows = [...next.values()].sort((one, other) => one.path.compare(other.path));
    try {
      store.transaction(() => {
        store.run('DELETE FROM unfit WHERE site = ?', site);
        for (const { path, code, since } of this.#rows)
          store.run('INSERT INTO unfit (site, path, code, since) VALUES (?, ?, ?, ?)', site, path, code, since);
      });
    } catch (error) {
      // A disk that takes nothing now: what is there is found again by the next rescan.
      if (!(error instanceof AppError)) throw error;
    }
    onChange();
  }
}

/**
 * A path as a person can read it and type it: what is no text, steers a terminal or turns the direction of writing is told by
 * its number, and a backslash is doubled, so that two names never read alike.
 */
export function showPath(path: Buffer): string {
  const shown = isUtf8(path)
    ? path.toString('utf8').replace(NOT_SHOWN, escape)
    : path.toString('latin1').replace(NOT_ASCII, escape);
  return shown.length > SHOWN_MAX ? `${shown.slice(0, SHOWN_MAX)}…` : shown;
}

const UNREADABLE = 'unfit.unreadable';
const CODES: ReadonlySet<string> = new Set<UnfitCode>([
  'unfit.bytes',
  'unfit.characters',
  'unfit.decomposed',
  'unfit.reserved',
  'unfit.too-long',
  UNREADABLE,
]);
// oxlint-disable-next-line no-control-regex -- control characters are what it is there to find
const NOT_SHOWN = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\\]/g;
// oxlint-disable-next-line no-control-regex -- the same
const NOT_ASCII = /[^\u0020-\u005b\u005d-\u007e]/g;
const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\\': '\\\\' };

function escape(character: string): string {
  const code = character.charCodeAt(0);
  return SHORT[character] ?? (code < 0x100 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

function isRightIn(path: Buffer, folder: SitePath): boolean {
  const above = Buffer.from(folder === ROOT ? '' : `${folder}/`);
  return path.subarray(0, above.length).equals(above) && !path.includes('/', above.length);
}

function isCode(code: string): code is UnfitCode {
  return CODES.has(code);
}

import { isUtf8 } from 'node:buffer';
import { accessSync, constants, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Millis } from '../../../shared/domain/change.ts';
import { ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Logger } from '../ports.ts';
import type { Store } from '../store/open.ts';
import { bytes, int, text } from '../store/rows.ts';
import { isNowhere } from '../tree/file-error.ts';
import { requireEntry } from '../tree/require-entry.ts';
import { showPath } from '../tree/show-path.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { LINK, type Unfit, type UnfitCode, UNREADABLE } from '../tree/unfit-names.ts';

/** So many are remembered of a site, links last; what else cannot be read is tried again once half of these are mended. */
export const UNFIT_MAX = 1000;

/** How soon what could not be read is tried again for the second time, and how rarely at last. */
const TRY_MILLIS = 10_000;
const TRY_MILLIS_MAX = 300_000;

export interface UnfitRow extends Unfit {
  readonly since: Millis;
}

/** It comes back for what could not be read: nothing else may say that it can be. */
export interface Rereading {
  /** What stands there perhaps can be read by now, or is gone. False: all is read anyway. */
  readable(path: SitePath): boolean;
  /** So perhaps can be what nobody remembers. */
  readAll(): void;
}

interface UnfitOptions {
  readonly store: Store;
  readonly site: number;
  readonly root: SiteRoot;
  readonly now: () => Millis;
  readonly logger: Logger;
  readonly onChange: () => void;
}

/** What stands in the folder of a published site and cannot be published: remembered until it is gone, renamed, or can be read. */
export class UnfitRecord {
  readonly #options: UnfitOptions;
  #rows: readonly UnfitRow[];
  /** Something cannot be read, and is not remembered. */
  #isCut = false;
  /** For files that could not be read: when that was last tried again, by the steady clock, and how long it is not tried after that. */
  readonly #tries = new Map<SitePath, { readonly at: number; readonly wait: number }>();

  constructor(options: UnfitOptions) {
    this.#options = options;
    this.#rows = options.store
      .all('SELECT path, code, since FROM unfit WHERE site = ? ORDER BY path', options.site)
      .flatMap((row) => {
        const code = text(row['code']);
        return isCode(code) ? [{ path: bytes(row['path']), code, since: int(row['since']) }] : [];
      });
  }

  /** What a person should mend, in the order of their bytes. */
  get all(): readonly UnfitRow[] {
    return this.#rows.filter(({ code }) => code !== LINK);
  }

  /** Symbolic links: left out, and nothing that waits. */
  get links(): readonly UnfitRow[] {
    return this.#rows.filter(({ code }) => code === LINK);
  }

  /** What the whole tree holds of it now. */
  found(unfit: readonly Unfit[]): void {
    this.#isCut = false;
    this.#set(unfit);
  }

  /** What one folder holds of it now, names only. */
  foundIn(folder: SitePath, unfit: readonly Unfit[]): void {
    const others = this.#rows.filter(({ path, code }) => code === UNREADABLE || !isRightIn(path, folder));
    this.#set([...others, ...unfit]);
  }

  /** These cannot be read, or not be looked at. */
  unreadable(paths: ReadonlySet<SitePath>): void {
    if (paths.size === 0) return;
    this.#set([...this.#rows, ...[...paths].map((path) => ({ path: Buffer.from(path), code: UNREADABLE }))]);
  }

  /**
   * Forgets what is there no more, or is about to be read. A look at the disk for each. `reread`: see `Rereading`. Absent: nobody comes back
   * for it before somebody has the folder read, and it is told until then. A file is told until it has been read, and is tried ever more
   * rarely: its disk may fail.
   */
  look(reread?: Rereading): void {
    if ((this.#rows.length === 0 && !this.#isCut) || this.#options.root.trouble) return;
    this.#set(this.#rows.filter((row) => this.#stays(row, reread)));
    if (!reread || !this.#isCut || this.#rows.length > UNFIT_MAX / 2) return;
    this.#isCut = false;
    reread.readAll();
  }

  /** These files can be read. */
  read(files: ReadonlySet<SitePath>): void {
    if (!this.#rows.some(({ code }) => code === UNREADABLE)) return;
    this.#set(this.#rows.filter(({ path, code }) => code !== UNREADABLE || !files.has(path.toString() as SitePath)));
  }

  #stays(row: Unfit, reread?: Rereading): boolean {
    const path = row.path.toString() as SitePath;
    switch (this.#standing(row)) {
      case 'nothing':
        // Nobody could see it go.
        if (row.code === UNREADABLE) reread?.readable(path);
        return false;
      case 'unfit':
        return true;
      case 'folder':
        reread?.readable(path);
        return reread === undefined;
      case 'file':
        return reread === undefined || !this.#isDue(path) || reread.readable(path);
    }
  }

  #isDue(path: SitePath): boolean {
    const [now, last] = [performance.now(), this.#tries.get(path)];
    if (last && now < last.at + last.wait) return false;
    this.#tries.set(path, { at: now, wait: Math.min(last ? 2 * last.wait : TRY_MILLIS, TRY_MILLIS_MAX) });
    return true;
  }

  /** `file`, `folder`: one that could not be read, and may be read now. */
  #standing({ path, code }: Unfit): 'nothing' | 'unfit' | 'file' | 'folder' {
    const { folder } = this.#options.root;
    const absolute = isUtf8(path)
      ? join(folder, path.toString('utf8'))
      : Buffer.concat([Buffer.from(join(folder, '/')), path]);
    try {
      const info = lstatSync(absolute, { throwIfNoEntry: false });
      if (code === LINK) return info?.isSymbolicLink() === true ? 'unfit' : 'nothing';
      if (!info?.isFile() && !info?.isDirectory()) return 'nothing';
      if (code !== UNREADABLE) return 'unfit';
      if (info.isDirectory()) requireReadable(join(folder, path.toString()));
      else accessSync(absolute, constants.R_OK);
      return info.isDirectory() ? 'folder' : 'file';
    } catch (error) {
      return isNowhere(error) ? 'nothing' : 'unfit';
    }
  }

  #set(unfit: readonly Unfit[]): void {
    const { store, site, now, logger, onChange } = this.#options;
    const known = new Map(this.#rows.map((row) => [row.path.toString('latin1'), row]));
    const next = new Map<string, UnfitRow>();
    const isLink = ({ code }: Unfit): number => (code === LINK ? 1 : 0);
    for (const { path, code } of unfit.toSorted((one, other) => isLink(one) - isLink(other))) {
      const key = path.toString('latin1');
      if (next.size === UNFIT_MAX && !next.has(key)) {
        this.#isCut ||= code === UNREADABLE;
        continue;
      }
      const before = known.get(key);
      next.set(key, before?.code === code ? before : { path, code, since: now() });
    }
    const isSame = next.size === known.size && [...next].every(([key, row]) => known.get(key) === row);
    if (isSame) return;
    for (const [key, { path, code }] of next)
      if (code === LINK && known.get(key)?.code !== LINK)
        logger.info({ path: showPath(path) }, 'a symbolic link is not published');
    for (const path of this.#tries.keys())
      if (!next.has(Buffer.from(path).toString('latin1'))) this.#tries.delete(path);
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

/** Throws the system's error where it is not. */
function requireReadable(folder: string): void {
  readdirSync(folder);
  requireEntry(folder);
}

const CODES: ReadonlySet<string> = new Set<UnfitCode>([
  'unfit.bytes',
  'unfit.characters',
  'unfit.decomposed',
  LINK,
  'unfit.reserved',
  'unfit.too-long',
  UNREADABLE,
]);
function isRightIn(path: Buffer, folder: SitePath): boolean {
  const above = Buffer.from(folder === ROOT ? '' : `${folder}/`);
  return path.subarray(0, above.length).equals(above) && !path.includes('/', above.length);
}

function isCode(code: string): code is UnfitCode {
  return CODES.has(code);
}

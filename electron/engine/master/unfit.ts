import { isUtf8 } from 'node:buffer';
import { accessSync, constants, lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Millis } from '../../../shared/domain/change.ts';
import { ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Logger } from '../ports.ts';
import type { Store } from '../store/open.ts';
import { bytes, int, text } from '../store/rows.ts';
import { isNowhere } from '../tree/file-error.ts';
import { showPath } from '../tree/show-path.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { LINK, type Unfit, type UnfitCode } from '../tree/unfit-names.ts';

/** So many are remembered of a site, links last; the others are found by the next rescan, once these are mended. */
export const UNFIT_MAX = 1000;

export interface UnfitRow extends Unfit {
  readonly since: Millis;
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

  /**
   * Forgets what is there no more, or can be read by now. A look at the disk for each. What could not be read, and is not so any more:
   * nothing else may say that it can be (too many files were open, another program kept it to itself).
   */
  look(): SitePath[] {
    if (this.#rows.length === 0 || this.#options.root.trouble) return [];
    const before = this.#rows;
    const left = before.filter((row) => this.#stands(row));
    this.#set(left);
    return before
      .filter((row) => row.code === UNREADABLE && !left.includes(row))
      .map(({ path }) => path.toString() as SitePath);
  }

  #stands({ path, code }: Unfit): boolean {
    const { folder } = this.#options.root;
    const absolute = isUtf8(path)
      ? join(folder, path.toString('utf8'))
      : Buffer.concat([Buffer.from(join(folder, '/')), path]);
    try {
      const info = lstatSync(absolute, { throwIfNoEntry: false });
      if (code === LINK) return info?.isSymbolicLink() === true;
      if (!info?.isFile() && !info?.isDirectory()) return false;
      if (code !== UNREADABLE) return true;
      accessSync(absolute, info.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK);
      return false;
    } catch (error) {
      return !isNowhere(error);
    }
  }

  #set(unfit: readonly Unfit[]): void {
    const { store, site, now, logger, onChange } = this.#options;
    const known = new Map(this.#rows.map((row) => [row.path.toString('latin1'), row]));
    const next = new Map<string, UnfitRow>();
    const isLink = ({ code }: Unfit): number => (code === LINK ? 1 : 0);
    for (const { path, code } of unfit.toSorted((one, other) => isLink(one) - isLink(other)).slice(0, UNFIT_MAX)) {
      const key = path.toString('latin1');
      const before = known.get(key);
      next.set(key, before?.code === code ? before : { path, code, since: now() });
    }
    const isSame = next.size === known.size && [...next].every(([key, row]) => known.get(key) === row);
    if (isSame) return;
    for (const [key, { path, code }] of next)
      if (code === LINK && known.get(key)?.code !== LINK)
        logger.info({ path: showPath(path) }, 'a symbolic link is not published');
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

const UNREADABLE = 'unfit.unreadable';
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

import type { Millis, Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';

/** What a place tells of an entry. */
export interface PlaceEntry {
  readonly name: string;
  readonly kind: 'file' | 'dir';
  readonly size: number;
  /** Undefined where it is not told to the second. */
  readonly mtime: Millis | undefined;
}

/** The hash of no file: what it is said of is sent, whatever the place holds there. */
export const UNKNOWN: Sha256 = '';

/** Where a drop goes, as far as comparing needs it. */
export interface Place {
  /** Entries of a folder; undefined where it is not there. Names that a site could not hold are left out. */
  list(folder: SitePath): Promise<readonly PlaceEntry[] | undefined>;
  /** Why something in a folder that was listed could not be looked at: it may be there, and was left out. */
  readonly unseen?: (folder: SitePath) => AppError | undefined;
  /** Of a file's content; undefined: the place does not tell it, size and time have to do. */
  hash(path: SitePath): Promise<Sha256 | undefined>;
  /** The largest file that it takes. */
  readonly bytesMax: number;
}

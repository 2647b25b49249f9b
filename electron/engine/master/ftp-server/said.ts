import type { Sha256 } from '../../../../shared/domain/change.ts';
import { ROOT, type SitePath } from '../../../../shared/domain/site-path.ts';
import { FACTS, type Fact } from './listing.ts';
import { Refusal } from './reply.ts';

/** The part of a file that a transfer is of. */
export interface FileRange {
  /** From REST or RANG. */
  readonly start: number;
  /** From RANG: the first byte that is not sent any more. */
  readonly end?: number;
}

const WHOLE_FILE: FileRange = { start: 0 };

/** What a client has said of its next upload. */
export interface Announced {
  /** ALLO. Some clients mean the file, some what is still to come. */
  readonly allocated?: number | undefined;
  /** SITE EXPECT: of the whole file. */
  readonly expected?: { readonly size: number; readonly sha256: Sha256 };
}

/** What a client has said of commands that are still to come. */
export interface Said {
  readonly range: FileRange;
  readonly announced: Announced;
  /** RNFR. */
  readonly renameFrom?: SitePath;
}

const NOTHING_SAID: Said = { range: WHOLE_FILE, announced: {} };

/** What a client has told of how it is to be served. */
export interface Told {
  /** TYPE A: the ends of lines are converted on both sides. */
  readonly converts: boolean;
  /** CWD. */
  readonly cwd: SitePath;
  /** OPTS MLST. */
  readonly facts: ReadonlySet<Fact>;
  readonly said: Said;
}

export const NOTHING_TOLD: Told = { converts: false, cwd: ROOT, facts: new Set(FACTS), said: NOTHING_SAID };

/** What was said that holds beyond a command, whatever becomes of that. */
export function stillSaid({ range, announced, renameFrom }: Said, name: string, isUpload: boolean): Said {
  // Where a transfer was refused, the next one begins at its beginning: a whole file must not be put behind a part of another.
  const keepsRange = BEFORE_TRANSFER.has(name) || (name === 'HASH' && range.end === undefined);
  return {
    range: keepsRange ? range : WHOLE_FILE,
    announced: isUpload ? {} : announced,
    // Clients send NOOP whenever they like, to keep the session.
    ...(name === 'NOOP' && renameFrom !== undefined && { renameFrom }),
  };
}

/** What clients send between REST and its transfer: what prepares it, or asks. */
const BEFORE_TRANSFER: ReadonlySet<string> = new Set(
  'PASV EPSV PORT EPRT TYPE MODE STRU ALLO SITE OPTS PBSZ PROT NOOP STAT SIZE MDTM MLST PWD XPWD FEAT SYST HELP'.split(
    ' ',
  ),
);

/** The range of a transfer, where one can be sent: TYPE A (`converts`) may have come after REST or RANG. */
export function rangeOf({ range }: Said, converts: boolean): FileRange {
  if ((range.start > 0 || range.end !== undefined) && converts)
    throw new Refusal(554, 'In TYPE A nothing can be resumed: send TYPE I first.');
  return range;
}

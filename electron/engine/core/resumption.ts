/*
 * What an upload may begin with, and what of one that was not published is left for its account to go on with. Whoever goes on with what it
 * was sending never makes one file of two versions: a part is the beginning of what its account sends; the file that is there may be another
 * version, and is gone on from only where nothing says that it is.
 */

/** What a client goes on from: so many bytes (REST and STOR; 0 where it sends the whole), or all there is (APPE). */
export type Wanted = number | 'all';

/** What there is of one path for one account. */
export interface Found {
  /** Bytes of the file that stands there; undefined: none does. */
  readonly file: number | undefined;
  /** Bytes of what is left of an upload; 0: a mark, see `Remains`. Undefined: nothing is. */
  readonly part: number | undefined;
  /** Another upload of the account is sending the whole, or goes on with a part. */
  readonly isUnderWay: boolean;
  /** The part begins with all of the file. Asked of APPE only. */
  readonly fileBeginsPart: boolean;
}

export const NOTHING_FOUND: Found = { file: undefined, part: undefined, isUnderWay: false, fileBeginsPart: false };

/** Where the first `bytes` of an upload come from. Refused as too short: there are only `bytes`. */
export type Start =
  | { readonly from: 'nothing' | 'part' | 'file'; readonly bytes: number }
  | { readonly refused: 'other-version' | 'too-short'; readonly bytes: number };

export function decideStart(wanted: Wanted, found: Found): Start {
  const { file, part, isUnderWay, fileBeginsPart } = found;
  if (wanted === 0) return ANEW;
  if (wanted === 'all') {
    if (file === undefined) return part ? { from: 'part', bytes: part } : ANEW;
    // What it knows to have sent is the file, and perhaps more.
    const isOther = part === undefined ? isUnderWay : !fileBeginsPart;
    return isOther ? OTHER_VERSION : { from: 'file', bytes: file };
  }
  if (part !== undefined && part >= wanted) return { from: 'part', bytes: wanted };
  if (file === undefined) return { refused: 'too-short', bytes: part ?? 0 };
  if (part !== undefined || isUnderWay) return OTHER_VERSION;
  if (file < wanted) return { refused: 'too-short', bytes: file };
  return { from: 'file', bytes: wanted };
}

const ANEW: Start = { from: 'nothing', bytes: 0 };
const OTHER_VERSION: Start = { refused: 'other-version', bytes: 0 };

/** How an upload stands among those of its account to its path. */
export type Place =
  /** It adds to the file that is there, and is sent again as a whole. */
  | 'adding'
  | 'current'
  /** The account has deleted or replaced the file since, or has sent it anew. */
  | 'given-up'
  /** A later one takes its place, and leaves what is to be left. */
  | 'overtaken';

/** `mark`: an empty part. It says that the file which is there is not what its account sends. */
export type Remains = 'part' | 'mark' | 'nothing';

/**
 * What is left of an upload that ends without being published. `isReliable`: its bytes are what was sent, and on disk. `mayBeOther`: another
 * file than it went on from may stand at its path, or come there, and its client does not know that.
 */
export function decideRemains(
  place: Place,
  { isReliable, mayBeOther }: { readonly isReliable: boolean; readonly mayBeOther: boolean },
): Remains {
  if (place === 'adding' || place === 'overtaken') return 'nothing';
  if (place === 'current' && isReliable) return 'part';
  return mayBeOther ? 'mark' : 'nothing';
}

import type { Sha256 } from '../../../../shared/domain/change.ts';

/** The part of a file that the next transfer is of. */
export interface FileRange {
  /** From REST or RANG. */
  readonly start: number;
  /** From RANG: the first byte that is not sent any more. */
  readonly end?: number;
}

export const WHOLE_FILE: FileRange = { start: 0 };

/** What a client has said of its next upload. */
export interface Announced {
  /** ALLO. Some clients mean the file, some what is still to come. */
  readonly allocated?: number | undefined;
  /** SITE EXPECT: of the whole file. */
  readonly expected?: { readonly size: number; readonly sha256: Sha256 };
}

import type { SitePath } from './site-path.ts';

/** Milliseconds since 1970-01-01 UTC, a whole number. All times in Lockstep, those of files too. */
export type Millis = number;

/** SHA-256 of a file's content, 64 lower-case hexadecimal digits. */
export type Sha256 = string;

/** What a file is, apart from its name: bytes, time stamp, hash. */
export interface Content {
  readonly size: number;
  readonly mtime: Millis;
  readonly sha256: Sha256;
}

/**
 * One change as a mirror is told it and as the journal holds it.
 * `seq` grows by one with each change of a site's journal; `at` is when the master committed it.
 * A put with the hash that is already there updates the time stamp only.
 */
export type Change =
  | ({ readonly op: 'put'; readonly seq: number; readonly at: Millis; readonly path: SitePath } & Content)
  | { readonly op: 'mkdir'; readonly seq: number; readonly at: Millis; readonly path: SitePath }
  /** The file is gone (DELE), or was never there for this mirror. */
  | { readonly op: 'delete'; readonly seq: number; readonly at: Millis; readonly path: SitePath }
  | { readonly op: 'rmdir'; readonly seq: number; readonly at: Millis; readonly path: SitePath }
  /** A file, or a folder with all below it, has another name now. What stood at `path` before (a file) is replaced. */
  | {
      readonly op: 'rename';
      readonly seq: number;
      readonly at: Millis;
      readonly from: SitePath;
      readonly path: SitePath;
      readonly kind: 'file' | 'dir';
      /** Of a file: what it is, for a mirror that does not have it under its old name. */
      readonly content?: Content | undefined;
    };

export type ChangeOp = Change['op'];

/** A change before the journal has given it a number. */
export type Unnumbered<C = Change> = C extends Change ? Omit<C, 'seq' | 'at'> : never;

/**
 * A row of the index: what the tree holds at `path` as of the change `seq`.
 * `gone` rows (tombstones) keep deletes known to mirrors that were away.
 */
export type Entry =
  | ({ readonly kind: 'file'; readonly path: SitePath; readonly seq: number } & Content)
  | { readonly kind: 'dir'; readonly path: SitePath; readonly seq: number }
  | { readonly kind: 'gone'; readonly path: SitePath; readonly seq: number };

/** An entry that is there. */
export type Present = Exclude<Entry, { kind: 'gone' }>;

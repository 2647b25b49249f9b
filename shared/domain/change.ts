import type { Reference } from './reference.ts';
import type { SitePath } from './site-path.ts';

/** Milliseconds since 1970-01-01 UTC, a whole number. All times in Lockstep, those of files too. */
export type Millis = number;

/** SHA-256 of a file's content, 64 lower-case hexadecimal digits. */
export type Sha256 = string;

/** What a file is, apart from its name: bytes, time stamp, hash, and where it links to within its site. */
export interface Content {
  readonly size: number;
  readonly mtime: Millis;
  readonly sha256: Sha256;
  /** In the order of the document; absent where there are none. */
  readonly refs?: readonly Reference[] | undefined;
}

/**
 * Changes that were committed as one carry the same tag (SPEC §8). `last` is the seq of the release's last change, and its
 * id: who has been told all up to there has been told all of it.
 */
export interface ReleaseTag {
  readonly last: number;
  /** Nobody publishes before the master gives the word. */
  readonly together?: boolean | undefined;
}

interface Head {
  readonly seq: number;
  readonly at: Millis;
  readonly path: SitePath;
  readonly release?: ReleaseTag | undefined;
}

/**
 * One change as a mirror is told it and as the journal holds it.
 * `seq` grows by one with each change of a site's journal; `at` is when the master committed it.
 * A put with the hash that is already there updates the time stamp only.
 */
export type Change =
  | ({ readonly op: 'put' } & Head & Content)
  | ({ readonly op: 'mkdir' } & Head)
  /** The file is gone (DELE), or was never there for this mirror. */
  | ({ readonly op: 'delete' } & Head)
  | ({ readonly op: 'rmdir' } & Head)
  /** A file, or a folder with all below it, has another name now. What stood at `path` before (a file) is replaced. */
  | ({
      readonly op: 'rename';
      readonly from: SitePath;
      readonly kind: 'file' | 'dir';
      /** Of a file: what it is, for a mirror that does not have it under its old name. */
      readonly content?: Content | undefined;
    } & Head);

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

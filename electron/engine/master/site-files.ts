import type { Together } from '../../../shared/contract/releases.ts';
import type { Change, Millis, Sha256 } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import type { BreakReason } from '../../../shared/errors/problems.ts';
import type { SourceFile } from '../tree/source-file.ts';

/** What a client may read of a site. All paths have been parsed; all methods reject with an `AppError` whose code says why (`file.*`). */
export interface SiteReads {
  /** File or folder, never through a symbolic link. Rejects `file.not-found`. */
  stat(path: SitePath): Promise<FileInfo>;
  /**
   * Entries of a folder in no order; the reserved folder, symbolic links and special files are left out. Whatever the size of
   * the folder, few of them are in memory at a time. Rejects `trouble` of the site, where there is some: an empty list would say that all is gone.
   */
  list(path: SitePath, options?: ListOptions): Promise<Listing>;
  /** Opens a file for reading. The caller closes the handle. Size and time are those of the opened file. */
  open(path: SitePath): Promise<SourceFile>;
  /** Hash of the file's content, from the index where it is current, else computed. */
  hash(path: SitePath): Promise<Sha256>;
}

/**
 * A published site as the FTP server sees it: reads come from the tree, every mutation is one journalled change, which is committed and
 * visible when it resolves: only then may the server answer 2xx (SPEC §3). Rejects `file.*`, `path.*`, `upload.*`.
 */
export interface SiteFiles extends SiteReads {
  readonly name: string;

  /**
   * Starts an upload into staging. Nothing is visible or journalled before `commit`.
   * `restartAt` keeps that many bytes: of what `account` sent of `path` before and was broken off, else of the file that is
   * there; rejects `upload.bad-restart` where neither is that long, and `upload.other-version` where the file that is there is not
   * the beginning of what `account` sent. `append` keeps all of the file (or of the part).
   */
  beginUpload(path: SitePath, options: UploadOptions): Promise<Upload>;
  /** Bytes of a broken-off upload of `account` to `path` that a client may continue; undefined where there is none. */
  partSize(path: SitePath, account: string): Promise<number | undefined>;

  remove(path: SitePath, by: Actor): Promise<Change>;
  makeDir(path: SitePath, by: Actor): Promise<Change>;
  /** Rejects `file.directory-not-empty`. */
  removeDir(path: SitePath, by: Actor): Promise<Change>;
  /** Of a file (replacing a file at `to`) or of a folder (`to` must not be there). */
  rename(from: SitePath, to: SitePath, by: Actor): Promise<Change>;
  /** Sets the modification time of a file (MFMT). */
  touch(path: SitePath, mtime: Millis, by: Actor): Promise<Change>;
}

/** All of a published site, as it is now. */
export interface PublishedFiles extends SiteFiles {
  /** Why its folder is not the site's any more (`site.root-missing`, `site.root-other`), where it is not: nothing in it is gone. */
  readonly trouble: AppError | undefined;
  /** Begins a release, whose changes nobody else sees before its commit (SPEC §8). */
  beginRelease(title: string, by: Actor): ReleaseFiles;
  /** Another session works on a release that the same account has begun and holds. Throws `release.unknown`. */
  joinRelease(id: string, by: Actor): ReleaseFiles;
  /** What became of a release that the account has begun. Throws `release.unknown`: it was given up, or is forgotten. */
  releaseOutcome(id: string, by: Actor): CommittedRelease | 'open';
}

/**
 * The site as it will be: reads show the changes of the release over the tree. A mutation resolves when the release durably
 * holds it; its change has no number (`seq` 0) before the commit.
 */
export interface ReleaseFiles extends SiteFiles {
  readonly id: string;
  readonly title: string;
  /** What it changes by now, in the order of the paths. */
  changes(): readonly ReleaseItem[];
  /**
   * Makes all of it visible, as one. Rejects `release.empty` and `release.conflict` (with `path`: the tree has changed so that
   * it does not fit): then nothing is visible, and the release is still open.
   */
  commit(options?: ReleaseOptions): Promise<CommittedRelease>;
  /** Gives it up. Idempotent; without effect on a release that is committed. */
  abort(): Promise<void>;
  /** From now on it outlives its last session by so many milliseconds. */
  hold(millis: number): void;
  /** A session that works on it has ended. The last one ends the release too, unless it is held. */
  leave(): Promise<void>;
}

export interface ReleaseItem {
  readonly path: SitePath;
  readonly kind: 'file' | 'dir' | 'gone';
  /** Of a file. */
  readonly size: number;
}

export interface ReleaseOptions {
  /** All mirrors show it at the same moment. */
  readonly together?: Together;
}

export interface CommittedRelease {
  /** The seq of its last change. */
  readonly id: number;
  readonly changes: number;
}

export interface ListOptions {
  /** Names beyond so many are not read: `count` is then one more. */
  readonly max?: number;
  /** Which names; absent: all. */
  readonly wanted?: (name: string) => boolean;
  /** What a right, or the disk, lets nobody look at, and why: it is left out. Absent: the iteration rejects `file.*`. */
  readonly onUnseen?: (name: string, error: unknown) => void;
}

/** What is gone when its turn comes is left out. The iteration rejects `file.changed` where the folder itself has gone. */
export interface Listing extends AsyncIterable<FileInfo> {
  /** How many entries there were when it was opened. */
  readonly count: number;
}

/** Who makes a change: account name and address, for the history. */
export interface Actor {
  readonly account: string;
  /** The id of the drop of this install that it does it for. */
  readonly drop?: string;
  readonly address?: string;
}

export interface FileInfo {
  readonly name: string;
  readonly kind: 'file' | 'dir';
  readonly size: number;
  readonly mtime: Millis;
  readonly mode: number;
  /** The same for two names of one file, and for no other; absent where the file system does not say. */
  readonly unique?: string;
}

export interface UploadOptions {
  readonly by: Actor;
  readonly restartAt?: number;
  readonly append?: boolean;
}

/** An upload under way: `write` in order, then `commit` or `breakOff`. */
export interface Upload {
  /** Bytes kept from before (REST, APPE). */
  readonly offset: number;
  /** Bytes in staging, `offset` included. */
  readonly size: number;
  /** Takes over the buffer until the promise resolves. Rejects `file.disk-full`, `upload.too-large`, `file.io`. */
  write(chunk: Uint8Array): Promise<void>;
  /** Makes what was written so far durable, so that `commit` is short. May be called before it; no `write` after it. */
  flush(): Promise<void>;
  /**
   * Journals the change and renames the file into place. `expected` comes from our own client (size, hash): a mismatch
   * rejects `upload.short` / `upload.hash-mismatch` and leaves everything as it was.
   */
  commit(expected?: { size?: number; sha256?: Sha256 }): Promise<Change>;
  /** The transfer broke off: keeps the part for a day for `by`, where there is room for it, and the reason in the history. Never rejects. Idempotent. */
  breakOff(reason: BreakReason): Promise<void>;
}

/** Who may log in. */
export interface Accounts {
  /**
   * Resolves undefined for a wrong user or password, in the same time for either. Rejects `site.root-missing` where both are right
   * and the site is not open.
   */
  verify(user: string, password: string): Promise<Login | undefined>;
  /** A login that this install made for itself: not a guess, whoever else at that address has guessed. */
  isOwn(user: string): boolean;
  /** A mirror's account: its password was made at pairing, nobody guesses it, and it shares its address with others. */
  isMirror(user: string): boolean;
  /** There is an account of that name: what else stands after USER may be a password. */
  isKnown(user: string): boolean;
}

export interface Login {
  readonly user: string;
  readonly kind: 'publisher' | 'mirror';
  /** The folder that the account sees as `/`; '' is the whole site. */
  readonly folder: SitePath;
  readonly files: PublishedFiles;
  /** What it may read of them; absent: all. */
  readonly reads?: SiteReads;
  /** The id of the mirror whose account it is. */
  readonly peer?: string;
  /** The id of the drop of this install that it is for. */
  readonly drop?: string;
  /** Changes outside of a release are refused. */
  readonly releasesOnly?: boolean;
  /** How fast it is served; absent: as fast as it goes. */
  readonly pace?: Pace;
}

/** What a master allows one of its mirrors, all its sessions together. It may change at any time. */
export interface Pace {
  /** Nothing is sent to it at the moment. */
  isStopped(): boolean;
  /** Bytes a second; undefined: no limit. */
  rate(): number | undefined;
  /** Resolves when so many bytes may be sent, or the signal aborts. */
  take(bytes: number, signal: AbortSignal): Promise<void>;
}

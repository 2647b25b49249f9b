import type { Hash } from 'node:crypto';
import { constants, lstatSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import type { Change, Millis, Sha256 } from '../../../shared/domain/change.ts';
import { RESERVED_FOLDER, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { BreakReason } from '../../../shared/errors/problems.ts';
import type { Logger } from '../ports.ts';
import { DataFile } from '../tree/data-file.ts';
import { fileError } from '../tree/file-error.ts';
import { hashBegun, hashFile, hashStart } from '../tree/hash.ts';
import type { Incoming } from './incoming.ts';
import type { Upload, UploadOptions } from './site-files.ts';
import type { UploadUnderWay } from './uploads-under-way.ts';

/** What a finished upload hands to its site. */
export interface Finished {
  readonly staged: string;
  readonly size: number;
  readonly sha256: Sha256;
  /** The time that the file has, on disk. */
  readonly mtime: Millis;
  /** It goes on from what stood at its path when it began: in place of something else it would undo that. */
  readonly base?: UploadBase;
}

/** What stood at a path; `identity` undefined: nothing. */
export interface UploadBase {
  readonly identity: string | undefined;
}

/** A file that is there, for an upload that continues it. */
export interface Existing {
  readonly absolute: string;
  readonly size: number;
  /** Another one after each change. */
  readonly identity: string;
}

export interface UploadContext {
  readonly incoming: Incoming;
  readonly path: SitePath;
  /** What is there now. */
  readonly existing: () => Promise<Existing | undefined>;
  readonly options: UploadOptions;
  readonly bytesMax: number;
  readonly now: () => Millis;
  readonly logger: Logger;
  commit(finished: Finished): Promise<Change>;
  aborted(bytes: number, reason: string): void;
}

/** How an upload begins. */
interface Begun {
  /** Undefined: it adds to the file that is there. */
  underWay: UploadUnderWay | undefined;
  /** What was left of one before has its name now. */
  hasTaken: boolean;
}

/** An upload that takes bytes from now on. */
interface Opened {
  /** Its name in the incoming folder, which is there since `mark`. */
  readonly staged: string;
  readonly mark: number;
  readonly file: DataFile;
  /** The hash of the bytes that it begins with. */
  readonly hash: Hash;
  /** How many these are. */
  readonly offset: number;
  readonly base: UploadBase | undefined;
  /** Undefined: it adds to the file that is there, and is sent again as a whole. */
  readonly underWay: UploadUnderWay | undefined;
}

/** Begins an upload in the incoming folder; see `SiteFiles.beginUpload`. */
export async function beginUpload(context: UploadContext): Promise<Upload> {
  const { incoming, path, options } = context;
  const { account } = options.by;
  const staged = incoming.newName(path, account, options.append && (await context.existing()) !== undefined);
  const absolute = incoming.absolute(staged);
  const { mark } = incoming;
  // What it goes on with may take long to read. Whether APPE adds to a file is not known yet.
  const begun: Begun = { underWay: options.append ? undefined : incoming.begin(path, account), hasTaken: false };
  try {
    const { keep, base, isAnew, isLeft = false } = await prepare(context, staged, begun);
    const file = isAnew ? DataFile.create(absolute) : DataFile.open(absolute);
    try {
      const hash = await hashBegun(file, keep, isLeft);
      if (keep > 0) file.truncate(keep);
      // The client begins anew: what broke off before is of another version, and must not be continued with this one.
      if (!options.append && isAnew && begun.underWay?.isOvertaken !== true) await incoming.forgetPart(path, account);
      begun.underWay?.overtakeEarlier();
      return new StagedUpload(context, { staged, mark, file, hash, offset: keep, base, underWay: begun.underWay });
    } catch (error) {
      file.close();
      throw error;
    }
  } catch (error) {
    // A disk that refuses the file may refuse this, too: the first reason is the one that is told.
    await giveBack(context, staged, begun).catch((err: unknown) =>
      context.logger.warn({ err, path }, 'an upload leaves a file behind'),
    );
    throw fileError(error, path);
  }
}

/** It did not begin: its client may try again. */
async function giveBack(context: UploadContext, staged: string, { underWay, hasTaken }: Begun): Promise<void> {
  const { incoming, path, options } = context;
  try {
    if (hasTaken && underWay?.isOvertaken !== true) incoming.keep(staged, path, options.by.account);
    else await incoming.drop(incoming.absolute(staged));
  } finally {
    underWay?.end();
  }
}

/** The file at an absolute path; undefined where there is none. */
export function existingAt(absolute: string): Existing | undefined {
  const info = lstatSync(absolute, { bigint: true, throwIfNoEntry: false });
  if (!info) return undefined;
  const { dev, ino, size, mtimeNs } = info;
  return { absolute, size: Number(size), identity: `${dev}-${ino}-${size}-${mtimeNs}` };
}

/** Throws `upload.changed` where what an upload goes on from does not stand at its path any more. */
export async function requireBase(
  base: UploadBase | undefined,
  existing: () => Promise<Existing | undefined>,
  path: SitePath,
): Promise<void> {
  if (base && (await existing())?.identity !== base.identity) throw new AppError('upload.changed', { path });
}

/** Brings what the upload continues under its name. `keep`: the bytes of it that stay; `isAnew`: there is nothing; `isLeft`: see `hashBegun`. */
async function prepare(
  context: UploadContext,
  staged: string,
  begun: Begun,
): Promise<{ keep: number; base?: UploadBase; isAnew?: true; isLeft?: boolean }> {
  const { incoming, path, options } = context;
  const { account } = options.by;
  const wanted = options.append ? Number.POSITIVE_INFINITY : (options.restartAt ?? 0);
  if (wanted === 0) return { keep: 0, isAnew: true };
  const existing = await context.existing();
  const left = await incoming.part(path, account);
  const part = left?.size ?? -1;
  // A part is the beginning of what this client sends; the file that is there may be another version.
  const usePart = options.append ? !existing && part > 0 : part >= wanted;
  const base = { identity: existing?.identity };
  const { mark } = incoming;
  const isLeft = incoming.isLeft(path, account);
  if (usePart && incoming.take(staged, path, account)) {
    begun.hasTaken = true;
    begun.underWay ??= incoming.begin(path, account);
    // A loss of power that brought its old name back would bring it back with bytes that nobody has flushed.
    await incoming.flush(mark);
    return { keep: Math.min(wanted, part), isLeft, ...(options.append && { base }) };
  }
  if (existing) {
    const isOther = left
      ? !(options.append && (await isBeginning(existing, left)))
      : incoming.isUnderWay(path, account, begun.underWay);
    if (isOther) throw new AppError('upload.other-version', { path });
  }
  if (!existing && options.append) {
    begun.underWay ??= incoming.begin(path, account);
    return { keep: 0, base, isAnew: true };
  }
  if (!existing || (!options.append && existing.size < wanted)) {
    throw new AppError('upload.bad-restart', {
      path,
      offset: options.restartAt ?? 0,
      size: existing?.size ?? Math.max(0, part),
    });
  }
  await copyFile(existing.absolute, incoming.absolute(staged), constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  return { keep: Math.min(wanted, existing.size), base };
}

/**
 * A client whose upload broke off goes on from the size that it is told, or from what it knows to have sent. Of an older file the beginning
 * would get the end of a newer one.
 */
async function isBeginning(
  existing: Existing,
  part: { readonly absolute: string; readonly size: number },
): Promise<boolean> {
  if (existing.size > part.size) return false;
  const file = DataFile.open(part.absolute);
  try {
    const [here, there] = await Promise.all([hashFile(existing.absolute), hashStart(file, existing.size)]);
    return here.sha256 === there.digest('hex');
  } finally {
    file.close();
  }
}

class StagedUpload implements Upload {
  readonly offset: number;
  readonly #context: UploadContext;
  #staged: string;
  /** Since when its name is in the incoming folder. */
  #mark: number;
  readonly #file: DataFile;
  readonly #hash: Hash;
  readonly #base: UploadBase | undefined;
  readonly #underWay: UploadUnderWay | undefined;
  #size: number;
  #flushed: Promise<Millis> | undefined;
  /** What came is not what was announced: of no use for a resumption. */
  #wrong = false;
  #state: 'open' | 'committing' | 'ended' = 'open';
  #ending: Promise<void> | undefined;

  constructor(context: UploadContext, { staged, mark, file, hash, offset, base, underWay }: Opened) {
    this.#context = context;
    this.#staged = staged;
    this.#mark = mark;
    this.#file = file;
    this.#hash = hash;
    this.offset = offset;
    this.#size = offset;
    this.#base = base;
    this.#underWay = underWay;
    underWay?.onOvertaken(() => this.#noteOvertaken());
  }

  get size(): number {
    return this.#size;
  }

  async write(chunk: Uint8Array): Promise<void> {
    const { path, bytesMax } = this.#context;
    if (this.#state !== 'open') throw new AppError('cancelled', { path });
    if (this.#size + chunk.length > bytesMax) throw new AppError('upload.too-large', { path, limit: bytesMax });
    const position = this.#size;
    this.#size += chunk.length;
    try {
      const written = this.#file.write(chunk, position);
      this.#hash.update(chunk);
      await written;
    } catch (error) {
      throw fileError(error, path);
    }
  }

  async flush(): Promise<void> {
    await this.#settle();
  }

  /** Content, time and name are on disk; the time. */
  #settle(): Promise<Millis> {
    this.#flushed ??= this.#flushAll().catch((error: unknown) => {
      throw fileError(error, this.#context.path);
    });
    return this.#flushed;
  }

  /** Side by side: a file system takes both to the disk in one go. */
  async #flushAll(): Promise<Millis> {
    const { incoming, now } = this.#context;
    const mtime = now();
    this.#file.setTime(mtime);
    if (this.#mark !== incoming.mark) {
      this.#mark = incoming.mark;
      this.#staged = incoming.renew(this.#staged);
    }
    await Promise.all([this.#file.sync(), incoming.flush(this.#mark)]);
    return mtime;
  }

  async commit(expected: { size?: number; sha256?: Sha256 } = {}): Promise<Change> {
    const { path, incoming, options, logger } = this.#context;
    if (this.#state !== 'open') throw new AppError('cancelled', { path });
    const mtime = await this.#settle();
    if (expected.size !== undefined && expected.size !== this.#size) {
      throw new AppError('upload.short', { path, expected: expected.size, received: this.#size });
    }
    const sha256 = this.#hash.digest('hex');
    if (expected.sha256 !== undefined && expected.sha256 !== sha256) {
      this.#wrong = true;
      throw new AppError('upload.hash-mismatch', { path });
    }
    this.#state = 'committing';
    this.#file.close();
    try {
      const base = this.#base;
      const change = await this.#context.commit({
        staged: this.#staged,
        size: this.#size,
        sha256,
        mtime,
        ...(base && { base }),
      });
      // What is left there then was begun later.
      const isLast = this.#underWay?.isOvertaken !== true;
      if (isLast) incoming.dropPart(path, options.by.account);
      return change;
    } catch (error) {
      // Who is told that another file is there now may go on from that one.
      const isTold = error instanceof AppError && error.code === 'upload.changed';
      await (isTold ? incoming.drop(incoming.absolute(this.#staged)) : this.#leaveNothing()).catch((err: unknown) => {
        if (!isTold) this.#underWay?.linger();
        logger.warn({ err, path }, 'an upload leaves a file behind');
      });
      throw error;
    } finally {
      this.#state = 'ended';
      this.#underWay?.end();
    }
  }

  breakOff(reason: BreakReason): Promise<void> {
    this.#ending ??= this.#end(reason);
    return this.#ending;
  }

  async #end(reason: string): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    const { path, logger } = this.#context;
    try {
      await this.#leave(reason).finally(() => this.#context.aborted(this.#size, reason));
    } catch (err) {
      this.#underWay?.linger();
      logger.error({ err, path }, `a broken-off upload could not be kept in ${RESERVED_FOLDER}`);
    } finally {
      this.#file.close();
      // Not before what is left of it says so.
      this.#underWay?.end();
    }
  }

  #noteOvertaken(): void {
    const { incoming, path, logger } = this.#context;
    // What is being published has all of its bytes.
    if (this.#state !== 'open' || this.#flushed) return;
    try {
      const { mark } = incoming;
      this.#staged = incoming.markOvertaken(this.#staged);
      this.#mark = mark;
    } catch (err) {
      logger.warn({ err, path }, 'an upload that was overtaken has no name that says so');
    }
  }

  async #leave(reason: string): Promise<void> {
    const { incoming, path, options } = this.#context;
    // A part of what there is no room for would keep everybody else from the disk.
    const mayGoOn = !this.#wrong && reason !== 'too-large' && reason !== 'disk-full';
    const goesOn = mayGoOn && this.#underWay && this.#size > 0 && (await this.#isOnDisk());
    this.#file.close();
    if (!goesOn || this.#underWay?.isOvertaken) return this.#leaveNothing();
    incoming.keep(this.#staged, path, options.by.account);
  }

  /** Nothing of it can be continued. Where another file is there than it went on from, its account does not go on from that either. */
  async #leaveNothing(): Promise<void> {
    const { incoming, path, options, existing } = this.#context;
    const there = await existing().catch(() => undefined);
    const isOther = there && there.identity !== this.#base?.identity;
    const isTold = this.#underWay && (!this.#underWay.isOvertaken || this.#underWay.isNewest);
    if (isOther && isTold) await incoming.keepEmpty(this.#staged, path, options.by.account);
    else await incoming.drop(incoming.absolute(this.#staged));
  }

  /** Whoever continues it relies on every byte of it, also after a loss of power. What a flush has failed for is not continued. */
  async #isOnDisk(): Promise<boolean> {
    const { path, logger } = this.#context;
    try {
      await this.#flushed;
      await this.#file.sync();
      return true;
    } catch (err) {
      logger.error({ err, path }, 'the disk did not take an upload: it is not kept');
      return false;
    }
  }
}

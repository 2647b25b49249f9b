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
import { decideRemains, decideStart, type Found, NOTHING_FOUND, type Wanted } from '../core/resumption.ts';
import type { Incoming, Part } from './incoming.ts';
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
  const { path, logger } = context;
  const beginning = new Beginning(context);
  try {
    return await beginning.open();
  } catch (error) {
    // A disk that refuses the file may refuse this, too: the first reason is the one that is told.
    await beginning.giveBack().catch((err: unknown) => logger.warn({ err, path }, 'an upload leaves a file behind'));
    throw fileError(error, path);
  }
}

/** An upload until it takes bytes. */
class Beginning {
  readonly #context: UploadContext;
  readonly #account: string;
  readonly #wanted: Wanted;
  /** Undefined: it adds to the file that is there; or, of APPE, that is not known yet. What it goes on with may take long to read. */
  #underWay: UploadUnderWay | undefined;
  #staged: string | undefined;
  #hasTaken = false;

  constructor(context: UploadContext) {
    const { append, restartAt = 0, by } = context.options;
    this.#context = context;
    this.#account = by.account;
    this.#wanted = append ? 'all' : restartAt;
    if (this.#wanted !== 'all') this.#count();
  }

  /** Rejects `upload.other-version` and `upload.bad-restart`. */
  async open(): Promise<Upload> {
    const { incoming, path } = this.#context;
    const { existing, part, found } = this.#wanted === 0 ? { found: NOTHING_FOUND } : await this.#look();
    const start = decideStart(this.#wanted, found);
    if ('refused' in start) throw this.#refusal(start.refused, start.bytes);
    const adds = this.#wanted === 'all' && start.from === 'file';
    const staged = incoming.newName(path, this.#account, adds);
    const { mark } = incoming;
    if (start.from === 'part') {
      // Another session has taken it.
      if (!incoming.take(staged)) return this.open();
      this.#hasTaken = true;
    }
    this.#staged = staged;
    if (!adds) this.#count();
    // A loss of power that brought its old name back would bring it back with bytes that nobody has flushed.
    if (start.from === 'part') await incoming.flush(mark);
    const absolute = incoming.absolute(staged);
    if (start.from === 'file' && existing)
      await copyFile(existing.absolute, absolute, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    const isBound = this.#wanted === 'all' || start.from === 'file';
    const base = isBound ? { identity: existing?.identity } : undefined;
    const offset = start.bytes;
    const file = start.from === 'nothing' ? DataFile.create(absolute) : DataFile.open(absolute);
    try {
      const hash = await hashBegun(file, offset, start.from === 'part' && part?.isLeft === true);
      if (offset > 0) file.truncate(offset);
      // The client begins anew: what broke off before is of another version, and must not be continued with this one.
      if (this.#wanted === 0 && this.#underWay?.isOvertaken !== true) await incoming.forgetPart(path, this.#account);
      this.#underWay?.overtakeEarlier();
      return new StagedUpload(this.#context, { staged, mark, file, hash, offset, base, underWay: this.#underWay });
    } catch (error) {
      file.close();
      throw error;
    }
  }

  /** It did not begin: its client may try again. */
  async giveBack(): Promise<void> {
    const place = this.#underWay?.place ?? 'adding';
    const remains = decideRemains(place, { isReliable: this.#hasTaken, mayBeOther: false });
    try {
      if (this.#staged !== undefined) await this.#context.incoming.leave(this.#staged, remains);
    } finally {
      this.#underWay?.end();
    }
  }

  #count(): void {
    this.#underWay ??= this.#context.incoming.begin(this.#context.path, this.#account);
  }

  async #look(): Promise<{ existing: Existing | undefined; part: Part | undefined; found: Found }> {
    const { incoming, path } = this.#context;
    const existing = await this.#context.existing();
    const part = await incoming.part(path, this.#account);
    const fileBeginsPart = this.#wanted === 'all' && existing && part ? await isBeginning(existing, part) : false;
    const isUnderWay = incoming.isUnderWay(path, this.#account, this.#underWay);
    return { existing, part, found: { file: existing?.size, part: part?.size, isUnderWay, fileBeginsPart } };
  }

  #refusal(why: 'other-version' | 'too-short', size: number): AppError {
    const { path, options } = this.#context;
    if (why === 'other-version') return new AppError('upload.other-version', { path });
    return new AppError('upload.bad-restart', { path, offset: options.restartAt ?? 0, size });
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

/**
 * A client whose upload broke off goes on from the size that it is told, or from what it knows to have sent. Of an older file the beginning
 * would get the end of a newer one.
 */
async function isBeginning(existing: Existing, part: Part): Promise<boolean> {
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
    this.#file.setTime(now());
    // The disk may keep whole seconds only.
    const { mtime } = this.#file;
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
      await this.#leave({ isReliable: false, isTold }).catch((err: unknown) => {
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
      await this.#leaveBroken(reason).finally(() => this.#context.aborted(this.#size, reason));
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

  async #leaveBroken(reason: string): Promise<void> {
    // A part of what there is no room for would keep everybody else from the disk.
    const mayGoOn = !this.#wrong && reason !== 'too-large' && reason !== 'disk-full';
    const isReliable = mayGoOn && this.#underWay !== undefined && this.#size > 0 && (await this.#isOnDisk());
    this.#file.close();
    await this.#leave({ isReliable, isTold: false });
  }

  /** `isTold`: its client knows that another file is there than it went on from. */
  async #leave({ isReliable, isTold }: { isReliable: boolean; isTold: boolean }): Promise<void> {
    const { incoming, existing } = this.#context;
    const there = await existing().catch(() => undefined);
    const mayBeOther = !isTold && (there === undefined || there.identity !== this.#base?.identity);
    const place = this.#underWay?.place ?? 'adding';
    await incoming.leave(this.#staged, decideRemains(place, { isReliable, mayBeOther }));
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

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
import { hashFile, hashStart } from '../tree/hash.ts';
import type { Incoming, UnderWay } from './incoming.ts';
import type { Upload, UploadOptions } from './site-files.ts';

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

/** Begins an upload in the incoming folder; see `SiteFiles.beginUpload`. */
export async function beginUpload(context: UploadContext): Promise<Upload> {
  const { incoming, path, options } = context;
  const staged = incoming.newName(path, options.by.account, options.append && (await context.existing()) !== undefined);
  const absolute = incoming.absolute(staged);
  const { mark } = incoming;
  try {
    const { keep, base } = await prepare(context, staged);
    const file = keep === 0 ? DataFile.create(absolute) : DataFile.open(absolute);
    try {
      const hash = await hashStart(file, keep);
      if (keep > 0) file.truncate(keep);
      return new StagedUpload(context, { staged, mark }, file, hash, keep, base);
    } catch (error) {
      file.close();
      throw error;
    }
  } catch (error) {
    // What refuses the file refuses this too, on a disk that can only be read: the first word counts.
    await incoming
      .drop(absolute)
      .catch((err: unknown) => context.logger.warn({ err, path }, 'an upload leaves a file behind'));
    throw fileError(error, path);
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

/** Brings what the upload continues under its name; the bytes to keep. */
async function prepare(context: UploadContext, staged: string): Promise<{ keep: number; base?: UploadBase }> {
  const { incoming, path, options } = context;
  const wanted = options.append ? Number.POSITIVE_INFINITY : (options.restartAt ?? 0);
  if (wanted === 0) {
    // The client begins anew: what broke off before is of another version, and must not be continued with this one.
    if (await incoming.part(path, options.by.account)) await incoming.dropPart(path, options.by.account);
    return { keep: 0 };
  }
  const existing = await context.existing();
  const left = await incoming.part(path, options.by.account);
  const part = left?.size ?? -1;
  // A part is the beginning of what this client sends; the file that is there may be another version.
  const usePart = options.append ? !existing && part > 0 : part >= wanted;
  const base = { identity: existing?.identity };
  if (usePart && (await incoming.take(staged, path, options.by.account)))
    return { keep: Math.min(wanted, part), ...(options.append && { base }) };
  if (existing) {
    const isOther = left
      ? !(options.append && (await isBeginning(existing, left)))
      : incoming.isUnderWay(path, options.by.account);
    if (isOther) throw new AppError('upload.other-version', { path });
  }
  if (!existing && options.append) return { keep: 0, base };
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
  /** Undefined: it adds to the file that is there. */
  readonly #underWay: UnderWay | undefined;
  #size: number;
  #flushed: Promise<Millis> | undefined;
  /** What came is not what was announced: of no use for a resumption. */
  #wrong = false;
  #state: 'open' | 'committing' | 'ended' = 'open';
  #ending: Promise<void> | undefined;

  constructor(
    context: UploadContext,
    { staged, mark }: { readonly staged: string; readonly mark: number },
    file: DataFile,
    hash: Hash,
    offset: number,
    base: UploadBase | undefined,
  ) {
    this.#context = context;
    this.#staged = staged;
    this.#mark = mark;
    this.#file = file;
    this.#hash = hash;
    this.#base = base;
    this.offset = offset;
    this.#size = offset;
    if (!this.#adds) this.#underWay = context.incoming.begun(context.path, context.options.by.account);
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
    const { path, incoming, options } = this.#context;
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
      this.#endUnderWay(true);
      if (this.offset > 0 || (await incoming.part(path, options.by.account))) {
        await incoming.dropPart(path, options.by.account);
      }
      return change;
    } catch (error) {
      await incoming.drop(incoming.absolute(this.#staged));
      throw error;
    } finally {
      this.#state = 'ended';
      this.#endUnderWay(false);
    }
  }

  breakOff(reason: BreakReason): Promise<void> {
    this.#ending ??= this.#end(reason);
    return this.#ending;
  }

  async #end(reason: string): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    const { incoming, path, options, logger } = this.#context;
    try {
      // A part of what there is no room for would keep everybody else from the disk.
      const isWanted = !this.#adds && !this.#wrong && this.#underWay?.isOvertaken !== true;
      const mayGoOn = isWanted && reason !== 'too-large' && reason !== 'disk-full';
      const goesOn = mayGoOn && this.#size > 0 && (await this.#isOnDisk());
      const isKept = goesOn || (!this.#adds && (await this.#tellsOfOther()));
      this.#file.close();
      if (isKept) await incoming.keep(this.#staged, path, options.by.account);
      else await incoming.drop(incoming.absolute(this.#staged));
      this.#context.aborted(this.#size, reason);
    } catch (error) {
      this.#file.close();
      logger.error({ err: error, path }, `a broken-off upload could not be kept in ${RESERVED_FOLDER}`);
    } finally {
      // Not before what is left of it says so.
      this.#endUnderWay(false);
    }
  }

  /** What it adds to is there: it is sent again as a whole. */
  get #adds(): boolean {
    return this.#context.options.append === true && this.#base?.identity !== undefined;
  }

  #endUnderWay(isWhole: boolean): void {
    const { incoming, path, options } = this.#context;
    if (this.#underWay) incoming.ended(this.#underWay, path, options.by.account, isWhole);
  }

  /** Nothing of it can be continued. Where an older file is there it is kept, empty: that file is not what its account goes on from. */
  async #tellsOfOther(): Promise<boolean> {
    const { existing } = this.#context;
    if (this.#base?.identity !== undefined || !(await existing())) return false;
    try {
      this.#file.truncate(0);
      await this.#file.sync();
      return true;
    } catch {
      return false;
    }
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

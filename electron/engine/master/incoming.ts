import { hash, randomBytes, randomUUID } from 'node:crypto';
import { lstatSync, renameSync, rmSync } from 'node:fs';
import { lstat, readdir, unlink } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { Millis } from '../../../shared/domain/change.ts';
import { parseSitePath, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { decideRemains, type Remains } from '../core/resumption.ts';
import { DataFile } from '../tree/data-file.ts';
import { fileError, isNotFound, systemCode } from '../tree/file-error.ts';
import { unlinkFreeing } from '../tree/free-later.ts';
import { isHeldAnywhere } from '../tree/same-time.ts';
import { findIdentity } from '../tree/steps.ts';
import { type FailedFlushes, FolderFlush } from '../tree/sync-file.ts';
import { UploadsUnderWay, type UploadUnderWay } from './uploads-under-way.ts';

/** How long a broken-off upload is kept for its account to continue. */
const PART_MILLIS = 24 * 60 * 60 * 1000;
/** Bytes of a name. Some file systems hold less: there names go without WHAT. */
const NAME_MAX = 200;
const UPLOAD = /^(up|add|ov)-([0-9a-f]{32})-[0-9a-f]{16}(?:-([\w-]+))?$/;

/** What is left of an upload that broke off; it may be empty. */
export interface Part {
  readonly absolute: string;
  readonly size: number;
  /** It is of an earlier process. */
  readonly isLeft: boolean;
}

/** An upload that the end of the process has cut off. */
export interface CutOff {
  readonly path: SitePath;
  readonly account: string;
  readonly bytes: number;
  /** When the last of them came. */
  readonly at: Millis;
}

/**
 * The files in a site's `incoming` folder, by their names:
 *
 * - `up-KEY-RANDOM-WHAT`: an upload under way; `add-…` where it adds to a published file, `ov-…` where its account has begun again
 *   since (it is overtaken).
 * - `part-KEY`: what is left of an upload that broke off.
 * - `rel-RANDOM`: what an open release holds; it goes with the release.
 *
 * KEY is a hash of account and path, so that only the account that sent a part can continue it. WHAT is the two in clear, where they
 * are short enough: after a crash the name alone tells whose upload it was, and that costs no write.
 */
export class Incoming {
  readonly folder: string;
  readonly #names: FolderFlush;
  #holdsLong: boolean | undefined;
  /** Parts that were there when this process began. */
  #left: Set<string> | undefined;
  readonly #underWay = new UploadsUnderWay();

  constructor(folder: string, failed?: FailedFlushes) {
    this.folder = folder;
    this.#names = new FolderFlush(folder, failed);
  }

  /** See `FolderFlush`. */
  get mark(): number {
    return this.#names.mark;
  }

  /** Resolves when the names that were made in the folder since `mark` are on disk: before the journal counts on one of them. */
  flush(mark: number): Promise<void> {
    return this.#names.flush(mark);
  }

  newName(path: SitePath, account: string, adds = false): string {
    const short = `${adds ? 'add' : 'up'}-${keyOf(path, account)}-${freshDigits()}`;
    const name = `${short}-${Buffer.from(`${account}\0${path}`).toString('base64url')}`;
    return name.length <= NAME_MAX && this.#hasRoom() ? name : short;
  }

  newReleaseName(): string {
    return `rel-${randomBytes(16).toString('hex')}`;
  }

  absolute(name: string): string {
    return join(this.folder, name);
  }

  /** What may be continued; undefined: nothing. */
  async partSize(path: SitePath, account: string): Promise<number | undefined> {
    return (await this.part(path, account))?.size || undefined;
  }

  async part(path: SitePath, account: string): Promise<Part | undefined> {
    const absolute = this.#part(keyOf(path, account));
    const info = lstatSync(absolute, { throwIfNoEntry: false });
    return info && { absolute, size: info.size, isLeft: this.#left?.has(absolute) ?? true };
  }

  begin(path: SitePath, account: string): UploadUnderWay {
    return this.#underWay.begin(keyOf(path, account));
  }

  /** Its account is sending all of the file, `besides` this one, or was: that its connection is lost may not be known yet. */
  isUnderWay(path: SitePath, account: string, besides?: UploadUnderWay): boolean {
    return this.#underWay.has(keyOf(path, account), besides);
  }

  /** Leaves of an upload what its account may go on with. A part at once: what overtakes it finds it. */
  async leave(name: string, remains: Remains): Promise<void> {
    switch (remains) {
      case 'part':
        return this.keep(name);
      case 'mark':
        return this.keepEmpty(name);
      case 'nothing':
        return this.drop(this.absolute(name));
    }
  }

  /** Keeps an upload that broke off, in place of one before, however long that was: it may be of another version. */
  keep(name: string): void {
    const part = this.#partFor(name);
    renameSync(this.absolute(name), part);
    this.#left?.delete(part);
  }

  /** Keeps nothing of an upload but a mark. What is left of another one is as good. */
  async keepEmpty(name: string): Promise<void> {
    const absolute = this.absolute(name);
    const part = this.#partFor(name);
    const isEmpty = await empty(absolute).then(
      () => true,
      () => false,
    );
    if (isEmpty && !isThere(part)) return this.keep(name);
    if (!isThere(part)) DataFile.create(part).close();
    await this.drop(absolute);
  }

  /** Hands the part over to a new upload, `name`, at once: two sessions cannot continue the same one. False when there is none. */
  take(name: string): boolean {
    try {
      renameSync(this.#partFor(name), this.absolute(name));
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** What broke off before is of another version than what comes now, also where a loss of power brings its name back. */
  async forgetPart(path: SitePath, account: string): Promise<void> {
    const part = this.#part(keyOf(path, account));
    const forgotten = findIdentity(part);
    if (forgotten === undefined) return;
    await empty(part);
    // Meanwhile a newer one may have broken off.
    if (findIdentity(part) === forgotten) unlinkFreeing(part);
  }

  /** The account has deleted the file, or renamed another to its name: it continues nothing that it was sending there, or still is. */
  giveUp(path: SitePath, account: string): void {
    this.#underWay.giveUp(keyOf(path, account));
    this.dropPart(path, account);
  }

  /** A complete upload makes what was broken off before worthless. At once: a newer one may break off at any moment. */
  dropPart(path: SitePath, account: string): void {
    const part = this.#part(keyOf(path, account));
    if (isThere(part)) unlinkFreeing(part);
  }

  /**
   * Removes parts that are too old; and `after` the end of the process, or of the machine, first clears up what that has cut off. Releases
   * are gone, and so is what was to be added to a published file. Any other upload becomes a part: see `#keepCutOff`. `cutOff` is told
   * of each whose name says what it was.
   */
  async sweep(
    now: Millis,
    after: 'process' | 'machine' | 'nothing',
    cutOff: (upload: CutOff) => void = () => undefined,
  ): Promise<void> {
    const names = await readdir(this.folder);
    const uploads = Map.groupBy(names, (name) => parseUpload(name)?.key);
    for (const name of names) {
      const absolute = this.absolute(name);
      const upload = parseUpload(name);
      // It is published under another name: a loss of power, after a flush of this folder that failed, has brought this one back.
      if (after !== 'nothing' && (await hasOtherName(absolute))) await this.drop(absolute);
      else if (after !== 'nothing' && upload) {
        const others = uploads.get(upload.key)?.filter((other) => other !== name && other.startsWith('up-')) ?? [];
        await this.#keepCutOff(upload, { now, after, hasOthers: others.length > 0, cutOff });
      } else if (after !== 'nothing' && name.startsWith('rel-')) await this.drop(absolute);
      else if (name.startsWith('part-')) {
        const info = lstatSync(absolute, { throwIfNoEntry: false });
        if (info && info.mtimeMs < now - PART_MILLIS) unlinkFreeing(absolute);
      }
    }
    this.#left ??= new Set((await readdir(this.folder)).map((name) => this.absolute(name)));
  }

  /**
   * Its content cannot be relied on where the machine has stopped since, so that nobody knows which bytes the disk has; or where there are several
   * of one file, and nobody knows which was the last.
   */
  async #keepCutOff(
    { name, kind, key, what }: NamedUpload,
    at: { now: Millis; after: 'process' | 'machine'; hasOthers: boolean; cutOff: (upload: CutOff) => void },
  ): Promise<void> {
    const { now, after, hasOthers, cutOff } = at;
    const absolute = this.absolute(name);
    const { mtimeMs, size } = await lstat(absolute);
    const [account = '', path = ''] = Buffer.from(what, 'base64url').toString().split('\0');
    const parsed = parseSitePath(path);
    if (parsed.ok && keyOf(parsed.value, account) === key)
      cutOff({ path: parsed.value, account, bytes: size, at: Math.min(now, Math.round(mtimeMs)) });
    const isOfEarlierBoot = after === 'machine' || mtimeMs < now - uptime() * 1000;
    // A part that is there was begun after it.
    const isOvertaken = isThere(this.#part(key)) || (kind === 'ov' && hasOthers);
    const place = kind === 'add' ? 'adding' : isOvertaken ? 'overtaken' : kind === 'ov' ? 'given-up' : 'current';
    const isReliable = !hasOthers && !isOfEarlierBoot;
    await this.leave(name, decideRemains(place, { isReliable, mayBeOther: true }));
  }

  /** Throws `file.time` where the disk does not hold this time: it is tried, where there are disks that do not. */
  requireHeld(mtime: Millis, path: SitePath): void {
    if (isHeldAnywhere(mtime)) return;
    const name = this.newReleaseName();
    try {
      const file = DataFile.create(this.absolute(name));
      try {
        file.setTime(mtime);
        if (file.mtime === mtime) return;
      } finally {
        file.close();
      }
    } catch (error) {
      // Some systems refuse such a time at once.
      if (systemCode(error) !== 'EINVAL') throw fileError(error, path);
    } finally {
      this.dropNow(name);
    }
    throw new AppError('file.time', { path });
  }

  async drop(absolute: string): Promise<void> {
    await unlink(absolute).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }

  /** Its account has begun again: after a crash its new name says that nothing of it is to be continued. Returns that name. */
  markOvertaken(name: string): string {
    const renamed = name.replace(/^up-/, 'ov-');
    renameSync(this.absolute(name), this.absolute(renamed));
    return renamed;
  }

  /** Gives a file another name of its kind: the one that it has may be on no disk. */
  renew(name: string): string {
    const renewed = name.replace(
      /^((?:up|add|ov)-[0-9a-f]{32}-|rel-[0-9a-f]{16})[0-9a-f]{16}/,
      `$1${randomBytes(8).toString('hex')}`,
    );
    renameSync(this.absolute(name), this.absolute(renewed));
    return renewed;
  }

  /** For many, most of which are gone. */
  dropNow(name: string): void {
    rmSync(this.absolute(name), { force: true });
  }

  /** The file system holds names of the longest kind. */
  #hasRoom(): boolean {
    this.#holdsLong ??= holds(this.absolute('-'.repeat(NAME_MAX)));
    return this.#holdsLong;
  }

  #part(key: string): string {
    return this.absolute(`part-${key}`);
  }

  /** The part of the same account and path as an upload. */
  #partFor(name: string): string {
    const upload = parseUpload(name);
    if (!upload) throw new TypeError(`not the name of an upload: ${name}`);
    return this.#part(upload.key);
  }
}

interface NamedUpload {
  readonly name: string;
  /** `up`, `add` or `ov`. */
  readonly kind: string;
  readonly key: string;
  /** Empty where account and path are too long for a name. */
  readonly what: string;
}

function parseUpload(name: string): NamedUpload | undefined {
  const [, kind, key, what = ''] = UPLOAD.exec(name) ?? [];
  return kind === undefined || key === undefined ? undefined : { name, kind, key, what };
}

async function hasOtherName(absolute: string): Promise<boolean> {
  return ((await lstat(absolute).catch(() => undefined))?.nlink ?? 1) > 1;
}

/** 16 hexadecimal digits that no other name has. Node has random bytes for a UUID at hand: asking for some takes longer than all else of a name. */
function freshDigits(): string {
  return randomUUID().replaceAll('-', '').slice(-16);
}

function isThere(absolute: string): boolean {
  return lstatSync(absolute, { throwIfNoEntry: false }) !== undefined;
}

/** Without making anything: who asks for a name that is too long is told so. */
function holds(absolute: string): boolean {
  try {
    lstatSync(absolute, { throwIfNoEntry: false });
    return true;
  } catch {
    return false;
  }
}

function keyOf(path: SitePath, account: string): string {
  return hash('sha256', `${account}\0${path}`).slice(0, 32);
}

/** On disk, too, before it has the name of a part: another loss of power would bring back bytes of which nobody knows what they are. */
async function empty(absolute: string): Promise<void> {
  const file = DataFile.open(absolute);
  try {
    file.truncate(0);
    await file.sync();
  } finally {
    file.close();
  }
}

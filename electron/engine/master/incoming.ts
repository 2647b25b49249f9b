import { hash, randomBytes, randomUUID } from 'node:crypto';
import { lstatSync, renameSync, rmSync } from 'node:fs';
import { lstat, readdir, unlink } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { Millis } from '../../../shared/domain/change.ts';
import { parseSitePath, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { DataFile } from '../tree/data-file.ts';
import { fileError, isNotFound, systemCode } from '../tree/file-error.ts';
import { unlinkFreeing } from '../tree/free-later.ts';
import { isHeldAnywhere } from '../tree/same-time.ts';
import { findIdentity } from '../tree/steps.ts';
import { type FailedFlushes, FolderFlush } from '../tree/sync-file.ts';

/** How long a broken-off upload is kept for its account to continue. */
const PART_MILLIS = 24 * 60 * 60 * 1000;
/** Of a name, in bytes. Some file systems hold less: there it is done without what is more. */
const NAME_MAX = 200;
const UPLOAD = /^(up|add|ov)-([0-9a-f]{32})-[0-9a-f]{16}(?:-([\w-]+))?$/;

/** An upload that sends a file from the start, or goes on with what is left of one. */
export class UnderWay {
  readonly #all: Map<string, Set<UnderWay>>;
  readonly #key: string;
  #isOvertaken = false;
  #lingers = false;
  #onOvertaken: (() => void) | undefined;

  /** `all`: by account and path, in the order in which they were asked for. */
  constructor(all: Map<string, Set<UnderWay>>, key: string) {
    this.#all = all;
    this.#key = key;
    all.set(key, (all.get(key) ?? new Set()).add(this));
  }

  /** Its account has begun again since: nobody goes on from what is left of it. */
  get isOvertaken(): boolean {
    return this.#isOvertaken;
  }

  get isNewest(): boolean {
    return [...this.#others()].at(-1) === this;
  }

  /** Called once, at once where it has happened already. */
  onOvertaken(overtaken: () => void): void {
    this.#onOvertaken = overtaken;
    if (this.#isOvertaken) overtaken();
  }

  /** It takes bytes: what was asked for before it is over for its account, though that may not be known yet. */
  overtake(): void {
    for (const other of this.#others()) {
      if (other === this) break;
      other.giveUp();
    }
  }

  giveUp(): void {
    if (this.#isOvertaken) return;
    this.#isOvertaken = true;
    this.#onOvertaken?.();
    if (!this.#lingers) return;
    this.#lingers = false;
    this.end();
  }

  /** No file can say what is left of it: it counts as under way beyond its end, until its account says otherwise what is to be there. */
  linger(): void {
    this.#lingers = !this.#isOvertaken;
  }

  /** What is left of it has its name, or went. */
  end(): void {
    if (this.#lingers) return;
    const others = this.#all.get(this.#key);
    others?.delete(this);
    if (others?.size === 0) this.#all.delete(this.#key);
  }

  #others(): ReadonlySet<UnderWay> {
    return this.#all.get(this.#key) ?? new Set();
  }
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
 * Names in a site's `incoming` folder. An upload under way is `up-KEY-RANDOM-WHAT` (`add-…` where it adds to a file, `ov-…` where its account has begun again since), what is left of one that broke off is
 * `part-KEY`; KEY stands for account and path, so that only the account that sent a part can continue it, and WHAT says them, where they
 * are short enough: after a crash they are known by that alone, and it costs no write. What an open release holds is `rel-RANDOM`: it
 * ends with the release.
 */
export class Incoming {
  readonly folder: string;
  readonly #names: FolderFlush;
  #holdsLong: boolean | undefined;
  /** By account and path. */
  readonly #underWay = new Map<string, Set<UnderWay>>();

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

  /** What is left of an upload that broke off; it may be empty. */
  async part(
    path: SitePath,
    account: string,
  ): Promise<{ readonly absolute: string; readonly size: number } | undefined> {
    const absolute = this.#part(path, account);
    const info = lstatSync(absolute, { throwIfNoEntry: false });
    return info && { absolute, size: info.size };
  }

  begun(path: SitePath, account: string): UnderWay {
    return new UnderWay(this.#underWay, keyOf(path, account));
  }

  /** Its account is sending all of the file, `besides` this one, or was: that its connection is lost may not be known yet. */
  isUnderWay(path: SitePath, account: string, besides?: UnderWay): boolean {
    const all = this.#underWay.get(keyOf(path, account));
    return all !== undefined && all.size > (besides && all.has(besides) ? 1 : 0);
  }

  /**
   * Keeps an upload that broke off, in place of one before, however long that was: it may be of another version. At once: what overtakes
   * it finds it.
   */
  keep(name: string, path: SitePath, account: string): void {
    renameSync(this.absolute(name), this.#part(path, account));
  }

  /**
   * Keeps nothing of an upload but an empty part: it says that the file which is there is not what its account sends. So does what is left
   * of another one.
   */
  async keepEmpty(name: string, path: SitePath, account: string): Promise<void> {
    const absolute = this.absolute(name);
    const part = this.#part(path, account);
    const isEmpty = await empty(absolute).then(
      () => true,
      () => false,
    );
    if (isEmpty && !isThere(part)) return this.keep(name, path, account);
    if (!isThere(part)) DataFile.create(part).close();
    await this.drop(absolute);
  }

  /** Hands a part over to a new upload under `name`, at once: two sessions cannot continue the same one. False when there is none. */
  take(name: string, path: SitePath, account: string): boolean {
    try {
      renameSync(this.#part(path, account), this.absolute(name));
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** What broke off before is of another version than what comes now, also where a loss of power brings its name back. */
  async forgetPart(path: SitePath, account: string): Promise<void> {
    const part = this.#part(path, account);
    const forgotten = findIdentity(part);
    if (forgotten === undefined) return;
    await empty(part);
    // Meanwhile a newer one may have broken off.
    if (findIdentity(part) === forgotten) unlinkFreeing(part);
  }

  /** Its account has said otherwise what is to be there: it goes on with nothing that it was sending before, or is. */
  giveUp(path: SitePath, account: string): void {
    for (const each of this.#underWay.get(keyOf(path, account)) ?? []) each.giveUp();
    this.dropPart(path, account);
  }

  /** A complete upload makes what was broken off before worthless. At once: a newer one may break off at any moment. */
  dropPart(path: SitePath, account: string): void {
    const part = this.#part(path, account);
    if (isThere(part)) unlinkFreeing(part);
  }

  /**
   * `after` the end of the process: uploads that were under way become parts, empty ones where the machine itself has stopped since (then
   * nobody knows which of their bytes the disk has), where they were overtaken, or where there are several of one; what was to be added to a file goes. All are told, as far as it is known what they were; releases that were open are
   * gone. Then, and now and then: parts that are too old go.
   */
  async sweep(
    now: Millis,
    after: 'process' | 'machine' | 'nothing',
    cutOff: (upload: CutOff) => void = () => undefined,
  ): Promise<void> {
    const crashed = after !== 'nothing';
    const names = await readdir(this.folder);
    const uploads = Map.groupBy(names, (name) => UPLOAD.exec(name)?.[2]);
    for (const name of names) {
      const absolute = this.absolute(name);
      const [, kind, key, what = ''] = UPLOAD.exec(name) ?? [];
      // It is published under another name: a loss of power, after a flush of this folder that failed, has brought this one back.
      if (crashed && ((await lstat(absolute).catch(() => undefined))?.nlink ?? 1) > 1) await this.drop(absolute);
      else if (key !== undefined && crashed) {
        const { mtimeMs, size } = await lstat(absolute);
        const [account = '', path = ''] = Buffer.from(what, 'base64url').toString().split('\0');
        const parsed = parseSitePath(path);
        if (parsed.ok && keyOf(parsed.value, account) === key)
          cutOff({ path: parsed.value, account, bytes: size, at: Math.min(now, Math.round(mtimeMs)) });
        const part = this.absolute(`part-${key}`);
        const others = uploads.get(key)?.filter((other) => other !== name && other.startsWith('up-')) ?? [];
        const isOvertaken = kind === 'ov';
        // What broke off beside it was begun after it.
        if (kind === 'add' || isThere(part) || (isOvertaken && others.length > 0)) await this.drop(absolute);
        else {
          // Nor is it known which of several came last.
          const isDoubtful = others.length > 0 || after === 'machine' || mtimeMs < now - uptime() * 1000;
          if (isOvertaken || isDoubtful) await empty(absolute);
          renameSync(absolute, part);
        }
      } else if (crashed && name.startsWith('rel-')) await this.drop(absolute);
      else if (name.startsWith('part-')) {
        const info = lstatSync(absolute, { throwIfNoEntry: false });
        if (info && info.mtimeMs < now - PART_MILLIS) unlinkFreeing(absolute);
      }
    }
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

  /** Its account has begun again: a crash leaves nothing to go on with of it. */
  overtaken(name: string): string {
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

  #part(path: SitePath, account: string): string {
    return this.absolute(`part-${keyOf(path, account)}`);
  }
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

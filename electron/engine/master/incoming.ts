import { hash, randomBytes } from 'node:crypto';
import { lstatSync, renameSync, rmSync } from 'node:fs';
import { lstat, readdir, rename, unlink } from 'node:fs/promises';
import { uptime } from 'node:os';
import { join } from 'node:path';
import type { Millis } from '../../../shared/domain/change.ts';
import { parseSitePath, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { DataFile } from '../tree/data-file.ts';
import { fileError, isNotFound, systemCode } from '../tree/file-error.ts';
import { isHeldAnywhere } from '../tree/same-time.ts';
import { type FailedFlushes, FolderFlush } from '../tree/sync-file.ts';

/** How long a broken-off upload is kept for its account to continue. */
const PART_MILLIS = 24 * 60 * 60 * 1000;
/** Of a name, in bytes. Some file systems hold less: there it is done without what is more. */
const NAME_MAX = 200;
const UPLOAD = /^(up|add)-([0-9a-f]{32})-[0-9a-f]{16}(?:-([\w-]+))?$/;

/** An upload that sends a file from the start, or goes on with what is left of one. */
export interface UnderWay {
  /** Its account has sent all of the file since: nobody goes on from what is left of it. */
  isOvertaken: boolean;
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
 * Names in a site's `incoming` folder. An upload under way is `up-KEY-RANDOM-WHAT` (`add-…` where it adds to a file), what is left of one that broke off is
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
    const short = `${adds ? 'add' : 'up'}-${keyOf(path, account)}-${randomBytes(8).toString('hex')}`;
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
    const key = keyOf(path, account);
    const one = { isOvertaken: false };
    this.#underWay.set(key, (this.#underWay.get(key) ?? new Set()).add(one));
    return one;
  }

  /** `isWhole`: it was published. */
  ended(one: UnderWay, path: SitePath, account: string, isWhole: boolean): void {
    const key = keyOf(path, account);
    const others = this.#underWay.get(key);
    others?.delete(one);
    if (others?.size === 0) this.#underWay.delete(key);
    if (isWhole) for (const other of others ?? []) other.isOvertaken = true;
  }

  /** Its account is sending all of the file, or was: that its connection is lost may not be known yet. */
  isUnderWay(path: SitePath, account: string): boolean {
    return this.#underWay.has(keyOf(path, account));
  }

  /**
   * Keeps an upload that broke off, in place of one before, however long that was: it may be of another version. An empty one says that
   * the file which is there is not what its account sends.
   */
  async keep(name: string, path: SitePath, account: string): Promise<void> {
    await rename(this.absolute(name), this.#part(path, account));
  }

  /** Hands a part over to a new upload under `name`: two sessions cannot continue the same one. False when there is none. */
  async take(name: string, path: SitePath, account: string): Promise<boolean> {
    try {
      await rename(this.#part(path, account), this.absolute(name));
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** A complete upload, or one that begins anew, makes what was broken off before worthless. */
  async dropPart(path: SitePath, account: string): Promise<void> {
    await this.drop(this.#part(path, account));
  }

  /**
   * `after` the end of the process: uploads that were under way become parts, empty ones where the machine itself has stopped since (then
   * nobody knows which of their bytes the disk has); what was to be added to a file goes. All are told, as far as it is known what they were; releases that were open are
   * gone. Then, and now and then: parts that are too old go.
   */
  async sweep(
    now: Millis,
    after: 'process' | 'machine' | 'nothing',
    cutOff: (upload: CutOff) => void = () => undefined,
  ): Promise<void> {
    const crashed = after !== 'nothing';
    for (const name of await readdir(this.folder)) {
      const absolute = this.absolute(name);
      const [, kind, key, what = ''] = UPLOAD.exec(name) ?? [];
      if (key !== undefined && crashed) {
        const { mtimeMs, size } = await lstat(absolute);
        const [account = '', path = ''] = Buffer.from(what, 'base64url').toString().split('\0');
        const parsed = parseSitePath(path);
        if (parsed.ok && keyOf(parsed.value, account) === key)
          cutOff({ path: parsed.value, account, bytes: size, at: Math.min(now, Math.round(mtimeMs)) });
        if (kind === 'add') await this.drop(absolute);
        else {
          if (after === 'machine' || mtimeMs < now - uptime() * 1000) await empty(absolute);
          await rename(absolute, this.absolute(`part-${key}`));
        }
      } else if (crashed && name.startsWith('rel-')) await this.drop(absolute);
      else if (name.startsWith('part-')) {
        const info = await lstat(absolute).catch(() => undefined);
        if (info && info.mtimeMs < now - PART_MILLIS) await this.drop(absolute);
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

  /** Gives a file another name of its kind: the one that it has may be on no disk. */
  renew(name: string): string {
    const renewed = name.replace(
      /^((?:up|add)-[0-9a-f]{32}-|rel-[0-9a-f]{16})[0-9a-f]{16}/,
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

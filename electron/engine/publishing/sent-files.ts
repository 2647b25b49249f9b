import { statfsSync } from 'node:fs';
import { mkdir, open, readdir, realpath, rm, rmdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { SENT_PART_BYTES, type SentPart } from '../../../shared/contract/sent-files.ts';
import { segmentsOf, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fileError, isNotFound } from '../tree/file-error.ts';
import { SENT_FOLDER } from '../tree/nested-roots.ts';

/** Drops that are being sent, looked at, or published. */
export const SENT_MAX = 16;
/** What nothing has been done with for so long is not wanted any more: the browser may be gone. */
const SENT_MILLIS = 24 * 60 * 60 * 1000;
/** The database is on the same disk, and has to go on. */
const KEPT_FREE_BYTES = 512 * 1024 * 1024;

/**
 * Files that browsers send, in `DATA/sent/ID`, until the drop that they are of has ended; see `shared/contract/sent-files.ts`.
 */
export class SentFiles {
  readonly #folder: string;
  readonly #used: () => readonly string[];
  /** When something was done with each, the one that has waited longest first. */
  readonly #known = new Map<string, number>();
  #place: Promise<string> | undefined;

  /** `used`: what drops that have not ended are of. */
  constructor(dataDir: string, used: () => readonly string[]) {
    this.#folder = join(dataDir, SENT_FOLDER);
    this.#used = used;
  }

  /**
   * Takes one part of a file, or makes a folder. Resolves the folder of the drop. Rejects `publish.too-many`, `limit.exceeded`, `file.exists`,
   * `file.changed` (it is not the next part), `file.disk-full`, and what the file system says.
   */
  async put(id: string, path: SitePath, part: SentPart, body: AsyncIterable<Uint8Array>): Promise<string> {
    try {
      const folder = join(await this.#make(), id);
      await this.#makeRoomFor(id);
      const absolute = join(folder, ...segmentsOf(path));
      await mkdir('folder' in part ? absolute : dirname(absolute), { recursive: true, mode: 0o700 });
      if (!('folder' in part)) await this.#write(absolute, path, part, body);
      return folder;
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** At a start: removes what was sent before, but for what drops are of that can go on. */
  async clear(): Promise<void> {
    const ids = await readdir(this.#folder).catch((error: unknown) => {
      if (isNotFound(error)) return [];
      throw error;
    });
    for (const id of ids) {
      await this.#make();
      // Somebody sends it already.
      if (this.#known.has(id)) continue;
      if (await this.#holds(id, this.#used())) this.#known.set(id, performance.now());
      else await this.discard(id);
    }
    await rmdir(this.#folder).catch(() => undefined);
  }

  async discard(id: string): Promise<void> {
    this.#known.delete(id);
    await rm(join(this.#folder, id), { recursive: true, force: true });
  }

  /** A drop has ended: what it was of is not needed any more. Others are left alone. */
  async ended(sources: readonly string[]): Promise<void> {
    for (const id of this.#known.keys()) if (await this.#holds(id, sources)) await this.discard(id);
  }

  /** Now and then: what nobody has done anything with for a day. */
  async sweep(): Promise<void> {
    for (const [id, at] of this.#known)
      if (performance.now() - at > SENT_MILLIS && !(await this.#holds(id, this.#used()))) await this.discard(id);
  }

  /** What could not be made (a full disk, no right) is made the next time. */
  #make(): Promise<string> {
    return (this.#place ??= make(this.#folder).catch((error: unknown) => {
      this.#place = undefined;
      throw error;
    }));
  }

  async #holds(id: string, sources: readonly string[]): Promise<boolean> {
    const folder = join((await this.#place) ?? this.#folder, id);
    return sources.some((source) => source === folder || source.startsWith(folder + sep));
  }

  async #makeRoomFor(id: string): Promise<void> {
    const isKnown = this.#known.delete(id);
    this.#known.set(id, performance.now());
    if (isKnown || this.#known.size <= SENT_MAX) return;
    for (const other of this.#known.keys())
      if (other !== id && !(await this.#holds(other, this.#used()))) return this.discard(other);
    this.#known.delete(id);
    throw new AppError('publish.too-many', { count: SENT_MAX });
  }

  async #write(
    absolute: string,
    path: SitePath,
    { at, size, mtime }: Exclude<SentPart, { folder: unknown }>,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    const { bavail, bsize } = statfsSync(this.#folder);
    if (size - at + KEPT_FREE_BYTES > bavail * bsize) throw new AppError('file.disk-full');
    // Two names that are one on this disk.
    const file = await open(absolute, at === 0 ? 'wx' : 'r+', 0o600);
    try {
      if ((await file.stat()).size !== at) throw new AppError('file.changed', { path });
      let position = at;
      for await (const chunk of body) {
        if (position + chunk.length > Math.min(size, at + SENT_PART_BYTES))
          throw new AppError('limit.exceeded', { limit: 'body', value: SENT_PART_BYTES });
        for (let done = 0; done < chunk.length; ) {
          done += (await file.write(chunk, done, chunk.length - done, position + done)).bytesWritten;
        }
        position += chunk.length;
      }
      if (position === size) await file.utimes(mtime / 1000, mtime / 1000);
    } finally {
      await file.close();
    }
  }
}

/** Resolves its path without links, as that of a drop is. */
async function make(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return realpath(folder);
}

import { rename } from 'node:fs/promises';
import type { Change, Millis, Sha256 } from '../../../../shared/domain/change.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { Lock } from '../../core/lock.ts';
import type {
  Actor,
  CommittedRelease,
  FileInfo,
  Listing,
  ListOptions,
  ReleaseFiles,
  ReleaseItem,
  ReleaseOptions,
  Upload,
  UploadOptions,
} from '../site-files.ts';
import { fileError } from '../../tree/file-error.ts';
import { beginUpload, type Existing, existingAt, type Finished, requireBase } from '../upload.ts';
import { Draft } from './draft.ts';
import type { ReleaseSite } from './release-site.ts';
import { commitDraft } from './commit-draft.ts';

export interface OpenReleaseOptions {
  readonly id: string;
  readonly title: string;
  readonly by: Actor;
  readonly site: ReleaseSite;
  /** Changes that its account may still make, in all its releases. */
  readonly room: () => number;
  /** It is committed or given up. */
  readonly onEnd: () => void;
}

/** A release while its publisher works on it (SPEC §8). */
export class OpenRelease implements ReleaseFiles {
  readonly id: string;
  readonly title: string;
  readonly name: string;
  readonly by: Actor;
  readonly since: Millis;
  readonly #site: ReleaseSite;
  readonly #draft: Draft;
  readonly #onEnd: OpenReleaseOptions['onEnd'];
  readonly #lock = new Lock();
  #sessions = 1;
  #holdMillis = 0;
  #holding: NodeJS.Timeout | undefined;
  #ended = false;

  constructor({ id, title, by, site, room, onEnd }: OpenReleaseOptions) {
    this.id = id;
    this.title = title;
    this.by = by;
    this.name = site.name;
    this.since = site.clock.now();
    this.#site = site;
    this.#draft = new Draft(site, room);
    this.#onEnd = onEnd;
  }

  get size(): number {
    return this.#draft.overlay.size;
  }

  changes(): readonly ReleaseItem[] {
    return this.#draft.overlay.entries().map(([path, node]) => ({
      path,
      kind: node.kind,
      size: node.kind === 'file' ? node.content.size : 0,
    }));
  }

  commit(options: ReleaseOptions = {}): Promise<CommittedRelease> {
    return this.#run(async () => {
      const committed = await commitDraft(
        this.#site,
        this.#draft,
        { ...options, title: this.title, openedAs: this.id },
        this.by,
      );
      await this.#end();
      return committed;
    });
  }

  abort(): Promise<void> {
    return this.#lock.run(async () => {
      if (!this.#ended) await this.#end();
    });
  }

  get isHeld(): boolean {
    return this.#holdMillis > 0;
  }

  hold(millis: number): void {
    this.#holdMillis = millis;
  }

  join(): void {
    clearTimeout(this.#holding);
    this.#sessions += 1;
  }

  async leave(): Promise<void> {
    this.#sessions -= 1;
    if (this.#sessions > 0 || this.#ended) return;
    if (!this.isHeld) return this.abort();
    clearTimeout(this.#holding);
    this.#holding = setTimeout(() => {
      this.abort().catch((error: unknown) => {
        this.#site.logger.error({ err: error }, 'a release could not be cleared away');
      });
    }, this.#holdMillis);
    this.#holding.unref();
  }

  stat(path: SitePath): Promise<FileInfo> {
    return this.#run(async () => {
      const info = await this.#draft.find(path);
      if (!info) throw new AppError('file.not-found', { path });
      return info;
    });
  }

  list(path: SitePath, options?: ListOptions): Promise<Listing> {
    return this.#run(async () => {
      const info = await this.#draft.find(path);
      if (!info) throw new AppError('file.not-found', { path });
      if (info.kind === 'file') throw new AppError('file.not-directory', { path });
      return this.#draft.list(path, options);
    });
  }

  open(path: SitePath) {
    return this.#run(async () => {
      const info = await this.#draft.find(path);
      if (!info) throw new AppError('file.not-found', { path });
      if (info.kind === 'dir') throw new AppError('file.is-directory', { path });
      return this.#draft.open(path);
    });
  }

  async beginUpload(path: SitePath, options: UploadOptions): Promise<Upload> {
    const { incoming, uploadBytesMax, logger, aborted, clock } = this.#site;
    await this.#run(() => this.#draft.checkTarget(path));
    return beginUpload({
      incoming,
      path,
      existing: () => this.#existing(path),
      options,
      bytesMax: uploadBytesMax,
      now: () => clock.now(),
      logger,
      commit: (finished) => this.#put(path, finished),
      aborted: (bytes, reason) => aborted(path, options.by, bytes, reason),
    });
  }

  partSize(path: SitePath, account: string): Promise<number | undefined> {
    return this.#site.incoming.partSize(path, account);
  }

  remove(path: SitePath): Promise<Change> {
    return this.#change({ op: 'delete', path }, async () => {
      await this.#draft.remove(path);
      this.#site.giveUpUploads(path, this.by);
    });
  }

  makeDir(path: SitePath): Promise<Change> {
    return this.#change({ op: 'mkdir', path }, () => this.#draft.makeDir(path, this.#site.clock.now()));
  }

  removeDir(path: SitePath): Promise<Change> {
    return this.#change({ op: 'rmdir', path }, () => this.#draft.removeDir(path));
  }

  rename(from: SitePath, to: SitePath): Promise<Change> {
    return this.#run(async () => {
      const kind = (await this.#draft.find(from))?.kind ?? 'file';
      await this.#draft.rename(from, to);
      this.#site.giveUpUploads(to, this.by);
      return { op: 'rename', from, path: to, kind, ...this.#unnumbered() };
    });
  }

  touch(path: SitePath, mtime: Millis): Promise<Change> {
    return this.#run(async () => {
      this.#site.incoming.requireHeld(mtime, path);
      return { op: 'put', path, ...(await this.#draft.touch(path, mtime)), ...this.#unnumbered() };
    });
  }

  hash(path: SitePath): Promise<Sha256> {
    return this.#run(async () => {
      const node = this.#draft.overlay.get(path);
      if (node?.kind === 'file') return node.content.sha256;
      const info = await this.#draft.find(path);
      if (!info) throw new AppError('file.not-found', { path });
      return this.#site.hash(path);
    });
  }

  async #existing(path: SitePath): Promise<Existing | undefined> {
    return (await this.#draft.find(path)) && existingAt(await this.#draft.locate(path));
  }

  #put(path: SitePath, { staged, base, ...content }: Finished): Promise<Change> {
    return this.#run(async () => {
      await requireBase(base, () => this.#existing(path), path);
      const { incoming } = this.#site;
      const name = incoming.newReleaseName();
      try {
        await rename(incoming.absolute(staged), incoming.absolute(name));
        await this.#draft.put(path, name, content);
      } catch (error) {
        await incoming.drop(incoming.absolute(name));
        throw fileError(error, path);
      }
      return { op: 'put', path, ...content, ...this.#unnumbered() };
    });
  }

  #change(change: { op: 'delete' | 'mkdir' | 'rmdir'; path: SitePath }, work: () => Promise<void>): Promise<Change> {
    return this.#run(async () => {
      await work();
      return { ...change, ...this.#unnumbered() };
    });
  }

  #unnumbered(): { seq: number; at: Millis } {
    return { seq: 0, at: this.#site.clock.now() };
  }

  #run<T>(task: () => Promise<T>): Promise<T> {
    return this.#lock.run(() => {
      if (this.#ended) throw new AppError('release.none-open');
      return task();
    });
  }

  async #end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#holding);
    this.#onEnd();
    await this.#draft.clear();
  }
}

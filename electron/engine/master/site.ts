import { readdir } from 'node:fs/promises';
import type { SiteRules } from '../../../shared/contract/rules.ts';
import type { Change, Content, Millis, Sha256, Unnumbered } from '../../../shared/domain/change.ts';
import type { Reference } from '../../../shared/domain/reference.ts';
import { isWithin, nameOf, parentOf, RESERVED_FOLDER, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { BreakReason } from '../../../shared/errors/problems.ts';
import { isBootNoted, noteBoot } from '../tree/noted-boot.ts';
import type { Journal } from '../store/journal.ts';
import type { Versions } from '../tree/versions.ts';
import { fileError } from '../tree/file-error.ts';
import { hashFile } from '../tree/hash.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import type { SourceFile } from '../tree/source-file.ts';
import { identityAt, type Step } from '../tree/steps.ts';
import { Committer, type CommitterOptions } from './committer.ts';
import { openListing } from './folder-listing.ts';
import { Incoming } from './incoming.ts';
import { Losses } from './losses.ts';
import { Releases } from './release/releases.ts';
import { isCurrent, toInfo } from './served.ts';
import type {
  Actor,
  CommittedRelease,
  FileInfo,
  Listing,
  ListOptions,
  PublishedFiles,
  ReleaseFiles,
  Upload,
  UploadOptions,
} from './site-files.ts';
import { UnfitRecord } from './unfit.ts';
import { goneBelow, goneFolder, mayBeUnjournalled, newFolders, unjournalledAt } from './unjournalled.ts';
import { beginUpload, type Existing, existingAt, type Finished, requireBase } from './upload.ts';

export interface MasterSiteOptions extends CommitterOptions {
  readonly uploadBytesMax: number;
  /** Where the file at an absolute path links to, as `path` of the site. */
  readonly referencesOf: (path: SitePath, absolute: string) => Promise<readonly Reference[] | undefined>;
  /** An upload was broken off. */
  readonly onAborted: (upload: { path: SitePath; at: Millis; by: string; size: number; reason: string }) => void;
}

/**
 * A site that is published. Mutations are serialised: journal and index in one transaction, then the tree, then the mirrors
 * may be told. The journal's order is the order in which uploads complete (SPEC §4).
 */
export class MasterSite implements PublishedFiles {
  readonly name: string;
  readonly journal: Journal;
  readonly root: SiteRoot;
  /** Releases, open and committed. */
  readonly releases: Releases;
  /** What went without FTP. */
  readonly losses = new Losses();
  /** What stands in the folder and cannot be published. */
  readonly unfit: UnfitRecord;
  readonly #options: MasterSiteOptions;
  readonly #incoming: Incoming;
  readonly #committer: Committer;

  constructor(options: MasterSiteOptions) {
    const { name, root, store, journal, clock, logger, onChange } = options;
    this.#options = options;
    this.name = name;
    this.journal = journal;
    this.root = root;
    this.unfit = new UnfitRecord({ store, site: journal.site, root, now: () => clock.now(), logger, onChange });
    this.#incoming = new Incoming(root.incoming, root.failedFlushes);
    this.#committer = new Committer(options);
    this.releases = new Releases({
      name,
      root,
      journal,
      incoming: this.#incoming,
      versions: this.#committer.versions,
      records: this.#committer.records,
      clock,
      logger,
      // It may be set otherwise at any time.
      get uploadBytesMax() {
        return options.uploadBytesMax;
      },
      list: (path, options) => this.list(path, options),
      hash: (path) => this.hash(path),
      referencesOf: (path, absolute) => this.referencesOf(path, absolute),
      goneBelow: (folders) => goneBelow(this, folders),
      newFolders: (deepest) => newFolders(this, deepest),
      giveUpUploads: (path, by) => this.#giveUpUploads(path, by),
      aborted: (path, by, bytes, reason) => this.#aborted(path, by, bytes, reason),
      commit: (order, by, decide) => this.#committer.release(order, by, decide),
    });
  }

  /** What is kept for rollbacks. */
  get versions(): Versions {
    return this.#committer.versions;
  }

  /** Brings the tree in step with the journal after a crash. Before anything else. Rejects as `Committer.start`. */
  async start(): Promise<{ complete: boolean }> {
    const started = await this.#committer.start();
    const { store, journal } = this.#options;
    // What could not be put in place, as somebody else has something there since, is left where it is.
    if (!started.complete) await this.#sweep('nothing');
    else {
      await this.#sweep(isBootNoted(store, journal.site) ? 'process' : 'machine');
      noteBoot(store, journal.site);
    }
    return started;
  }

  /** Open releases are given up. Changes under way come to their end, later ones are refused (`site.unknown`). */
  async stop(): Promise<void> {
    this.#committer.leave();
    await this.releases.stop();
    await this.#committer.stop();
  }

  /** Removes parts of broken-off uploads that nobody continued, and versions that are not to be kept any longer. */
  async sweep(): Promise<void> {
    await this.#sweep('nothing');
    await this.#committer.trimVersions();
  }

  async stat(path: SitePath): Promise<FileInfo> {
    return toInfo(nameOf(path), await this.root.stat(path));
  }

  get trouble(): AppError | undefined {
    return this.root.trouble;
  }

  async list(path: SitePath, options?: ListOptions): Promise<Listing> {
    this.#requireFolder();
    return openListing(path, await this.root.resolve(path), options);
  }

  async open(path: SitePath): Promise<SourceFile> {
    const file = this.root.open(path);
    if (file.info.isFile()) return file;
    file.close();
    throw new AppError(file.info.isDirectory() ? 'file.is-directory' : 'path.link', { path });
  }

  async beginUpload(path: SitePath, options: UploadOptions): Promise<Upload> {
    this.#committer.requireOpen();
    this.#requireFolder();
    await this.#checkTarget(path);
    return beginUpload({
      incoming: this.#incoming,
      path,
      existing: () => this.#existing(path),
      options,
      bytesMax: this.#options.uploadBytesMax,
      now: () => this.#options.clock.now(),
      logger: this.#options.logger,
      commit: (finished) => this.#put(path, finished, options.by),
      aborted: (bytes, reason) => this.#aborted(path, options.by, bytes, reason),
    });
  }

  beginRelease(title: string, by: Actor): ReleaseFiles {
    this.#committer.requireOpen();
    return this.releases.begin(title, by);
  }

  joinRelease(id: string, by: Actor): ReleaseFiles {
    this.#committer.requireOpen();
    return this.releases.join(id, by);
  }

  releaseOutcome(id: string, by: Actor): CommittedRelease | 'open' {
    return this.releases.outcome(id, by);
  }

  partSize(path: SitePath, account: string): Promise<number | undefined> {
    return this.#incoming.partSize(path, account);
  }

  async remove(path: SitePath, by: Actor): Promise<Change> {
    const change = await this.#committer.change(by, async () => {
      this.#refuseAlias(path);
      if ((await this.root.stat(path)).isDirectory()) throw new AppError('file.is-directory', { path });
      return {
        before: await goneFolder(this, path),
        change: { op: 'delete', path },
        ...(await this.#committer.replacing(path)),
        steps: [{ do: 'remove', path, identity: await identityAt(this.root, path) }],
      };
    });
    this.#giveUpUploads(path, by);
    return change;
  }

  makeDir(path: SitePath, by: Actor): Promise<Change> {
    return this.#committer.change(by, async () => {
      await this.#checkParent(path);
      this.root.refuseOtherSpelling(path);
      if (await this.root.statOrUndefined(path)) throw new AppError('file.exists', { path });
      return {
        before: await unjournalledAt(this, path),
        change: { op: 'mkdir', path },
        steps: [{ do: 'makeDir', path }],
      };
    });
  }

  removeDir(path: SitePath, by: Actor): Promise<Change> {
    return this.#committer.change(by, async () => {
      if (path === ROOT) throw new AppError('file.denied', { path: '/' });
      this.#refuseAlias(path);
      if (!(await this.root.stat(path)).isDirectory()) throw new AppError('file.not-directory', { path });
      const names = await readdir(await this.root.resolve(path)).catch((error: unknown) => {
        throw fileError(error, path);
      });
      if (names.length > 0) throw new AppError('file.directory-not-empty', { path });
      return {
        before: await goneBelow(this, [path]),
        change: { op: 'rmdir', path },
        steps: [{ do: 'removeDir', path, identity: await identityAt(this.root, path) }],
      };
    });
  }

  async rename(from: SitePath, to: SitePath, by: Actor): Promise<Change> {
    const change = await this.#committer.change(by, async () => {
      if (from === ROOT || to === ROOT) throw new AppError('file.denied', { path: '/' });
      if (from === to) throw new AppError('file.exists', { path: to });
      this.#refuseAlias(from);
      const source = await this.root.stat(from);
      const kind = source.isDirectory() ? 'dir' : 'file';
      if (kind === 'dir' && isWithin(to, from)) throw new AppError('path.within-itself', { path: to });
      await this.#checkParent(to);
      this.root.refuseOtherSpelling(to, from);
      const target = await this.root.statOrUndefined(to);
      if (target && (kind === 'dir' || target.isDirectory()) && target.ino !== source.ino)
        throw new AppError('file.exists', { path: to });
      if (kind === 'dir') this.journal.index.requireShort(from, to);
      const identity = await identityAt(this.root, from);
      const replaces = target && { replaces: await identityAt(this.root, to) };
      const steps: Step[] = [{ do: 'move', from, path: to, identity, ...replaces }];
      const first = await unjournalledAt(this, to);
      if (kind === 'dir') {
        const before = [...first, ...(await newFolders(this, from))];
        return { before, change: { op: 'rename', from, path: to, kind }, steps };
      }
      const { seen, content } = await this.#contentOf(from);
      const refs = await this.referencesOf(to, this.root.plain(from));
      return {
        before: seen ? first : [...first, ...(await goneFolder(this, from)), { op: 'put', path: from, ...content }],
        change: { op: 'rename', from, path: to, kind, content: { ...content, ...(refs && { refs }) } },
        ...(target && (await this.#committer.replacing(to))),
        steps,
      };
    });
    this.#giveUpUploads(to, by);
    return change;
  }

  touch(path: SitePath, mtime: Millis, by: Actor): Promise<Change> {
    return this.#committer.change(by, async () => {
      this.#refuseAlias(path);
      const info = await this.root.stat(path);
      if (!info.isFile()) throw new AppError('file.is-directory', { path });
      this.#incoming.requireHeld(mtime, path);
      const sha256 = await this.hash(path);
      const refs = await this.referencesOf(path, this.root.plain(path));
      const change = { op: 'put' as const, path, size: info.size, mtime, sha256, ...(refs && { refs }) };
      const before = await unjournalledAt(this, path);
      return { before, change, steps: [{ do: 'touch', path, mtime, was: Math.round(info.mtimeMs) }] };
    });
  }

  async hash(path: SitePath): Promise<Sha256> {
    const info = await this.root.stat(path);
    const entry = this.journal.index.entry(path);
    if (isCurrent(entry, info)) return entry.sha256;
    try {
      return (await hashFile(await this.root.resolve(path))).sha256;
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** For the rescan: under the lock, journals what `decide` finds, without touching the tree; the number of changes. */
  record(decide: () => Promise<Unnumbered[]>, by: Actor): Promise<number> {
    return this.#committer.record(by, decide);
  }

  /** What belongs together from now on: journalled where `decide` says something else than holds. `seq`: of the newest change. */
  setRules(decide: (rules: SiteRules, seq: number) => SiteRules, by: Actor): Promise<void> {
    return this.#committer.setRules(by, decide);
  }

  async #sweep(after: Parameters<Incoming['sweep']>[1]): Promise<void> {
    try {
      await this.#incoming.sweep(this.#options.clock.now(), after, ({ path, account, bytes, at }) =>
        this.journal.aborted(path, at, { account }, bytes, 'killed' satisfies BreakReason),
      );
    } catch (error) {
      throw fileError(error, RESERVED_FOLDER);
    }
  }

  async #put(path: SitePath, { staged, size, sha256, mtime, base }: Finished, by: Actor): Promise<Change> {
    const refs = await this.referencesOf(path, this.#incoming.absolute(staged));
    if (mayBeUnjournalled(this, path)) await this.record(() => unjournalledAt(this, path), by);
    return this.#committer.put(path, by, async () => {
      await this.#checkTarget(path);
      await requireBase(base, () => this.#existing(path), path);
      return {
        change: { op: 'put', path, size, mtime, sha256, ...(refs && { refs }) },
        ...(await this.#committer.replacing(path, sha256)),
        steps: [{ do: 'place', from: 'incoming', staged, path }],
      };
    });
  }

  /** Where the file at an absolute path would link to, as `path` of the site. */
  async referencesOf(path: SitePath, absolute: string): Promise<readonly Reference[] | undefined> {
    return this.#options.referencesOf(path, absolute);
  }

  #giveUpUploads(path: SitePath, by: Actor): void {
    try {
      this.#incoming.giveUp(path, by.account);
    } catch (err) {
      this.#options.logger.warn({ err, path }, 'a broken-off upload could not be cleared away');
    }
  }

  #aborted(path: SitePath, by: Actor, bytes: number, reason: string): void {
    if (this.#committer.ended) return;
    const at = this.#options.clock.now();
    this.journal.aborted(path, at, by, bytes, reason);
    this.#options.onAborted({ path, at, by: by.account, size: bytes, reason });
  }

  async #existing(path: SitePath): Promise<Existing | undefined> {
    const info = await this.root.statOrUndefined(path);
    if (info?.isDirectory()) throw new AppError('file.is-directory', { path });
    return info && existingAt(await this.root.resolve(path));
  }

  /** What the file at `path` holds. `seen`: the index says so; else it came without FTP. */
  async #contentOf(path: SitePath): Promise<{ seen: boolean; content: Content }> {
    const info = await this.root.stat(path);
    const content = { size: info.size, mtime: Math.round(info.mtimeMs), sha256: await this.hash(path) };
    return { seen: isCurrent(this.journal.index.entry(path), info), content };
  }

  /**
   * On a disk that folds case another spelling leads to the same file, which the journal has by its own: the change would be told to
   * nobody. Throws `path.case-clash`. What the index has so is meant, whatever the disk makes of its name.
   */
  #refuseAlias(path: SitePath): void {
    if (this.root.foldsCase && !this.journal.index.entry(path)) this.root.refuseOtherSpelling(path);
  }

  #requireFolder(): void {
    const { trouble } = this;
    if (trouble) throw trouble;
  }

  async #checkTarget(path: SitePath): Promise<void> {
    if (path === ROOT) throw new AppError('file.is-directory', { path: '/' });
    await this.#checkParent(path);
    this.root.refuseOtherSpelling(path);
    if ((await this.root.statOrUndefined(path))?.isDirectory()) throw new AppError('file.is-directory', { path });
  }

  async #checkParent(path: SitePath): Promise<void> {
    if (!(await this.root.stat(parentOf(path))).isDirectory())
      throw new AppError('file.not-directory', { path: parentOf(path) });
  }
}

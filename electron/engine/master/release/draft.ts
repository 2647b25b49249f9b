import type { Dirent, Stats } from 'node:fs';
import type { Content, Millis } from '../../../../shared/domain/change.ts';
import {
  childOf,
  isWithin,
  nameOf,
  parentOf,
  rebase,
  rebaseWithin,
  RESERVED_FOLDER,
  ROOT,
  type SitePath,
} from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { createPace } from '../../core/pace.ts';
import { fileError } from '../../tree/file-error.ts';
import { hashFile } from '../../tree/hash.ts';
import { copyWhole, linkOrCopy } from '../../tree/link-or-copy.ts';
import { SourceFile } from '../../tree/source-file.ts';
import { setTime } from '../../tree/steps.ts';
import { syncFile } from '../../tree/sync-file.ts';
import { toInfo } from '../served.ts';
import { isServed } from '../../tree/is-served.ts';
import { readSiteFolder } from '../../tree/site-name.ts';
import type { FileInfo, Listing, ListOptions } from '../site-files.ts';
import { type Node, Overlay, type Staged, type Standing } from './overlay.ts';
import type { ReleaseSite } from './release-site.ts';

/** Paths at which one release may differ from the tree. */
export const RELEASE_CHANGES_MAX = 100_000;

type FileNode = Extract<Node, { kind: 'file' }>;

/**
 * A site with changes that nobody else sees: files that are staged in the incoming folder, and what is made, moved and
 * removed on paper. One thing at a time: the caller waits for each call. A call that rejects has changed nothing.
 */
export class Draft {
  readonly overlay = new Overlay();
  readonly #site: ReleaseSite;
  readonly #room: () => number;
  /** Since when its names are in the incoming folder. */
  #mark: number;

  constructor(site: ReleaseSite, room: () => number = () => RELEASE_CHANGES_MAX) {
    this.#room = room;
    this.#site = site;
    this.#mark = site.incoming.mark;
  }

  /** Resolves when the names of all that is staged are on disk. Rejects `file.*`. */
  async flush(): Promise<void> {
    const { incoming } = this.#site;
    try {
      if (this.#mark !== incoming.mark) {
        const { mark } = incoming;
        await this.#renew();
        this.#mark = mark;
      }
      await incoming.flush(this.#mark);
    } catch (error) {
      throw fileError(error, RESERVED_FOLDER);
    }
  }

  /** A flush of the folder has failed since: what is staged gets other names. */
  async #renew(): Promise<void> {
    const pace = createPace();
    for (const [path, node] of this.overlay.entries()) {
      if (node.kind === 'file' && node.staged !== null)
        this.overlay.set(path, {
          ...node,
          staged: { ...node.staged, name: this.#site.incoming.renew(node.staged.name) },
        });
      await pace();
    }
  }

  /** File or folder as it will be; undefined where there is none. Rejects `path.*`. */
  async find(path: SitePath): Promise<FileInfo | undefined> {
    const node = this.overlay.get(path);
    if (node) return infoOf(nameOf(path), node);
    const info = await this.#inTree(path);
    return info && toInfo(nameOf(path), info);
  }

  /** Entries of a folder, in no order. */
  async list(folder: SitePath, { max, wanted = () => true }: ListOptions = {}): Promise<Listing> {
    const own = new Map(this.overlay.below(folder).map((path) => [nameOf(path), this.overlay.get(path)]));
    const isTree = (await this.#inTree(folder))?.isDirectory() === true;
    const inTree = isTree
      ? await this.#site.list(folder, { ...(max && { max }), wanted: (name) => !own.has(name) && wanted(name) })
      : undefined;
    const added = [...own].filter(([name, node]) => node && node.kind !== 'gone' && wanted(name));
    return {
      count: (inTree?.count ?? 0) + added.length,
      async *[Symbol.asyncIterator]() {
        if (inTree) yield* inTree;
        for (const [name, node] of added) {
          const info = node && infoOf(name, node);
          if (info) yield info;
        }
      },
    };
  }

  /** Where the bytes of the file at `path` are, as an absolute path. */
  async locate(path: SitePath): Promise<string> {
    const node = this.overlay.get(path);
    return node?.kind === 'file' && node.staged !== null
      ? this.#site.incoming.absolute(node.staged.name)
      : this.#site.root.resolve(path);
  }

  /** The bytes of the file at `path`, to be read. */
  open(path: SitePath): SourceFile {
    const node = this.overlay.get(path);
    if (node?.kind !== 'file' || node.staged === null) return this.#site.root.open(path);
    try {
      return new SourceFile(this.#site.incoming.absolute(node.staged.name));
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** Rejects where no file can be put: a folder is there, or there is no folder above. */
  async checkTarget(path: SitePath): Promise<void> {
    if (path === ROOT) throw new AppError('file.is-directory', { path: '/' });
    await this.#checkParent(path);
    if ((await this.find(path))?.kind === 'dir') throw new AppError('file.is-directory', { path });
  }

  /** Puts a file that is staged under `name` and on disk, with its time. */
  async put(path: SitePath, name: string, content: Content): Promise<void> {
    this.#requireRoom(1);
    await this.checkTarget(path);
    const node = await this.#fileNode(path, content, { name, shared: undefined });
    await this.#replace(path, node);
  }

  async remove(path: SitePath): Promise<void> {
    const info = await this.#require(path);
    if (info.kind === 'dir') throw new AppError('file.is-directory', { path });
    this.#requireRoom(1);
    await this.#vanish(path);
  }

  async makeDir(path: SitePath, mtime: Millis): Promise<void> {
    this.#requireRoom(1);
    await this.#checkParent(path);
    if (await this.find(path)) throw new AppError('file.exists', { path });
    this.overlay.set(path, { kind: 'dir', over: await this.over(path), mtime });
  }

  async removeDir(path: SitePath): Promise<void> {
    if (path === ROOT) throw new AppError('file.denied', { path: '/' });
    if ((await this.#require(path)).kind !== 'dir') throw new AppError('file.not-directory', { path });
    this.#requireRoom(1);
    if (!(await this.isEmpty(path))) throw new AppError('file.directory-not-empty', { path });
    await this.#vanish(path);
  }

  /** A folder is moved entry by entry. */
  async rename(from: SitePath, to: SitePath): Promise<void> {
    if (from === ROOT || to === ROOT) throw new AppError('file.denied', { path: '/' });
    if (from === to) throw new AppError('file.exists', { path: to });
    const { kind } = await this.#require(from);
    if (kind === 'dir' && isWithin(to, from)) throw new AppError('path.within-itself', { path: to });
    await this.#checkParent(to);
    const target = await this.find(to);
    if (target && (kind === 'dir' || target.kind === 'dir')) throw new AppError('file.exists', { path: to });
    const moved = kind === 'dir' ? await this.#all(from) : [from];
    this.#requireRoom(2 * moved.length);
    const nodes: [SitePath, Node][] = [];
    const pace = createPace();
    try {
      for (const path of moved) {
        nodes.push([path, await this.#nodeFor(path, rebaseWithin(path, from, to))]);
        await pace();
      }
    } catch (error) {
      for (const [path, node] of nodes) if (this.#isLinked(path, node)) await this.#drop(node);
      throw error;
    }
    for (const [path, node] of nodes) {
      await this.#replace(rebase(path, from, to), node);
      await pace();
    }
    // What was staged has its new name now, and is not dropped with the old one.
    for (const path of moved.toReversed()) await this.#vanish(path, true);
  }

  async touch(path: SitePath, mtime: Millis): Promise<Content> {
    const info = await this.#require(path);
    if (info.kind === 'dir') throw new AppError('file.is-directory', { path });
    this.#requireRoom(1);
    const node = this.overlay.get(path);
    if (node?.kind !== 'file') {
      const content = { size: info.size, mtime, sha256: await this.#site.hash(path) };
      const touched = await this.#fileNode(path, content, null);
      this.overlay.set(path, touched);
      return touched.content;
    }
    const content = { ...node.content, mtime };
    const staged = node.staged && (await this.#ownTime(path, node.staged, content));
    this.overlay.set(path, { ...node, content, staged });
    return content;
  }

  /** What the tree holds at a path, whether the release shows it or not. */
  async over(path: SitePath): Promise<Standing> {
    const before = this.overlay.get(path)?.over ?? 'none';
    return before === 'none' ? standingOf(await findInTree(this.#site, path)) : before;
  }

  /** True when nothing would be left in the folder, whoever put it there. */
  async isEmpty(folder: SitePath): Promise<boolean> {
    const own = new Map(this.overlay.below(folder).map((path) => [nameOf(path), this.overlay.get(path)]));
    for (const node of own.values()) if (node && node.kind !== 'gone') return false;
    if (!(await findInTree(this.#site, folder))?.isDirectory()) return true;
    return (await this.#entries(folder)).every(({ name }) => own.get(name)?.kind === 'gone');
  }

  /** Removes what is staged: the end of the release. Never rejects: what the disk does not let go goes at the next start. */
  async clear(): Promise<void> {
    const { incoming, logger } = this.#site;
    const pace = createPace();
    for (const [path, node] of this.overlay.entries()) {
      try {
        if (node.kind === 'file' && node.staged !== null) incoming.dropNow(node.staged.name);
      } catch (err) {
        logger.warn({ err, path }, 'what was staged for a release cannot be cleared away');
      }
      this.overlay.drop(path);
      await pace();
    }
  }

  /** What is staged stays: it belongs to somebody else by now. */
  leave(): void {
    for (const [path] of this.overlay.entries()) this.overlay.drop(path);
  }

  async #require(path: SitePath): Promise<FileInfo> {
    const info = await this.find(path);
    if (!info) throw new AppError('file.not-found', { path });
    return info;
  }

  async #inTree(path: SitePath): Promise<Stats | undefined> {
    return this.overlay.hides(path) ? undefined : findInTree(this.#site, path);
  }

  async #checkParent(path: SitePath): Promise<void> {
    const parent = parentOf(path);
    if (parent !== ROOT && (await this.#require(parent)).kind !== 'dir')
      throw new AppError('file.not-directory', { path: parent });
  }

  #requireRoom(more: number): void {
    if (this.overlay.size + more > RELEASE_CHANGES_MAX)
      throw new AppError('release.too-large', { limit: RELEASE_CHANGES_MAX });
    const room = this.#room();
    if (more > room) throw new AppError('limit.exceeded', { limit: 'changes of open releases', value: room });
  }

  async #fileNode(path: SitePath, content: Content, staged: Staged | null): Promise<FileNode> {
    const over = await this.over(path);
    const absolute = staged === null ? await this.locate(path) : this.#site.incoming.absolute(staged.name);
    const refs = await this.#site.referencesOf(path, absolute);
    const { size, mtime, sha256 } = content;
    return { kind: 'file', over, content: refs ? { size, mtime, sha256, refs } : { size, mtime, sha256 }, staged };
  }

  /** What `to` will hold when `from` is moved there. A published file gets a second name among what is staged. */
  async #nodeFor(from: SitePath, to: SitePath): Promise<Node> {
    const { incoming, clock, hash } = this.#site;
    const node = this.overlay.get(from);
    const info = await this.#require(from);
    if (info.kind === 'dir') return { kind: 'dir', over: await this.over(to), mtime: clock.now() };
    if (node?.kind === 'file' && node.staged !== null) return this.#fileNode(to, node.content, node.staged);
    const content = { size: info.size, mtime: info.mtime, sha256: await hash(from) };
    const name = incoming.newReleaseName();
    const how = await linkOrCopy(await this.#site.root.resolve(from), incoming.absolute(name)).catch(
      (error: unknown) => {
        throw fileError(error, from);
      },
    );
    let staged: Staged = { name, shared: how === 'linked' ? from : undefined };
    try {
      if (node?.kind === 'file') staged = await this.#ownTime(from, staged, content);
      return await this.#fileNode(to, content, staged);
    } catch (error) {
      await incoming.drop(incoming.absolute(staged.name));
      throw error;
    }
  }

  /** Staged anew by `#nodeFor`, and not by an upload before. */
  #isLinked(from: SitePath, node: Node): boolean {
    const before = this.overlay.get(from);
    return node.kind === 'file' && !(before?.kind === 'file' && before.staged?.name === node.staged?.name);
  }

  /** A staged file that shares nothing with a published one any more; its name is on disk. */
  async own(path: SitePath, node: FileNode, staged: Staged): Promise<Staged> {
    const { incoming } = this.#site;
    const { mark } = incoming;
    const own = await this.#ownTime(path, staged, node.content);
    this.overlay.set(path, { ...node, staged: own });
    await incoming.flush(mark).catch((error: unknown) => {
      throw fileError(error, RESERVED_FOLDER);
    });
    return own;
  }

  /** A staged file with the time of `content`, which changes nothing that is published. */
  async #ownTime(path: SitePath, staged: Staged, { mtime, sha256 }: Content): Promise<Staged> {
    const { incoming } = this.#site;
    try {
      if (!staged.shared) {
        setTime(incoming.absolute(staged.name), mtime);
        await syncFile(incoming.absolute(staged.name));
        return staged;
      }
      const name = incoming.newReleaseName();
      const own = incoming.absolute(name);
      await copyWhole(incoming.absolute(staged.name), own, mtime);
      // By its published name somebody may have written to it, which its time does not tell any more.
      if ((await hashFile(own)).sha256 !== sha256) {
        await incoming.drop(own);
        throw new AppError('release.conflict', { path });
      }
      await incoming.drop(incoming.absolute(staged.name));
      return { name, shared: undefined };
    } catch (error) {
      throw fileError(error, RESERVED_FOLDER);
    }
  }

  async #replace(path: SitePath, node: Node): Promise<void> {
    const before = this.overlay.get(path);
    this.overlay.set(path, node);
    if (before) await this.#drop(before);
  }

  /** `moved`: what was staged for it has another name now. */
  async #vanish(path: SitePath, moved = false): Promise<void> {
    const node = this.overlay.get(path);
    const over = await this.over(path);
    if (over === 'none') this.overlay.drop(path);
    else this.overlay.set(path, { kind: 'gone', over });
    if (node && !moved) await this.#drop(node);
  }

  async #drop(node: Node): Promise<void> {
    if (node.kind === 'file' && node.staged !== null)
      await this.#site.incoming.drop(this.#site.incoming.absolute(node.staged.name));
  }

  /** A folder and all that is to be seen below it, folders first. Rejects `path.link` where something in it is not served. */
  async #all(folder: SitePath): Promise<SitePath[]> {
    const found: SitePath[] = [folder];
    const folders: SitePath[] = [folder];
    const pace = createPace();
    for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
      await this.#requireServed(next);
      for await (const { name, kind } of await this.list(next)) {
        const path = childOf(next, name);
        found.push(path);
        if (kind === 'dir') folders.push(path);
      }
      this.#requireRoom(2 * found.length);
      await pace();
    }
    return found;
  }

  /** What stands in a folder of the tree. Others may take it away meanwhile: rejects `file.*` or `path.*`. */
  async #entries(folder: SitePath): Promise<Dirent[]> {
    const absolute = await this.#site.root.resolve(folder);
    return readSiteFolder(absolute).catch((error: unknown) => {
      throw fileError(error, folder);
    });
  }

  /** Whatever cannot be moved on paper would be left behind. */
  async #requireServed(folder: SitePath): Promise<void> {
    if (!(await this.#inTree(folder))?.isDirectory()) return;
    for (const item of await this.#entries(folder)) {
      if (!isServed(folder, item)) throw new AppError('path.link', { path: childOf(folder, item.name) });
    }
  }
}

/**
 * What stands in the tree; undefined where nothing does, or where what should be a folder above is a file. On a disk that folds case
 * what stands there by another spelling is not meant, unless the index has it so.
 */
export async function findInTree(
  { root, journal }: Pick<ReleaseSite, 'root' | 'journal'>,
  path: SitePath,
): Promise<Stats | undefined> {
  try {
    if (root.foldsCase && !journal.index.entry(path) && root.otherSpelling(path) !== undefined) return undefined;
    return await root.stat(path);
  } catch (error) {
    if (error instanceof AppError && (error.code === 'file.not-found' || error.code === 'file.not-directory'))
      return undefined;
    throw error;
  }
}

function standingOf(info: Stats | undefined): Standing {
  if (!info) return 'none';
  return info.isDirectory() ? 'dir' : 'file';
}

function infoOf(name: string, node: Node): FileInfo | undefined {
  switch (node.kind) {
    case 'gone':
      return undefined;
    case 'dir':
      return { name, kind: 'dir', size: 0, mtime: node.mtime, mode: 0o755 };
    case 'file':
      return { name, kind: 'file', size: node.content.size, mtime: node.content.mtime, mode: 0o644 };
  }
}

import { lstatSync, type Stats } from 'node:fs';
import type { Content, Unnumbered } from '../../../../shared/domain/change.ts';
import { nameOf, parentOf, ROOT, type SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { createPace } from '../../core/pace.ts';
import type { Before } from '../../store/releases.ts';
import { fileError } from '../../tree/file-error.ts';
import { findStats } from '../../tree/find-stats.ts';
import { identityAt, type Step } from '../../tree/steps.ts';
import { isCurrent } from '../served.ts';
import { type Draft, findInTree } from './draft.ts';
import type { Node, Staged } from './overlay.ts';
import type { ChangeSet, ReleaseSite } from './release-site.ts';

/**
 * Compares a draft with the tree as it is now, under the site's lock. First goes what makes room for something of another
 * kind, then come folders, files (pages last, so that what they link to is there), and deletes, the deepest first.
 * A file that somebody else has replaced meanwhile is replaced again: the last commit wins. Throws `release.conflict` with
 * the path at which the draft does not fit into the tree any more.
 */
export async function changeSetOf(site: ReleaseSite, draft: Draft): Promise<ChangeSet> {
  const comparison = new Comparison(site, draft);
  const pace = createPace();
  for (const [path, node] of draft.overlay.entries()) {
    await comparison.add(path, node);
    await pace();
  }
  await comparison.addGone();
  return comparison.result();
}

/** In the order in which they are done. */
const PARTS = ['room', 'dir', 'file', 'page', 'gone'] as const;
type Part = (typeof PARTS)[number];

interface Work {
  readonly part: Part;
  readonly change: Unnumbered;
  /** Absent: the tree shows it already. */
  readonly step?: Step;
}

/** What the tree holds at a path. */
type Found =
  | { readonly kind: 'none' | 'dir' }
  | { readonly kind: 'file'; readonly content: Content; readonly seen: boolean };

class Comparison {
  readonly #site: ReleaseSite;
  readonly #draft: Draft;
  readonly #work: Work[] = [];
  readonly #keeps: Step[] = [];
  readonly #kept: Content[] = [];
  readonly #before: Before[] = [];
  readonly #folders = new Set<SitePath>([ROOT]);
  readonly #removed: SitePath[] = [];
  /** What is told of folders that came without FTP. */
  readonly #told = new Set<string>();

  constructor(site: ReleaseSite, draft: Draft) {
    this.#site = site;
    this.#draft = draft;
  }

  async add(path: SitePath, node: Node): Promise<void> {
    const found = await this.#find(path);
    const count = this.#work.length;
    if (found.kind !== 'none' && found.kind !== node.kind && found.kind !== node.over) throw conflict(path);
    if (node.kind !== 'gone') await this.#requireFolder(path);
    switch (node.kind) {
      case 'gone':
        await this.#remove(path, found, this.#makesRoom(path) ? 'room' : 'gone');
        break;
      case 'dir':
        if (found.kind === 'file') await this.#remove(path, found, 'room');
        if (found.kind !== 'dir') this.#do('dir', { op: 'mkdir', path }, { do: 'makeDir', path });
        // Somebody has made it without FTP meanwhile.
        else if (this.#site.journal.index.entry(path)?.kind !== 'dir')
          this.#work.push({ part: 'dir', change: { op: 'mkdir', path } });
        break;
      case 'file':
        await this.#put(path, node, found);
    }
    if (found.kind === 'file' || (found.kind === 'none' && node.kind !== 'gone')) this.#removeGone(path);
    if (this.#work.length > count) this.#before.push({ path, state: stateOf(found) });
  }

  /** What went without FTP of the folders that go, before them: see `goneBelow`. */
  async addGone(): Promise<void> {
    const gone = await this.#site.goneBelow(this.#removed);
    for (const change of gone.toReversed()) this.#work.push({ part: 'room', change });
  }

  result(): ChangeSet {
    const work = PARTS.flatMap((part) => {
      const own = this.#work.filter((each) => each.part === part);
      return part === 'room' || part === 'gone' ? own.toReversed() : own;
    });
    return {
      changes: work.map(({ change }) => change),
      steps: [...this.#keeps, ...work.flatMap(({ step }) => step ?? [])],
      kept: this.#kept,
      before: this.#before,
    };
  }

  async #put(path: SitePath, node: Extract<Node, { kind: 'file' }>, found: Found): Promise<void> {
    const { content, staged } = node;
    const part = /\.x?html?$/i.test(nameOf(path)) ? 'page' : 'file';
    const old = found.kind === 'file' ? found : undefined;
    if (staged === null) {
      if (!old) throw conflict(path);
      const { mtime } = content;
      if (old.seen && old.content.mtime === mtime) return;
      // The bytes are those that are there now, whoever has put them there.
      const refs = await this.#site.referencesOf(path, this.#site.root.plain(path));
      const change = { op: 'put' as const, path, ...old.content, mtime, ...(refs && { refs }) };
      this.#do(part, change, { do: 'touch', path, mtime, was: old.content.mtime });
      return;
    }
    const sameBytes = old?.content.sha256 === content.sha256;
    if (sameBytes && old?.seen && old.content.mtime === content.mtime) return;
    // What shares its bytes with a published file may have been written to.
    const info = this.#look(path, staged);
    if (info.size !== content.size || Math.round(info.mtimeMs) !== content.mtime) throw conflict(path);
    if (found.kind === 'dir') await this.#remove(path, found, 'room');
    else if (old && !sameBytes) await this.#keep(path, old.content);
    const { name } = this.#isElsewhere(staged, info) ? await this.#draft.own(path, node, staged) : staged;
    this.#do(part, { op: 'put', path, ...content }, { do: 'place', from: 'incoming', staged: name, path });
  }

  /** Somebody may have cleared our own folder. */
  #look(path: SitePath, { name }: Staged): Stats {
    try {
      return lstatSync(this.#site.incoming.absolute(name));
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /**
   * True where a staged file is another name of a published one, and somebody has renamed that meanwhile: it stays, and would get the time
   * of this one.
   */
  #isElsewhere({ shared }: Staged, { ino, nlink }: Stats): boolean {
    if (shared === undefined || nlink === 1) return false;
    return findStats(this.#site.root.plain(shared))?.ino !== ino;
  }

  /** A folder that went without FTP: mirrors have it still. */
  #removeGone(path: SitePath): void {
    if (this.#site.journal.index.entry(path)?.kind !== 'dir') return;
    this.#removed.push(path);
    this.#work.push({ part: 'room', change: { op: 'rmdir', path } });
  }

  async #remove(path: SitePath, found: Found, part: Part): Promise<void> {
    if (found.kind === 'none') return;
    if (found.kind === 'file') await this.#keep(path, found.content);
    else if (!(await this.#draft.isEmpty(path))) throw conflict(path);
    const identity = await identityAt(this.#site.root, path);
    if (found.kind === 'file') this.#do(part, { op: 'delete', path }, { do: 'remove', path, identity });
    else {
      this.#removed.push(path);
      this.#do(part, { op: 'rmdir', path }, { do: 'removeDir', path, identity });
    }
  }

  async #keep(path: SitePath, content: Content): Promise<void> {
    const step = await this.#site.versions.stepFor(path, content);
    if (!step) return;
    this.#keeps.push(step);
    this.#kept.push(content);
  }

  #do(part: Part, change: Unnumbered, step: Step): void {
    this.#work.push({ part, change, step });
  }

  async #find(path: SitePath): Promise<Found> {
    const info = await findInTree(this.#site, path);
    if (!info) return { kind: 'none' };
    return info.isDirectory() ? { kind: 'dir' } : this.#describe(path, info);
  }

  async #describe(path: SitePath, info: Stats): Promise<Found> {
    const { journal, hash } = this.#site;
    const seen = isCurrent(journal.index.entry(path), info);
    try {
      const content = { size: info.size, mtime: Math.round(info.mtimeMs), sha256: await hash(path) };
      return { kind: 'file', content, seen };
    } catch (error) {
      throw fileError(error, path);
    }
  }

  /** There has to be a folder above, or one is made. */
  async #requireFolder(path: SitePath): Promise<void> {
    const folder = parentOf(path);
    if (this.#folders.has(folder)) return;
    const node = this.#draft.overlay.get(folder);
    const kind = node ? node.kind : (await this.#find(folder)).kind;
    if (kind !== 'dir') throw conflict(path);
    this.#folders.add(folder);
    if (node) return;
    for (const change of await this.#site.newFolders(folder)) {
      const key = `${change.op} ${change.path}`;
      if (!this.#told.has(key)) this.#work.push({ part: change.op === 'delete' ? 'room' : 'dir', change });
      this.#told.add(key);
    }
  }

  /** It has to be away before a file takes the place of a folder above. */
  #makesRoom(path: SitePath): boolean {
    for (let above = parentOf(path); above !== ROOT; above = parentOf(above)) {
      if (this.#draft.overlay.get(above)?.kind === 'file') return true;
    }
    return false;
  }
}

function stateOf(found: Found): Before['state'] {
  switch (found.kind) {
    case 'none':
      return { kind: 'gone' };
    case 'dir':
      return { kind: 'dir' };
    case 'file':
      return { kind: 'file', content: found.content };
  }
}

function conflict(path: SitePath): AppError {
  return new AppError('release.conflict', { path });
}

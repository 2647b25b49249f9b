import { lstatSync, rmdirSync, unlinkSync } from 'node:fs';
import type { FollowConfig } from '../../../shared/contract/config.ts';
import type { WaitingAtMirror } from '../../../shared/contract/status.ts';
import type { Content, Millis, Present } from '../../../shared/domain/change.ts';
import { parentOf, RESERVED_FOLDER, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { mustAsk } from '../core/delete-guard.ts';
import type { Difference } from '../deep/checked-site.ts';
import type { DriftRow, DriftStore, Standing } from '../store/drift-store.ts';
import { isMasters, type MirrorState } from '../store/mirror-state.ts';
import type { Versions } from '../tree/versions.ts';
import { fileError, isNowhere, systemCode } from '../tree/file-error.ts';
import { hashFile } from '../tree/hash.ts';
import { linkOrCopy } from '../tree/link-or-copy.ts';
import { isSameTime } from '../tree/same-time.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { findIdentity } from '../tree/steps.ts';
import { isFailedFlush, syncFolder, unflushed } from '../tree/sync-file.ts';
import { join } from 'node:path';
import { findFile, isSpelledOtherwise, readStanding } from './survey.ts';

/** Begins no path of a site: the id of one file is this and its path, that of all of them this alone. */
export const DRIFT_ID = '/drift';
/** Told one by one, to people and to the master. */
const TOLD_MAX = 20;
/** Extra files that are kept, and then removed. */
const REMOVED_AT_ONCE = 200;

interface Kept {
  readonly path: SitePath;
  readonly content: Content;
  readonly identity: string;
}

export interface DriftOptions {
  readonly state: MirrorState;
  readonly root: SiteRoot;
  readonly versions: Versions;
  readonly store: DriftStore;
  readonly follow: () => FollowConfig;
  readonly now: () => Millis;
  /** A transfer has news. */
  readonly onTransfer: (id: number) => void;
}

/**
 * Files of a followed site that somebody else has changed or removed here. What becomes of them is set for each site: `report`
 * asks a person, `restore` fetches the master's again, `keep` leaves them until the master changes the file. The method
 * forbids looking for them while an update is carried out: they are noticed where a file is replaced, and by checks.
 */
export class Drift {
  readonly #options: DriftOptions;

  constructor(options: DriftOptions) {
    this.#options = options;
  }

  /** Sees to what a check has found of the tree. Resolves how many are mended, or being mended, and those that stay as they are. */
  async seeTo(found: readonly Difference[], mend: boolean): Promise<{ mended: number; kept: Difference[] }> {
    const { state, root, onTransfer } = this.#options;
    const setting = this.#options.follow().drift;
    const kept: Difference[] = [];
    let mended = 0;
    const transfers: number[] = [];
    const changed = new Set(
      found.flatMap(({ kind, entry }) => (entry?.kind === 'file' && kind !== 'missing' ? [entry.path] : [])),
    );
    const standing = mend || setting === 'restore' ? await readAll(root, [...changed]) : undefined;
    state.store.transaction(() => {
      for (const difference of found) {
        const { kind, entry } = difference;
        if (!entry || !isMasters(entry) || kind === 'unreadable' || state.wants.of(entry.path)) continue;
        // It could be read a moment ago. On a disk that folds case another one may have come in its place.
        const isUnread = standing && changed.has(entry.path) && !standing.has(entry.path);
        if (isUnread && !isSpelledOtherwise(root, entry.path)) continue;
        const known = state.entry(entry.path);
        if (known?.seq !== entry.seq) continue;
        if (this.#isKept(entry, setting, mend, kind)) kept.push(difference);
        else if (mend || setting === 'restore') {
          mended += 1;
          transfers.push(state.wantAgain(known, this.#options.now(), standing?.get(entry.path)));
        } else if (kind !== 'time') this.#note(entry.path, 'found');
      }
    });
    transfers.forEach(onTransfer);
    return { mended, kept };
  }

  /** What a person decides about, as far as it is told one by one; beyond that one for all of them. */
  waits(): WaitingAtMirror[] {
    const { store } = this.#options;
    const rows = store.in('found', TOLD_MAX);
    const [first] = rows;
    if (!first) return [];
    const all = rows.length < TOLD_MAX ? rows.length : store.countFound();
    const told = rows.map(({ path, standing, at }): WaitingAtMirror => {
      const code = standing ? 'drift.changed' : 'drift.missing';
      return { id: idOf(path), kind: 'drift', path, error: new AppError(code, { path }).toJSON(), since: at };
    });
    if (all <= TOLD_MAX) return told;
    const error = new AppError('drift.many', { count: all }).toJSON();
    return [{ id: DRIFT_ID, kind: 'drift', path: first.path, files: all, error, since: first.at }, ...told];
  }

  /**
   * `publish`: the master's file is fetched again; should the master delete it before, what stands there goes, too, and is kept.
   * `discard`: what stands there stays. False: there is nothing of that name.
   */
  async resolve(id: string, how: 'publish' | 'discard'): Promise<boolean> {
    const { state, root, store, now, onTransfer } = this.#options;
    const rows = store.in('found', Number.MAX_SAFE_INTEGER).filter(({ path }) => id === DRIFT_ID || id === idOf(path));
    if (rows.length === 0) return false;
    const paths = rows.map(({ path }) => path);
    const standing = how === 'publish' ? await readAll(root, paths) : undefined;
    const transfers = state.store.transaction(() =>
      paths.flatMap((path) => {
        // It may have been seen to meanwhile.
        if (store.open(path)?.state !== 'found') return [];
        const entry = state.entry(path);
        if (!entry || !isMasters(entry) || state.wants.of(path)) store.settle(path);
        else if (how === 'discard') this.#note(path, 'kept');
        else {
          store.settle(path);
          return [state.wantAgain(entry, now(), standing?.get(path))];
        }
        return [];
      }),
    );
    transfers.forEach(onTransfer);
    return true;
  }

  /** What was found, kept and replaced, so many of each at most. */
  list(limit: number): DriftRow[] {
    const { store } = this.#options;
    return [...store.in('found', limit), ...store.in('kept', limit), ...store.in('replaced', limit)];
  }

  /** Kept by the setting, or because a person has said so and it is still what it was then. */
  #isKept({ path }: Present, setting: FollowConfig['drift'], mend: boolean, kind: Difference['kind']): boolean {
    const { store } = this.#options;
    if (setting === 'keep') {
      if (kind !== 'time') this.#note(path, 'kept');
      return true;
    }
    const row = store.open(path);
    if (row?.state !== 'kept' || mend || setting === 'restore') return false;
    return isSame(row.standing, this.#standing(path));
  }

  #note(path: SitePath, state: 'found' | 'kept'): void {
    const { store, now } = this.#options;
    const standing = this.#standing(path);
    const before = store.open(path);
    // Since when it is known stays, while it is the same.
    if (before?.state === state && isSame(before.standing, standing)) return;
    store.note(path, state, standing, now());
  }

  #standing(path: SitePath): Standing | null {
    try {
      const info = lstatSync(this.#options.root.plain(path), { throwIfNoEntry: false });
      return info ? { size: info.size, mtime: Math.round(info.mtimeMs) } : null;
    } catch {
      return null;
    }
  }

  /** So many that the folder may hold something else as well. */
  isTooMuch(extra: number): boolean {
    const { state, follow } = this.#options;
    return mustAsk(extra, state.files(), follow().deleteGuard);
  }

  /**
   * Files that the master does not know are removed where this mirror is to be like it, and somebody has asked for it; each is
   * kept first, on disk. Folders that hold nothing then go with them. Not where it is too much, and not what cannot be kept or removed. How
   * many went. Rejects `disk.unflushed`: the disk may show them again.
   */
  async remove(extra: readonly SitePath[]): Promise<number> {
    if (this.#options.follow().drift !== 'restore' || this.isTooMuch(extra.length)) return 0;
    let removed = 0;
    const all = { count: 0, bytes: 0 };
    for (let start = 0; start < extra.length; start += REMOVED_AT_ONCE)
      removed += await this.#removeExtra(extra.slice(start, start + REMOVED_AT_ONCE), all);
    return removed;
  }

  /** `all`: what was kept for it so far. */
  async #removeExtra(extra: readonly SitePath[], all: { count: number; bytes: number }): Promise<number> {
    const { root, state, versions, store, now } = this.#options;
    const kept: Kept[] = [];
    for (const path of extra) {
      if (!this.#isNobodys(path)) continue;
      const one = await this.#keep(path, all);
      if (one) kept.push(one);
    }
    if (kept.length > 0) await this.#flush(root.versions, RESERVED_FOLDER);
    const folders = new Set<SitePath>();
    let removed = 0;
    for (const { path, content, identity } of kept) {
      if (!this.#isNobodys(path) || findIdentity(root.locate(path)) !== identity) continue;
      // Somebody is writing to it: what was kept is not what it is now.
      if (!isSame(content, this.#standing(path))) continue;
      state.store.transaction(() => {
        versions.note(content, now());
        store.noteReplaced(path, content, content.sha256, now());
      });
      try {
        unlinkSync(root.locate(path));
      } catch (error) {
        if (!(fileError(error, path) instanceof AppError)) throw error;
        store.forgetReplaced(path);
        continue;
      }
      folders.add(parentOf(path));
      removed += 1;
    }
    const hollow = [...folders, ...extra].toSorted((a, b) => b.length - a.length);
    const gone = new Set(hollow.flatMap((path) => this.#removeHollow(path)));
    for (const path of gone) folders.add(parentOf(path));
    for (const folder of folders) await this.#flush(root.plain(folder), folder);
    return removed + extra.filter((path) => gone.has(path)).length;
  }

  /** Undefined: there is no room for it, or it cannot be read. Then it stays, and stops nothing else. */
  async #keep(path: SitePath, all: { count: number; bytes: number }): Promise<Kept | undefined> {
    const { root, versions } = this.#options;
    try {
      const identity = findIdentity(root.locate(path));
      const content = await hashFile(root.plain(path));
      if (identity === undefined || !versions.fits(content, all)) return undefined;
      // To hash it may have taken a while.
      await linkOrCopy(root.locate(path), join(root.versions, content.sha256));
      all.count += 1;
      all.bytes += content.size;
      return { path, content, identity };
    } catch (error) {
      if (!(fileError(error, path) instanceof AppError)) throw error;
      return undefined;
    }
  }

  /** A folder with nothing in it of which nobody knows goes, and so do those above it. Those that went. */
  #removeHollow(folder: SitePath): SitePath[] {
    const { root, state } = this.#options;
    const gone: SitePath[] = [];
    for (let path = folder; path !== ROOT; path = parentOf(path)) {
      if (state.entry(path) || state.hasBelow(path) || state.wants.hasWithin(path)) break;
      try {
        rmdirSync(root.locate(path));
      } catch (error) {
        if (!(error instanceof AppError) && systemCode(error) === undefined) throw error;
        break;
      }
      gone.push(path);
    }
    return gone;
  }

  /** A file stands there of which neither the index nor the inbox knows. */
  #isNobodys(path: SitePath): boolean {
    const { root, state } = this.#options;
    if (state.entry(path) || state.wants.hasWithin(path)) return false;
    try {
      return findFile(root.locate(path)) !== undefined;
    } catch {
      // What is reached through a link is none of this site.
      return false;
    }
  }

  async #flush(absolute: string, path: string): Promise<void> {
    try {
      await syncFolder(absolute);
    } catch (error) {
      if (isNowhere(error)) return;
      if (!isFailedFlush(error)) throw fileError(error, path);
      this.#options.root.failedFlushes.note(error);
      throw unflushed(path, error);
    }
  }
}

/** What stands at these paths, as far as there is something that can be read. */
async function readAll(root: SiteRoot, paths: readonly SitePath[]): Promise<Map<SitePath, Content>> {
  const standing = new Map<SitePath, Content>();
  for (const path of paths) {
    const content = await readStanding(root, path);
    if (content) standing.set(path, content);
  }
  return standing;
}

function idOf(path: SitePath): string {
  return `${DRIFT_ID}/${path}`;
}

function isSame(a: Standing | null, b: Standing | null): boolean {
  return a === b || (a !== null && b !== null && a.size === b.size && isSameTime(a.mtime, b.mtime));
}

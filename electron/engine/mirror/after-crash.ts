import type { Content, Millis } from '../../../shared/domain/change.ts';
import { parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { createPace } from '../core/pace.ts';
import type { DriftStore } from '../store/drift-store.ts';
import { FOREIGN_SEQ, isMasters, type MirrorState } from '../store/mirror-state.ts';
import type { Instead } from '../tree/redo.ts';
import { isSameTime } from '../tree/same-time.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { findFile, isSpelledOtherwise, readStanding } from './survey.ts';

/** What a mirror sees to at its start, so that the index says of each path what stands there: what is judged later counts on it. */
export interface AfterCrash {
  readonly state: MirrorState;
  readonly drift: DriftStore;
  readonly root: SiteRoot;
  readonly now: () => Millis;
}

/**
 * Plans could not be rolled forward at these paths: what the index says is wanted again, and what stands there is noted until it comes.
 * What somebody has changed since it was done is left to what is set for that.
 */
export async function wantAgain(
  { state, root, drift, now }: AfterCrash,
  failed: ReadonlyMap<SitePath, Instead>,
): Promise<void> {
  const lost = [...failed.keys()].filter((path) => failed.get(path) !== 'changed');
  const standing = new Map<SitePath, Content>();
  const nothing = new Set<SitePath>();
  for (const path of lost) {
    const content = await readStanding(root, path);
    if (content) standing.set(path, content);
    else if (isSpelledOtherwise(root, path)) nothing.add(path);
    else if ((await root.statOrUndefined(path).catch(() => null)) === undefined) nothing.add(path);
  }
  state.store.transaction(() => {
    for (const path of lost) {
      const entry = state.entry(path);
      const want = state.wants.of(path);
      const content = standing.get(path);
      const isTheirs = failed.get(path) === 'theirs';
      if (isTheirs) drift.forgetReplaced(path);
      if (!entry) continue;
      if (!want && isMasters(entry)) state.wantAgain(entry, now());
      // A delete goes on with what stands there. Where nothing does the index says so: the delete may be overtaken.
      else if (want?.target.kind !== 'gone' || nothing.has(path)) state.dropEntry(path);
      // What is not the master's does not become so by that.
      const seq = isTheirs ? FOREIGN_SEQ : Math.min(entry.seq, 0);
      if (content) state.setEntry(path, { kind: 'file', ...content }, seq);
      // What cannot be looked at, or read, may be there: a delete has to see to it.
      else if (!nothing.has(path) && !state.entry(path)) state.setEntry(path, entry, seq);
    }
  });
}

/** Files that were put in their place when the crash came before that was noted: they are what is still wanted there. */
export async function notePlaced({ state, root }: AfterCrash): Promise<void> {
  const pace = createPace();
  const placed: [SitePath, Content][] = [];
  for (const { path, target } of state.wants.all()) {
    await pace();
    if (target.kind !== 'file') continue;
    const info = findFile(root.plain(path));
    if (Number(info?.size) !== target.size || !isSameTime(Math.round(Number(info?.mtimeNs) / 1e6), target.mtime))
      continue;
    const entry = state.entry(path);
    if (entry?.kind === 'dir' || (entry?.kind === 'file' && entry.sha256 === target.sha256)) continue;
    if ((await readStanding(root, path))?.sha256 === target.sha256) placed.push([path, target]);
  }
  if (placed.length > 0)
    state.store.transaction(() => placed.forEach(([path, content]) => noteStanding(state, path, content)));
}

/** Within a transaction: this stands there, whatever is wanted. */
export function noteStanding(state: MirrorState, path: SitePath, { size, mtime, sha256 }: Content): void {
  state.setEntry(path, { kind: 'file', size, mtime, sha256 }, 0);
  enterParents(state, path);
}

/** Within a transaction. Folders that come into being by themselves are in the index too, so that they can go again. */
export function enterParents(state: MirrorState, path: SitePath): void {
  for (let folder = parentOf(path); folder !== ROOT; folder = parentOf(folder)) {
    if (state.kindAt(folder) === 'dir') return;
    state.setEntry(folder, { kind: 'dir' }, 0);
  }
}

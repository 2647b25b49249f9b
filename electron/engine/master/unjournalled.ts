import type { Present, Unnumbered } from '../../../shared/domain/change.ts';
import { isWithin, parentOf, type SitePath } from '../../../shared/domain/site-path.ts';
import { createPace } from '../core/pace.ts';
import {
  arrivalOf,
  type ComparedSite,
  countFiles,
  foldersUnknown,
  missingAt,
  passGuard,
  removalOf,
  standing,
} from './compare.ts';

/*
 * What came or went without FTP where something is about to be changed, and the index does not know yet. It is journalled first: a mirror
 * that has still what went, or not yet what came, has no place for the change itself.
 */

/** All of it at `path` and above, before something is put there. */
export async function unjournalledAt(site: ComparedSite, path: SitePath): Promise<Unnumbered[]> {
  return [...(await newFolders(site, parentOf(path))), ...(await goneFolder(site, path))];
}

/** Whether there may be any: the index alone is asked. */
export function mayBeUnjournalled({ journal }: Pick<ComparedSite, 'journal'>, path: SitePath): boolean {
  return journal.index.entry(path)?.kind === 'dir' || foldersUnknown(journal.index, parentOf(path)).length > 0;
}

/**
 * Folders that came, from the outermost to `deepest`, and the file that one of them took the place of. A folder that a mirror made for what is
 * in it, and that the index does not hold, would stay there for good.
 */
export async function newFolders(site: ComparedSite, deepest: SitePath): Promise<Unnumbered[]> {
  const changes: Unnumbered[] = [];
  for (const unknown of foldersUnknown(site.journal.index, deepest)) {
    if (!(await standing(site, unknown.folder))?.isDirectory()) return [];
    changes.push(...arrivalOf(unknown));
  }
  return changes;
}

/** A folder at `path` that went, with all that was in it. Throws as `goneBelow`. */
export async function goneFolder(site: ComparedSite, path: SitePath): Promise<Unnumbered[]> {
  if (site.journal.index.entry(path)?.kind !== 'dir' || (await standing(site, path))?.isDirectory()) return [];
  return [...(await goneBelow(site, [path])), { op: 'rmdir', path }];
}

/**
 * What went below folders that are about to go, the deepest first: a mirror keeps a folder with something in it. Throws `guard.held` where it
 * is so much that a person must be asked.
 */
export async function goneBelow(site: ComparedSite, folders: readonly SitePath[]): Promise<Unnumbered[]> {
  const gone = new Map<SitePath, Present>();
  for (const folder of topmost(folders))
    for (const entry of await missingAt(site, folder, createPace()))
      if (entry.path !== folder) gone.set(entry.path, entry);
  const sorted = [...gone.values()].toSorted((a, b) => (a.path < b.path ? 1 : -1));
  passGuard(site, countFiles(sorted));
  return sorted.map(removalOf);
}

/** Of folders within each other the outer ones: everybody waits while what they hold is looked at. */
function topmost(folders: readonly SitePath[]): SitePath[] {
  const tops: SitePath[] = [];
  for (const folder of folders.toSorted((a, b) => (`${a}/` < `${b}/` ? -1 : 1))) {
    const top = tops.at(-1);
    if (top === undefined || !isWithin(folder, top)) tops.push(folder);
  }
  return tops;
}

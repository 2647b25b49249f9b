import type { Dirent } from 'node:fs';
import { childOf, isReserved, nameOf, parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { fileError, isNotFound } from '../tree/file-error.ts';
import { findExactStats } from '../tree/find-stats.ts';
import { showPath } from '../tree/show-path.ts';
import { readSiteFolder } from '../tree/site-name.ts';
import { isDoubtful, unfitOf } from '../tree/unfit-names.ts';
import type { CheckedSite, CheckOptions } from './checked-site.ts';

const PAGE = 500;

/**
 * Walks through the folders and names what the index does not know. What is left out here, and our own folder, are passed over;
 * of a folder that is not known the files are told that are in it, itself where it is empty.
 */
export async function findExtra(site: CheckedSite, { found, rest }: CheckOptions): Promise<void> {
  const folders: SitePath[] = [ROOT];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const items = await readFolder(site, folder, found);
    if (!items) continue;
    if (items.length === 0 && folder !== ROOT && isUnknown(site, folder)) await found({ kind: 'extra', path: folder });
    // What reads so may have other bytes: then nothing stands under this name, and its own is told as it can be written.
    const doubtful = items.filter(({ name }) => isDoubtful(name));
    for (const { path } of unfitOf(site.root, folder, doubtful))
      await found({ kind: 'extra', path: childOf(ROOT, showPath(path)) });
    for (const item of items) {
      await rest();
      const path = childOf(folder, item.name);
      if ((folder === ROOT && isReserved(item.name)) || site.ignores(path)) continue;
      if (item.isDirectory()) folders.push(path);
      else if (isUnknown(site, path))
        await found({ kind: site.mayHoldLinks && !item.isFile() ? 'special' : 'extra', path });
    }
  }
}

function isUnknown(site: CheckedSite, path: SitePath): boolean {
  if (site.entry(path) || site.isMoving(path) || isOtherSpelling(site, parentOf(path), nameOf(path))) return false;
  // It may have come or gone between the two looks.
  return identify(site, path) !== undefined && site.entry(path) === undefined;
}

/** Undefined: it is gone, or told as unreadable. */
async function readFolder(
  site: CheckedSite,
  folder: SitePath,
  found: CheckOptions['found'],
): Promise<Dirent[] | undefined> {
  try {
    return await readSiteFolder(await site.root.resolve(folder));
  } catch (error) {
    if (folder === ROOT) throw fileError(error, folder);
    if (!isNotFound(error)) await found({ kind: 'unreadable', path: folder });
    return undefined;
  }
}

/** On a disk that folds case: the index has it under another spelling, and it is the very same file. */
function isOtherSpelling(site: CheckedSite, folder: SitePath, name: string): boolean {
  const own = identify(site, childOf(folder, name));
  if (own === undefined) return false;
  const folded = fold(name);
  const prefix = folder === ROOT ? '' : `${folder}/`;
  if (!foldsCase(site, folder, name, own)) return false;
  for (let after: string = prefix; ; ) {
    const page = site.page(after, PAGE);
    for (const { path } of page) {
      if (!path.startsWith(prefix)) return false;
      const rest = path.slice(prefix.length);
      if (!rest.includes('/') && fold(rest) === folded && identify(site, path) === own) return true;
      after = path;
    }
    if (page.length < PAGE) return false;
  }
}

/** The disk takes the name in the other case for the same. */
function foldsCase(site: CheckedSite, folder: SitePath, name: string, own: string): boolean {
  const other = name === name.toUpperCase() ? name.toLowerCase() : name.toUpperCase();
  return other !== name && identify(site, childOf(folder, other)) === own;
}

function identify({ root }: CheckedSite, path: SitePath): string | undefined {
  const info = findExactStats(root.plain(path));
  return info && `${info.dev}-${info.ino}`;
}

function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

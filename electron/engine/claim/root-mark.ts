import { randomBytes } from 'node:crypto';
import type { Store } from '../store/open.ts';
import { textOrNull } from '../store/rows.ts';
import { claimFolder, noteOwner } from './claim-folder.ts';
import { readMark } from '../tree/read-mark.ts';
import type { Claimant } from './root-owner.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { writeMark } from '../tree/write-mark.ts';

/**
 * Holds a root against what the database knows of it, and against other installs. `fresh`: it is taken as it is, and so is one that the
 * database knows nothing of yet, or knows at another place. Rejects `site.root-other`: another disk, with another site on it, is at its
 * place; `site.root-taken`, `site.root-used`: it is another install's.
 */
export async function claimRoot(
  store: Store,
  site: string,
  root: SiteRoot,
  fresh: boolean,
  claimant?: Claimant,
): Promise<void> {
  const row = store.get('SELECT mark, root FROM site WHERE name = ?', site);
  const known = textOrNull(row?.['mark'] ?? null);
  const isAtPlace = row?.['root'] === root.folder;
  // A place that somebody has named is another matter than what is found at the one that was known.
  if (known !== null && !fresh && isAtPlace) {
    if (readMark(root.folder) !== known) throw root.other();
    if (claimant) await noteOwner(root.folder, site, claimant);
    root.expect(known);
    return;
  }
  if (claimant) {
    // A database that was put back from a backup knows the place, and not the mark.
    const knows = (mark: string): boolean => (isAtPlace && !fresh) || claimant.knows(mark);
    await claimFolder(root.folder, site, { claimant: { ...claimant, knows } });
  }
  const found = readMark(root.folder);
  const mark = found ?? randomBytes(16).toString('hex');
  if (found === undefined) await writeMark(root.folder, mark);
  store.run('UPDATE site SET mark = ?, root = ? WHERE name = ?', mark, root.folder, site);
  root.expect(mark);
}

/** It was moved here, or copied, with all that is in it. */
export function isFolderOf(store: Store, site: string, folder: string): boolean {
  const mark = textOrNull(store.get('SELECT mark FROM site WHERE name = ?', site)?.['mark'] ?? null);
  return mark !== null && readMark(folder) === mark;
}

/** What is there from now on counts as the site's: a person has said so. */
export function forgetMark(store: Store, site: string): void {
  store.run('UPDATE site SET mark = NULL WHERE name = ?', site);
}

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { Store } from '../store/open.ts';
import { textOrNull } from '../store/rows.ts';
import { fileError, systemCode } from './file-error.ts';
import type { SiteRoot } from './site-root.ts';
import { syncFolder } from './sync-file.ts';

const MARK = /^[0-9a-f]{32}$/;

/**
 * Holds a root against what the database knows of it. `fresh`: it is taken as it is, and so is one that the database knows
 * nothing of yet, or knows at another place. Rejects `site.root-other`: another disk, with another site on it, is at its place.
 */
export async function claimRoot(store: Store, site: string, root: SiteRoot, fresh: boolean): Promise<void> {
  const row = store.get('SELECT mark, root FROM site WHERE name = ?', site);
  const known = textOrNull(row?.['mark'] ?? null);
  const found = readMark(root.folder);
  // A place that somebody has named is another matter than what is found at the one that was known.
  if (known !== null && !fresh && row?.['root'] === root.folder) {
    if (found !== known) throw new AppError('site.root-other', { root: root.folder });
    root.expect(known);
    return;
  }
  const mark = found ?? (await writeMark(root.folder));
  store.run('UPDATE site SET mark = ?, root = ? WHERE name = ?', mark, root.folder, site);
  root.expect(mark);
}

/** What is there from now on counts as the site's: a person has said so. */
export function forgetMark(store: Store, site: string): void {
  store.run('UPDATE site SET mark = NULL WHERE name = ?', site);
}

/** Undefined where there is none, or none that can be read. */
export function readMark(folder: string): string | undefined {
  try {
    const text = readFileSync(join(folder, RESERVED_FOLDER, 'mark'), 'latin1')
      .slice(0, 64)
      .trim();
    return MARK.test(text) ? text : undefined;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}

async function writeMark(folder: string): Promise<string> {
  const mark = randomBytes(16).toString('hex');
  const file = join(folder, RESERVED_FOLDER, 'mark');
  try {
    const handle = await open(`${file}.part`, 'w', 0o600);
    try {
      await handle.writeFile(`${mark}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(`${file}.part`, file);
    // The database counts on it from here on.
    await syncFolder(join(folder, RESERVED_FOLDER));
  } catch (error) {
    // A later one would be taken for flushed, as it is there.
    await rm(file, { force: true });
    throw fileError(error, RESERVED_FOLDER);
  }
  return mark;
}

import { access, constants, opendir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { CallParams, CallResult } from '../../../shared/contract/calls.ts';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { requireFree } from './claim-folder.ts';
import { fileError, isNotFound, rootError } from '../tree/file-error.ts';
import { wholePath } from '../tree/whole-path.ts';
import { refuseClash } from './root-clash.ts';
import type { Claimant } from './root-owner.ts';

/** More than a person would want to see counted. */
const ENTRIES_MAX = 1000;

type Checked = CallResult<'folder.check'>;

/**
 * Whether a folder can be a site's: to be published as it stands, or to be filled by a mirror, which makes it where it is not
 * there. Writes nothing. `others`: folders that it must not overlap with. `claimant`: the install, where there is one already. Rejects
 * `site.root-clash`, `site.root-data`, `site.root-taken`, `site.root-used`, `site.root-denied`, `file.not-directory`, `file.*`.
 */
export async function checkFolder(
  { root, use, takeOver = false }: CallParams<'folder.check'>,
  others: readonly string[],
  claimant?: Claimant,
): Promise<Checked> {
  const folder = wholePath(root);
  const real = await realpath(folder).catch((error: unknown) => {
    if (isNotFound(error)) return undefined;
    throw fileError(error, folder);
  });
  if (real === undefined) {
    refuseClash(folder, others);
    // To be filled it would be made there.
    if (use === 'follow') {
      const above = await nearestFolder(folder);
      await requireWritable(above);
      await requireFree(join(await realpath(above), relative(above, folder)), { claimant, takeOver });
    }
    return { root: folder, is: 'absent', entries: 0 };
  }
  if (!(await stat(real)).isDirectory()) throw new AppError('file.not-directory', { path: folder });
  refuseClash(real, others);
  await requireFree(real, { claimant, takeOver });
  await requireWritable(real);
  const entries = await countEntries(real);
  return { root: real, is: entries === 0 ? 'empty' : 'filled', entries };
}

/** Up to the limit; what Lockstep keeps there itself does not count. */
async function countEntries(folder: string): Promise<number> {
  let count = 0;
  try {
    for await (const { name } of await opendir(folder)) {
      if (name !== RESERVED_FOLDER) count += 1;
      if (count >= ENTRIES_MAX) break;
    }
  } catch (error) {
    throw rootError(error, folder);
  }
  return count;
}

async function requireWritable(folder: string): Promise<void> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw rootError(error, folder);
  }
}

/** The folder in which the first of the missing ones would be made. */
async function nearestFolder(folder: string): Promise<string> {
  let at = dirname(folder);
  while (at !== dirname(at)) {
    const info = await stat(at).catch(() => undefined);
    if (info?.isDirectory()) return at;
    if (info !== undefined) throw new AppError('file.not-directory', { path: at });
    at = dirname(at);
  }
  return at;
}

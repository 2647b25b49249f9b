import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { RESERVED_FOLDER } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fileError, isNowhere } from './file-error.ts';

/** What Lockstep makes in the reserved folder of a site. */
const OWN_FOLDERS = ['incoming', 'staging', 'versions'] as const;

/**
 * Whether the root of a site has a reserved folder. It and those in it are folders, or not there yet: through a link in its place something
 * else would be written to, and removed. Rejects `site.reserved-taken`.
 */
export async function findReserved(root: string): Promise<boolean> {
  if (!(await isFolder(root, RESERVED_FOLDER))) return false;
  for (const own of OWN_FOLDERS) await isFolder(root, `${RESERVED_FOLDER}/${own}`);
  return true;
}

async function isFolder(root: string, path: string): Promise<boolean> {
  const info = await lstat(join(root, path)).catch((error: unknown) => {
    if (isNowhere(error)) return undefined;
    throw fileError(error, path);
  });
  if (info && !info.isDirectory()) throw new AppError('site.reserved-taken', { path, root });
  return info !== undefined;
}

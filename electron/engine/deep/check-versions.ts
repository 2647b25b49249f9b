import { join } from 'node:path';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import type { Versions } from '../tree/versions.ts';
import { fileError } from '../tree/file-error.ts';
import { hashFile } from '../tree/hash.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import type { CheckOptions } from './checked-site.ts';

const PAGE = 500;

/** Hashes what is kept for rollbacks. With `drop`, what is not what its name says is dropped: it is of no use to a rollback. */
export async function checkVersions(
  versions: Versions,
  root: SiteRoot,
  { tally, signal, rest, found }: CheckOptions,
  drop: boolean,
): Promise<void> {
  for (let after = ''; ; ) {
    const page = versions.hashesAfter(after, PAGE);
    for (const sha256 of page) {
      await rest();
      after = sha256;
      if (await isSound(join(root.versions, sha256), sha256, signal, rest)) continue;
      // It may have been dropped, or been kept anew, in the meantime.
      if (!versions.has(sha256) || (await isSound(join(root.versions, sha256), sha256, signal, rest))) continue;
      await found({ kind: 'version', path: sha256 as SitePath });
      if (!drop) continue;
      versions.discard(sha256);
      tally.mended += 1;
    }
    if (page.length < PAGE) return;
  }
}

async function isSound(
  absolute: string,
  sha256: string,
  signal: AbortSignal,
  rest: () => Promise<void>,
): Promise<boolean> {
  try {
    return (await hashFile(absolute, signal, rest)).sha256 === sha256;
  } catch (error) {
    signal.throwIfAborted();
    if (!(fileError(error, '') instanceof AppError)) throw error;
    return false;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { DifferenceKind } from '../../../shared/contract/deep.ts';
import type { Present } from '../../../shared/domain/change.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fileError } from '../tree/file-error.ts';
import { hashFile } from '../tree/hash.ts';
import { isSameTime } from '../tree/same-time.ts';
import type { CheckedSite, CheckOptions } from './checked-site.ts';

const PAGE = 500;
/** What differs is looked at again after this long, so often: an upload or a publication may just be on its way. */
const AGAIN_MILLIS = 150;
const AGAIN_TIMES = 4;

type Look = Extract<DifferenceKind, 'missing' | 'changed' | 'damaged' | 'time' | 'unreadable'>;

/**
 * Reads all that the index names and hashes it. What changes meanwhile is no difference: whatever does not fit is looked at
 * again, with the index of then. Rejects `site.root-missing`: without its folder nothing of a site is missing.
 */
export async function checkTree(site: CheckedSite, options: CheckOptions): Promise<void> {
  const { tally, signal, rest, found } = options;
  await site.root.check();
  tally.of = site.files();
  for (let after = ''; ; ) {
    const entries = site.page(after, PAGE);
    const last = entries.at(-1);
    if (!last) return;
    after = last.path;
    for (const entry of entries) {
      await rest();
      if (site.ignores(entry.path)) continue;
      const differs = await lookAt(site, entry, options);
      if (entry.kind === 'file') {
        tally.files += 1;
        tally.bytes += entry.size;
      }
      if (!differs) continue;
      const confirmed = await confirm(site, entry, options);
      if (confirmed === 'moving') tally.moving += 1;
      else if (confirmed) await found(confirmed);
      signal.throwIfAborted();
    }
  }
}

async function confirm(site: CheckedSite, { path }: Present, options: CheckOptions) {
  for (let time = 0; time < AGAIN_TIMES; time += 1) {
    await sleep(AGAIN_MILLIS, undefined, { signal: options.signal }).catch(() => options.signal.throwIfAborted());
    if (site.isMoving(path)) continue;
    const entry = site.entry(path);
    // It was deleted: what still stands there is found by the walk through the folders.
    if (!entry) return undefined;
    const kind = await lookAt(site, entry, options);
    if (!kind) return undefined;
    if (site.isMoving(path) || site.entry(path)?.seq !== entry.seq) continue;
    // A disk that was unmounted meanwhile shows an empty folder.
    await site.root.check();
    return { kind, path, entry };
  }
  return 'moving' as const;
}

async function lookAt(
  { root }: CheckedSite,
  entry: Present,
  { signal, rest }: CheckOptions,
): Promise<Look | undefined> {
  try {
    const info = await root.stat(entry.path);
    if (entry.kind === 'dir') return info.isDirectory() ? undefined : 'changed';
    if (!info.isFile() || info.size !== entry.size) return 'changed';
    const hashed = await hashFile(root.plain(entry.path), signal, rest);
    const sameTime = isSameTime(hashed.mtime, entry.mtime);
    if (hashed.sha256 !== entry.sha256) return sameTime ? 'damaged' : 'changed';
    return sameTime ? undefined : 'time';
  } catch (error) {
    signal.throwIfAborted();
    return kindOf(fileError(error, entry.path));
  }
}

function kindOf(error: unknown): Look {
  if (!(error instanceof AppError)) throw error;
  switch (error.code) {
    case 'file.not-found':
    case 'file.not-directory':
    case 'path.case-clash':
      return 'missing';
    case 'path.link':
      return 'changed';
    default:
      return 'unreadable';
  }
}

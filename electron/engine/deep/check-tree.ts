import { setTimeout as sleep } from 'node:timers/promises';
import type { DifferenceKind } from '../../../shared/contract/deep.ts';
import type { Present } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
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
 * again, with the index of then, a page together. `wait` rejects when the signal is aborted. Rejects `site.root-missing`: without
 * its folder nothing of a site is missing.
 */
export async function checkTree(site: CheckedSite, options: CheckOptions, wait = waitFor): Promise<void> {
  const { tally, rest } = options;
  await site.root.check();
  tally.of = site.files();
  for (let after = ''; ; ) {
    const entries = site.page(after, PAGE);
    const last = entries.at(-1);
    if (!last) return;
    after = last.path;
    const differing: SitePath[] = [];
    for (const entry of entries) {
      await rest();
      if (site.ignores(entry.path)) continue;
      if (await lookAt(site, entry, options)) differing.push(entry.path);
      if (entry.kind !== 'file') continue;
      tally.files += 1;
      tally.bytes += entry.size;
    }
    await confirm(site, differing, options, wait);
  }
}

/** Tells what is as it was each time that it was looked at; what was never still to be judged is moving. */
async function confirm(site: CheckedSite, paths: SitePath[], options: CheckOptions, wait: typeof waitFor) {
  let left = paths;
  for (let time = 0; left.length > 0 && time < AGAIN_TIMES; time += 1) {
    await wait(AGAIN_MILLIS, options.signal);
    const moving: SitePath[] = [];
    for (const path of left) {
      await options.rest();
      const judged = await judge(site, path, options);
      if (judged === 'moving') moving.push(path);
      else if (judged) await options.found(judged);
    }
    left = moving;
  }
  options.tally.moving += left.length;
}

async function judge(site: CheckedSite, path: SitePath, options: CheckOptions) {
  if (site.isMoving(path)) return 'moving' as const;
  const entry = site.entry(path);
  // It was deleted: what still stands there is found by the walk through the folders.
  if (!entry) return undefined;
  const kind = await lookAt(site, entry, options);
  if (!kind) return undefined;
  if (site.isMoving(path) || site.entry(path)?.seq !== entry.seq) return 'moving' as const;
  // A disk that was unmounted meanwhile shows an empty folder.
  await site.root.check();
  return { kind, path, entry };
}

async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
}

async function lookAt(
  { root, mayHoldLinks }: CheckedSite,
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
    return kindOf(fileError(error, entry.path), mayHoldLinks);
  }
}

function kindOf(error: unknown, mayHoldLinks: boolean): Look {
  if (!(error instanceof AppError)) throw error;
  switch (error.code) {
    case 'file.not-found':
    case 'file.not-directory':
    case 'path.case-clash':
      return 'missing';
    case 'path.link':
      // Where links are never published nothing of the site stands there, as a rescan sees it.
      return mayHoldLinks ? 'missing' : 'changed';
    default:
      return 'unreadable';
  }
}

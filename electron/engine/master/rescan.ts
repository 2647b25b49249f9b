import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Present, Unnumbered } from '../../../shared/domain/change.ts';
import { childOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import { fileError, isNotFound } from '../tree/file-error.ts';
import { hashFile } from '../tree/hash.ts';
import { isCurrent, isServed, type MasterSite } from './site.ts';

const BATCH = 500;
const BY = { account: 'scan' } as const;

export interface ScanOutcome {
  /** Files and folders in the tree. */
  readonly found: number;
  /** Changes journalled. */
  readonly changed: number;
  /** Names that cannot be published: links, special files, names that are not NFC or that no path may hold. */
  readonly skipped: readonly string[];
}

/**
 * Compares the tree with the index and journals what differs: changes that were made without FTP. Folders first, then files,
 * deletes last, the deepest first. What changes while it looks is looked at again under the site's lock.
 */
export async function rescan(site: MasterSite, signal?: AbortSignal): Promise<ScanOutcome> {
  const skipped: string[] = [];
  const seen = new Set<SitePath>();
  let changed = 0;
  let batch: Candidate[] = [];
  const flush = async (): Promise<void> => {
    const candidates = batch;
    batch = [];
    if (candidates.length > 0) changed += await site.record((entry) => confirm(site, candidates, entry), BY);
  };
  const folders: SitePath[] = [ROOT];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal?.throwIfAborted();
    for (const item of await readFolder(site, folder)) {
      const path = childOf(folder, item.name);
      if (!isServed(folder, item)) {
        if (folder !== ROOT || item.name !== '.lockstep') skipped.push(path);
        continue;
      }
      seen.add(path);
      if (item.isDirectory()) {
        folders.push(path);
        if (site.journal.entry(path)?.kind !== 'dir') batch.push({ path, kind: 'dir' });
      } else {
        const found = await look(site, path);
        if (found) batch.push(found);
      }
      if (batch.length >= BATCH) await flush();
    }
  }
  await flush();
  changed += await removeMissing(site, seen);
  return { found: seen.size, changed, skipped };
}

type Candidate =
  | { readonly path: SitePath; readonly kind: 'dir' }
  | {
      readonly path: SitePath;
      readonly kind: 'file';
      readonly sha256: string;
      readonly size: number;
      readonly mtime: number;
    };

async function readFolder(site: MasterSite, folder: SitePath) {
  try {
    return await readdir(await site.root.resolve(folder), { withFileTypes: true });
  } catch (error) {
    // It was removed while the scan ran: the change itself has been seen or is found next time.
    if (isNotFound(error) && folder !== ROOT) return [];
    throw fileError(error, folder);
  }
}

/** A file that the index does not know as it is. */
async function look(site: MasterSite, path: SitePath): Promise<Candidate | undefined> {
  try {
    const absolute = join(site.root.folder, path);
    if (isCurrent(site.journal.entry(path), await lstat(absolute))) return undefined;
    const { sha256, size, mtime } = await hashFile(absolute);
    return { path, kind: 'file', sha256, size, mtime };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw fileError(error, path);
  }
}

/** Under the site's lock: what is still as it was found, and still not in the index. */
async function confirm(
  site: MasterSite,
  candidates: readonly Candidate[],
  entry: (path: SitePath) => Present | undefined,
): Promise<Unnumbered[]> {
  const changes: Unnumbered[] = [];
  for (const candidate of candidates) {
    const { path } = candidate;
    const info = await site.root.statOrUndefined(path);
    const known = entry(path);
    if (candidate.kind === 'dir') {
      if (info?.isDirectory() && known?.kind !== 'dir') {
        if (known) changes.push({ op: 'delete', path });
        changes.push({ op: 'mkdir', path });
      }
      continue;
    }
    const { size, mtime, sha256 } = candidate;
    if (!info?.isFile() || info.size !== size || Math.round(info.mtimeMs) !== mtime) continue;
    if (!isCurrent(known, info)) changes.push({ op: 'put', path, size, mtime, sha256 });
  }
  return changes;
}

async function removeMissing(site: MasterSite, seen: ReadonlySet<SitePath>): Promise<number> {
  const missing = site.journal.below(ROOT).filter((entry) => !seen.has(entry.path));
  let removed = 0;
  for (let end = missing.length; end > 0; end -= BATCH) {
    const batch = missing.slice(Math.max(0, end - BATCH), end).reverse();
    removed += await site.record(async (entry) => {
      const changes: Unnumbered[] = [];
      for (const { path } of batch) {
        const known = entry(path);
        if (known && !(await site.root.statOrUndefined(path))) {
          changes.push({ op: known.kind === 'dir' ? 'rmdir' : 'delete', path });
        }
      }
      return changes;
    }, BY);
  }
  return removed;
}

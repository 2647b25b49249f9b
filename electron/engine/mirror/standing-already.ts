import { lstatSync, type Stats } from 'node:fs';
import type { LinkMessageOf } from '../../../shared/contract/link.ts';
import type { Millis } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { createPace, eachOf } from '../core/pace.ts';
import type { MirrorState } from '../store/mirror-state.ts';
import { hashFile } from '../tree/hash.ts';
import type { SiteRoot } from '../tree/site-root.ts';

type Entry = LinkMessageOf<'snapshotPage'>['entries'][number];

/** Files that are hashed at once. */
const HASHES = 4;

export interface StandingOptions {
  readonly state: MirrorState;
  readonly root: SiteRoot;
  readonly excludes: (path: SitePath) => boolean;
  /** What stands there is about to go. */
  readonly isPending: (path: SitePath) => boolean;
  readonly signal: AbortSignal;
}

/**
 * The paths of a snapshot's page at which this mirror knows of nothing, and what the master has stands there already: the folder,
 * or the file byte for byte with its time. Most of a site that came by another way (SPEC §6) is taken over like this,
 * a page at a time. Where anything is odd a path is left out: whatever is wrong shows when its file is put in place.
 */
export async function findStandingAlready(
  entries: readonly Entry[],
  { state, root, excludes, isPending, signal }: StandingOptions,
): Promise<ReadonlySet<SitePath>> {
  const found = new Set<SitePath>();
  if (root.trouble) return found;
  const unknown = state.store.reading(() =>
    entries.filter(({ path }) => !excludes(path) && !state.entry(path) && !state.wants.of(path) && !isPending(path)),
  );
  const pace = createPace(signal);
  await eachOf(unknown, HASHES, async (entry) => {
    await pace();
    if (await stands(root, entry, signal)) found.add(entry.path);
  });
  return found;
}

async function stands(root: SiteRoot, entry: Entry, signal: AbortSignal): Promise<boolean> {
  const { path } = entry;
  try {
    const info = lstatSync(root.plain(path), { throwIfNoEntry: false });
    // A time that is off by less than the disk can tell is set right with the others.
    const isAsTold = entry.kind === 'dir' ? info?.isDirectory() : info?.isFile() && hasSizeAndTime(info, entry);
    if (!isAsTold) return false;
    const absolute = root.locate(path);
    // On a disk that folds case it may be of another name.
    root.refuseOtherSpelling(path);
    return entry.kind === 'dir' || (await hashFile(absolute, signal)).sha256 === entry.sha256;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

function hasSizeAndTime(info: Stats, { size, mtime }: { readonly size: number; readonly mtime: Millis }): boolean {
  return info.size === size && Math.round(info.mtimeMs) === mtime;
}

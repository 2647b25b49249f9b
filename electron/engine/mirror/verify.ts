import type { Content, Millis, Present } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { isMasters, type MirrorState } from '../store/mirror-state.ts';
import { isHindrance } from '../tree/file-error.ts';
import { isUntouched } from '../tree/same-time.ts';
import type { SiteRoot } from '../tree/site-root.ts';
import { readStanding } from './survey.ts';

const BATCH = 500;

export interface VerifyOptions {
  readonly state: MirrorState;
  readonly root: SiteRoot;
  readonly now: () => Millis;
  /** A publication at this path is on its way: what stands there says nothing. */
  readonly isPending: (path: SitePath) => boolean;
  readonly onTransfer: (id: number) => void;
  /** Whatever somebody has made of it here stays. */
  readonly keeps: (path: SitePath) => boolean;
}

interface Lost {
  readonly entry: Present;
  /** The file that is there instead; one that cannot be read is left for another time. */
  readonly standing: Content | undefined;
}

/**
 * Compares what was published with what is there: files that somebody removed or changed are wanted again, as the master
 * has them, but for what is meant to be kept. Files that Lockstep did not put there are left alone. Rejects `site.root-missing`.
 */
export async function verify(options: VerifyOptions): Promise<{ found: number; changed: number }> {
  const { state, root } = options;
  await root.check();
  let found = 0;
  let changed = 0;
  for (let after = ''; ; ) {
    const entries = state.entriesAfter(after, BATCH);
    const last = entries.at(-1);
    if (!last) return { found, changed };
    after = last.path;
    found += entries.length;
    const lost: Lost[] = [];
    for (const entry of entries) {
      const there = isMasters(entry) ? await lookAt(root, entry) : 'as it was';
      if (there === 'as it was' || options.keeps(entry.path)) continue;
      const standing = there === 'another' ? await readStanding(root, entry.path) : undefined;
      if (there === 'nothing' || standing) lost.push({ entry, standing });
    }
    // A disk that was unmounted meanwhile shows an empty folder.
    if (lost.length > 0) await root.check();
    changed += wantAgain(options, lost);
  }
}

/** What a right, or the disk, lets nobody look at is not taken for gone: a delete that came then would find nothing to remove. */
async function lookAt(root: SiteRoot, entry: Present): Promise<'as it was' | 'another' | 'nothing'> {
  try {
    const info = await root.statOrUndefined(entry.path);
    // On a disk that folds case what has another spelling is another thing.
    if (!info || !root.hasName(entry.path)) return 'nothing';
    if (entry.kind === 'dir') return info.isDirectory() ? 'as it was' : 'nothing';
    if (!info.isFile()) return 'nothing';
    return isUntouched(info, entry) ? 'as it was' : 'another';
  } catch (error) {
    return isHindrance(error) ? 'as it was' : 'nothing';
  }
}

function wantAgain({ state, now, isPending, onTransfer }: VerifyOptions, lost: readonly Lost[]): number {
  return state.store.transaction(() => {
    let wanted = 0;
    for (const { entry, standing } of lost) {
      const { path, seq } = entry;
      // It may have been published anew since it was read.
      const known = state.entry(path);
      if (!known || known.seq !== seq || state.wants.of(path) || isPending(path)) continue;
      wanted += 1;
      onTransfer(state.wantAgain(known, now(), standing));
    }
    return wanted;
  });
}

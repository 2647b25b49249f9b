import type { Content, Millis, Present } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { isMasters, type MirrorState } from '../store/mirror-state.ts';
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
  /** The file that is there instead. */
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
      if (!isMasters(entry) || (await isThere(root, entry)) || options.keeps(entry.path)) continue;
      lost.push({ entry, standing: entry.kind === 'file' ? await readStanding(root, entry.path) : undefined });
    }
    // A disk that was unmounted meanwhile shows an empty folder.
    if (lost.length > 0) await root.check();
    changed += wantAgain(options, lost);
  }
}

async function isThere(root: SiteRoot, entry: Present): Promise<boolean> {
  const info = await root.statOrUndefined(entry.path).catch(() => undefined);
  if (entry.kind === 'dir') return info?.isDirectory() ?? false;
  return info !== undefined && isUntouched(info, entry);
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

import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { createPace } from '../../core/pace.ts';
import type { ReleaseChange } from '../../store/releases.ts';
import { findInTree } from './draft.ts';
import type { ReleaseSite } from './release-site.ts';
import { requireUnchanged } from './rollback.ts';

/** What taking a release back would do to each of its paths. */
export interface RollbackPlan {
  /** It made them: they go. */
  readonly removed: readonly SitePath[];
  /** It changed them: they are again what they were. */
  readonly restored: readonly SitePath[];
  /** It deleted them: they are there again. */
  readonly back: readonly SitePath[];
  /** Changed since: without `force` the rollback is refused, with it what was changed there is replaced. */
  readonly changedSince: readonly SitePath[];
  /** What stood there is kept nowhere: the rollback is refused. */
  readonly missing: readonly SitePath[];
}

/** Looks, and changes nothing. Rejects `release.unknown`. */
export async function previewRollback(site: ReleaseSite, id: number, signal?: AbortSignal): Promise<RollbackPlan> {
  if (!site.records.get(id)) throw new AppError('release.unknown', { release: id });
  const plan = { removed: [], restored: [], back: [], changedSince: [], missing: [] } as {
    -readonly [K in keyof RollbackPlan]: SitePath[];
  };
  const pace = createPace(signal);
  for (const change of site.records.changes(id)) {
    const { path, before } = change;
    if (before.kind === 'gone') plan.removed.push(path);
    else if (change.after?.kind === 'gone') plan.back.push(path);
    else plan.restored.push(path);
    if (await isChangedSince(site, id, change)) plan.changedSince.push(path);
    if (await isMissing(site, change)) plan.missing.push(path);
    await pace();
  }
  return plan;
}

async function isChangedSince(site: ReleaseSite, id: number, change: ReleaseChange): Promise<boolean> {
  try {
    await requireUnchanged(site, id, change);
    return false;
  } catch (error) {
    if (error instanceof AppError && error.code === 'release.changed-since') return true;
    throw error;
  }
}

/** By what is there, and its size: whether it is still what it was is found out when it is taken. */
async function isMissing(site: ReleaseSite, { path, before }: ReleaseChange): Promise<boolean> {
  if (before.kind !== 'file' || site.versions.seems(before.content)) return false;
  const { size, sha256 } = before.content;
  const entry = site.journal.index.entry(path);
  const here = entry?.kind === 'file' && entry.sha256 === sha256 ? [path] : [];
  for (const each of [...here, ...site.records.filesWith(sha256)]) {
    const info = await findInTree(site, each);
    if (info?.isFile() && info.size === size) return false;
  }
  return true;
}

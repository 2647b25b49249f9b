import type { SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { createPace } from '../../core/pace.ts';
import type { State } from '../../store/releases.ts';
import type { ReleaseSite } from './release-site.ts';

/** Paths that one comparison may have. */
const COMPARED_MAX = 10_000;

/** What stood at a path after each of two releases; absent: the journal does not reach back that far. */
export interface Compared {
  readonly path: SitePath;
  readonly from: State | undefined;
  readonly to: State | undefined;
}

/**
 * How the site of after the one release differs from that of after the other, by whichever change: in the order of the paths. A
 * folder that was moved as a whole is the folder, not each file in it. Rejects `release.unknown`, `limit.exceeded`.
 */
export async function compareReleases(
  { records }: ReleaseSite,
  from: number,
  to: number,
  signal?: AbortSignal,
): Promise<Compared[]> {
  for (const id of [from, to]) if (!records.get(id)) throw new AppError('release.unknown', { release: id });
  const [earlier, later] = [Math.min(from, to), Math.max(from, to)];
  const pace = createPace(signal);
  const after = new Map<SitePath, State>();
  for (const change of records.between(earlier, later)) {
    if (change.from !== undefined) after.set(change.from, { kind: 'gone' });
    after.set(change.path, change.state);
    if (after.size > COMPARED_MAX)
      throw new AppError('limit.exceeded', { limit: COMPARED_MAX, reason: 'so many paths are compared at most' });
    await pace();
  }
  const before = new Map<SitePath, State>();
  for (const change of records.between(0, earlier)) {
    if (change.from !== undefined && after.has(change.from)) before.set(change.from, { kind: 'gone' });
    if (after.has(change.path)) before.set(change.path, change.state);
    await pace();
  }
  const reachesBack = records.reachesBack();
  const known = (path: SitePath): State | undefined => before.get(path) ?? (reachesBack ? { kind: 'gone' } : undefined);
  return [...after]
    .map(
      ([path, state]): Compared =>
        from <= to ? { path, from: known(path), to: state } : { path, from: state, to: known(path) },
    )
    .filter((each) => !isSame(each.from, each.to))
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

function isSame(one: State | undefined, other: State | undefined): boolean {
  if (one === undefined || one.kind !== other?.kind) return false;
  return one.kind !== 'file' || other.kind !== 'file' || one.content.sha256 === other.content.sha256;
}

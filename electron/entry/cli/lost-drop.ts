import type { PublishJob } from '../../../shared/contract/publishing.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { withEngine } from './reach.ts';

/** Releases that are looked through, the newest first. */
const RELEASES_READ = 1000;

/** The Lockstep that had the drop is not there any more; or another one answers by now, which does not know it. */
export function isLost(error: unknown): boolean {
  return error instanceof AppError && ['node.not-running', 'console.refused', 'publish.unknown'].includes(error.code);
}

/**
 * What became of a drop when the Lockstep that had it was ended: the job as it is kept (it can go on), or as it is done, where the release
 * was published before that. Rejects `publish.interrupted` where nothing of it was, `publish.left` where nobody here knows.
 */
export async function findLostDrop(dataDir: string, job: PublishJob, cause: unknown): Promise<PublishJob> {
  const { id, to, name } = job;
  const found = await withEngine(dataDir, async (engine) => {
    const kept = (await engine.call('publish.list', {})).find((each) => each.id === id);
    if (kept || to.kind === 'target') return kept;
    const { site } = to;
    const releases = await engine.call('release.list', { limit: RELEASES_READ, ...(site !== undefined && { site }) });
    const published = releases.find(({ drop }) => drop === id);
    if (!published) return undefined;
    const { id: release, changes, at: endedAt } = published;
    return { ...job, endedAt, state: { is: 'done' as const, release, changes } };
  }).catch((error: unknown) => {
    throw new AppError('publish.left', { name }, error);
  });
  if (found) return found;
  if (to.kind === 'target') throw new AppError('publish.left', { name, target: to.target }, cause);
  throw new AppError('publish.interrupted', { name }, cause);
}

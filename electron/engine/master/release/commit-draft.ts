import { AppError } from '../../../../shared/errors/app-error.ts';
import type { Actor, CommittedRelease } from '../site-files.ts';
import { changeSetOf } from './change-set.ts';
import type { Draft } from './draft.ts';
import { LeftToStart } from '../../tree/left-to-start.ts';
import type { ReleaseOrder, ReleaseSite } from './release-site.ts';

/**
 * Makes a draft visible as one release. `check` is asked under the site's lock, right before. Rejects `release.empty` and
 * `release.conflict`; then nothing is visible, and the draft is what it was.
 */
export async function commitDraft(
  site: ReleaseSite,
  draft: Draft,
  order: ReleaseOrder,
  by: Actor,
  check: () => Promise<void> = () => Promise.resolve(),
): Promise<CommittedRelease> {
  // The names of what is staged have to be on disk before the journal counts on them.
  await draft.flush();
  const changes = await site
    .commit(order, by, async () => {
      await check();
      const set = await changeSetOf(site, draft);
      if (set.changes.length === 0) throw new AppError('release.empty');
      return set;
    })
    .catch((error: unknown) => {
      if (error instanceof LeftToStart) draft.leave();
      throw error;
    });
  return { id: changes.at(-1)?.seq ?? 0, changes: changes.length };
}

import type { Content } from '../../../../shared/domain/change.ts';
import type { SitePath } from '../../../../shared/domain/site-path.ts';
import type { Actor, CommittedRelease } from '../site-files.ts';
import { commitDraft } from './commit-draft.ts';
import { Draft } from './draft.ts';
import type { ReleaseSite } from './release-site.ts';
import { restore } from './rollback.ts';

/**
 * Puts a content that a path has held back, with its time, as a release of its own (which can be rolled back). Rejects
 * `release.version-missing` where its bytes are not kept, `file.is-directory`, and whatever a commit rejects.
 */
export async function restoreVersion(
  site: ReleaseSite,
  path: SitePath,
  content: Content,
  { by, title }: { readonly by: Actor; readonly title: string },
): Promise<CommittedRelease> {
  const draft = new Draft(site);
  try {
    await draft.checkTarget(path).catch(async (error: unknown) => {
      // Folders above it that are gone are made again.
      if (await draft.find(path)) throw error;
    });
    await restore(site, draft, { path, before: { kind: 'file', content }, after: undefined });
    return await commitDraft(site, draft, { title }, by);
  } finally {
    await draft.clear();
  }
}

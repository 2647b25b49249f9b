import type { Content } from '../../../../shared/domain/change.ts';
import { parentOf, ROOT, type SitePath } from '../../../../shared/domain/site-path.ts';
import { AppError } from '../../../../shared/errors/app-error.ts';
import { createPace } from '../../core/pace.ts';
import type { ReleaseChange } from '../../store/releases.ts';
import { fileError, isNotFound } from '../../tree/file-error.ts';
import { hashFile } from '../../tree/hash.ts';
import { copyWhole } from '../../tree/link-or-copy.ts';
import { setTime } from '../../tree/steps.ts';
import { syncFile } from '../../tree/sync-file.ts';
import { isCurrent } from '../served.ts';
import type { Actor, CommittedRelease, ReleaseOptions } from '../site-files.ts';
import { commitDraft } from './commit-draft.ts';
import { Draft, findInTree } from './draft.ts';
import type { ReleaseSite } from './release-site.ts';

export interface RollbackOptions extends ReleaseOptions {
  readonly by: Actor;
  /** Also where paths have been changed after the release. */
  readonly force?: boolean;
  /** Absent: that of the release, with a note. */
  readonly title?: string;
}

/**
 * Publishes what stood before a release, as a release of its own (which can be rolled back, too): the same bytes with the same
 * times, nothing where nothing was. Rejects `release.unknown`, `release.changed-since` and `release.version-missing` (with
 * `path`), and whatever a commit rejects.
 */
export async function rollback(
  site: ReleaseSite,
  id: number,
  options: RollbackOptions,
  signal?: AbortSignal,
): Promise<CommittedRelease> {
  const release = site.records.get(id);
  if (!release) throw new AppError('release.unknown', { release: id });
  const changes = site.records.changes(id);
  const check = async (): Promise<void> => {
    if (options.force !== true) for (const change of changes) await requireUnchanged(site, id, change);
  };
  await check();
  const draft = new Draft(site);
  const pace = createPace(signal);
  try {
    for (const change of changes.toReversed()) {
      await makeRoom(draft, change);
      await pace();
    }
    for (const change of changes) {
      await restore(site, draft, change);
      await pace();
    }
    const { by, together, title = `Back to before “${release.name}”` } = options;
    return await commitDraft(site, draft, { title, reverts: id, ...(together && { together }) }, by, check);
  } finally {
    await draft.clear();
  }
}

/** What has been changed without FTP is changed, too. */
export async function requireUnchanged(site: ReleaseSite, id: number, { path, after }: ReleaseChange): Promise<void> {
  const info = await findInTree(site, path);
  const entry = site.journal.index.entry(path);
  const asKnown = info?.isFile() ? isCurrent(entry, info) : entry?.kind === (info && 'dir');
  const changedAt = site.records.changedAt(path);
  // Rows of deletes are dropped with the journal's old part.
  const untouched = changedAt === undefined ? after === undefined || after.kind === 'gone' : changedAt <= id;
  if (!asKnown || !untouched) throw new AppError('release.changed-since', { path });
}

/** Removes what is not to be there, or is of another kind. A folder that others have put something into stays. */
async function makeRoom(draft: Draft, { path, before }: ReleaseChange): Promise<void> {
  const now = await draft.find(path);
  if (!now || now.kind === before.kind) return;
  if (now.kind === 'file') await draft.remove(path);
  else if (await draft.isEmpty(path)) await draft.removeDir(path);
}

/** What stood at a path is staged, with the folders above it. */
export async function restore(site: ReleaseSite, draft: Draft, { path, before }: ReleaseChange): Promise<void> {
  switch (before.kind) {
    case 'gone':
      return;
    case 'dir':
      return makeFolders(site, draft, path);
    case 'file':
      await makeFolders(site, draft, parentOf(path));
      await restoreFile(site, draft, path, before.content);
  }
}

async function makeFolders(site: ReleaseSite, draft: Draft, folder: SitePath): Promise<void> {
  if (folder === ROOT || (await draft.find(folder))?.kind === 'dir') return;
  await makeFolders(site, draft, parentOf(folder));
  await draft.makeDir(folder, site.clock.now());
}

async function restoreFile(site: ReleaseSite, draft: Draft, path: SitePath, content: Content): Promise<void> {
  const now = await draft.find(path);
  if (now?.kind === 'file' && now.size === content.size && (await site.hash(path)) === content.sha256) {
    await draft.touch(path, content.mtime);
    return;
  }
  const name = site.incoming.newReleaseName();
  const staged = site.incoming.absolute(name);
  try {
    if (!(await site.versions.take(content.sha256, staged)) && !(await takeFromTree(site, content, staged)))
      throw new AppError('release.version-missing', { path });
    setTime(staged, content.mtime);
    await syncFile(staged);
    await draft.put(path, name, content);
  } catch (error) {
    await site.incoming.drop(staged);
    throw fileError(error, path);
  }
}

/** The content may still be published under another name. */
async function takeFromTree(site: ReleaseSite, { sha256 }: Content, staged: string): Promise<boolean> {
  for (const path of site.records.filesWith(sha256)) {
    try {
      await copyWhole(await site.root.resolve(path), staged);
      if ((await hashFile(staged)).sha256 === sha256) return true;
      await site.incoming.drop(staged);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
  return false;
}

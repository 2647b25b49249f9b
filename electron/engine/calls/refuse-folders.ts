import type { SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';

/** What a pattern that is more than a name is written with. */
const WILDCARDS = /[*?[{(!\\]/;
const ANYWHERE = /^(?:\*\*\/)+/;

/**
 * Throws `glob.folder` where a pattern is the name of a folder that is there: it matches the folder and nothing in it, and who
 * writes `.git` means all of that. `before`: patterns that are in force already.
 */
export function refuseFolders(
  globs: readonly string[],
  before: readonly string[],
  entry: (path: SitePath) => { readonly kind: string } | undefined,
): void {
  const folder = globs.find((glob) => {
    const name = glob.replace(ANYWHERE, '');
    return !before.includes(glob) && !WILDCARDS.test(name) && entry(name as SitePath)?.kind === 'dir';
  });
  if (folder !== undefined) throw new AppError('glob.folder', { glob: folder });
}

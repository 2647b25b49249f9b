import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fileError, isNotFound } from './file-error.ts';

/** What stands in a site, holds it, or is it, is not published into it. Rejects `publish.own-folder`. */
export async function refuseOwnFolder(sources: readonly string[], site: string, root: string): Promise<void> {
  for (const source of sources) {
    const real = await realpath(source).catch((error: unknown) => {
      // Whoever reads it says so.
      if (isNotFound(error)) return undefined;
      throw fileError(error, source);
    });
    if (real !== undefined && overlaps(real, root)) throw new AppError('publish.own-folder', { path: source, site });
  }
}

/** `rules`: of the system's paths. On Windows there is no way from one drive to another. */
export function overlaps(
  one: string,
  other: string,
  rules: Pick<typeof path, 'relative' | 'sep' | 'isAbsolute'> = path,
) {
  return [rules.relative(one, other), rules.relative(other, one)].some(
    (way) => way.split(rules.sep)[0] !== '..' && !rules.isAbsolute(way),
  );
}

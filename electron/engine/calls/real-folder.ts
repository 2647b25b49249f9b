import { realpath, stat } from 'node:fs/promises';
import { AppError } from '../../../shared/errors/app-error.ts';
import { fileError, isNowhere, rootError } from '../tree/file-error.ts';
import { wholePath } from '../tree/whole-path.ts';

/** Without symbolic links. Rejects `site.no-folder`, `file.*`, `path.*`. */
export async function realFolder(folder: string): Promise<string> {
  const real = await realpath(wholePath(folder)).catch((error: unknown) => {
    // That it may not be looked at does not say that it is not there.
    throw isNowhere(error)
      ? new AppError('site.no-folder', { root: folder }, error)
      : rootError(fileError(error, folder), folder);
  });
  if (!(await stat(real)).isDirectory()) throw new AppError('file.not-directory', { path: folder });
  return real;
}

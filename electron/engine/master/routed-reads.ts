import { childOf, type SitePath } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { SiteReads } from './site-files.ts';

/**
 * What a mirror may read of a site: what its routes give it, asked anew each time (`gets`). All else is not there. Folders can be
 * entered by name all the same, as what is below one may be the mirror's, but are not listed.
 */
export function routedReads(files: SiteReads, gets: (path: SitePath) => boolean): SiteReads {
  const require = (path: SitePath): void => {
    if (!gets(path)) throw new AppError('file.not-found', { path });
  };
  return {
    async stat(path) {
      const info = await files.stat(path);
      if (info.kind === 'file') require(path);
      return info;
    },
    list: (folder, { wanted = () => true, ...options } = {}) =>
      files.list(folder, { ...options, wanted: (name) => wanted(name) && gets(childOf(folder, name)) }),
    async open(path) {
      require(path);
      return files.open(path);
    },
    async hash(path) {
      require(path);
      return files.hash(path);
    },
  };
}

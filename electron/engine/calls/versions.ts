import { nameOf } from '../../../shared/domain/site-path.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { versionAt, versionsOf } from '../store/file-versions.ts';
import { type CallContext, type HandlersOf, publishedSite } from './context.ts';
import { BY, releaseShown } from './releases.ts';

export function versionHandlers(context: CallContext): HandlersOf<'version'> {
  const { store } = context.node;
  return {
    'version.list': ({ site, path, limit }) => {
      const { journal } = publishedSite(context, site);
      const versions = versionsOf(store, journal.site, path, limit);
      // Of a file that is there the journal may not reach back so far.
      if (versions.length === 0 && journal.index.entry(path)?.kind !== 'file')
        throw new AppError('file.not-found', { path });
      return versions;
    },

    'version.restore': async ({ site, path, seq, name }) => {
      const published = publishedSite(context, site);
      const version = versionAt(store, published.journal.site, path, seq);
      if (!version) throw new AppError('release.version-missing', { path });
      const { size, mtime, sha256 } = version;
      const title = name ?? `Back to an earlier “${nameOf(path)}”`.slice(0, 200);
      const { id } = await published.files.releases.restoreVersion(path, { size, mtime, sha256 }, { by: BY, title });
      return releaseShown(context, published, id);
    },
  };
}

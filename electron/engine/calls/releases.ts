import type { CallResult } from '../../../shared/contract/calls.ts';
import {
  type Release as ReleaseShown,
  type ReleaseChange as ChangeShown,
  releaseName,
} from '../../../shared/contract/releases.ts';
import { AppError } from '../../../shared/errors/app-error.ts';
import { LOCAL_USER } from '../master/own-logins.ts';
import type { PublishedSite } from '../master/published-site.ts';
import type { Release, State } from '../store/releases.ts';
import { defined } from '../core/defined.ts';
import { type CallContext, type HandlersOf, publishedSite, publishing, siteNames } from './context.ts';

export const BY = { account: LOCAL_USER };

export function releaseHandlers(context: CallContext): HandlersOf<'release'> {
  const shown = (site: PublishedSite, id: number): ReleaseShown => releaseShown(context, site, id);
  return {
    'release.list': ({ site, limit }) => {
      publishing(context);
      const { siteFaults } = context.sources();
      // One that could not be opened says why, where it is asked for.
      const names = site === undefined ? siteNames(context).filter((name) => !siteFaults.has(name)) : [site];
      return names
        .flatMap((name) => {
          const published = publishedSite(context, name);
          return published.releases.list(limit).map((release) => show(context, name, release));
        })
        .toSorted((one, other) => other.at - one.at)
        .slice(0, limit);
    },

    'release.show': ({ site, release }) => {
      const published = publishedSite(context, site);
      const changeList = published.releases
        .changes(release)
        .map(
          ({ path, before, after }): ChangeShown =>
            defined({ path, before: flat(before), after: after && flat(after) }),
        );
      return { ...shown(published, release), changeList };
    },

    'release.publish': async ({ site, folder, name: title, dryRun, into, only, together, ...options }) => {
      if (only && options.delete)
        throw new AppError('call.invalid', {
          name: 'release.publish',
          key: 'only',
          issue: 'not-with-delete',
        });
      const name = releaseName.safeParse(title);
      if (!name.success) throw new AppError('release.bad-name');
      const published = publishedSite(context, site);
      const { releases } = published.files;
      const order = { ...options, ...defined({ into, only, together }), title: name.data, by: BY };
      if (dryRun) return { plan: await releases.planFolder(folder, order) };
      const { plan, release } = await releases.publishFolder(folder, order);
      return { plan, ...(release && { release: shown(published, release.id) }) };
    },

    'release.rollback': async ({ site, release, force, together }) => {
      const published = publishedSite(context, site);
      const { id } = await published.files.releases.rollback(release, { force, by: BY, ...defined({ together }) });
      return shown(published, id);
    },

    'release.preview': ({ site, release }) => publishedSite(context, site).files.releases.previewRollback(release),

    'release.compare': async ({ site, from, to }) => {
      const published = publishedSite(context, site);
      const compared = await published.files.releases.compare(from, to);
      return {
        from: shown(published, from),
        to: shown(published, to),
        changeList: compared.map(({ path, from: was, to: is }) =>
          defined({ path, from: was && flat(was), to: is && flat(is) }),
        ),
      };
    },

    'release.go': ({ site, release }) => {
      const published = publishedSite(context, site);
      if (!shown(published, release).together) throw new AppError('release.no-word', { release });
      published.word.give(release);
      return shown(published, release);
    },
  };
}

/** Throws `release.unknown`. */
export function releaseShown(context: CallContext, site: PublishedSite, id: number): ReleaseShown {
  const release = site.releases.get(id);
  if (!release) throw new AppError('release.unknown', { release: id });
  return show(context, site.name, release);
}

function show({ node }: CallContext, site: string, release: Release): CallResult<'release.list'>[number] {
  const { id, name, at, account, drop, changes, reverts, together, goAt, peers, convergedAfter, skew } = release;
  return defined({
    site,
    id,
    name,
    at,
    by: account,
    drop,
    changes,
    reverts,
    together,
    goAt,
    peers: peers.map(({ peer, readyAt, publishedAt }) =>
      defined({ peer: node.peers.nameOf(peer), readyAt, publishedAt }),
    ),
    convergedMillis: convergedAfter,
    // Of one mirror alone, or of some of several, it would say nothing.
    skewMillis: convergedAfter === undefined || peers.length < 2 ? undefined : skew,
  });
}

function flat(state: State): ChangeShown['before'] {
  if (state.kind !== 'file') return { kind: state.kind };
  const { size, mtime, sha256 } = state.content;
  return { kind: 'file', size, mtime, sha256 };
}

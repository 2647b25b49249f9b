import { useEffect, useState } from 'react';
import type { CallResult } from '../../../shared/contract/calls.ts';
import type { Status } from '../../../shared/contract/status.ts';
import { globProblem } from '../../../shared/domain/glob.ts';
import { toGlob } from '../../features/history/filter.ts';
import { useSelectedSite } from '../../stores/use-selected-site.ts';
import { useBridge } from '../../bridge/bridge-context.ts';
import { go } from '../../stores/location.ts';
import type { Command } from './command.ts';

/** While somebody types the engine is not asked for each letter. */
const TYPING_MILLIS = 150;
/** Of fewer letters nearly every path would be one. */
const PATH_LETTERS_MIN = 2;
const PATHS_SHOWN = 8;
const CHANGES_READ = 60;
const RELEASES_READ = 200;

interface Elsewhere {
  readonly found: readonly Command[];
  /** It is still being looked for. */
  readonly isLooking: boolean;
}

/** What the engine knows by name: groups and releases of the site, and paths in its history. Each is asked for a bounded part. */
export function useElsewhere(status: Status, typed: string): Elsewhere {
  const site = useSelectedSite(status)?.name;
  const byName = useGroupsAndReleases(site, status.node.role);
  const paths = usePaths(site, typed);
  return { found: [...byName, ...paths.found], isLooking: paths.isLooking };
}

function useGroupsAndReleases(site: string | undefined, role: Status['node']['role']): readonly Command[] {
  const bridge = useBridge();
  const [groups, setGroups] = useState<CallResult<'group.list'>>([]);
  const [releases, setReleases] = useState<CallResult<'release.list'>>([]);
  useEffect(() => {
    let isWanted = true;
    const take = <T>(asked: Promise<T>, into: (value: T) => void): void => {
      // What the engine does not tell now is not found now.
      asked.then((value) => isWanted && into(value)).catch(() => undefined);
    };
    if (site !== undefined) {
      take(bridge.call('group.list', { site }), setGroups);
      if (role === 'master') take(bridge.call('release.list', { site, limit: RELEASES_READ }), setReleases);
    }
    return () => {
      isWanted = false;
    };
  }, [bridge, site, role]);
  return [
    ...groups.map(
      ({ name }): Command => ({
        id: `group-${name}`,
        kind: 'group',
        name,
        run: () => go('together', 'groups'),
      }),
    ),
    ...releases.map(
      ({ id, name }): Command => ({
        id: `release-${id}`,
        kind: 'release',
        name,
        run: () => go('together', 'releases', String(id)),
      }),
    ),
  ];
}

function usePaths(site: string | undefined, typed: string): Elsewhere {
  const bridge = useBridge();
  const [told, setTold] = useState<{ typed: string; paths: readonly string[] }>({ typed: '', paths: [] });
  const glob = typed.trim().length < PATH_LETTERS_MIN ? undefined : toGlob(typed.trim());
  const asked = site === undefined || glob === undefined || globProblem(glob) !== undefined ? undefined : glob;
  useEffect(() => {
    if (asked === undefined || site === undefined) return undefined;
    let isWanted = true;
    const ask = async (): Promise<void> => {
      const { rows } = await bridge.call('history.page', { site, glob: asked, limit: CHANGES_READ });
      const paths = [...new Set(rows.map(({ path }): string => path))].slice(0, PATHS_SHOWN);
      if (isWanted) setTold({ typed, paths });
    };
    const timer = setTimeout(() => void ask().catch(() => isWanted && setTold({ typed, paths: [] })), TYPING_MILLIS);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [bridge, site, asked, typed]);
  if (asked === undefined) return { found: [], isLooking: false };
  return {
    found: told.paths.map(
      (path): Command => ({ id: `path-${path}`, kind: 'path', name: path, run: () => go('history', '-', '-', path) }),
    ),
    isLooking: told.typed !== typed,
  };
}

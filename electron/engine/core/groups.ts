import type { FileGroup } from '../../../shared/contract/rules.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { compileGlob, isGlob } from './routes.ts';

/** A path is in `group` because it matches `member`, one of the texts of `group.members`. */
export interface Membership {
  readonly group: FileGroup;
  readonly member: string;
}

/** The groups that a path is in, once for each member text that matches, in the order of the rules. */
export type GroupsOf = (path: SitePath) => readonly Membership[];

/** A member without glob characters is a path, and matches nothing else. */
export function compileGroups(groups: readonly FileGroup[]): GroupsOf {
  if (groups.length === 0) return () => NONE;
  const named = new Index();
  // Globs below a folder that they name are looked at for paths in that folder only.
  const [below, anywhere] = [new Index(), [] as Candidate[]];
  let rank = 0;
  for (const group of groups) {
    for (const member of group.members) {
      const path = pathOfMember(member);
      const candidate = { rank: rank++, membership: { group, member } };
      if (path !== undefined) {
        named.add(path, { ...candidate, matches: () => true });
        continue;
      }
      const glob = { ...candidate, matches: compileGlob(member) };
      const folder = firstFolder(member);
      if (folder === undefined) anywhere.push(glob);
      else below.add(folder, glob);
    }
  }
  return (path) => {
    const candidates = [...named.get(path), ...below.get(firstSegment(path)), ...anywhere];
    const found = candidates.filter(({ matches }) => matches(path));
    return found.length === 0 ? NONE : found.toSorted((a, b) => a.rank - b.rank).map(({ membership }) => membership);
  };
}

/** The path that a member, or the glob of a set link, names; undefined: it has glob characters. */
export function pathOfMember(member: string): SitePath | undefined {
  return isGlob(member) ? undefined : (member as SitePath);
}

interface Candidate {
  readonly rank: number;
  readonly membership: Membership;
  readonly matches: (path: string) => boolean;
}

class Index {
  readonly #found = new Map<string, Candidate[]>();

  add(key: string, candidate: Candidate): void {
    const known = this.#found.get(key);
    if (known) known.push(candidate);
    else this.#found.set(key, [candidate]);
  }

  get(key: string): readonly Candidate[] {
    return this.#found.get(key) ?? [];
  }
}

const NONE: readonly Membership[] = [];

/** The folder at the top that each path which matches is in, or is; undefined: there are several, or none. */
function firstFolder(glob: string): string | undefined {
  return /^([^/*?[\]{}()!+@\\|]+)\//.exec(glob)?.[1];
}

function firstSegment(path: SitePath): string {
  const slash = path.indexOf('/');
  return slash < 0 ? path : path.slice(0, slash);
}

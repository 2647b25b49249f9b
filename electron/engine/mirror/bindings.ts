import { DEFAULT_RULES, type SiteRules } from '../../../shared/contract/rules.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';
import { compileGroups } from '../core/groups.ts';
import { compileGlob, isGlob } from '../core/routes.ts';
import type { Want } from '../core/want.ts';
import type { MirrorState } from '../store/mirror-state.ts';

/** Files of one content that are looked at where one of them goes. */
const ALIKE_MAX = 20;

/** The master's rules, as far as they concern this mirror, and what may have to wait by them. */
export class Bindings {
  readonly #state: MirrorState;
  readonly #excludes: (path: SitePath) => boolean;
  #rules: SiteRules = DEFAULT_RULES;
  /** The same as long as not all is known here that the publisher has committed. */
  #rulesAhead: SiteRules = DEFAULT_RULES;
  #groupsOf: ReturnType<typeof compileGroups> = () => [];
  #setLinks: ReadonlyArray<(path: string) => boolean> = [];

  constructor(state: MirrorState, excludes: (path: SitePath) => boolean) {
    this.#state = state;
    this.#excludes = excludes;
  }

  /** The rules are those that the database has now. */
  compile(): void {
    const { rules } = this.#state.belonging;
    // Members that this mirror leaves out never come.
    const groups = rules.groups.flatMap((group) => {
      const members = group.members.filter((member) => isGlob(member) || !this.#excludes(member as SitePath));
      return members.length === 0 ? [] : [{ ...group, members }];
    });
    this.#rules = { ...rules, groups };
    this.#rulesAhead = {
      ...rules,
      groups: groups.map((group) => (group.committed > this.#state.cursor ? { ...group, committed: 0 } : group)),
    };
    this.#groupsOf = compileGroups(groups);
    this.#setLinks = rules.links.set.map(({ glob }) => compileGlob(glob));
  }

  /**
   * A link begins with the rules of today, and the changes that were missed come after them: a part of what a commit covers
   * is not all of it.
   */
  get inForce(): SiteRules {
    const { cursor } = this.#state;
    return this.#rules.groups.some(({ committed }) => committed > cursor) ? this.#rulesAhead : this.#rules;
  }

  /** The groups that a path is a member of. */
  groupsOf(path: SitePath): ReturnType<ReturnType<typeof compileGroups>> {
    return this.#groupsOf(path);
  }

  /** A change that may have to wait. All others are published as soon as they are here. */
  isBound({ path, target, release }: Want): boolean {
    const { links } = this.#rules;
    if (release !== null || this.#groupsOf(path).length > 0) return true;
    if (target.kind === 'gone')
      return (
        (links.wait && this.#state.links.isLinked(path, links.index)) ||
        this.movedTo(path).length > 0 ||
        // A file comes where the folder is that it is in: others may have to wait with that file.
        this.#state.wants.isFileAbove(path)
      );
    // And where a file is, what is to be in the folder that takes its place.
    if (target.kind === 'dir') return this.#state.kindAt(path) === 'file';
    return (links.wait && (target.refs ?? []).length > 0) || this.#setLinks.some((matches) => matches(path));
  }

  /** Files with the content of the one that is published at `path` that may have to wait: all others are there before a delete is picked. */
  movedTo(path: SitePath): SitePath[] {
    const sha256 = this.#state.hashAt(path);
    if (sha256 === undefined) return [];
    return this.#state.wants
      .withHash(sha256, ALIKE_MAX)
      .flatMap((want) => (this.isBound(want) && !isInItsWay(want) ? [want.path] : []));
  }
}

/** On a disk that takes both spellings of a name for one it is the old one that has to go first. */
function isInItsWay({ error }: Want): boolean {
  return error?.code === 'path.case-clash';
}

import type { SiteRules } from '../../../shared/contract/rules.ts';
import { type Reference, referencesTo } from '../../../shared/domain/reference.ts';
import { parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import type { Ready } from './ready.ts';

/** `anything`: what it is cannot be told one by one. */
export type Appearing = readonly Ready[] | 'anything';

/** What was to appear, and does not: whoever comes after it and may have been planned to count on it waits for another plan. */
export class NotShown {
  readonly #links: SiteRules['links'];
  #isAnything = false;
  readonly #releases = new Set<number>();
  readonly #paths = new Set<SitePath>();
  readonly #above = new Set<SitePath>();
  readonly #references = new Set<Reference>();

  constructor({ links }: SiteRules) {
    this.#links = links;
  }

  get isNothing(): boolean {
    return !this.#isAnything && this.#paths.size === 0;
  }

  /** False: a set without deletes and folders, of which no file links to what is not shown, lies above or below it, or is of its release. What counts on it is not shown either. */
  takesAlong(ready: readonly Ready[]): boolean {
    const counts = !this.isNothing && ready.some((each) => this.#isCountedOn(each));
    if (counts) this.add(ready);
    return counts;
  }

  add(ready: Appearing): void {
    if (ready === 'anything') this.#isAnything = true;
    else for (const each of ready) this.#add(each);
  }

  #isCountedOn({ want: { path, target, release } }: Ready): boolean {
    const { set, wait } = this.#links;
    // What goes first of a release makes room for the rest.
    if (release !== null && this.#releases.has(release)) return true;
    if (this.#isAnything || target.kind !== 'file' || set.length > 0 || this.#above.has(path)) return true;
    for (let at = path; at !== ROOT; at = parentOf(at)) if (this.#paths.has(at)) return true;
    return wait && (target.refs ?? []).some((each) => this.#references.has(each));
  }

  #add({ want: { path, release } }: Ready): void {
    this.#paths.add(path);
    if (release !== null) this.#releases.add(release);
    for (const each of referencesTo(path, this.#links.index)) this.#references.add(each);
    for (let at = parentOf(path); at !== ROOT && !this.#above.has(at); at = parentOf(at)) this.#above.add(at);
  }
}

import type { SiteRules } from '../../../shared/contract/rules.ts';
import { type Reference, referencesTo } from '../../../shared/domain/reference.ts';
import { parentOf, ROOT, type SitePath } from '../../../shared/domain/site-path.ts';
import type { Ready } from './ready.ts';

/** What was to appear, and does not: whoever comes after it and may have been planned to count on it waits for another plan. */
export class NotShown {
  readonly #links: SiteRules['links'];
  readonly #paths = new Set<SitePath>();
  readonly #above = new Set<SitePath>();
  readonly #references = new Set<Reference>();

  constructor({ links }: SiteRules, ready: readonly Ready[]) {
    this.#links = links;
    this.#add(ready);
  }

  /** False: a set without deletes and folders, of which no file links to what is not shown, or lies above or below it. What counts on it is not shown either. */
  takesAlong(ready: readonly Ready[]): boolean {
    const counts = ready.some((each) => this.#isCountedOn(each));
    if (counts) this.#add(ready);
    return counts;
  }

  #isCountedOn({ want: { path, target } }: Ready): boolean {
    const { set, wait } = this.#links;
    if (target.kind !== 'file' || set.length > 0 || this.#above.has(path)) return true;
    for (let at = path; at !== ROOT; at = parentOf(at)) if (this.#paths.has(at)) return true;
    return wait && (target.refs ?? []).some((each) => this.#references.has(each));
  }

  #add(ready: readonly Ready[]): void {
    for (const { want } of ready) {
      this.#paths.add(want.path);
      for (const each of referencesTo(want.path, this.#links.index)) this.#references.add(each);
      for (let at = parentOf(want.path); at !== ROOT && !this.#above.has(at); at = parentOf(at)) this.#above.add(at);
    }
  }
}

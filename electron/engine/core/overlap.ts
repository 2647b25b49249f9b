import type { ReleaseTag } from '../../../shared/domain/change.ts';
import type { SitePath } from '../../../shared/domain/site-path.ts';

/** That a release has changed a path. */
export interface ReleaseChange {
  readonly path: SitePath;
  readonly release: ReleaseTag;
}

/**
 * Where releases that a mirror has missed go on. Of a path only the latest change is told, so releases that have a path in
 * common, be it by way of others, are one set: the newest of them, as if each had been heard in its time (`Belonging.merge`).
 * By release id. `changes`: those of a path one after the other.
 */
export function joinOverlapping(changes: Iterable<ReleaseChange>): ReadonlyMap<number, ReleaseTag> {
  const parents = new Map<number, number>();
  const tags = new Map<number, ReleaseTag>();
  const newest = (id: number): number => {
    let at = id;
    for (let above = parents.get(at) ?? at; above !== at; above = parents.get(at) ?? at) {
      const next = parents.get(above) ?? above;
      parents.set(at, next);
      at = next;
    }
    return at;
  };
  let before: ReleaseChange | undefined;
  for (const change of changes) {
    tags.set(change.release.last, change.release);
    if (before?.path === change.path) {
      const [one, other] = [newest(before.release.last), newest(change.release.last)];
      parents.set(Math.min(one, other), Math.max(one, other));
    }
    before = change;
  }
  return new Map([...tags].map(([id, own]) => [id, tags.get(newest(id)) ?? own]));
}

import { type LinkMessageOf, RELEASES_JOINED_MAX } from '../../../../shared/contract/link.ts';
import type { ReleaseTag } from '../../../../shared/domain/change.ts';

/** By release, the one that it goes on in; see `Journal.overlapsAfter`. */
export type Overlaps = ReadonlyMap<number, ReleaseTag>;

/** `since`: up to there the mirror knows everything. `heardSince`: of releases after that it may hold a part that waits. */
export interface Missed {
  readonly since: number;
  readonly heardSince: number;
}

export type Joined = NonNullable<LinkMessageOf<'notify'>['joined']>[number];

/**
 * All releases that were missed appear together, once all of the catch-up or snapshot is there: a later change may have overtaken
 * a part. Those whose word is still to be given wait for it, with those that overlap with them; where a newer one that waits for
 * no word has overtaken a part, all of it is shown with that one.
 */
export function mergeReleases<T extends { readonly release?: ReleaseTag | undefined }>(
  told: T,
  head: number,
  overlaps: Overlaps,
  missed: Missed = { since: 0, heardSince: 0 },
): T {
  const { release } = told;
  // What was committed after a snapshot was begun is told to the end by the catch-up after it.
  if (!release || release.last > head) return told;
  // It was not missed. What a snapshot told of those that wait for no word was one release, too.
  if (!release.together && release.last <= missed.heardSince) return told;
  if (!release.together && release.last <= missed.since)
    return { ...told, release: wholeOf({ last: missed.since }, missed.since, overlaps) };
  return { ...told, release: wholeOf(overlaps.get(release.last) ?? release, head, overlaps) };
}

/**
 * Everything that waits for no word counts as one release, which is complete with the head. Its id must not be that of a release that waits
 * for its word, or that has gone on in another one.
 */
function wholeOf(tag: ReleaseTag, head: number, overlaps: Overlaps): ReleaseTag {
  if (tag.together) return tag;
  let last = head;
  // What comes after it is of that release alone.
  for (let other = overlaps.get(last); other?.together || (other && other.last !== last); other = overlaps.get(last))
    last -= 1;
  return { last };
}

/** The releases that go on in another one. */
export function joinedOf(overlaps: Overlaps, head: number): Joined[] {
  const joined = [...overlaps].map(([release, tag]) => ({ release, into: wholeOf(tag, head, overlaps) }));
  const apart = joined.filter(({ release, into }) => release !== into.last).toSorted((a, b) => a.release - b.release);
  return apart.slice(-RELEASES_JOINED_MAX);
}

/** How many changes were missing at a moment. */
export interface Sample {
  readonly at: number;
  readonly behind: number;
}

/** What was seen within this time counts; what is seen over less than the second says nothing yet. */
const WINDOW_MILLIS = 60_000;
const SEEN_MILLIS = 8_000;
/** Of a handful of changes nothing can be said: one may be large. */
const CHANGES_MIN = 20;

/** With a further sample, without those that are too old. A jump upwards begins anew: there is another amount of work. */
export function withSample(samples: readonly Sample[], next: Sample): Sample[] {
  const last = samples.at(-1);
  if (last && next.behind > last.behind) return [next];
  if (last && next.behind === last.behind && next.at - last.at < SEEN_MILLIS / 8) return [...samples];
  return [...samples.filter(({ at }) => next.at - at <= WINDOW_MILLIS), next];
}

/** How long the rest takes at the pace of the last minute; undefined while that would be a guess. */
export function remainingMillis(samples: readonly Sample[]): number | undefined {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last.behind === 0) return undefined;
  const [seen, done] = [last.at - first.at, first.behind - last.behind];
  if (seen < SEEN_MILLIS || done < CHANGES_MIN) return undefined;
  return (last.behind * seen) / done;
}

import type { HistoryRow } from '../../../shared/contract/status.ts';

/** The last deliveries that are looked at: what is usual now, not what was a while ago. */
const LOOKED_AT = 25;

/** How long a change usually takes until it is visible at a mirror: the median of the last, in milliseconds; undefined: none is known. */
export function usualLag(history: readonly HistoryRow[], mirror: string): number | undefined {
  const times = history
    .flatMap(({ at, deliveries }) =>
      deliveries.flatMap(({ peer, publishedAt }) =>
        peer === mirror && publishedAt !== undefined ? [Math.max(0, publishedAt - at)] : [],
      ),
    )
    .slice(0, LOOKED_AT)
    .toSorted((a, b) => a - b);
  return times[Math.floor(times.length / 2)];
}

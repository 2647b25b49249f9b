import type { HistoryRow } from '../../../shared/contract/status.ts';
import { deliveryState } from './reach.ts';

/** A dot on a lane: a change at the moment at which it was visible there. `x` runs from 0 (oldest) to 1 (now). */
export interface Dot {
  readonly x: number;
  readonly lane: number;
  readonly kind: 'visible' | 'pending' | 'failing';
}

/** A change on its way down the lanes: from the master's dot to the last one that has it. */
export interface Voice {
  readonly key: string;
  readonly dots: readonly Dot[];
}

export interface Score {
  readonly lanes: readonly string[];
  readonly voices: readonly Voice[];
}

/**
 * The score of a history: the master's lane first (`first`), then one a mirror in the order of `peers`.
 * A change that reached a mirror later than its master leans; one that waits there is a hollow dot at the right end.
 */
export function planScore(
  history: readonly HistoryRow[],
  first: string,
  peers: readonly string[],
  now: number,
  span: number,
): Score {
  const lanes = [first, ...peers];
  const at = (time: number): number => Math.min(1, Math.max(0, 1 - (now - time) / span));
  const voices = history
    .filter((row) => row.op !== 'aborted' && row.at > now - span)
    .map((row): Voice => {
      const dots: Dot[] = [{ x: at(row.at), lane: 0, kind: 'visible' }];
      for (const delivery of row.deliveries) {
        const lane = lanes.indexOf(delivery.peer, 1);
        if (lane < 1) continue;
        const state = deliveryState(delivery);
        if (delivery.publishedAt !== undefined) dots.push({ x: at(delivery.publishedAt), lane, kind: 'visible' });
        else if (state !== 'in-step' && state !== 'given-up')
          dots.push({ x: 1, lane, kind: state === 'failing' ? 'failing' : 'pending' });
      }
      return { key: `${row.seq ?? row.at}:${row.path}`, dots: dots.sort((a, b) => a.lane - b.lane) };
    });
  return { lanes, voices };
}

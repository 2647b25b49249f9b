import type { HistoryRow } from '../../shared/contract/status.ts';
import type { State } from './peer-state.ts';

type Delivery = HistoryRow['deliveries'][number];

export interface Reach {
  readonly state: State;
  /** Mirrors that have the change or need it no more, of those that want it. */
  readonly reached: number;
  readonly wanted: number;
  /** Milliseconds until the last of them published it; undefined while one is missing, or where none had to. Clocks differ: never below 0. */
  readonly delay: number | undefined;
}

/** How far a change has come. */
export function reach({ at, deliveries }: HistoryRow): Reach {
  const wanting = deliveries.filter(({ verdict }) => verdict !== 'not-wanted');
  const states = wanting.map(deliveryState);
  const reached = states.filter((state) => state === 'in-step').length;
  const done = reached === wanting.length;
  const times = wanting.flatMap(({ publishedAt }) => publishedAt ?? []);
  return {
    state: (['failing', 'held', 'working', 'given-up'] as const).find((state) => states.includes(state)) ?? 'in-step',
    reached,
    wanted: wanting.length,
    delay: done && times.length > 0 ? Math.max(0, ...times.map((time) => time - at)) : undefined,
  };
}

/** One mirror's part: `skipped` and `superseded` changes are not missing there, unless somebody gave them up. */
export function deliveryState({ state, error }: Delivery): State {
  if (error?.code === 'change.given-up') return 'given-up';
  switch (state) {
    case 'published':
    case 'skipped':
    case 'superseded':
      return 'in-step';
    case 'failed':
      return 'failing';
    case 'held':
      return 'held';
    case 'queued':
    case 'fetching':
    case 'fetched':
      return 'working';
  }
}

import type { ReactElement } from 'react';
import type { HistoryRow } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { deliveryState } from '../../stores/reach.ts';
import type { StillMark } from '../score/still-picture.ts';
import { StillScore } from '../score/still-score.tsx';
import { type Delivery, stepsOf } from './timeline.ts';

/** The score of one change: from the upload to each mirror that shows it, or does not yet. */
export function TransferScore({ row, length }: { row: HistoryRow; length: number }): ReactElement {
  const { t, format } = useText();
  const marks = row.deliveries.flatMap((delivery, index) => markOf(delivery, row.at, index + 1));
  return (
    <StillScore
      names={[t.role.master, ...row.deliveries.map(({ peer }) => peer)]}
      label={t.history.screen.scoreLabel}
      scene={{
        lanes: row.deliveries.length + 1,
        length,
        marks: [{ lane: 0, after: 0, as: 'dot' }, ...marks],
        tickText: (after) => `+${format.duration(after)}`,
      }}
    />
  );
}

function markOf(delivery: Delivery, at: number, lane: number): StillMark[] {
  const shown = stepsOf(delivery, at).find(({ name }) => name === 'published');
  if (shown) return [{ lane, after: shown.after, as: 'dot' }];
  switch (deliveryState(delivery)) {
    case 'failing':
      return [{ lane, after: undefined, as: 'failing' }];
    case 'held':
      return [{ lane, after: undefined, as: 'held' }];
    case 'working':
      return [{ lane, after: undefined, as: 'working' }];
    default:
      return [];
  }
}

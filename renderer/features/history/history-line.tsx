import { memo, type ReactElement } from 'react';
import type { HistoryPageRow } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { ChangedPath } from '../../ui/path-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { reach } from '../../stores/reach.ts';
import { reachedText } from '../../ui/reached-text.ts';
import { Moment } from '../../ui/time.tsx';

interface Props {
  domId: string;
  now: number;
  row: HistoryPageRow;
  role: 'master' | 'mirror';
  index: number;
  top: number;
  isCursor: boolean;
  isOpen: boolean;
  onOpen: (id: string) => void;
}

/** One change on one line. */
export const HistoryLine = memo(function HistoryLine({
  domId,
  now,
  row,
  role,
  index,
  top,
  isCursor,
  isOpen,
  onOpen,
}: Props): ReactElement {
  const { t, format } = useText();
  const names = ['long-line history-line', isCursor && 'cursor', isOpen && 'open'].filter(Boolean).join(' ');
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid around it has the keys; see `aria-activedescendant`
    <div
      id={domId}
      role="row"
      aria-rowindex={index + 1}
      aria-selected={isOpen}
      className={names}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(row.id)}
    >
      <span role="gridcell" className="number">
        <Moment at={row.at}>{format.clock(row.at, now)}</Moment>
      </span>
      <span role="gridcell" className={row.op === 'aborted' ? 'state-failing' : 'dim'}>
        {t.history.op[row.op]}
      </span>
      <span role="gridcell" className="path-cell">
        <ChangedPath from={row.from} path={row.path} />
      </span>
      <span role="gridcell" className="number long-size">
        {row.size === undefined ? '' : format.bytes(row.size)}
      </span>
      <span role="gridcell" className="history-reached">
        <Reached row={row} role={role} />
      </span>
    </div>
  );
});

function Reached({ row, role }: { row: HistoryPageRow; role: 'master' | 'mirror' }): ReactElement {
  const { t, format } = useText();
  const { state, reached, wanted, delay } = reach(row);
  if (row.op === 'aborted' || wanted === 0) return <span className="dim">–</span>;
  const where = reachedText(t.history, role, reached, wanted);
  return (
    <>
      <StateMark state={state} />
      {state === 'in-step' ? (
        <>
          <span>{where}</span>
          {delay !== undefined && <span className="dim number">{format.duration(delay)}</span>}
        </>
      ) : (
        <>
          <span className={`state-word state-${state}`}>{t.state[state]}</span>
          {role === 'master' && <span className="dim">{where}</span>}
        </>
      )}
    </>
  );
}

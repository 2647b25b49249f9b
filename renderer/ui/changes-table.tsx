import type { ReactElement } from 'react';
import type { HistoryRow } from '../../shared/contract/status.ts';
import { useText } from '../i18n/use-text.ts';
import { reach } from '../stores/reach.ts';
import { ChangedPath } from './path-text.tsx';
import { reachedText } from './reached-text.ts';
import { StateMark } from './state-mark.tsx';
import { Moment } from './time.tsx';
import { useNow } from './use-now.ts';

interface Props {
  history: readonly HistoryRow[];
  role: 'master' | 'mirror';
  /** What the table is called to a screen reader. */
  label: string;
}

/** Changes, and how far each has come. */
export function ChangesTable({ history, role, label }: Props): ReactElement {
  const { t } = useText();
  return (
    <table className="changes" aria-label={label}>
      <thead>
        <tr>
          <th scope="col">{t.history.time}</th>
          <th scope="col">{t.history.change}</th>
          <th scope="col">{t.history.path}</th>
          <th scope="col" className="number">
            {t.history.size}
          </th>
          <th scope="col">{t.history.reached}</th>
        </tr>
      </thead>
      <tbody>
        {history.map((row) => (
          <Change key={`${row.seq ?? row.at}:${row.path}`} row={row} role={role} />
        ))}
      </tbody>
    </table>
  );
}

function Change({ row, role }: { row: HistoryRow; role: 'master' | 'mirror' }): ReactElement {
  const { t, format } = useText();
  const now = useNow(60_000);
  return (
    <tr>
      <td className="number">
        <Moment at={row.at}>{format.clock(row.at, now)}</Moment>
      </td>
      <td className={row.op === 'aborted' ? 'state-failing' : 'dim'}>{t.history.op[row.op]}</td>
      <td className="path-cell">
        <ChangedPath from={row.from} path={row.path} />
      </td>
      <td className="number">{row.size === undefined ? '' : format.bytes(row.size)}</td>
      <td className="reached">
        <Reached row={row} role={role} />
      </td>
    </tr>
  );
}

/** Where the change is visible, and how long that took. */
function Reached({ row, role }: { row: HistoryRow; role: 'master' | 'mirror' }): ReactElement {
  const { t, format } = useText();
  const { state, reached, wanted, delay } = reach(row);
  if (row.op === 'aborted' || wanted === 0) return <span className="dim">–</span>;
  const where = reachedText(t.history, role, reached, wanted);
  return (
    <>
      <StateMark state={state} />
      <span>{reached === 0 ? t.state[state] : where}</span>
      {delay !== undefined && <span className="dim">{t.history.after(format.duration(delay))}</span>}
    </>
  );
}

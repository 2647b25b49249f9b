import type { ReactElement } from 'react';
import type { HistoryRow } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { PathText } from '../../ui/path-text.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import { reach } from './reach.ts';
import { reachedText } from '../history/reached-text.ts';

const ROWS = 50;

interface Props {
  history: readonly HistoryRow[];
  role: 'master' | 'mirror';
}

export function RecentChanges({ history, role }: Props): ReactElement {
  const { t } = useText();
  return (
    <section className="panel" aria-labelledby="history-title">
      <div className="panel-head">
        <h2 id="history-title">{t.history.title}</h2>
      </div>
      {history.length === 0 ? (
        <p className="dim empty">{t.history.empty}</p>
      ) : (
        <ChangesTable history={history.slice(0, ROWS)} role={role} label={t.history.title} />
      )}
    </section>
  );
}

/** Changes, and how far each has come. */
export function ChangesTable({ history, role, label }: Props & { label: string }): ReactElement {
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
        <time dateTime={new Date(row.at).toISOString()} title={format.exact(row.at)}>
          {format.clock(row.at, now)}
        </time>
      </td>
      <td className={row.op === 'aborted' ? 'state-failing' : 'dim'}>{t.history.op[row.op]}</td>
      <td className="path-cell">
        {row.from !== undefined && (
          <>
            <PathText path={row.from} /> <span className="dim">→</span>{' '}
          </>
        )}
        <PathText path={row.path} />
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
  const { state, reached, wanted, last } = reach(row);
  if (row.op === 'aborted' || wanted === 0) return <span className="dim">–</span>;
  const where = reachedText(t.history, role, reached, wanted);
  return (
    <>
      <StateMark state={state} />
      <span>{reached === 0 ? t.state[state] : where}</span>
      {last !== undefined && <span className="dim">{t.history.after(format.duration(last - row.at))}</span>}
    </>
  );
}

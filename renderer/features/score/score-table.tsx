import type { ReactElement } from 'react';
import { type ScoreSpan, scoreSpans } from '../../../shared/domain/score.ts';
import { useText } from '../../i18n/use-text.ts';
import { replicas } from '../../stores/replicas.ts';
import { ChangesTable } from '../../ui/changes-table.tsx';
import { StateMark } from '../../ui/state-mark.tsx';
import { useNow } from '../../ui/use-now.ts';
import type { Lane } from './lanes.ts';

/** Of the changes the newest; more are in the history. */
const ROWS = 100;

interface Props {
  site: string;
  lanes: readonly Lane[];
  span: ScoreSpan;
  role: 'master' | 'mirror';
}

/** What the score shows, in words: how much on each lane, and the changes one by one. */
export function ScoreTable({ site, lanes, span, role }: Props): ReactElement {
  const { t, format } = useText();
  useNow();
  const replica = replicas.get(site);
  const since = replicas.now() - scoreSpans[span];
  const rows = (replica?.rows(Number.POSITIVE_INFINITY) ?? []).filter(({ at }) => at >= since);
  const texts = t.score;
  return (
    <div className="score-table scroll-x">
      <table className="rows" aria-label={texts.machines}>
        <thead>
          <tr>
            <th scope="col">{texts.machine}</th>
            <th scope="col" className="number">
              {texts.count}
            </th>
            <th scope="col" className="number">
              {texts.lag}
            </th>
            <th scope="col">{texts.state}</th>
          </tr>
        </thead>
        <tbody>
          {lanes.map(({ name, key, state, missing, lagMillis }) => (
            <tr key={key ?? ''}>
              <td>{name}</td>
              <td className="number">{format.number(replica?.lanes.get(key)?.spans[span].sum(since) ?? 0)}</td>
              <td className="number">{lagMillis === undefined ? '' : format.duration(lagMillis)}</td>
              <td>
                {state === undefined ? (
                  <span className="dim">{texts.source}</span>
                ) : (
                  <span className="mirrors-state">
                    <StateMark state={state} />
                    <span className={`state-${state}`}>{t.state[state]}</span>
                    {missing > 0 && <span className="dim">{texts.missing(format.number(missing))}</span>}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <ChangesTable history={rows.slice(0, ROWS)} role={role} label={texts.latest} />
      {rows.length > ROWS && <p className="dim empty">{texts.more(format.number(ROWS))}</p>}
    </div>
  );
}

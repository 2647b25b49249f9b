import { type ReactElement, useState } from 'react';
import type { Status } from '../../../shared/contract/status.ts';
import { type ScoreSpan, scoreSpanNames } from '../../../shared/domain/score.ts';
import { useText } from '../../i18n/use-text.ts';
import { NameText } from '../../ui/name-text.tsx';
import { useUi } from '../../stores/ui-store.ts';
import { useIsKnown } from '../../stores/use-replica.ts';
import { StateMark } from '../../ui/state-mark.tsx';
import { Ago } from '../../ui/time.tsx';
import { mostPressing, type Site } from '../../stores/peer-state.ts';
import { type Lane, lanesOf } from './lanes.ts';
import { LiveScore } from './live-score.tsx';
import { laneHeightFor } from './picture.ts';
import { ScoreTable } from './score-table.tsx';
import './score.css';

interface Props {
  node: Status['node'];
  site: Site;
}

/** More lanes than that push what needs a person out of the window. */
const MIRRORS_SHOWN = 10;

/** Time runs left to right, each machine has a lane: upright lines are in step, lag leans them. */
export function Score({ node, site }: Props): ReactElement {
  const { t, format } = useText();
  const span = useUi((ui) => ui.scoreSpan);
  const setSpan = useUi((ui) => ui.setScoreSpan);
  const [asTable, setAsTable] = useState(false);
  const isKnown = useIsKnown(site.name);
  const [isWhole, setWhole] = useState(false);
  const lanes = lanesOf(node, site);
  const shown = isWhole ? lanes : lanesOf(node, { ...site, peers: [...mostPressing(site.peers, MIRRORS_SHOWN)] });
  return (
    <section className="panel score-panel" aria-labelledby="score-title">
      <div className="panel-head">
        <h2 id="score-title">{t.score.title}</h2>
        <Rates site={site} />
        <div className="score-tools">
          {site.peers.length > MIRRORS_SHOWN && !asTable && (
            <button
              type="button"
              className="button quiet"
              aria-pressed={isWhole}
              onClick={() => setWhole((before) => !before)}
            >
              {t.mirrors.all(format.number(site.peers.length))}
            </button>
          )}
          <Spans span={span} onChange={setSpan} />
          <button
            type="button"
            className="button quiet"
            aria-pressed={asTable}
            onClick={() => setAsTable((before) => !before)}
          >
            {t.score.table}
          </button>
        </div>
      </div>
      {!isKnown ? (
        <p className="dim empty">{t.score.asking}</p>
      ) : asTable ? (
        <ScoreTable site={site.name} lanes={lanes} span={span} role={node.role} />
      ) : (
        <LanesAround lanes={shown}>
          <LiveScore site={site.name} lanes={shown} span={span} />
        </LanesAround>
      )}
    </section>
  );
}

function Spans({ span, onChange }: { span: ScoreSpan; onChange: (span: ScoreSpan) => void }): ReactElement {
  const { t } = useText();
  return (
    <fieldset className="segments" aria-label={t.score.spanLabel}>
      {scoreSpanNames.map((name) => (
        <button key={name} type="button" aria-pressed={name === span} onClick={() => onChange(name)}>
          {t.score.spans[name]}
        </button>
      ))}
    </fieldset>
  );
}

/** What moves now; nothing while nothing does. */
function Rates({ site }: { site: Site }): ReactElement {
  const { t, format } = useText();
  const { changesPerSecond = 0, bytesPerSecond = 0 } = site;
  const shown = changesPerSecond >= 10 ? Math.round(changesPerSecond) : Math.round(changesPerSecond * 10) / 10;
  return (
    <p className="score-rates number">
      {shown > 0 && <span>{t.score.rates(format.number(shown), shown)}</span>}
      {bytesPerSecond > 0 && <span>{t.score.bytesRate(format.bytes(Math.round(bytesPerSecond)))}</span>}
    </p>
  );
}

/** The names to the left of the lanes; to the right how each stands. */
function LanesAround({ lanes, children }: { lanes: readonly Lane[]; children: ReactElement }): ReactElement {
  const height = laneHeightFor(lanes.length);
  const size = height < 20 ? 'score small' : 'score';
  return (
    <div className={size}>
      <ul className="score-names" aria-hidden="true">
        {lanes.map(({ name, key }) => (
          <li key={key ?? ''} style={{ height }}>
            <NameText name={name} />
          </li>
        ))}
      </ul>
      {children}
      <ul className="score-sides" aria-hidden="true">
        {lanes.map((lane) => (
          <li key={lane.key ?? ''} style={{ height }}>
            <Side lane={lane} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function Side({ lane: { state, missing, openSince, lagMillis } }: { lane: Lane }): ReactElement {
  const { t, format } = useText();
  if (state === undefined) return openSince === undefined ? <></> : <Ago at={openSince} />;
  return (
    <>
      <StateMark state={state} size={10} />
      {state === 'in-step' || state === 'working' ? (
        <span className="number dim">
          {missing > 0
            ? t.score.missing(format.number(missing))
            : lagMillis === undefined
              ? ''
              : format.duration(lagMillis)}
        </span>
      ) : (
        <span className={`number state-${state}`}>
          {openSince !== undefined && openSince > 0 ? <Ago at={openSince} /> : t.state[state]}
        </span>
      )}
    </>
  );
}

import { type ReactElement, useState } from 'react';
import type { HistoryRow, Status } from '../../../shared/contract/status.ts';
import { useText } from '../../i18n/use-text.ts';
import { useNow } from '../../ui/use-now.ts';
import type { Site } from './peer-state.ts';
import { type Dot, planScore, type Score } from './score-plan.ts';

const spans = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
type Span = keyof typeof spans;
const spanNames: readonly Span[] = ['minute', 'hour', 'day'];

const LANE_HEIGHT = 26;
const WIDTH = 1000;
const PADDING = 8;

interface Props {
  node: Status['node'];
  site: Site;
  history: readonly HistoryRow[];
}

/** Time runs left to right, each machine has a lane: upright lines are in step, lag leans them. */
export function ScorePanel({ node, site, history }: Props): ReactElement {
  const { t, format } = useText();
  const [span, setSpan] = useState<Span>('hour');
  const now = useNow(span === 'minute' ? 250 : 1000);
  const peers = site.peers.map(({ name }) => name);
  const [first, others] = node.role === 'master' ? [node.name, peers] : [peers[0] ?? '', [node.name]];
  const score = planScore(history, first, others, now, spans[span]);
  return (
    <section className="panel" aria-labelledby="score-title">
      <div className="panel-head">
        <h2 id="score-title">{t.score.title}</h2>
        <fieldset className="segments" aria-label={t.score.spanLabel}>
          {spanNames.map((name) => (
            <button key={name} type="button" aria-pressed={name === span} onClick={() => setSpan(name)}>
              {t.score.spans[name]}
            </button>
          ))}
        </fieldset>
      </div>
      <div className="score">
        <ul className="score-names" aria-hidden="true">
          {score.lanes.map((lane, index) => (
            <li key={`${index}:${lane}`} style={{ height: LANE_HEIGHT }}>
              {lane}
            </li>
          ))}
        </ul>
        <Staves score={score} label={t.score.label(format.duration(spans[span]))} />
      </div>
      <div className="score-foot" aria-hidden="true">
        <span>{format.ago(now - spans[span], now)}</span>
        {score.voices.length === 0 && <span className="dim">{t.score.empty}</span>}
        <span>{t.score.now}</span>
      </div>
    </section>
  );
}

function Staves({ score, label }: { score: Score; label: string }): ReactElement {
  const height = score.lanes.length * LANE_HEIGHT;
  return (
    <svg className="staves" role="img" aria-label={label} height={height}>
      <svg x={PADDING} y="0" width={`calc(100% - ${2 * PADDING}px)`} height={height} overflow="visible">
        {score.lanes.map((lane, index) => (
          <line key={`${index}:${lane}`} className="lane" x1="0" x2="100%" y1={yOf(index)} y2={yOf(index)} />
        ))}
        <svg viewBox={`0 0 ${WIDTH} ${height}`} width="100%" height={height} preserveAspectRatio="none">
          {score.voices.map(({ key, dots }) => (
            <polyline
              key={key}
              className="voice"
              points={dots.map((dot) => `${dot.x * WIDTH},${yOf(dot.lane)}`).join(' ')}
            />
          ))}
        </svg>
        {score.voices.flatMap(({ key, dots }) => dots.map((dot) => <DotMark key={`${key}:${dot.lane}`} dot={dot} />))}
      </svg>
    </svg>
  );
}

function DotMark({ dot }: { dot: Dot }): ReactElement {
  return <circle className={`dot dot-${dot.kind}`} cx={`${(dot.x * 100).toFixed(3)}%`} cy={yOf(dot.lane)} r="3.5" />;
}

function yOf(lane: number): number {
  return lane * LANE_HEIGHT + LANE_HEIGHT / 2;
}

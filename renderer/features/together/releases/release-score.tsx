import type { ReactElement } from 'react';
import type { Release } from '../../../../shared/contract/releases.ts';
import { useText } from '../../../i18n/use-text.ts';
import { useNow } from '../../../ui/use-now.ts';
import { convergence, planReleaseScore } from './convergence.ts';

const LANE_HEIGHT = 26;
const EDGE = 8;

/**
 * The score of one release: the commit on the master's lane, and on each mirror's lane the moment at which it had all of it
 * (a ring) and at which it was seen there (a dot). The bracket spans from the first to the last mirror.
 */
export function ReleaseScore({ release, master }: { release: Release; master: string }): ReactElement {
  const { t, format } = useText();
  const done = convergence(release).state === 'everywhere';
  const now = useNow(done ? 60_000 : 500);
  const words = t.together.releases;
  const { span, lanes, go, bracket } = planReleaseScore(release, now);
  const height = (lanes.length + 1) * LANE_HEIGHT;
  const at = (x: number): string => `${(x * 100).toFixed(3)}%`;
  const y = (lane: number): number => lane * LANE_HEIGHT + LANE_HEIGHT / 2;
  return (
    <>
      <div className="score">
        <ul className="score-names" aria-hidden="true">
          {[master, ...lanes.map(({ peer }) => peer)].map((name, index) => (
            <li key={`${index}:${name}`} style={{ height: LANE_HEIGHT }}>
              {name}
            </li>
          ))}
        </ul>
        <svg className="staves" role="img" aria-label={words.scoreLabel} height={height}>
          <svg x={EDGE} width={`calc(100% - ${2 * EDGE}px)`} height={height} overflow="visible">
            {[release.name, ...lanes.map(({ peer }) => peer)].map((name, lane) => (
              <line key={`${lane}:${name}`} className="lane" x1="0" x2="100%" y1={y(lane)} y2={y(lane)} />
            ))}
            {go !== undefined && <line className="go-line" x1={at(go)} x2={at(go)} y1={y(0)} y2={y(lanes.length)} />}
            {bracket !== undefined && (
              <rect
                className="bracket"
                x={at(bracket[0])}
                width={at(bracket[1] - bracket[0])}
                y={y(1) - LANE_HEIGHT / 2 + 2}
                height={lanes.length * LANE_HEIGHT - 4}
              />
            )}
            <circle className="dot dot-visible" cx="0" cy={y(0)} r="4" />
            {lanes.map(({ peer, ready, shown }, index) => (
              <g key={peer}>
                {ready !== undefined && <circle className="dot dot-ready" cx={at(ready)} cy={y(index + 1)} r="5.5" />}
                {shown === undefined ? (
                  <circle className="dot dot-pending" cx="100%" cy={y(index + 1)} r="3.5" />
                ) : (
                  <circle className="dot dot-visible" cx={at(shown)} cy={y(index + 1)} r="3.5" />
                )}
              </g>
            ))}
          </svg>
        </svg>
      </div>
      <div className="score-foot" aria-hidden="true">
        <span>{words.commit}</span>
        <span>{done ? `+${format.duration(span)}` : t.score.now}</span>
      </div>
    </>
  );
}
